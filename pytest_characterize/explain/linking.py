"""Which origins in different tests are one: those that show the same values, or point to the same rule.

A value that says enough to be no coincidence (99.53 that becomes 99.52 in a procedure, and on the page that shows
its total) is the same value, wherever it shows; in a text among other things, too, and in another dress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from pytest_characterize.explain.clusters import Cluster
from pytest_characterize.explain.numbers import as_number
from pytest_characterize.explain.numerals import beginnings, changed, separators
from pytest_characterize.explain.words import exchanged, names
from pytest_characterize.model import CaseResult, Difference, Kind
from pytest_characterize.rulebook import Suspect
from pytest_characterize.values import Value

STRONG: Final = 0.9
"""What a rule must score in each of the tests that it joins."""

_DIGITS: Final = 3
_LETTERS: Final = 8
"""A number of so many digits, a text of so many letters, says which value it is."""

_Sign: TypeAlias = tuple[object, ...]


def linked(
    results: Sequence[CaseResult],
    found: Sequence[Cluster],
    suspects: Sequence[Sequence[Suspect]],
    joined: Iterable[Sequence[int]],
) -> list[list[Cluster]]:
    """The clusters, those together that have one origin.

    Args:
        suspects: the likeliest rules of each cluster.
        joined: clusters, by position, that are known to be one.
    """
    owner: dict[_Sign, int] = {}
    root = list(range(len(found)))

    def top(at: int) -> int:
        """Where a cluster belongs by now."""
        while root[at] != at:
            at = root[at]
        return at

    def join(at: int, signs: Iterable[_Sign]) -> None:
        """Put a cluster to the first one of another test that shows a sign."""
        for sign in signs:
            other = owner.setdefault(sign, at)
            if found[other].test != found[at].test:
                first, last = sorted((top(other), top(at)))
                root[last] = first

    for several in joined:
        for at in several[1:]:
            first, last = sorted((top(several[0]), top(at)))
            root[last] = first
    for at, (cluster, likely) in enumerate(zip(found, suspects, strict=True)):
        join(at, (*_values(results, cluster), *_rules(cluster, likely), *_exchanges(results, cluster)))
        for sign in _numerals(results, cluster):
            owner.setdefault(sign, at)
    for at, cluster in enumerate(found):
        join(at, _told(results, cluster, changed))
        join(at, (sign for sign in _told(results, cluster, beginnings) if sign in owner))
    together: dict[int, list[Cluster]] = {}
    for at, cluster in enumerate(found):
        together.setdefault(top(at), []).append(cluster)
    return list(together.values())


def _values(results: Sequence[CaseResult], cluster: Cluster) -> Iterator[_Sign]:
    for place, spots in cluster.spots.items():
        if place.change.kind is Kind.ENCODING and place.change.name:
            yield place.change.kind, place.change.name
        for case, at in spots:
            difference = results[case].differences[at]
            if _telling(difference):
                yield place.change.kind, _key(difference.legacy), _key(difference.candidate)


def _numerals(results: Sequence[CaseResult], cluster: Cluster) -> Iterator[_Sign]:
    """The digits of the numbers that differ."""
    for difference in _differences(results, cluster):
        old, new = as_number(difference.legacy), as_number(difference.candidate)
        if old is not None and new is not None:
            yield from changed(f"{old:f}", f"{new:f}")


def _told(
    results: Sequence[CaseResult], cluster: Cluster, numbers: Callable[[str, str], Iterator[_Sign]]
) -> Iterator[_Sign]:
    """The digits of the numbers by which texts differ."""
    for difference in _differences(results, cluster):
        if type(difference.legacy) is type(difference.candidate) is str:
            yield from numbers(difference.legacy, difference.candidate)


def _exchanges(results: Sequence[CaseResult], cluster: Cluster) -> Iterator[_Sign]:
    """The words that are exchanged, each with everything that says what it is about; and separators of numbers."""
    for spots in cluster.spots.values():
        for case, at in spots:
            found = results[case].differences[at]
            pair = exchanged(found.legacy, found.candidate)
            if pair is not None:
                yield from (("exchanged", *pair, name) for name in names(results[case], found))
            elif type(found.legacy) is type(found.candidate) is str:
                yield from separators(found.legacy, found.candidate)


def _differences(results: Sequence[CaseResult], cluster: Cluster) -> Iterator[Difference]:
    return (results[case].differences[at] for spots in cluster.spots.values() for case, at in spots)


def _telling(difference: Difference) -> bool:
    """Whether a difference's values are hardly those of another one by coincidence."""
    old, new = as_number(difference.legacy), as_number(difference.candidate)
    if old is not None and new is not None:
        known = [len(side.normalize().as_tuple().digits) for side in (old, new)]
        return min(known) >= _DIGITS or (max(known) > _DIGITS and not (old and new))
    return (
        type(difference.legacy) is type(difference.candidate) is str
        and len(difference.legacy) >= _LETTERS
        and bool(difference.candidate)
    )


def _key(value: Value) -> object:
    number = as_number(value)
    return value if number is None else number.normalize()


def _rules(cluster: Cluster, likely: Sequence[Suspect]) -> Iterable[_Sign]:
    """The rule that a cluster points to, with each kind of its differences."""
    if not likely or likely[0].score < STRONG:
        return
    first = likely[0]
    for kind in sorted(cluster.kinds - {Kind.HEADER}):
        yield cluster.nature, kind, first.routine, first.line, first.text, first.arm
