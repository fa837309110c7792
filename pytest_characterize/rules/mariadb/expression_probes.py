"""Probes within expressions: the arms of ``CASE`` and ``IF()``, where a value is worked out outside of any query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_characterize.rules.catalogue import Rule, RuleKind
from pytest_characterize.rules.mariadb.book import Book
from pytest_characterize.rules.plpgsql.expressions import CaseExpression, find_cases
from pytest_characterize.rules.plpgsql.tree import Span

IN_QUERY: Final = "the expression stands in a query, which a counter could make another one"
_QUERY_WORDS: Final = frozenset(("select", "update", "delete", "with", "execute", "prepare", "cursor"))
_OR_FUNCTIONS: Final = frozenset(("insert", "replace"))


class Arm(NamedTuple):
    """What an expression gives in one case: the words for it, and where it stands."""

    words: str
    value: Span


class ExpressionProbes:
    """Instruments expressions; statements tell it where they are."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tokens = book.tokens

    def search(self, span: Span) -> None:
        """Instrument every ``CASE`` and ``IF()`` within a part of a statement."""
        if any(map(self._begins_query, range(*span))):
            self.refuse(span, IN_QUERY)
            return
        for case in find_cases(self._tokens, span):
            self._case(case)
        for index in range(*span):
            if self._tokens[index].word == "if" and self._is_call(index):
                self._if(index, span)

    def refuse(self, span: Span, reason: str) -> None:
        """Note the expressions of a statement that must stay as it is."""
        done = span.first
        for case in find_cases(self._tokens, span):
            if case.first >= done:
                done = case.last + 1
                self._book.not_known(Span(case.first, done), reason)
        for index in range(*span):
            if index >= done and self._tokens[index].word == "if" and self._is_call(index):
                done = self._closing(index + 1, span.past) + 1
                self._book.not_known(Span(index, done), reason)

    def _begins_query(self, index: int) -> bool:
        word = self._tokens[index].word
        return word in _QUERY_WORDS or (word in _OR_FUNCTIONS and not self._is_call(index))

    def _is_call(self, index: int) -> bool:
        following = self._tokens[index + 1].word if index + 1 < len(self._tokens) else ""
        before = self._tokens[index - 1].word if index else ""
        return following == "(" and before != "."

    def _case(self, case: CaseExpression) -> None:
        if case.otherwise is None:
            self._book.not_known(
                Span(case.first, case.last + 1), "that no WHEN holds is no expression of the source"
            )
            return
        self._arms(RuleKind.EXPRESSION, case.first, list(self._results(case)))

    def _results(self, case: CaseExpression) -> Iterator[Arm]:
        assert case.otherwise is not None
        head = self._book.source("CASE", *([case.subject] if case.subject else []), "WHEN")
        ends = [*(when for when, _ in case.whens[1:]), case.otherwise]
        for (_, condition), end in zip(case.whens, ends, strict=True):
            yield Arm(self._book.source(head, condition), Span(condition.past + 1, end))
        yield Arm(head.removesuffix(" WHEN") + " ELSE", Span(case.otherwise + 1, case.last))

    def _if(self, index: int, span: Span) -> None:
        closing = self._closing(index + 1, span.past)
        items = list(self._items(Span(index + 2, closing)))
        if len(items) != 3:
            return
        condition, first, second = items
        text = self._book.source("IF", condition)
        self._arms(RuleKind.EXPRESSION, index, [Arm(text, first), Arm(f"{text} ELSE", second)])

    def _arms(self, kind: RuleKind, token: int, arms: list[Arm]) -> None:
        rules: list[Rule] = []
        for arm in arms:
            rules.append(self._book.rule(kind, token, arm.words, "taken", of=rules[0] if rules else None))
            self._book.value(arm.value, rules[-1])

    def _closing(self, opening: int, past: int) -> int:
        depth = 0
        for index in range(opening, past):
            depth += (self._tokens[index].word == "(") - (self._tokens[index].word == ")")
            if depth == 0:
                return index
        return past - 1

    def _items(self, span: Span) -> Iterator[Span]:
        first, depth = span.first, 0
        for index in range(*span):
            word = self._tokens[index].word
            depth += (word == "(") - (word == ")")
            if word == "," and depth == 0:
                yield Span(first, index)
                first = index + 1
        yield Span(first, span.past)
