"""Detectors: in which mode, and at which digit, one side rounds; only as far as the values tell modes apart."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Final, TypeAlias

from pytest_characterize.explain.pairs import Pairs, digits, every, numbers, places

_Numbers: TypeAlias = Sequence[tuple[Decimal, Decimal]]

_ARITHMETIC: Final = Context(prec=60, traps=[])
_SURE: Final = 4
"""So many even last digits, or numbers that are off the same way, are hardly chance."""
_SEVERAL: Final = 2
"""A mode is told only of so many pairs: one number is rounded right by most of them."""
_NEAREST: Final[Mapping[str, str]] = {
    decimal.ROUND_HALF_UP: "half up",
    decimal.ROUND_HALF_EVEN: "half to even",
    decimal.ROUND_HALF_DOWN: "half down",
}
_DIRECTED: Final[Mapping[str, str]] = {
    decimal.ROUND_DOWN: "down (cut off)",
    decimal.ROUND_UP: "up, away from zero",
    decimal.ROUND_FLOOR: "down to the lower number (floor)",
    decimal.ROUND_CEILING: "up to the higher number (ceiling)",
}
"""Of numbers of one sign, the last two do as the first two, which are the simpler ones."""
_SUFFIXES: Final[Mapping[int, str]] = {1: "st", 2: "nd", 3: "rd"}


def half_to_even(pairs: Pairs) -> str:
    """One side rounds half to even: its last digits are even, those of the other odd, one unit apart."""
    known, scale = numbers(pairs), _scale(pairs)
    if len(known) < _SURE or scale is None:
        return ""
    units = [tuple(int(side.scaleb(scale)) for side in pair) for pair in known]
    if any(abs(old - new) != 1 for old, new in units):
        return ""
    for place, side in ((1, "the candidate"), (0, "legacy")):
        if all(pair[place] % 2 == 0 for pair in units):
            return f"{side} rounds half to even at {digits(scale)}: {every(pairs)}"
    return ""


def rounded(pairs: Pairs) -> str:
    """One side has the number that the other one rounds: the only mode that gives all of its numbers."""
    known = numbers(pairs)
    for place, side in ((1, "the candidate"), (0, "legacy")):
        coarse = {places(pair[place]) for pair in known}
        if len(known) < _SEVERAL or len(coarse) != 1:
            continue
        scale = coarse.pop()
        if any(places(pair[1 - place]) <= scale for pair in known):
            continue
        mode = _mode([(pair[1 - place], pair[place]) for pair in known])
        if mode:
            other = "legacy's" if place else "the candidate's"
            return f"{side} has {other} number rounded {mode} to {digits(scale)}: {every(pairs)}"
    return ""


def one_way(pairs: Pairs) -> str:
    """All numbers are off by one unit of the same digit, the same way; the unrounded ones are not known."""
    known, scale = numbers(pairs), _scale(pairs)
    if len(known) < _SURE or scale is None:
        return ""
    unit = Decimal(1).scaleb(-scale)
    sizes = {_ARITHMETIC.subtract(new.copy_abs(), old.copy_abs()) for old, new in known}
    values = {_ARITHMETIC.subtract(new, old) for old, new in known}
    signs = {number.is_signed() for pair in known for number in pair if number}
    if values == {-unit}:
        way, does = "lower", "it cuts off" if signs == {False} else "it rounds down"
        told = f"{does} where legacy rounds"
    elif values == {unit}:
        way, does = "higher", "legacy cuts off" if signs == {False} else "legacy rounds down"
        told = f"{does} where it rounds"
    elif sizes == {-unit}:
        way, told = "nearer to zero", "it cuts off where legacy rounds"
    elif sizes == {unit}:
        way, told = "further from zero", "legacy cuts off where it rounds"
    else:
        return ""
    return f"the candidate is one unit of {_place(scale)} {way}: {every(pairs)}, as if {told}"


def _scale(pairs: Pairs) -> int | None:
    """The number of decimal places that all numbers have; ``None`` where they have not all the same."""
    found = {places(number) for pair in numbers(pairs) for number in pair}
    return found.pop() if len(found) == 1 else None


def _mode(several: _Numbers) -> str:
    """The mode that gives all of the second numbers of the first ones; ``""`` if the numbers do not tell it."""
    nearest = [mode for mode in _NEAREST if _gives(mode, several)]
    directed = [mode for mode in _DIRECTED if _gives(mode, several)]
    if nearest and directed:
        return ""
    if nearest:
        return _NEAREST[nearest[0]] if len(nearest) == 1 else "to the nearest"
    return _DIRECTED[directed[0]] if directed else ""


def _gives(mode: str, several: _Numbers) -> bool:
    """Whether the mode makes every second number of the first one."""
    return all(fine.quantize(coarse, mode, _ARITHMETIC) == coarse for fine, coarse in several)


def _place(scale: int) -> str:
    """The last digit of numbers with so many decimal places.

    >>> _place(2), _place(0), _place(11)
    ('the 2nd decimal place', 'the last whole digit', 'the 11th decimal place')
    """
    if not scale:
        return "the last whole digit"
    suffix = "th" if scale in (11, 12, 13) else _SUFFIXES.get(scale % 10, "th")
    return f"the {scale}{suffix} decimal place"
