"""Probes among statements: the walk over the tree that makes a module's rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_characterize.rules.catalogue import Cause, Rule, RuleKind
from pytest_characterize.rules.python.book import Book
from pytest_characterize.rules.python.expression_probes import ExpressionProbes, is_constant
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.patterns import always_matches, guard_of
from pytest_characterize.rules.python.scope import AT_IMPORT, LAZY, Scope
from pytest_characterize.rules.python.simple_probes import SimpleProbes
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
    Suite,
    Try,
    With,
    first_token,
)

_SEEN: Final = "zero iterations cannot be told where variables may be looked at"


class StatementProbes:
    """Instruments a module's statements."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._source = book.source
        self._expressions = ExpressionProbes(book)
        self._simple = SimpleProbes(book, self._expressions)

    def module(self, statements: Sequence[Statement]) -> None:
        """Instrument a whole module."""
        importing = not self._book.depth.imports
        for statement in statements:
            self._statement(statement, Scope(importing=importing, flags=not importing))

    def _statement(self, statement: Statement, scope: Scope) -> None:
        match statement:
            case Simple():
                self._simple.statement(statement, scope)
            case If():
                self._if(statement, scope)
            case Loop():
                self._loop(statement, scope)
            case Try():
                self._try(statement, scope)
            case Match():
                self._match(statement, scope)
            case With():
                self._expressions.search(statement.body.header, scope)
                self._suite(statement.body, scope)
            case Definition(verb="def"):
                self._function(statement, scope)
            case Definition():
                self._class(statement, scope)
            case Opaque():
                self._opaque(statement, scope)

    def _opaque(self, statement: Opaque, scope: Scope) -> None:
        first = statement.span.first
        line = next(index for index in range(*statement.span) if self._source.kind(index) is Kind.NEWLINE)
        reason = f"a statement that begins with {self._source.word(first)!r} is not known"
        self._book.not_known(scope.name, Span(first, line), Cause.UNSAFE, reason)

    # Suites

    def _suite(self, arm: Arm, scope: Scope, entered: Sequence[Rule] = (), flag: str = "") -> None:
        """Report ``entered`` where a suite begins, together with a ``return`` that is first."""
        statements = arm.suite.statements
        if entered:
            rules, first = list(entered), statements[0]
            if isinstance(first, Simple) and self._simple.leaves(first, scope):
                rules += self._simple.leaving(first, scope)
                self._simple.returned(first, scope)
                statements = statements[1:]
            report = self._book.report(rules)
            code = f"{flag}={flag} and {report}" if flag else report
            self._book.before(first_token(first), code, rules, arm.keyword)
        for statement in statements:
            self._statement(statement, scope)

    # Decisions

    def _if(self, statement: If, scope: Scope) -> None:
        arms = [*statement.arms, *([statement.otherwise] if statement.otherwise else [])]
        constant = len(statement.arms) == 1 and self._is_constant(statement.arms[0])
        rules = [] if constant else self._arm_rules(RuleKind.BRANCH, arms, "taken", scope)
        for position, arm in enumerate(arms):
            if arm.header.first < arm.header.past:
                self._expressions.condition(arm.header, self._text(arm), scope)
            self._suite(arm, scope, rules[position : position + 1])
        if rules and not statement.otherwise:
            none = self._unwritten(rules[0], arms[0], "no branch taken", scope)
            self._else(arms[-1].suite, [none], arms[0].keyword)

    def _loop(self, loop: Loop, scope: Scope) -> None:
        body = loop.body
        constant = loop.verb == "while" and self._is_constant(body)
        entered = [] if constant else self._arm_rules(RuleKind.LOOP, [body], "body entered", scope)
        flag, zero = self._flag(loop, entered, scope)
        if loop.verb == "while":
            self._expressions.condition(body.header, self._text(body), scope)
        else:
            self._expressions.search(self._iterated(body.header), scope)
        broken = self._broken(loop, entered, scope)
        self._suite(body, scope.loop(broken), entered, flag)
        ended = f"{flag} and {self._book.report(zero)}" if flag else ""
        otherwise = loop.otherwise
        if otherwise is not None:
            if flag:
                self._book.before(first_token(otherwise.suite.statements[0]), ended, zero, loop.first)
            self._suite(otherwise, scope, self._exhausted(otherwise, entered, scope))
        elif flag:
            self._book.after(body.suite.end, body.suite.past, ended, zero, loop.first)

    def _flag(self, loop: Loop, entered: Sequence[Rule], scope: Scope) -> tuple[str, list[Rule]]:
        """A variable that is set until the loop's body is entered, and the rule that it never is."""
        if not entered:
            return "", []
        if not scope.flags:
            head = Span(loop.first, loop.body.header.past)
            self._book.not_known(scope.name, head, Cause.UNSAFE, _SEEN)
            return "", []
        flag = self._book.flag()
        self._book.before(loop.first, f"{flag}=1", (), loop.first)
        return flag, [self._unwritten(entered[0], loop.body, "zero iterations", scope)]

    def _broken(self, loop: Loop, entered: Sequence[Rule], scope: Scope) -> tuple[Rule, ...]:
        """The rule that a loop with an ``else`` is left by ``break``."""
        suite = range(loop.body.header.past, loop.body.suite.past)
        if loop.otherwise is None or not any(self._source.word(index) == "break" for index in suite):
            return ()
        return tuple(
            self._book.rule(
                scope.name,
                RuleKind.LOOP,
                loop.body.keyword,
                rule.text,
                "left by break",
                of=rule,
                written=False,
            )
            for rule in entered
        )

    def _exhausted(self, otherwise: Arm, entered: Sequence[Rule], scope: Scope) -> list[Rule]:
        return [
            self._book.rule(
                scope.name, RuleKind.LOOP, otherwise.keyword, rule.text, "ended without break", of=rule
            )
            for rule in entered
        ]

    def _iterated(self, header: Span) -> Span:
        index = header.first
        while index < header.past and self._source.word(index) != "in":
            index = self._source.partner.get(index, index) + 1
        return Span(min(index + 1, header.past), header.past)

    def _try(self, statement: Try, scope: Scope) -> None:
        handlers = statement.handlers
        caught = self._arm_rules(RuleKind.HANDLER, handlers, "caught", scope) if handlers else []
        smooth = []
        if caught:
            of, written = caught[0], statement.otherwise is not None
            where = statement.otherwise.keyword if statement.otherwise else statement.body.keyword
            smooth = [
                self._book.rule(
                    scope.name, RuleKind.HANDLER, where, "try", "no exception", of=of, written=written
                )
            ]
        self._suite(statement.body, scope.guarded(smooth[0]) if smooth else scope)
        for position, handler in enumerate(handlers):
            self._expressions.search(handler.header, scope)
            self._suite(handler, scope, caught[position : position + 1])
        if statement.otherwise is not None:
            self._suite(statement.otherwise, scope, smooth)
        elif smooth:
            self._else(handlers[-1].suite, smooth, statement.body.keyword)
        if statement.final is not None:
            self._suite(statement.final, scope)

    def _match(self, statement: Match, scope: Scope) -> None:
        self._expressions.search(statement.subject, scope)
        head = f"match {self._source.words(statement.subject)}:"
        taken = self._arm_rules(RuleKind.CASE, statement.cases, "taken", scope, head)
        for position, case in enumerate(statement.cases):
            self._guard(case, taken[position : position + 1], f"{head} {self._text(case)}", scope)
            self._suite(case, scope, taken[position : position + 1])
        last = statement.cases[-1]
        if taken and not always_matches(self._source, last.header):
            none = self._unwritten(taken[0], last, "no case matches", scope)
            report = self._book.report([none])
            self._book.after(last.suite.end, last.suite.past, f"case _: {report}", [none], last.keyword)

    def _guard(self, case: Arm, taken: Sequence[Rule], text: str, scope: Scope) -> None:
        guard = guard_of(self._source, case.header)
        if guard is None:
            return
        keyword = guard.first - 1
        for rule in taken:
            fails = self._book.rule(
                scope.name, RuleKind.CASE, keyword, text, "guard fails", of=rule, written=False
            )
            self._book.around(guard, "(", f") or {self._book.report([fails])}", [fails])
        self._expressions.condition(guard, text, scope)

    # Definitions

    def _function(self, definition: Definition, scope: Scope) -> None:
        self._outside(definition, scope)
        body = definition.body
        statements = body.suite.statements
        inner = scope.function(
            definition.name, self._source, Span(body.keyword, body.suite.past), statements[-1]
        )
        entry = self._book.rule(inner.name, RuleKind.ENTRY, body.keyword, f"def {definition.name}", "entered")
        first = statements[0]
        if not self._is_docstring(first):
            self._suite(body, inner, [entry])
        elif len(statements) == 1:
            assert isinstance(first, Simple)
            self._book.behind(first.span, self._book.report([entry]), [entry])
        else:
            rest = Suite(statements[1:], body.suite.past, body.suite.end)
            self._suite(Arm(body.keyword, body.header, rest), inner, [entry])

    def _class(self, definition: Definition, scope: Scope) -> None:
        self._outside(definition, scope)
        self._suite(definition.body, scope.class_(definition.name))

    def _outside(self, definition: Definition, scope: Scope) -> None:
        """What a definition evaluates where it stands: decorators, defaults, bases."""
        for decorator in definition.decorators:
            self._expressions.search(decorator, scope)
        first, past = definition.body.header
        if self._source.word(first) == "[":
            closing = self._source.partner[first] + 1
            self._expressions.refuse(Span(first, closing), scope, LAZY)
            first = closing
        if self._source.word(first) == "(":
            closing = self._source.partner[first]
            self._expressions.search(Span(first + 1, closing), scope)
            first = closing + 1
        if first < past:
            self._expressions.search(Span(first, past), scope)

    def _is_docstring(self, statement: Statement) -> bool:
        return isinstance(statement, Simple) and all(
            self._source.kind(index) is Kind.STRING for index in range(*statement.span)
        )

    # Helpers

    def _text(self, arm: Arm) -> str:
        first = arm.keyword
        return self._source.words(Span(first, max(arm.header.past, first + 1)))

    def _is_constant(self, arm: Arm) -> bool:
        return is_constant(self._source.words(arm.header))

    def _arm_rules(
        self, kind: RuleKind, arms: Sequence[Arm], arm_word: str, scope: Scope, head: str = ""
    ) -> list[Rule]:
        """The rules of a decision's arms; none where the decision is made at import."""
        if scope.importing:
            first = arms[0]
            span = Span(first.keyword, max(first.header.past, first.keyword + 1))
            self._book.not_known(scope.name, span, Cause.IMPORT, AT_IMPORT)
            return []
        rules: list[Rule] = []
        for arm in arms:
            text = f"{head} {self._text(arm)}" if head else self._text(arm)
            of = rules[0] if rules else None
            rules.append(self._book.rule(scope.name, kind, arm.keyword, text, arm_word, of=of))
        return rules

    def _unwritten(self, first: Rule, arm: Arm, words: str, scope: Scope) -> Rule:
        """The rule for the arm that nobody wrote."""
        return self._book.rule(
            scope.name, first.kind, arm.keyword, first.text, words, of=first, written=False
        )

    def _else(self, suite: Suite, rules: Sequence[Rule], keyword: int) -> None:
        self._book.after(suite.end, suite.past, f"else: {self._book.report(rules)}", rules, keyword)
