"""Pairs of what legacy and the candidate have at one place, as numbers or as texts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from pytest_characterize.explain.numbers import as_number
from pytest_characterize.values import Value

Pair: TypeAlias = tuple[Value, Value]
Pairs: TypeAlias = Sequence[Pair]


def numbers(pairs: Pairs) -> list[tuple[Decimal, Decimal]]:
    """The pairs as numbers; none if any is no number."""
    several = [(as_number(old), as_number(new)) for old, new in pairs]
    known = [(old, new) for old, new in several if old is not None and new is not None]
    return known if len(known) == len(pairs) else []


def texts(pairs: Pairs) -> list[tuple[str, str]]:
    """The pairs as texts; none if any is no text."""
    known = [(old, new) for old, new in pairs if type(old) is str and type(new) is str]
    return known if len(known) == len(pairs) else []


def places(number: Decimal) -> int:
    """How many decimal places a number is written with."""
    return max(0, -int(number.as_tuple().exponent))


def digits(number: int) -> str:
    """So many decimal places, in words."""
    return f"{number} decimal place" if number == 1 else f"{number} decimal places"


def every(pairs: Pairs) -> str:
    """That all pairs show it.

    >>> every([(1, 2), (3, 4)])
    '2 of 2'
    """
    return f"{len(pairs)} of {len(pairs)}"
