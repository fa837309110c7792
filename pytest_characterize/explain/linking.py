"""Which origins in different tests are one: those that show the same values, or point to the same rule.

A value that says enough to be no coincidence (99.53 that becomes 99.52 in a procedure, and on the page that shows
its total) is the same value, wherever it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from pytest_characterize.explain.clusters import Cluster
from pytest_characterize.explain.numbers import as_number
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

    for several in joined:
        for at in several:
            root[at] = several[0]
    for at, (cluster, likely) in enumerate(zip(found, suspects, strict=True)):
        for sign in (*_values(results, cluster), *_rules(cluster, likely)):
            other = owner.setdefault(sign, at)
            if found[other].test != cluster.test:
                first, last = sorted((top(other), top(at)))
                root[last] = first
    together: dict[int, list[Cluster]] = {}
    for at, cluster in enumerate(found):
        together.setdefault(top(at), []).append(cluster)
    return list(together.values())


def _values(results: Sequence[CaseResult], cluster: Cluster) -> Iterator[_Sign]:
    for place, spots in cluster.spots.items():
        for case, at in spots:
            difference = results[case].differences[at]
            if _telling(difference):
                yield place.change.kind, _key(difference.legacy), _key(difference.candidate)


def _telling(difference: Difference) -> bool:
    """Whether a difference's values are hardly those of another one by coincidence."""
    old, new = as_number(difference.legacy), as_number(difference.candidate)
    if old is not None and new is not None:
        return min(len(side.normalize().as_tuple().digits) for side in (old, new)) >= _DIGITS
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
