"""Clauses of queries: what they decide, their order, their limits, and what is left out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind, keywords
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.places import Condition
from pytest_characterize.rules.plpgsql.mutants.precedence import AND, OR
from pytest_characterize.rules.plpgsql.tree import Span

CLAUSES: Final = keywords(
    "where group having order limit offset union intersect except window fetch for returning into on join left "
    "right full inner cross natural do when then from set using ,"
)
"""What ends a clause's condition."""

_ORDER_ENDS: Final = keywords(
    "limit offset fetch for union intersect except window rows range groups into loop"
)
_LIMIT_ENDS: Final = _ORDER_ENDS | keywords("order where")


def changes(code: Code) -> Iterator[Change]:
    """Every clause of the source, changed."""
    for index in code.expressions.indexes():
        word = code.words[index]
        if not code.expressions.is_word(index):
            continue
        match word:
            case "order" if code.words[index + 1] == "by":
                yield from _order(code, index)
            case "limit" | "offset":
                yield from _limit(code, index)
            case "distinct" if code.words[index - 1] in ("select", "perform", "("):
                yield _distinct(code, index)
            case "union":
                yield _union(code, index)
            case "join":
                yield from _join(code, index)
            case "strict" if code.words[index - 1] == "into":
                yield leave_out(Operator.BRANCH, Span(index - 1, index + 2), index, index + 1)
            case "where" | "having":
                yield from _where(code, index)


def clause_conditions(code: Code) -> Iterator[Condition]:
    """What ``WHERE``, ``HAVING``, ``ON`` and the ``WHEN`` of a ``CASE`` without subject decide by."""
    for index in code.expressions.indexes():
        if code.words[index] in ("where", "having", "on") and code.expressions.is_word(index):
            if (
                code.words[index + 1] in ("conflict", "commit", "current")
                or code.words[index - 1] == "distinct"
            ):
                continue
            span = Span(index + 1, code.expressions.clause_end(index + 1, CLAUSES))
            if span.first < span.past:
                yield Condition(span, Span(index, span.past))
    for case in code.expressions.cases:
        if case.subject is None:
            for when, condition in case.whens:
                yield Condition(condition, Span(when, condition.past))


# ORDER BY


def _order(code: Code, index: int) -> Iterator[Change]:
    past = code.expressions.clause_end(index + 2, _ORDER_ENDS)
    whole = Span(index, past)
    keys = [key for key in code.expressions.listed(index + 2, past) if key.first < key.past]
    for number, key in enumerate(keys):
        yield from _key(code, whole, key)
        if len(keys) > 1:
            first, end = (key.first - 1, key.past) if number else (key.first, key.past + 1)
            yield leave_out(Operator.ORDER, whole, first, end)
    yield leave_out(Operator.ORDER, whole, *whole)


def _key(code: Code, whole: Span, key: Span) -> Iterator[Change]:
    words = code.words[key.first : key.past]
    nulls = key.first + words.index("nulls") if "nulls" in words else key.past
    direction = nulls - 1
    last = code.words[direction]
    if last == "desc":
        yield replace(Operator.ORDER, whole, direction, direction + 1, "ASC")
    elif last == "asc":
        yield replace(Operator.ORDER, whole, direction, direction + 1, "DESC")
    elif "using" not in words:
        yield replace(Operator.ORDER, whole, nulls - 1, nulls, f"{code.tokens[nulls - 1].text} DESC")
    if nulls < key.past:
        other = "FIRST" if code.words[key.past - 1] == "last" else "LAST"
        yield replace(Operator.ORDER, whole, key.past - 1, key.past, other)
    elif _is_column(code, Span(key.first, key.past - (last in ("asc", "desc")))):
        other = "LAST" if last == "desc" else "FIRST"
        text = f"{code.tokens[key.past - 1].text} NULLS {other}"
        yield replace(Operator.ORDER, whole, key.past - 1, key.past, text)


def _is_column(code: Code, span: Span) -> bool:
    """Whether a key is a column, which may be null more easily than what is calculated."""
    names = (TokenKind.WORD, TokenKind.QUOTED)
    return all(code.tokens[index].kind in names or code.tokens[index].word == "." for index in range(*span))


# LIMIT, DISTINCT, UNION


def _limit(code: Code, index: int) -> Iterator[Change]:
    past = code.expressions.clause_end(index + 1, _LIMIT_ENDS)
    whole, value = Span(index, past), Span(index + 1, past)
    if value.first >= value.past:
        return
    if code.is_number(value) and code.line(value).isdecimal():
        number = int(code.line(value))
        for other in (number + 1, number - 1):
            if other >= 0:
                yield replace(Operator.LIMIT, whole, *value, str(other))
    elif code.words[value.first] not in ("all", "null"):
        yield replace(Operator.LIMIT, whole, *value, f"{bracketed(code, value)} + 1")
        yield replace(Operator.LIMIT, whole, *value, f"{bracketed(code, value)} - 1")
    yield leave_out(Operator.LIMIT, whole, *whole)


def _distinct(code: Code, index: int) -> Change:
    past = index + 1
    if code.words[past] == "on" and past + 1 in code.expressions.partner:
        past = code.expressions.partner[past + 1] + 1
    return leave_out(Operator.LIMIT, Span(index - 1, past + 1), index, past)


def _union(code: Code, index: int) -> Change:
    if code.words[index + 1] == "all":
        return leave_out(Operator.LIMIT, Span(index, index + 2), index + 1, index + 2)
    return replace(Operator.LIMIT, Span(index, index + 1), index, index + 1, "UNION ALL")


# Joins and conditions


def _join(code: Code, index: int) -> Iterator[Change]:
    """``JOIN`` for ``LEFT JOIN``, and the other way round."""
    first = index
    while code.words[first - 1] in ("left", "right", "full", "inner", "outer", "cross", "natural"):
        first -= 1
    kinds = code.words[first:index]
    if not {"cross", "natural"}.isdisjoint(kinds):
        return
    shown = Span(
        first, min(code.expressions.clause_end(index + 1, CLAUSES) + 1, code.expressions.region(index).past)
    )
    outer = not {"left", "right", "full"}.isdisjoint(kinds)
    yield replace(Operator.RELATION, shown, first, index + 1, "JOIN" if outer else "LEFT JOIN")


def _where(code: Code, index: int) -> Iterator[Change]:
    """A condition of one operand left out; of others, their operands are."""
    past = code.expressions.clause_end(index + 1, CLAUSES)
    if past == index + 1 or code.words[index + 1] == "current":
        return
    at = index + 1
    while at < past:
        if code.expressions.levels[at] in (AND, OR) and code.words[at] in ("and", "or"):
            return
        at = max(code.expressions.partner.get(at, at), at) + 1
    if code.words[index - 2 : index] == ["filter", "("] and code.expressions.partner.get(index - 1) == past:
        whole = Span(index - 2, past + 1)
        yield leave_out(Operator.OPERAND, whole, *whole)
    else:
        yield leave_out(Operator.OPERAND, Span(index, past), index, past)
