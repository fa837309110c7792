"""Inputs near recorded ones: one name changed at a time, to what the legacy rules compare with, or a little further.

Boundary values, as known since Myers, The Art of Software Testing (1979), with the boundaries taken from the
source: a number that stands in a rule, its neighbours, the values of other cases, the days around a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from pytest_characterize.codec import canonical
from pytest_characterize.values import Value

_NUMBER: Final = re.compile(r"(?<![\w.])\d{1,15}(?:\.\d{1,9})?(?![\w.])", re.ASCII)
_DATE: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b", re.ASCII)
_TEXT: Final = re.compile(r"'([^']{0,60})'")
_STEPS: Final = (0, 1, -1)


def neighbours(
    inputs: Sequence[Mapping[str, Value]], source: str = "", known: Iterable[Mapping[str, Value]] = ()
) -> Iterator[Mapping[str, Value]]:
    """Inputs like the given ones that are none of the known ones, each once, the likeliest first.

    >>> list(neighbours([{"years": 9}], "v_years > 5"))[:3]
    [{'years': 5}, {'years': 6}, {'years': 4}]

    Args:
        inputs: to start from.
        source: what the rules compare with: their texts.
        known: inputs that are not asked for.
    """
    seen = {canonical(dict(one)) for one in (*inputs, *known)}
    pool = {name: [one.get(name) for one in (*inputs, *known)] for one in inputs for name in one}
    for rank in range(3):
        for one in inputs:
            for name, value in one.items():
                for other in _RANKS[rank](value, source, pool[name]):
                    changed = {**one, name: other}
                    key = canonical(changed)
                    if key not in seen:
                        seen.add(key)
                        yield changed


def _mentioned(value: Value, source: str, pool: Sequence[Value]) -> Iterator[Value]:
    """What the source mentions, as a value of this type, and its neighbours."""
    match value:
        case bool():
            yield not value
        case int() | Decimal():
            for text in dict.fromkeys(_NUMBER.findall(source)):
                for step in _STEPS:
                    yield _number_like(value, Decimal(text), step)
        case datetime():
            return
        case date():
            for text in dict.fromkeys(_DATE.findall(source)):
                yield from _days(text)
        case str():
            yield from dict.fromkeys(_TEXT.findall(source))


def _near(value: Value, source: str, pool: Sequence[Value]) -> Iterator[Value]:
    """A little more, a little less, the same in another dress."""
    match value:
        case bool():
            return
        case int() | Decimal():
            for step in (1, -1):
                yield _number_like(value, Decimal(value), step)
            yield type(value)(0)
            yield -value
        case date():
            for days in (1, -1, 31, -31, 366, -366):
                try:
                    yield value + timedelta(days=days)
                except OverflowError:
                    continue
        case str():
            yield from (value.strip(), value.upper(), value.lower(), f"{value} ", "")


def _elsewhere(value: Value, source: str, pool: Sequence[Value]) -> Iterator[Value]:
    """What other cases have there; and nothing."""
    yield from pool
    yield None


_RANKS: Final = (_mentioned, _near, _elsewhere)


def _number_like(value: int | Decimal, number: Decimal, step: int) -> int | Decimal:
    """A number of the value's type, ``step`` units of its last place further."""
    if isinstance(value, int):
        return int(number) + step
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        return value
    unit = Decimal(1).scaleb(min(exponent, 0))
    return number.quantize(unit) + step * unit


def _days(text: str) -> Iterator[date]:
    try:
        day = date.fromisoformat(text)
        yield from (day + timedelta(days=step) for step in _STEPS)
    except (ValueError, OverflowError):
        return
