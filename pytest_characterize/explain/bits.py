"""Sets of cases as the bits of a number, by their positions among the results."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Final

BIT: Final = (1).__lshift__
"""The set of one case."""
_SHORT: Final = 2048
"""Numbers of so many bits are put together one by one: to copy them costs less than to look into them."""


def bits(positions: Iterable[int]) -> int:
    """A set of cases, in time that does not depend on how many cases there are.

    >>> bits([0, 2]), bits([])
    (5, 0)
    """
    several = list(positions)
    if not several:
        return 0
    if max(several) < _SHORT:
        return reduce(or_, map(BIT, several))
    found = bytearray(max(several) // 8 + 1)
    for at in several:
        found[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(found, "little")
