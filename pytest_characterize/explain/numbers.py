"""The numbers that differing values are or spell."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from pytest_characterize.values import Value

_NUMERAL: Final = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)


def as_number(value: Value) -> Decimal | None:
    """The number that a value is or spells; ``None`` for anything else, NaN and infinity too."""
    if type(value) is float:
        value = repr(value)
    if type(value) in (int, Decimal) or (type(value) is str and _NUMERAL.fullmatch(value)):
        number = Decimal(value)
        return number if number.is_finite() else None
    return None
