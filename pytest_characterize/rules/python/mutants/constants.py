"""What may be changed in the constants and tables of a module, and of the classes in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.catalogue import Rule
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.bindings import arms_of, entered, parts_of_assignment
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place, is_short
from pytest_characterize.rules.python.mutants.grammar import GrammarError, expressions
from pytest_characterize.rules.python.mutants.operations import Operations
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.mutants.values import called
from pytest_characterize.rules.python.source import Source, Span
from pytest_characterize.rules.python.tree import Definition, If, Loop, Match, Simple, Statement, Try, With

_MOST: Final = 60
"""A table has no more mutants than this; every entry keeps its share."""
_MADE: Final = frozenset(
    [
        "Decimal",
        "Fraction",
        "date",
        "datetime",
        "time",
        "timedelta",
        "frozenset",
        "set",
        "dict",
        "list",
        "tuple",
    ]
)
"""Types of which a literal may be made by a call."""
_TRUTHS: Final = frozenset({"True", "False", "None"})
_HOLDING: Final = frozenset({Form.DISPLAY, Form.PAIR, Form.GROUP, Form.KEYWORD})
_OF_OTHER_KIND: Final = ("Enum", "Flag")
"""How classes are called whose names are no plain attributes."""
_WORD: Final = re.compile(r"\w+")


class Constant(NamedTuple):
    """A literal that a name gets when the module is imported.

    Attributes:
        name: its token; ``of_class``: whether it is one of a class's.
    """

    name: int
    statement: Span
    value: Term
    of_class: bool


class Constants:
    """Notes the changes of constants.

    A constant that something else is made of while the module is imported stays as it is, as that would stay too.

    Args:
        arms: (token, arm) -> rule, of the module's rules.
    """

    def __init__(
        self,
        changes: Changes,
        operations: Operations,
        arms: Mapping[tuple[int, str], Rule],
        statements: Sequence[Statement],
    ) -> None:
        self._changes, self._operations, self._arms = changes, operations, arms
        self._source = changes.source
        self._statements = statements

    def change(self) -> None:
        """Change the constants of the module."""
        for one in _constants(self._source, self._statements, of_class=False):
            name = self._source.word(one.name)
            uses = self._uses(one)
            owners = [self._owners[index] for index in uses]
            if name.startswith("__") or None in owners:
                continue  # something is made of it already
            rules = [entered(self._source, self._arms, owner) for owner in owners if owner is not None]
            known = rules if all(rules) else []
            place = Place(
                tuple(dict.fromkeys(rule for some in known for rule in some)),
                statement=one.statement,
                constant=name,
                unordered=bool(uses) and all(map(self._only_asked, uses)),
            )
            self._value(one.value, place)

    # Who reads it

    def _uses(self, one: Constant) -> list[int]:
        """The tokens that may speak of a constant."""
        name, word = self._source.word(one.name), self._source.word
        return [
            index
            for index in self._named.get(name, ())
            if index != one.name
            and ((word(index - 1) == ".") == one.of_class or (one.of_class and self._owners[index] is None))
        ]

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, token in enumerate(self._source.tokens):
            if token.kind is Kind.NAME:
                found.setdefault(token.text, []).append(index)
        return found

    @cached_property
    def _owners(self) -> list[Definition | None]:
        """The innermost function that each token is in; none for what runs when the module is imported."""
        owners: list[Definition | None] = [None] * len(self._source.tokens)
        for definition in _functions(self._statements):
            body = definition.body
            first, past = body.header.past, body.suite.past
            owners[first:past] = [definition] * (past - first)
            for index in self._parameters(body.header):
                owners[index] = definition
        return owners

    def _parameters(self, header: Span) -> Iterator[int]:
        """The names that a function gives to what it is called with."""
        index, before = header.first + 1, ","
        while index < header.past and self._source.word(header.first) == "(":
            if before == ",":
                yield index
            word = self._source.word(index)
            before = before if word in ("*", "**") else word
            index = self._source.partner.get(index, index) + 1

    # What it may be instead

    def _value(self, value: Term, place: Place) -> None:
        inner = value.inner()
        if inner.form is not Form.DISPLAY:
            self._operations.visit(inner, place)
            return
        start, groups = self._changes.noted, list[int]()
        for number, item in enumerate(inner.parts):
            self._without(inner, number, place)
            self._item(item, inner, place)
            if number:
                self._exchanged(inner, number, place)
            groups += [number] * (self._changes.noted - start - len(groups))
        self._changes.keep_shares(start, groups, _MOST)

    def _item(self, item: Term, outer: Term, place: Place) -> None:
        """Change what stands in a table, but for the keys."""
        if item.form is Form.PAIR:
            self._item(item.parts[1], item, place)
        elif item.inner().form is Form.DISPLAY:
            for number, part in enumerate(item.inner().parts):
                self._item(part, item.inner(), place)
                if number:
                    self._exchanged(item.inner(), number, place)
        else:
            self._operations.visit(item, place, outer)

    def _without(self, table: Term, number: int, place: Place) -> None:
        """An entry that is missing."""
        parts, source = table.parts, self._source
        span, ends = parts[number].span, table.span.past - 1
        if self._is_set(table) and len(parts) == 1:
            return  # without it, there would be a dictionary
        if source.word(span.past) == ",":
            edit = Edit(Span(span.first, span.past + 1))
        elif number:
            edit = Edit(Span(parts[number - 1].span.past, span.past))
        else:
            edit = Edit(span)
        if len(parts) == 2 and source.word(table.span.first) == "(" and source.word(ends - 1) != ",":
            edit = Edit(Span(table.span.first + 1, ends), f"{source.words(parts[1 - number].span)},")
        whole = self._shown(span, place)
        becomes = "" if whole == span else None
        self._changes.add(Operator.CONSTANT, whole, [edit], place, becomes)

    def _exchanged(self, table: Term, number: int, place: Place) -> None:
        """Two neighbours in each other's place; of pairs, what their keys stand for."""
        items = table.parts[number - 1 : number + 1]
        one, other = (item.parts[1] if item.form is Form.PAIR else item for item in items)
        small = all(is_short(item.span) for item in items)
        ordered = items[0].form is Form.PAIR or not (self._is_set(table) or place.unordered)
        if small and ordered:
            words = [self._source.words(term.span) for term in (other, one)]
            edits = [Edit(one.span, words[0]), Edit(other.span, words[1])]
            shown = self._shown(Span(items[0].span.first, items[1].span.past), place)
            self._changes.add(Operator.SWAP, shown, edits, place)

    def _is_set(self, table: Term) -> bool:
        return self._source.word(table.span.first) == "{" and table.parts[0].form is not Form.PAIR

    def _shown(self, span: Span, place: Place) -> Span:
        """The whole statement, where that is short."""
        statement = place.statement
        return statement if statement is not None and is_short(statement) else span

    def _only_asked(self, index: int) -> bool:
        """Whether a token is what something is looked for in, so that its order does not matter."""
        if self._source.word(index - 1) != "in" or self._source.word(index + 1) in ("[", ".", "("):
            return False
        while index and self._source.kind(index) is not Kind.NEWLINE and self._source.word(index) != "for":
            index -= 1
        return self._source.word(index) != "for"


def among(found: Sequence[MutatedText], sources: Mapping[str, str]) -> Iterator[MutatedText]:
    """Mutants of modules, where a constant that other modules speak of may be reached by any case.

    Those of a constant that nothing speaks of are left out.
    """
    for one in found:
        if not one.constant:
            yield one
            continue
        module = one.mutant.routine
        others = any(one.constant in _words(text) for name, text in sources.items() if name != module)
        if others:
            yield replace(one, mutant=replace(one.mutant, rules=()))
        elif _words(sources[module])[one.constant] > 1:
            yield one


@lru_cache(256)
def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text))


def _constants(source: Source, statements: Sequence[Statement], *, of_class: bool) -> Iterator[Constant]:
    """What is assigned once and for all where a module is imported; not in arms, which may not be taken."""
    for statement in statements:
        match statement:
            case Definition(verb="class", body=body):
                heads = {source.word(index) for index in range(*body.header)}
                if not any(head.endswith(_OF_OTHER_KIND) for head in heads):
                    yield from _constants(source, body.suite.statements, of_class=True)
            case Simple(span):
                targets, mark, value = parts_of_assignment(source, span)
                annotated = len(targets) == 2 and targets[1].first >= targets[1].past and not of_class
                if mark is None or source.word(mark) != "=" or not (len(targets) == 1 or annotated):
                    continue
                name = targets[0]
                term = _literal(source, value)
                if term and name.past == name.first + 1 and source.kind(name.first) is Kind.NAME:
                    yield Constant(name.first, span, term, of_class)


def _literal(source: Source, span: Span) -> Term | None:
    try:
        found = expressions(source, span)
    except (GrammarError, RecursionError):
        return None
    return found[0] if len(found) == 1 and is_literal(source, found[0]) else None


def is_literal(source: Source, term: Term) -> bool:
    """Whether nothing has to be looked up to know a value, but for types that everybody knows."""
    match term.form:
        case Form.NUMBER | Form.TEXT:
            return True
        case Form.FIELDS:
            return not term.parts
        case Form.NAME:
            return source.words(term.span) in _TRUTHS
        case Form.UNARY:
            return source.word(term.span.first) != "~" and term.parts[0].form is Form.NUMBER
        case Form.CALL:
            return called(source, term) in _MADE and all(is_literal(source, one) for one in term.parts[1:])
        case _:
            return term.form in _HOLDING and all(is_literal(source, one) for one in term.parts)


def _functions(statements: Sequence[Statement]) -> Iterator[Definition]:
    """All functions, each before those in it."""
    for statement in statements:
        match statement:
            case Definition(body=body):
                if statement.verb == "def":
                    yield statement
                yield from _functions(body.suite.statements)
            case If() | Loop() | Try() | With() | Match():
                for arm in arms_of(statement):
                    yield from _functions(arm.suite.statements)
