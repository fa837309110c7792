"""Calculations and aggregates, changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.precedence import POWER, PRODUCT, SUM, Infix
from pytest_characterize.rules.plpgsql.tree import Span

_OTHERS: Final = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/"}
_AGGREGATES: Final = {
    "sum": ("avg", "max"),
    "avg": ("sum",),
    "min": ("max",),
    "max": ("min",),
    "greatest": ("least",),
    "least": ("greatest",),
    "bool_and": ("bool_or",),
    "bool_or": ("bool_and",),
    "every": ("bool_or",),
}
INTEGERS: Final = ("integer", "int", "int4", "bigint", "int8", "smallint", "int2")
"""Types of whole numbers."""
_TIMES: Final = ("date", "moment", "clock")


def changes(code: Code) -> Iterator[Change]:
    """Every operator, sign and aggregate of the source, changed."""
    for index in code.expressions.indexes():
        word, level = code.words[index], code.expressions.levels[index]
        if level in (SUM, PRODUCT):
            yield from _operator(code, code.expressions.infix(index), word)
        elif word == "-" and code.expressions.is_prefix(index):
            past = code.expressions.right_edge(index + 1, POWER)
            yield leave_out(Operator.ARITHMETIC, Span(index, past), index, index + 1)
        elif word in _AGGREGATES or word == "count":
            yield from _aggregate(code, index)


def operands_left_out(code: Code, infix: Infix, operator: Operator) -> Iterator[Change]:
    """One operand of a chain left out; its first one only where the chain begins."""
    if not _keeps_its_target(code, infix):
        yield leave_out(operator, infix.span, infix.first, infix.right.past)
    if not _continues(code, infix):
        yield leave_out(operator, infix.span, infix.left.first, infix.past)


def _keeps_its_target(code: Code, infix: Infix) -> bool:
    """Whether ``v := v`` would be left of ``v := v + 1``: that is the statement left out, or an endless loop."""
    return any(
        one.value == infix.span and code.normal(one.target) == code.normal(infix.left)
        for one in code.places.assignments
    )


def _continues(code: Code, infix: Infix) -> bool:
    """Whether the left operand is itself made by an operator of the same precedence."""
    level, at = code.expressions.levels[infix.past - 1], infix.left.first
    while at < infix.left.past:
        if code.expressions.levels[at] == level:
            return True
        at = max(code.expressions.partner.get(at, at), at) + 1
    return False


def _operator(code: Code, infix: Infix, word: str) -> Iterator[Change]:
    left, right = code.sort(infix.left), code.sort(infix.right)
    unclear = left in _TIMES and right not in ("number", "interval")
    if not unclear and right not in _TIMES:
        yield replace(Operator.ARITHMETIC, infix.span, infix.first, infix.past, _OTHERS[word])
    if word == "/" and _is_integer(code, infix.left) and _is_integer(code, infix.right):
        text = f"{code.raw(infix.right)}::numeric"
        yield replace(Operator.ARITHMETIC, infix.span, *infix.right, text)
    if left in _TIMES and not unclear and not _keeps_its_target(code, infix):
        yield leave_out(Operator.ARITHMETIC, infix.span, infix.first, infix.right.past)
    if left not in _TIMES and right not in _TIMES:
        yield from operands_left_out(code, infix, Operator.ARITHMETIC)


def _is_integer(code: Code, span: Span) -> bool:
    """Whether an operand is a whole number, so that a quotient is cut."""
    if span.past - span.first != 1:
        return False
    text = code.tokens[span.first].text
    return text.isdecimal() or code.types.get(text.strip('"').lower(), "") in INTEGERS


def _aggregate(code: Code, index: int) -> Iterator[Change]:
    call = code.expressions.call(index)
    if call is None or call.first != index:
        return
    for other in _AGGREGATES.get(code.words[index], ()):
        yield replace(Operator.ARITHMETIC, call.span, index, index + 1, other)
    if code.words[index] == "count" and code.words[index + 2] not in ("*", "distinct"):
        yield replace(Operator.ARITHMETIC, call.span, call.opening + 1, call.closing, "*")
    if code.words[index] in ("greatest", "least") and len(call.arguments) > 1:
        for number, item in enumerate(call.arguments):
            first, past = (item.first - 1, item.past) if number else (item.first, item.past + 1)
            yield leave_out(Operator.ARITHMETIC, call.span, first, past)
