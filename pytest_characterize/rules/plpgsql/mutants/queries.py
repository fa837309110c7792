"""Clauses of queries: what they decide, and what is left out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.places import Condition
from pytest_characterize.rules.plpgsql.tree import Span

CLAUSES: Final = keywords(
    "where group having order limit offset union intersect except window fetch for returning into on join left "
    "right full inner cross natural do when then from set using ,"
)
"""What ends a clause's condition."""


def clause_conditions(code: Code) -> Iterator[Condition]:
    """What ``WHERE``, ``HAVING``, ``ON`` and the ``WHEN`` of a ``CASE`` without subject decide by."""
    for index in code.expressions.indexes():
        if code.words[index] in ("where", "having", "on") and code.expressions.is_word(index):
            if code.words[index + 1] in ("conflict", "commit", "current"):
                continue
            span = Span(index + 1, code.expressions.clause_end(index + 1, CLAUSES))
            if span.first < span.past:
                yield Condition(span, Span(index, span.past))
    for case in code.expressions.cases:
        if case.subject is None:
            for when, condition in case.whens:
                yield Condition(condition, Span(when, condition.past))
