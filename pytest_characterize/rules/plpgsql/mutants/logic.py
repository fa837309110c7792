"""Conditions that hold where they did not, and operands of ``AND`` and ``OR`` left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.expressions import operands
from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.precedence import AND, OR, RANGE
from pytest_characterize.rules.plpgsql.mutants.queries import clause_conditions
from pytest_characterize.rules.plpgsql.tree import Span

_QUERY: Final = keywords("select with")


def changes(code: Code) -> Iterator[Change]:
    """Every condition negated, and every operand left out."""
    for condition in (*code.places.conditions, *clause_conditions(code)):
        yield from _negated(code, condition.span)
    for index in code.expressions.indexes():
        if code.expressions.levels[index] in (AND, OR) and code.words[index] in ("and", "or"):
            yield from _operand(code, index)


def _negated(code: Code, span: Span) -> Iterator[Change]:
    """The condition as a whole if it has operands, and each of them; comparisons have other operators."""
    if span.first >= span.past or code.words[span.first] in _QUERY:
        return
    found = operands(code.tokens, span)
    if len(found) > 1:
        yield replace(Operator.NEGATION, span, span.first, span.past, f"NOT ({code.raw(span)})")
    for operand in found:
        yield from _operand_negated(code, operand)


def _operand_negated(code: Code, operand: Span) -> Iterator[Change]:
    first, past = operand
    while code.words[first] == "(" and code.expressions.partner.get(first) == past - 1:
        first, past = first + 1, past - 1
    if _compares(code, Span(first, past)):
        return
    if code.words[operand.first - 1] == "not":
        yield leave_out(
            Operator.NEGATION, Span(operand.first - 1, operand.past), operand.first - 1, operand.first
        )
    elif code.words[operand.first] == "not":
        yield leave_out(Operator.NEGATION, operand, operand.first, operand.first + 1)
    elif code.words[operand.first] not in ("true", "false", "null"):
        text = f"NOT {bracketed(code, operand)}"
        yield replace(Operator.NEGATION, operand, *operand, text)


def _compares(code: Code, span: Span) -> bool:
    """Whether an operand is a comparison, which the operators for relations turn round."""
    at = span.first
    while at < span.past:
        level = code.expressions.levels[at]
        if 0 < level <= RANGE or (level and code.words[at].strip("~!*") == ""):
            return True
        at = max(code.expressions.partner.get(at, at), at) + 1
    return False


def _operand(code: Code, index: int) -> Iterator[Change]:
    infix = code.expressions.infix(index)
    if infix.left.first < infix.left.past and infix.right.first < infix.right.past:
        yield leave_out(Operator.OPERAND, infix.span, index, infix.right.past)
        yield leave_out(Operator.OPERAND, infix.span, infix.left.first, index + 1)
