"""Numbers that a text tells among other things: which of them differ between two texts that say the same otherwise.

A page writes ``110,72``, a file ``1.234,50`` and a payload ``110.72``; what they have in common are the digits that
count, so these are what is compared: neither separators nor noughts at the ends, and no sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NUMERAL: Final = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)

LEAST: Final = 3
"""A number of so many digits that count says which one it is."""


def digits(text: str) -> str:
    """The digits of a numeral that count.

    >>> digits("1.234,50")
    '12345'
    """
    return "".join(letter for letter in text if letter.isdigit()).strip("0")


def changed(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The numbers that differ between two texts, by their digits; none if anything else does too."""
    for one, other in _pairs(old, new):
        pair = digits(one), digits(other)
        nothing = not all(pair) and max(map(len, pair)) > LEAST
        if pair[0] != pair[1] and (nothing or min(map(len, pair)) >= LEAST):
            yield pair


def beginnings(old: str, new: str) -> Iterator[tuple[str, str]]:
    """As :func:`changed`, where a column that follows without a blank may have been taken for a part of the number."""
    for one, other in _pairs(old, new):
        for cut in range(min(len(one), len(other)) - 1):
            yield from changed(one[: len(one) - cut], other[: len(other) - cut])


def by_a_unit(old: str, new: str) -> bool:
    """Whether the numbers of two texts that are the same otherwise differ by no more than one in the last digit.

    >>> by_a_unit("To pay: 241,95", "To pay: 241,94"), by_a_unit("To pay: 241,95", "To pay: 241,85")
    (True, False)
    """
    pairs = [pair for pair in _pairs(old, new) if pair[0] != pair[1]]
    return bool(pairs) and all(_by_a_unit(*pair) for pair in pairs)


def _by_a_unit(one: str, other: str) -> bool:
    fractions = [re.search(r"[.,](\d+)$", text) for text in (one, other)]
    if not all(fractions) or len({len(found[1]) for found in fractions if found}) > 1:
        return False
    numbers = [int("".join(letter for letter in text if letter.isdigit())) for text in (one, other)]
    return abs(numbers[0] - numbers[1]) == 1


def separators(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """The separators that numbers exchange, where texts differ in nothing but these.

    >>> set(separators("Open 1.105,50 EUR", "Open 1,105.50 EUR"))
    {('separators', ',', '.')}
    """
    pairs = list(_pairs(old, new))
    if all(digits(one) == digits(other) for one, other in pairs):
        for one, other in pairs:
            signs = tuple("".join(letter for letter in text if not letter.isdigit()) for text in (one, other))
            if signs[0] != signs[1]:
                yield "separators", signs[0][-1:], signs[1][-1:]


def _pairs(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The numerals of two texts, if these are the same otherwise, but for blanks that a longer number takes."""
    if [part.split() for part in _NUMERAL.split(old)] == [part.split() for part in _NUMERAL.split(new)]:
        yield from zip(_NUMERAL.findall(old), _NUMERAL.findall(new), strict=True)
