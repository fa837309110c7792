"""Probes within expressions: the arms of ``CASE``, the operands of conditions."""

from __future__ import annotations

import re
from typing import Final

from pytest_characterize.rules.catalogue import Rule, RuleKind
from pytest_characterize.rules.plpgsql.book import Book
from pytest_characterize.rules.plpgsql.expressions import (
    DEEPEST,
    CaseExpression,
    combines_queries,
    find_cases,
    is_repeatable,
    operands,
    without_tail,
)
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.text import Pair, statement
from pytest_characterize.rules.plpgsql.tree import Span

_DYNAMIC_CASE: Final = re.compile(r"\bcase\b", re.IGNORECASE)


class ExpressionProbes:
    """Instruments expressions; statements tell it where they are."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tokens = book.tokens

    def search(self, span: Span) -> None:
        """Instrument every ``CASE`` expression within one statement."""
        if self._book.depth.expressions:
            _Statement(self._book, span).instrument()
        if any(self._tokens[index].word == "execute" for index in range(*span)):
            self._refuse_dynamic(span)

    def refuse(self, span: Span, reason: str) -> None:
        """Note the ``CASE`` expressions of a statement that must stay as it is."""
        done = span.first
        for case in find_cases(self._tokens, span):
            if case.first >= done:
                done = case.last + 1
                self._book.not_known(Span(case.first, done), reason)

    def condition(self, span: Span, text: str) -> None:
        """Instrument the operands of a condition, if there are several."""
        add_operands(self._book, span, text)

    def _refuse_dynamic(self, span: Span) -> None:
        """Note ``CASE`` in the text of a dynamic statement, which is known at run time only."""
        for index in range(*span):
            token = self._tokens[index]
            if token.kind is TokenKind.STRING and _DYNAMIC_CASE.search(token.text):
                self._book.not_known(Span(index, index + 1), "the statement is put together at run time")


def add_operands(book: Book, span: Span, text: str) -> None:
    """Make each operand of a condition report how it comes out."""
    if not book.depth.operands:
        return
    if combines_queries(book.tokens, span):
        book.not_known(span, "the condition combines queries")
        return
    found = operands(book.tokens, without_tail(book.tokens, span))
    if len(found) < 2:
        return
    for operand in found:
        words = f"{book.source(operand)} in {text}"
        holds = book.rule(RuleKind.OPERAND, operand.first, words, "true")
        fails = book.rule(RuleKind.OPERAND, operand.first, words, "not true", of=holds)
        book.outcome(operand, holds, fails)


class _Statement:
    """The ``CASE`` expressions of one statement.

    Equal expressions get equal probes, since the server recognises a grouped expression by its equality; in
    a query that groups, ``t.a`` and ``a`` count as equal.
    """

    def __init__(self, book: Book, span: Span) -> None:
        self._book = book
        self._tokens = book.tokens
        self._span = span
        self._cases = {case.first: case for case in find_cases(book.tokens, span)}
        self._words = [book.tokens[index].word for index in range(*span)] if self._cases else []
        self._grouping = self._groups()
        self._arbiters = self._conflict_targets()
        self._known: dict[tuple[str, ...], list[Rule]] = {}

    def instrument(self) -> None:
        """Put probes into every ``CASE`` of the statement, but for those that must stay as they are."""
        done = self._span.first
        for first, case in self._cases.items():
            if first < done:
                continue
            done = case.last + 1
            if any(region.first <= first < region.past for region in self._arbiters):
                self._book.not_known(Span(first, done), "it must stay equal to an index")
            else:
                self._case(case)

    def _conflict_targets(self) -> list[Span]:
        """What stands between ``ON CONFLICT`` and ``DO``."""
        words, first = self._words, self._span.first
        return [
            Span(first + at, first + words.index("do", at))
            for at, word in enumerate(words)
            if word == "conflict" and "do" in words[at:]
        ]

    def _groups(self) -> bool:
        """Whether the server may have to recognise an expression by its equality with another."""
        return any(
            word == "group" or (word == "distinct" and self._words[at - 1] not in ("is", "not"))
            for at, word in enumerate(self._words)
        )

    def _case(self, case: CaseExpression, depth: int = 0) -> None:
        """Instrument a ``CASE`` and what is within, with the probes of an equal one if there was one."""
        if depth > DEEPEST:
            self._book.not_known(Span(case.first, case.last + 1), "it is nested too deeply")
            return
        rules = self._arms(case)
        if rules is not None:
            self._weave(case, rules)
        inner = case.first + 1
        while inner < case.last:
            if inner in self._cases:
                self._case(self._cases[inner], depth + 1)
                inner = self._cases[inner].last
            inner += 1

    def _arms(self, case: CaseExpression) -> list[Rule] | None:
        """A rule an arm and one for the case that none holds."""
        if case.subject and not is_repeatable(self._tokens, case.subject):
            self._book.not_known(
                Span(case.first, case.last + 1), "what it compares cannot be evaluated twice with certainty"
            )
            return None
        key = self._key(case)
        if key not in self._known:
            self._known[key] = self._new_arms(case)
        return self._known[key]

    def _new_arms(self, case: CaseExpression) -> list[Rule]:
        head = self._book.source("CASE", case.subject) if case.subject else "CASE"
        rules: list[Rule] = []
        for when, condition in case.whens:
            text = self._book.source(head, "WHEN", condition)
            of = rules[0] if rules else None
            rules.append(self._book.rule(RuleKind.EXPRESSION, when, text, "taken", of=of))
        last = case.otherwise if case.otherwise is not None else case.last
        rules.append(
            self._book.rule(
                RuleKind.EXPRESSION,
                last,
                rules[0].text,
                "no WHEN holds",
                of=rules[0],
                written=case.otherwise is not None,
            )
        )
        return rules

    def _weave(self, case: CaseExpression, rules: list[Rule]) -> None:
        subject = f"({self._book.source(case.subject)})=" if case.subject else ""
        if case.subject:
            self._book.around(case.subject, Pair(statement(" TRUE OR("), statement(")IS NULL")), rules=())
        for number, (_, condition) in enumerate(case.whens):
            fails = rules[-1] if number == len(case.whens) - 1 else None
            pair = self._book.outcome_pair(rules[number], fails)
            reported = [rules[number], fails] if fails else [rules[number]]
            self._book.around(condition, pair, reported)
            if subject:
                self._book.around(condition, Pair(statement(f"{subject}("), statement(")")), rules=())
            else:
                self._operands(condition, rules[number])

    def _operands(self, condition: Span, rule: Rule) -> None:
        if not self._grouping:
            add_operands(self._book, condition, rule.text)
        elif self._book.depth.operands and len(operands(self._tokens, condition)) > 1:
            self._book.not_known(condition, "it may have to stay equal to another expression of its query")

    def _key(self, case: CaseExpression) -> tuple[str, ...]:
        """What is the same for equal expressions."""
        found: list[str] = []
        for index in range(case.first, case.last + 1):
            token = self._tokens[index]
            qualifier = self._grouping and index < case.last and self._tokens[index + 1].word == "."
            after_dot = self._grouping and token.word == "."
            if not qualifier and not after_dot:
                found.append(token.word or token.text)
        return tuple(found)
