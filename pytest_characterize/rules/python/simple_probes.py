"""Probes in simple statements: what leaves a function or a loop, and ``assert``."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.catalogue import Cause, Rule, RuleKind
from pytest_characterize.rules.python.book import Book
from pytest_characterize.rules.python.expression_probes import ExpressionProbes, is_constant
from pytest_characterize.rules.python.scope import AT_IMPORT, LAZY, Scope
from pytest_characterize.rules.python.source import Span
from pytest_characterize.rules.python.tree import Simple

_LEAVING: Final = frozenset({"return", "break", "continue"})
_WITHOUT_EXPRESSIONS: Final = frozenset({"import", "from", "global", "nonlocal", "pass"})


class SimpleProbes:
    """Instruments simple statements."""

    def __init__(self, book: Book, expressions: ExpressionProbes) -> None:
        self._book = book
        self._source = book.source
        self._expressions = expressions

    def statement(self, statement: Simple, scope: Scope) -> None:
        """Instrument a statement."""
        first = statement.span.first
        word = self._source.word(first)
        if self.leaves(statement, scope):
            rules = self.leaving(statement, scope)
            if rules:
                self._book.before(first, self._book.report(rules), rules, first)
            self.returned(statement, scope)
        elif word == "assert":
            self._assert(statement, scope)
        elif word == "type" and self._source.word(first + 2) in ("=", "["):
            self._expressions.refuse(statement.span, scope, LAZY)
        elif word not in _WITHOUT_EXPRESSIONS:
            self._expressions.search(statement.span, scope)

    def leaves(self, statement: Simple, scope: Scope) -> bool:
        """Whether it leaves a function, a loop, or a turn of it."""
        return not scope.importing and self._source.word(statement.span.first) in _LEAVING

    def leaving(self, statement: Simple, scope: Scope) -> list[Rule]:
        """What is reported before ``return``, ``break`` or ``continue``."""
        first, past = statement.span
        match self._source.word(first):
            case "break":
                return [*scope.breaks, *scope.jumps]
            case "continue":
                return [*scope.jumps]
        bare = past == first + 1
        rules = [*scope.leaves] if bare else []
        if statement != scope.last:
            text = self._source.words(statement.span)
            rules.append(self._book.rule(scope.name, RuleKind.RETURN, first, text, "reached"))
        return rules

    def returned(self, statement: Simple, scope: Scope) -> None:
        """Report that the value of a ``return`` was computed without an exception."""
        first, past = statement.span
        if self._source.word(first) != "return" or past == first + 1:
            return
        value = Span(first + 1, past)
        if scope.leaves:
            report = self._book.report(scope.leaves)
            self._book.around(value, "((", f"),{report})[0]", scope.leaves)
        self._expressions.search(value, scope)

    def _assert(self, statement: Simple, scope: Scope) -> None:
        first, past = statement.span
        index = first + 1
        while index < past and self._source.word(index) != ",":
            index = self._source.partner.get(index, index) + 1
        condition = Span(first + 1, index)
        text = self._source.words(Span(first, index))
        if scope.importing:
            self._book.not_known(scope.name, statement.span, Cause.IMPORT, AT_IMPORT)
        elif condition.first < condition.past and not is_constant(self._source.words(condition)):
            holds = self._book.rule(scope.name, RuleKind.BRANCH, first, text, "holds")
            fails = self._book.rule(scope.name, RuleKind.BRANCH, first, text, "fails", of=holds)
            self._book.outcome(condition, holds, fails)
        self._expressions.condition(condition, text, scope)
        if index < past:
            self._expressions.search(Span(index + 1, past), scope)
