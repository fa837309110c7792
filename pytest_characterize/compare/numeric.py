"""Numbers: exact equality, rounding and scale, and the arithmetic of tolerances.

Everything is decided in decimal arithmetic: a float stands for the shortest decimal that reads back as
it, which is what people see and what other systems print.
"""

from __future__ import annotations

import decimal
import re
from decimal import Context, Decimal
from math import copysign
from typing import Final, TypeAlias

from pytest_characterize.compare.findings import Finding
from pytest_characterize.descriptors import Tolerance
from pytest_characterize.model import Kind
from pytest_characterize.values import Value

Number: TypeAlias = int | float | Decimal

_ARITHMETIC: Final = Context(
    prec=1000, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[], rounding=decimal.ROUND_HALF_EVEN
)
"""Wide enough for any amount, and never raises: where it cannot say, it says NaN, which is no evidence."""
_MODES: Final = {
    decimal.ROUND_HALF_UP: "half up",
    decimal.ROUND_HALF_EVEN: "half to even",
    decimal.ROUND_HALF_DOWN: "half down",
    decimal.ROUND_DOWN: "towards zero",
    decimal.ROUND_UP: "away from zero",
    decimal.ROUND_FLOOR: "down",
    decimal.ROUND_CEILING: "up",
}
_TO_NEAREST: Final = (decimal.ROUND_HALF_UP, decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_DOWN)
_NOISE: Final = Decimal("1e-9")
_NUMERAL: Final = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)


def same_float(legacy: float, candidate: float) -> bool:
    """Equal to the sign of zero; NaN equals NaN."""
    if legacy == candidate:
        return legacy != 0 or copysign(1, legacy) == copysign(1, candidate)
    return legacy != legacy and candidate != candidate


def same_decimal(legacy: Decimal, candidate: Decimal) -> bool:
    """Equal to the scale: ``1.0`` is not ``1.00``."""
    return legacy.compare_total(candidate).is_zero()


def exact(number: Number) -> Decimal:
    """The number as a decimal, as it is printed."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def as_number(value: Value) -> Decimal | None:
    """The number that a value is, or that a text spells; ``None`` for anything else, NaN and infinity too."""
    if type(value) in (int, float, Decimal):
        number = exact(value)
        return number if number.is_finite() else None
    if type(value) is str and _NUMERAL.fullmatch(value):
        return Decimal(value)
    return None


def finding(legacy: Number, candidate: Number) -> Finding:
    """What two different numbers have in common."""
    old, new = exact(legacy), exact(candidate)
    if not (old.is_finite() and new.is_finite()):
        return Kind.VALUE, ""
    if old == new:
        if old.is_signed() != new.is_signed():
            return Kind.VALUE, "equal but for the sign of zero"
        return Kind.SCALE, f"equal numbers, {_places(old)} and {_places(new)} decimal places"
    floats = type(legacy) is float or type(candidate) is float
    note = _rounding(old, new, floats=floats)
    return (Kind.ROUNDING, note) if note else (Kind.VALUE, "")


def numeral_finding(legacy: str, candidate: str) -> Finding | None:
    """As :func:`finding` for texts that spell numbers with decimal places; ``None`` for other texts."""
    if "." not in legacy + candidate:
        return None
    old, new = as_number(legacy), as_number(candidate)
    if old is None or new is None:
        return None
    kind, note = finding(old, new)
    return None if kind is Kind.VALUE else (kind, note)


def tolerated(tolerance: Tolerance, legacy: Value, candidate: Value) -> bool:
    """Whether two numbers (or texts that spell numbers) are as close as the policy allows."""
    old, new = as_number(legacy), as_number(candidate)
    if old is None or new is None:
        return False
    relative = _ARITHMETIC.multiply(old.copy_abs(), Decimal(tolerance.relative))
    return bool(_apart(old, new) <= max(Decimal(tolerance.absolute), relative))


def _rounding(old: Decimal, new: Decimal, *, floats: bool) -> str:
    """The evidence that one is the other rounded, ``""`` if there is none.

    A float does not keep trailing zeros, so one that shows fewer than two places says little about its
    scale: there, only rounding to the nearest counts.
    """
    apart = _apart(old, new)
    if floats and apart <= _ARITHMETIC.multiply(max(old.copy_abs(), new.copy_abs()), _NOISE):
        return f"floating-point noise: {apart:.0e} apart"
    coarse, fine = sorted((old, new), key=_places)
    places = _places(coarse)
    unit = Decimal(1).scaleb(-places, _ARITHMETIC)
    sure = places >= 2 or (places == 1 and not floats)
    if places == _places(fine):
        return f"1 unit in the last place ({unit:f})" if sure and apart == unit else ""
    if apart < unit:
        for mode in _MODES if sure or not floats else _TO_NEAREST:
            if fine.quantize(unit, mode, _ARITHMETIC) == coarse:
                return f"equal when rounded {_MODES[mode]} to {_count(places)}"
    return ""


def _apart(old: Decimal, new: Decimal) -> Decimal:
    return _ARITHMETIC.subtract(old, new).copy_abs()


def _places(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))


def _count(places: int) -> str:
    return f"{places} decimal place{'s' if places != 1 else ''}"
