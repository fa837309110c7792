"""The walk through a module's functions, which finds what may be changed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from pytest_characterize.rules.catalogue import Rule
from pytest_characterize.rules.python.expression_probes import is_constant
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.bindings import (
    arms_of,
    compared_texts,
    entered,
    first_bound,
    returned_numbers,
    returned_texts,
)
from pytest_characterize.rules.python.mutants.branches import Branches
from pytest_characterize.rules.python.mutants.changes import Changes, Place
from pytest_characterize.rules.python.mutants.grammar import GrammarError, expressions
from pytest_characterize.rules.python.mutants.operations import Operations
from pytest_characterize.rules.python.mutants.statements import Statements, Surroundings
from pytest_characterize.rules.python.mutants.terms import Form
from pytest_characterize.rules.python.source import Span
from pytest_characterize.rules.python.tree import (
    Arm,
    Definition,
    If,
    Loop,
    Match,
    Opaque,
    Simple,
    Statement,
    Try,
    With,
)


class Walk:
    """Goes through a module.

    Args:
        arms: (token, arm) -> rule, of the module's rules.
    """

    def __init__(
        self, changes: Changes, operations: Operations, arms: Mapping[tuple[int, str], Rule]
    ) -> None:
        self._changes = changes
        self._source = changes.source
        self._arms = arms
        self._operations = operations
        self._branches = Branches(changes, self._operations)
        self._simple = Statements(changes, self._operations)

    def module(self, statements: tuple[Statement, ...]) -> None:
        """Change the functions of a module; what runs when it is imported is not looked at."""
        for statement in statements:
            match statement:
                case Definition(verb="def"):
                    self._function(statement)
                case Definition():
                    self.module(statement.body.suite.statements)
                case If() | Loop() | Try() | With() | Match():
                    for arm in arms_of(statement):
                        self.module(arm.suite.statements)
                case Simple():
                    self._lambdas(statement.span)

    def _lambdas(self, span: Span) -> None:
        """Change the functions without names that a statement makes."""
        starts = [index for index in range(*span) if self._source.word(index) == "lambda"]
        if not starts:
            return
        equals = [index for index in range(span.first, starts[0]) if self._source.word(index) == "="]
        first = next((index + 1 for index in equals if index + 1 <= starts[0]), span.first)
        try:
            found = expressions(self._source, Span(first, span.past))
        except (GrammarError, RecursionError):
            return
        place = Place(compared=compared_texts(self._source, span))
        for term in (one for item in found for one in item.walk() if one.form is Form.LAMBDA):
            self._operations.visit(term.parts[0], place, term)

    # Functions

    def _function(self, definition: Definition) -> None:
        body = definition.body
        span = Span(body.keyword, body.suite.past)
        place = Place(
            entered(self._source, self._arms, definition),
            compared_texts(self._source, span),
            returned=returned_texts(self._source, span),
            numbers=returned_numbers(self._source, span),
        )
        around = Surroundings(place, first_bound(self._source, definition))
        statements = body.suite.statements
        if isinstance(statements[0], Simple) and self._is_text(statements[0].span):
            statements = statements[1:]
        self._suite(statements, around)

    def _is_text(self, span: Span) -> bool:
        return all(self._source.kind(index) is Kind.STRING for index in range(*span))

    def _rules(self, token: int, arm: str) -> tuple[str, ...]:
        rule = self._arms.get((token, arm))
        return () if rule is None else (rule.id,)

    def _suite(self, statements: tuple[Statement, ...], around: Surroundings) -> None:
        for statement in statements:
            match statement:
                case Simple():
                    self._simple.change(statement, around)
                case If():
                    self._if(statement, around)
                case Loop():
                    self._loop(statement, around)
                case Try():
                    self._try(statement, around)
                case Match():
                    self._match(statement, around)
                case With():
                    self._suite(statement.body.suite.statements, replace(around, sole=False))
                case Definition(verb="def"):
                    self._function(statement)
                case Definition():
                    self.module(statement.body.suite.statements)
                case Opaque():
                    continue

    def _arm(self, arm: Arm, word: str, around: Surroundings, *, sole: bool = False) -> None:
        """What stands in an arm; the rule that says that it is taken is better than that of what is around it."""
        rules = self._rules(arm.keyword, word) if around.place.rules else ()
        place = replace(around.place, rules=rules or around.place.rules)
        statements = arm.suite.statements
        alone = sole and len(statements) == 1
        self._suite(statements, replace(around, place=place, sole=alone))

    # Compound statements

    def _if(self, statement: If, around: Surroundings) -> None:
        lone = len(statement.arms) == 1 and statement.otherwise is None
        for arm in statement.arms:
            self._branches.condition(arm, around.place)
            self._arm(arm, "taken", around, sole=lone and not is_constant(self._source.words(arm.header)))
        for one, other in pairwise(statement.arms):
            self._branches.exchanged(one, other, around.place)
        for number in range(2, len(statement.arms) + 1):
            self._branches.asked_first(statement.arms[:number], around.place)
        if statement.otherwise is not None:
            self._branches.otherwise(statement.otherwise, around.place)
            self._arm(statement.otherwise, "taken", around, sole=True)

    def _loop(self, loop: Loop, around: Surroundings) -> None:
        header, body = loop.body.header, loop.body
        inner = replace(around, endless=loop.verb == "while" and is_constant(self._source.words(header)))
        if loop.verb == "while":
            self._branches.condition(body, around.place, endless=True)
        else:
            self._simple.values(self._branches.iterated(loop, around.place), around.place)
        self._arm(body, "body entered", inner)
        if loop.otherwise is not None:
            self._arm(loop.otherwise, "ended without break", around)

    def _try(self, statement: Try, around: Surroundings) -> None:
        around = replace(around, sole=False)
        self._suite(statement.body.suite.statements, around)
        for handler in statement.handlers:
            self._branches.handler(handler, around.place)
            self._arm(handler, "caught", around)
        for arm, word in ((statement.otherwise, "no exception"), (statement.final, "")):
            if arm is not None:
                self._arm(arm, word, around)

    def _match(self, statement: Match, around: Surroundings) -> None:
        self._simple.values(statement.subject, around.place)
        for case in statement.cases:
            self._branches.case(case, around.place)
            self._arm(case, "taken", around)
        for one, other in pairwise(statement.cases):
            self._branches.exchanged_cases(one, other, around.place)
