"""Strict equality, fast: what is settled here need not be walked.

Python's own equality is fast but blind to types (``1 == 1.0 == True``, ``Decimal("1.0") ==
Decimal("1.00")``), so it may only decide where the types were found to be the same, and to be such that
equal means identical.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pytest_characterize.compare import numeric, times
from pytest_characterize.values import ABSENT, Cell, Record, Rows, Value

EXACT: Final[Mapping[type, Callable[[Any, Any], bool]]] = {
    type(None): operator.is_,
    bool: operator.is_,
    int: operator.eq,
    str: operator.eq,
    bytes: operator.eq,
    date: operator.eq,
    timedelta: operator.eq,
    UUID: operator.eq,
    float: numeric.same_float,
    Decimal: numeric.same_decimal,
    datetime: times.same_datetime,
    time: times.same_time,
}
"""By type: whether two scalars of exactly that type are equal."""

PLAIN: Final = frozenset({type(None), bool, int, str, bytes, date, timedelta, UUID})
"""Types whose equal values are identical in every respect."""


class Equality:
    """Settles pairs of values. However often it is asked, it looks into a tree of containers once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Value, Value, bool]] = {}

    def settled(self, legacy: Value, candidate: Value) -> bool:
        """Whether the two are certainly equal. If not, they may still be: only a comparator knows."""
        if legacy is candidate:
            return True
        kind = type(legacy)
        if kind is not type(candidate):
            return False
        if kind is dict or kind is list or kind is tuple:
            if len(legacy) != len(candidate):
                return False
            known = self._known.get(id(legacy))
            if known is not None and known[1] is candidate:
                return known[2]
            look = self._mappings if kind is dict else self._sequences
            return look(legacy, candidate)
        if (same := EXACT.get(kind)) is not None:
            return same(legacy, candidate)
        if kind is Record:
            return self.settled(legacy.fields, candidate.fields)
        return (kind is Cell or kind is Rows) and bool(legacy == candidate)

    def _mappings(self, legacy: dict[Any, Value], candidate: dict[Any, Value]) -> bool:
        equal = nested = False
        for key, old in legacy.items():
            new = candidate.get(key, ABSENT)
            kind = type(old)
            if (
                kind is not type(new) or type(key) is not str
            ):  # other keys can be equal without being the same
                break
            if kind in PLAIN:
                if old != new:
                    break
            elif (same := EXACT.get(kind)) is not None:
                if not same(old, new):
                    break
            else:
                nested = True
                if not self.settled(old, new):
                    break
        else:
            equal = True
        return self._noted(legacy, candidate, equal) if nested else equal

    def _sequences(self, legacy: Sequence[Value], candidate: Sequence[Value]) -> bool:
        equal = nested = False
        for old, new in zip(legacy, candidate, strict=True):
            kind = type(old)
            if kind is not type(new):
                break
            if kind in PLAIN:
                if old != new:
                    break
            elif (same := EXACT.get(kind)) is not None:
                if not same(old, new):
                    break
            else:
                nested = True
                if not self.settled(old, new):
                    break
        else:
            equal = True
        return self._noted(legacy, candidate, equal) if nested else equal

    def _noted(self, legacy: Value, candidate: Value, equal: bool) -> bool:
        # both are kept with the answer: their ids must not be given to other values
        self._known[id(legacy)] = (legacy, candidate, equal)
        return equal
