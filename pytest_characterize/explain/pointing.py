"""Where in legacy the mutants see the origin of a cluster, for those clusters that only together make a cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from pytest_characterize.explain.clusters import Cluster
from pytest_characterize.explain.mutations import Mutations
from pytest_characterize.explain.resembling import Resembling

_CLEAR: Final = 0.5
"""What a line must rank that resembles a cluster, to stand for its origin."""


@dataclass(frozen=True, slots=True)
class Pointing:
    """What the mutants say of a cluster.

    Attributes:
        lines: routine and line of those that reproduce it, else of the one that resembles it most.
        edits: routine, what stood there and what stands there instead, of those that reproduce it.
    """

    lines: frozenset[tuple[str, int]] = frozenset()
    edits: frozenset[tuple[str, str, str]] = frozenset()


def alike(several: Sequence[Pointing]) -> Iterator[tuple[int, int]]:
    """The pairs, by position, that the same edit reproduces in two places, or that one line resembles."""
    for (at, one), (place, other) in combinations(enumerate(several), 2):
        vague = not (one.edits and other.edits)
        if one.edits & other.edits or (vague and one.lines & other.lines):
            yield at, place


def pointing(cluster: Cluster, mutations: Mutations, resembling: Resembling, test: int) -> Pointing:
    """What the mutants say of one cluster.

    Args:
        test: the cases of its test.
    """
    exact = mutations.reproducing(cluster.every, test)
    if exact:
        edits = ((one.mutant.routine, one.mutant.was, one.mutant.becomes) for one in exact)
        return Pointing(frozenset(one.line for one in exact), frozenset(edits))
    like = resembling.of(cluster.every, cluster.cases, test & ~cluster.cases)
    return Pointing(frozenset(one.variation.line for one in like[:1] if one.rank >= _CLEAR))
