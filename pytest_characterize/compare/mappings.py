"""Dictionaries, records and sets: by key, whatever the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pytest_characterize.codec import canonical
from pytest_characterize.compare.leaves import strict_key
from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.walking import Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import ABSENT, Record, Value

_TEXT: Final = frozenset({str})


def compare_mappings(
    walk: Walk, path: Path, legacy: Mapping[Any, Value], candidate: Mapping[Any, Value]
) -> Iterator[Difference | Pair]:
    """By key. A key's type counts: ``{1: "a"}`` is not ``{True: "a"}``."""
    if not legacy or not candidate:
        if legacy or candidate:
            yield difference(path, Kind.EMPTY, legacy, candidate)
        return
    names: dict[Any, Any] = {}
    if not _TEXT.issuperset(map(type, legacy)):  # other keys can be equal without being the same
        legacy, candidate = _by_strict_key(legacy, names), _by_strict_key(candidate, names)
    shared = len(legacy)
    for key in walk.equality.unsettled_keys(legacy, candidate):
        where = (path, names.get(key, key))
        if key in candidate:
            yield where, legacy[key], candidate[key]
        else:
            shared -= 1
            yield difference(where, Kind.MISSING, legacy[key], ABSENT)
    if shared < len(candidate):
        for key, new in candidate.items():
            if key not in legacy:
                yield difference((path, names.get(key, key)), Kind.EXTRA, ABSENT, new)


def compare_records(walk: Walk, path: Path, legacy: Value, candidate: Value) -> Iterator[Difference | Pair]:
    """Field by field, a record with a record or with a dictionary.

    The classes' names are not compared: legacy's and the candidate's differ by necessity.
    """
    old, new = (side.fields if type(side) is Record else side for side in (legacy, candidate))
    return compare_mappings(walk, path, old, new)


def compare_sets(
    _walk: Walk, path: Path, legacy: frozenset[Value], candidate: frozenset[Value]
) -> Iterator[Difference | Pair]:
    """By element; a path names an element as if the set were a dictionary of its elements."""
    if not legacy or not candidate:
        if legacy or candidate:
            yield difference(path, Kind.EMPTY, legacy, candidate)
        return
    old, new = dict(_keyed(legacy)), dict(_keyed(candidate))
    for key in _sorted(old, new):
        yield difference((path, old[key]), Kind.MISSING, old[key], ABSENT)
    for key in _sorted(new, old):
        yield difference((path, new[key]), Kind.EXTRA, ABSENT, new[key])


def _sorted(some: Mapping[Any, Value], others: Mapping[Any, Value]) -> list[Any]:
    """Keys of elements that the other set lacks, in an order that does not change from run to run."""
    return sorted(some.keys() - others.keys(), key=lambda key: canonical(some[key]))


def _by_strict_key(mapping: Mapping[Any, Value], names: dict[Any, Any]) -> dict[Any, Value]:
    """The mapping by keys that tell types apart, and by those keys the real ones."""
    keyed = dict(_keyed(mapping))
    names |= keyed
    return {key: mapping[name] for key, name in keyed.items()}


def _keyed(values: Iterable[Value]) -> Iterator[tuple[object, Value]]:
    """Values by their strict key and how often it has come before (NaN may be in a set twice)."""
    seen: Counter[object] = Counter()
    for value in values:
        key = strict_key(value)
        seen[key] += 1
        yield (key, seen[key]), value
