"""Whether two changes of one value go the same way, though not equally far."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pytest_characterize.explain.numbers import as_number
from pytest_characterize.values import ABSENT, Raised, Value

RAISED: Final = "raised"
"""The direction to an error."""


def direction(legacy: Value, other: Value) -> str:
    """Which way another value differs from legacy's: larger, nothing at all, an error.

    >>> direction(5, 6) == direction(5, 9), direction(5, 4) == direction(5, 9)
    (True, False)
    >>> direction("a", None) == direction("a", "")
    True
    """
    return f"{_sort(other)}{('', '+', '-')[_way(legacy, other)]}"


def inside(legacy: Value, other: Value) -> bool:
    """Whether another value may differ from legacy's in the way in which one does that differs inside only."""
    return _sort(legacy) == _sort(other) and not _way(legacy, other)


def within(path: str, outer: str) -> bool:
    """Whether a path leads to something inside of what the other one leads to.

    >>> within("$.lines[2].price", "$.lines"), within("$.linesize", "$.lines")
    (True, False)
    """
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in (".", "[")


def _sort(value: Value) -> str:
    if value is None or value is ABSENT or value == "":
        return "nothing"
    if isinstance(value, Raised):
        return RAISED
    number = not isinstance(value, str) and as_number(value) is not None  # figures may be a code
    return "number" if number else type(value).__name__


def _way(old: Value, new: Value) -> int:
    """1 for more, -1 for less, 0 where there is no such thing."""
    numbers = (None, None) if isinstance(old, str) else (as_number(old), as_number(new))
    if numbers[0] is not None and numbers[1] is not None:
        return 1 if numbers[1] > numbers[0] else -1
    if type(old) is type(new) and isinstance(old, date) and isinstance(new, date):
        if isinstance(old, datetime) and (old.utcoffset() is None) != (new.utcoffset() is None):  # type: ignore[attr-defined]
            return 0
        return 1 if new > old else -1
    return 0
