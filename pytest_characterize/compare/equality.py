"""Strict equality, fast: what is settled here need not be walked.

Python's own equality is fast but blind to types (``1 == 1.0 == True``, ``Decimal("1.0") ==
Decimal("1.00")``), so it may only decide where the types were found to be the same, and to be such that
equal means identical.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
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
_NOTHING: Final = object()


class Equality:
    """Settles pairs of values. However often it is asked, it looks into a tree of containers once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Value, Value, bool]] = {}
        self._nested = False

    def settled(self, legacy: Value, candidate: Value) -> bool:
        """Whether the two are certainly equal. If not, they may still be: only a comparator knows."""
        if legacy is candidate:
            return True
        kind = type(legacy)
        if kind is not type(candidate):
            return False
        if kind is dict or kind is list or kind is tuple:
            known = self._known.get(id(legacy))
            if known is not None and known[1] is candidate:
                self._nested = True
                return known[2]
            self._nested = False
            equal = self._look(legacy, candidate)
            if self._nested:  # looking again at scalars alone is cheaper than remembering
                # both are kept with the answer: their ids must not be given to other values
                self._known[id(legacy)] = (legacy, candidate, equal)
            self._nested = True
            return equal
        if (same := EXACT.get(kind)) is not None:
            return same(legacy, candidate)
        if kind is Record:
            return self.settled(legacy.fields, candidate.fields)
        return (kind is Cell or kind is Rows) and bool(legacy == candidate)

    def unsettled_keys(self, legacy: Mapping[Any, Value], candidate: Mapping[Any, Value]) -> Iterator[Any]:
        """Legacy's keys that the candidate does not certainly have with an equal value.

        Keys that are no texts are never certain: they can be equal without being the same.
        """
        find, settled = candidate.get, self.settled
        for key, old in legacy.items():
            new = find(key, ABSENT)
            if type(key) is str:
                if old is new:
                    continue
                kind = type(old)
                if kind is type(new):
                    if kind is str or kind is int or (kind is float and old):  # zeros may differ in sign
                        if old == new:
                            continue
                    elif EXACT.get(kind, settled)(old, new):
                        continue
            yield key

    def unsettled_places(self, legacy: Sequence[Value], candidate: Sequence[Value]) -> Iterator[int]:
        """Where two sequences of one length are not certainly equal."""
        settled = self.settled
        for at, old in enumerate(legacy):
            new = candidate[at]
            if old is new:
                continue
            kind = type(old)
            if kind is type(new):
                if kind is str or kind is int or (kind is float and old):
                    if old == new:
                        continue
                elif EXACT.get(kind, settled)(old, new):
                    continue
            yield at

    def _look(self, legacy: Any, candidate: Any) -> bool:
        if len(legacy) != len(candidate):
            return False
        find = self.unsettled_keys if type(legacy) is dict else self.unsettled_places
        try:
            return next(find(legacy, candidate), _NOTHING) is _NOTHING
        except RecursionError:  # the caller left little stack; the walk needs none
            return False
