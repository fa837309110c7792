"""How likely a coincidence is."""

from __future__ import annotations

from math import exp, lgamma
from typing import Final

_NEGLIGIBLE: Final = 1e-9
"""A further term of the sum that is smaller than this share of it is not worth the time."""


def chance(together: int, one: int, other: int, cases: int) -> float:
    """How likely two sets of cases, drawn at random, would share at least so many (hypergeometric distribution).

    >>> round(chance(2, 2, 10, 44), 4)
    0.0476

    Args:
        together: how many cases are in both sets.
        one: how many are in the one set; ``other``: in the other; ``cases``: how many there are.
    """
    start = max(together, one + other - cases)
    if start <= max(0, one + other - cases):
        return 1.0
    found = 0.0
    for shared in range(start, min(one, other) + 1):
        term = exp(
            _ways(other, shared) + _ways(cases - other, one - shared) - _ways(cases, one),
        )
        found += term
        if term < found * _NEGLIGIBLE:
            break
    return min(round(found, 9), 1.0)


def _ways(many: int, drawn: int) -> float:
    """The logarithm of the number of ways to draw some of many."""
    return lgamma(many + 1) - lgamma(drawn + 1) - lgamma(many - drawn + 1)
