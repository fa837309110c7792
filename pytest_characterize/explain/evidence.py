"""What all differences of a group have in common, in words; silent where the values do not show it.

A rule about numbers is claimed only if at least two different pairs of values obey it: one pair obeys
any rule.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from typing import Final

from pytest_characterize.codec import canonical
from pytest_characterize.explain import charsets, dress, rounding
from pytest_characterize.explain.numbers import as_number
from pytest_characterize.explain.pairs import Pair, Pairs
from pytest_characterize.explain.repeats import repeats
from pytest_characterize.model import Difference, Kind

_ARITHMETIC: Final = Context(prec=60, traps=[])
_INFINITY: Final = Decimal("Infinity")
_NEGATIVE_INFINITY: Final = Decimal("-Infinity")
_SHARP: Final = Decimal("0.01")
"""How exactly a factor must be known, as a share of itself."""
_PAIRS: Final = 200
"""So many different pairs are held against each other."""
_DETECTORS: Final[Mapping[Kind, Sequence[Callable[[Pairs], str]]]] = {
    Kind.ROUNDING: (rounding.half_to_even, rounding.rounded, rounding.one_way),
    Kind.SCALE: (dress.scale,),
    Kind.PADDING: (dress.padding,),
    Kind.CASE: (dress.letters,),
    Kind.TYPE: (dress.booleans, dress.nothing),
    Kind.EMPTY: (dress.nothing,),
    Kind.NULL: (dress.booleans, dress.nothing),
    Kind.ORDER: (dress.order,),
    Kind.STATUS: (dress.became,),
    Kind.ENCODING: (charsets.charset,),
    Kind.VALUE: (dress.dates, charsets.charset),
}
_DIGITS: Final = 4
"""A factor with more digits than this is a coincidence rather than a rule."""


def evidence(differences: Sequence[Difference]) -> str:
    """The rule that all differences obey: a manner, an offset, a ratio, a shift in time; else their common note."""
    return (
        _dress(differences)
        or repeats(differences)
        or _numbers(differences)
        or _times(differences)
        or _note(differences)
    )


def _dress(differences: Sequence[Difference]) -> str:
    """What the detectors of their kind say of the pairs, each pair once."""
    kinds = {found.kind for found in differences}
    detectors = _DETECTORS.get(kinds.pop(), ()) if len(kinds) == 1 else ()
    if not detectors:
        return ""
    pairs = _each_once([(found.legacy, found.candidate) for found in differences])
    return next(filter(None, (detect(pairs) for detect in detectors)), "")


def _each_once(pairs: list[Pair]) -> list[Pair]:
    """The pairs, each once; all of them as they are where there are too many to hold against each other."""
    found: dict[bytes, Pair] = {}
    for pair in pairs:
        found.setdefault(canonical(pair), pair)
        if len(found) > _PAIRS:
            return pairs
    return list(found.values())


def _numbers(differences: Sequence[Difference]) -> str:
    pairs = {(as_number(found.legacy), as_number(found.candidate)) for found in differences}
    known = [(old, new) for old, new in pairs if old is not None and new is not None]
    if len(known) < 2 or len(known) < len(pairs):
        return ""
    offset = _constant_offset(known)
    if offset is not None:
        return f"legacy = candidate {'-' if offset < 0 else '+'} {offset.copy_abs():f}"
    ratio = _constant_ratio(known)
    return f"legacy = {ratio:f} x candidate" if ratio is not None else ""


def _constant_offset(pairs: list[tuple[Decimal, Decimal]]) -> Decimal | None:
    offsets = {_ARITHMETIC.subtract(old, new) for old, new in pairs}
    return offsets.pop() if len(offsets) == 1 else None


def _constant_ratio(pairs: list[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The factor with the fewest digits that gives all of legacy's numbers, each rounded to its own scale.

    Legacy may have rounded in any way, so a pair allows the factors that come within one unit of
    legacy's last place. The claim is made only if all pairs together leave no room for another factor
    of as few digits.
    """
    low, high = _NEGATIVE_INFINITY, _INFINITY
    for old, new in pairs:
        if not new:
            return None
        unit = _ARITHMETIC.scaleb(Decimal(1), min(0, int(old.as_tuple().exponent)))
        ends = [_ARITHMETIC.divide(_ARITHMETIC.add(old, by), new) for by in (-unit, unit)]
        low, high = max(low, min(ends)), min(high, max(ends))
    for digits in range(_DIGITS + 1):
        step = Decimal(1).scaleb(-digits)
        factor = low.quantize(step, decimal.ROUND_CEILING, _ARITHMETIC)
        if factor <= high:
            sure = high - low < step and high - low <= _SHARP * factor.copy_abs()
            return factor if sure and factor not in (0, 1) else None
    return None


def _times(differences: Sequence[Difference]) -> str:
    pairs = {(found.legacy, found.candidate) for found in differences if _both_moments(found)}
    if len(pairs) < 2 or not all(map(_both_moments, differences)):
        return ""
    try:
        shifts = {old - new for old, new in pairs}
    except TypeError:  # one has an offset, the other has none
        return ""
    if len(shifts) != 1:
        return ""
    shift: timedelta = shifts.pop()
    return f"legacy = candidate {'-' if shift < timedelta(0) else '+'} {abs(shift)}" if shift else ""


def _note(differences: Sequence[Difference]) -> str:
    notes = {found.note for found in differences}
    return notes.pop() if len(notes) == 1 else ""


def _both_moments(found: Difference) -> bool:
    return type(found.legacy) is type(found.candidate) and type(found.legacy) in (date, datetime)
