"""Values that hold no others: equal to the type, or one difference whose kind a detector names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from pytest_characterize.codec import canonical
from pytest_characterize.compare import numeric, texts, times
from pytest_characterize.compare.equality import EXACT
from pytest_characterize.compare.findings import Finding, type_name
from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.walking import Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import Member, Value

_DETECTORS: Final[Mapping[type, Callable[[Any, Any], Finding]]] = {
    float: numeric.finding,
    Decimal: numeric.finding,
    str: texts.finding,
    bytes: texts.bytes_finding,
    date: times.date_finding,
    datetime: times.datetime_finding,
    time: times.time_finding,
}
_EMPTY: Final[tuple[Value, ...]] = ("", b"", [], (), {}, set(), frozenset())


def compare_leaves(_walk: Walk, path: Path, legacy: Value, candidate: Value) -> Iterator[Difference | Pair]:
    """Two scalars of one type."""
    kind = type(legacy)
    if not EXACT[kind](legacy, candidate):
        found = _DETECTORS[kind](legacy, candidate) if kind in _DETECTORS else (Kind.VALUE, "")
        yield difference(path, found[0], legacy, candidate, found[1])


def compare_types(walk: Walk, path: Path, legacy: Value, candidate: Value) -> Iterator[Difference | Pair]:
    """Two values of different types: one difference, and no look inside."""
    if legacy is None or candidate is None:
        something = candidate if legacy is None else legacy
        kind = (
            Kind.EMPTY if any(type(something) is type(it) and something == it for it in _EMPTY) else Kind.NULL
        )
        yield difference(path, kind, legacy, candidate)
        return
    note = f"{type_name(legacy)} and {type_name(candidate)}"
    yield difference(path, Kind.TYPE, legacy, candidate, note + _beside_type(walk, legacy, candidate))


def compare_members(walk: Walk, path: Path, legacy: Member, candidate: Member) -> Iterator[Difference | Pair]:
    """Two members of enumerations: by name and value; the enumerations' own names are not compared."""
    apart = [] if legacy.name == candidate.name else ["names"]
    if not walk.agree(legacy.value, candidate.value):
        apart.append("values")
    if apart:
        yield difference(path, Kind.VALUE, legacy, candidate, f"their {' and '.join(apart)} differ")


def strict_key(value: Value) -> object:
    """Something hashable that is equal for strictly equal values only: ``1`` and ``True`` are apart."""
    return (type(value), value) if type(value) in (str, int, bool, bytes, date) else canonical(value)


def _beside_type(walk: Walk, legacy: Value, candidate: Value) -> str:
    """What else is to be told of two values of different types."""
    old, new = numeric.as_number(legacy), numeric.as_number(candidate)
    if old is not None and new is not None and old == new:
        return ", equal numbers"
    for kinds in ({list, tuple}, {set, frozenset}):
        if {type(legacy), type(candidate)} == kinds and walk.agree(type(candidate)(legacy), candidate):
            return ", equal items"
    if type(candidate) is str and str(legacy) == candidate:
        return ", equal texts"
    return ""
