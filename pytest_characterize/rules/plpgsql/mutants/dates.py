"""Years counted in another way, and another day that the routine knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.mutants.chains import operands
from pytest_characterize.rules.plpgsql.mutants.changes import Change, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.precedence import COMPARISON, RANGE, SUM, Call
from pytest_characterize.rules.plpgsql.tree import Span

_OTHERS: Final = 2
"""So many other days are put in place of one."""


def changes(code: Code) -> Iterator[Change]:
    """Every count of years and every day of the source, changed."""
    days = _days(code)
    for index in code.expressions.indexes():
        call = code.expressions.call(index)
        if call is not None and code.words[index] == "extract" and call.arguments:
            yield from _age(code, call)
        elif call is not None:
            for argument in call.arguments:
                yield from _other_days(code, call.span, argument, days)
        elif code.expressions.levels[index] in (SUM, COMPARISON):
            infix = code.expressions.infix(index)
            for side in (infix.left, infix.right):
                yield from _other_days(code, infix.span, side, days)


def _age(code: Code, call: Call) -> Iterator[Change]:
    """Full years: those of the calendar, those of 365 days, and an anniversary that is a day late."""
    field = call.opening + 1
    inner = code.expressions.call(field + 2)
    if code.words[field + 1] != "from" or inner is None or code.words[inner.name] != "age":
        return
    if len(inner.arguments) != 2 or inner.closing + 1 != call.closing:
        return
    unit = code.line(Span(field, field + 1)).lower()
    one, other = inner.arguments
    late = f"{bracketed(code, one)} - interval '1 day'"
    yield replace(Operator.TIME, call.span, *one, late)
    if unit != "year":
        return
    texts = bracketed(code, one), bracketed(code, other)
    yield replace(
        Operator.TIME,
        call.span,
        *call.span,
        f"(extract(year FROM {texts[0]}) - extract(year FROM {texts[1]}))",
    )
    if all(code.sort(argument) == "date" for argument in inner.arguments):
        yield replace(Operator.TIME, call.span, *call.span, f"(({texts[0]} - {texts[1]}) / 365)")


def _days(code: Code) -> list[str]:
    """The days that a routine knows all along: its parameters, and columns that it holds against one."""
    found = [one.name for one in code.declared.values() if _is_parameter(code, one.name)]
    for index in code.expressions.indexes():
        if code.expressions.levels[index] not in (COMPARISON, SUM) or code.words[index] == "+":
            continue
        infix = code.expressions.infix(index)
        for side, other in ((infix.left, infix.right), (infix.right, infix.left)):
            day = code.sort(other) == "date" and _is_column(code, side)
            if day and (code.expressions.levels[index] == COMPARISON or _gives_days(code, infix.span)):
                found.append(code.normal(side))
    return list(dict.fromkeys(found))


def _is_parameter(code: Code, name: str) -> bool:
    inner = any(one.name == name for one in code.places.declarations)
    return not inner and code.types.get(name) == "date"


def _is_column(code: Code, span: Span) -> bool:
    """``record.column``."""
    return span.past - span.first == 3 and code.tokens[span.first + 1].word == "."


def _gives_days(code: Code, span: Span) -> bool:
    """Whether a difference is used as a number, so that both of its sides are days."""
    after = span.past
    if after < len(code.expressions.levels) and code.expressions.levels[after] in (COMPARISON, RANGE):
        return True
    return any(one.value == span and code.sort(one.target) == "number" for one in code.places.assignments)


def _other_days(code: Code, shown: Span, span: Span, days: list[str]) -> Iterator[Change]:
    """The others in place of one of them, unless they are held against each other."""
    name = code.normal(span)
    if name not in days:
        return
    beside = {code.normal(part) for part in operands(code, shown, SUM)}
    beside |= {code.normal(part) for part in operands(code, shown, COMPARISON)}
    others = [day for day in days if day not in beside | {name} and _in_scope(code, day, span)]
    for other in others[:_OTHERS]:
        yield replace(Operator.TIME, shown, *span, other.replace(" ", ""))


def _in_scope(code: Code, day: str, span: Span) -> bool:
    """Whether a day can be asked for at a place: a column of a query only within that query."""
    first = day.partition(" ")[0]
    if " " not in day or first in code.declared:
        return True
    region = code.expressions.region(span.first)
    return any(code.normal(Span(index, index + 3)) == day for index in range(region.first, region.past - 2))
