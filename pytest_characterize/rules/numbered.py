"""Texts with a number in them: ``14``, ``30 days``, ``R19``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_LAID_OUT: Final = re.compile(r"[%{}\\\\^$|*?+'\"\n]|\d{10}")
"""What formats and patterns have, and numbers that are names of something."""
_NAME: Final = re.compile(r"[a-z]-?\d")
"""The end of a name that a number is a part of, as of an encoding: ``utf-8``."""
_LONGEST: Final = 40


def other_numbers_in(text: str) -> list[str]:
    """A text whose only number is one unit of its last place more, and less; with zeros before it, as wide as it was.

    >>> other_numbers_in("14"), other_numbers_in("007"), other_numbers_in("30 days")
    (['15', '13'], ['008', '006'], ['31 days', '29 days'])
    >>> other_numbers_in("1,50 EUR"), other_numbers_in("0"), other_numbers_in("latin1"), other_numbers_in("1 to 9")
    (['1,51 EUR', '1,49 EUR'], ['1'], [], [])
    """
    found = list(_NUMBER.finditer(text))
    if len(found) != 1 or len(text) > _LONGEST or _LAID_OUT.search(text) or _NAME.search(text):
        return []
    word = found[0][0]
    whole, mark, places = word.partition("," if "," in word else ".")
    unit, number = Decimal(1).scaleb(-len(places)), Decimal(f"{whole}.{places or 0}")
    width = len(word) if word.startswith("0") else 0
    others = [
        f"{number + change:.{len(places)}f}".zfill(width).replace(".", mark or ".")
        for change in (unit, -unit)
        if number + change >= 0
    ]
    return [text[: found[0].start()] + other + text[found[0].end() :] for other in others]
