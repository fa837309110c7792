"""Causes in one cluster, taken apart by mutants: the best explained first, and so on with what is left.

That a mutant explains only part of a cluster does not say that there are two causes (a limit of 5 that became 7 is
explained by 6 in some cases). There are two if the rest is reproduced by another mutant, in another place, and each of
the two is seen alone in some case; or if the rest does not even get to the mutant's place. And there is one, if the
mutants of one line explain every difference between them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from pytest_characterize.explain.bits import bits
from pytest_characterize.explain.clusters import Cluster, Spot
from pytest_characterize.explain.mutations import Mutations, Variation

_TRIED: Final = 10
"""So many mutants, those that explain most, are tried at each step."""


def separated(found: Iterable[Cluster], mutations: Mutations, tests: int) -> list[Cluster]:
    """The clusters of a test, those of several causes taken apart; the largest first.

    Args:
        tests: the cases of the test.
    """
    parts: list[Cluster] = []
    waiting = list(found)
    while waiting:
        cluster = waiting.pop()
        one = _one_cause(cluster, mutations, tests)
        if one:
            waiting.append(cluster.part(lambda spot, one=one: spot not in one))  # type: ignore[misc]
            cluster = cluster.part(lambda spot, one=one: spot in one)  # type: ignore[misc]
        parts.append(cluster)
    return sorted(parts, key=lambda part: part.rank)


def together(found: Sequence[Cluster], mutations: Mutations, tests: dict[str, int]) -> list[list[int]]:
    """The clusters, by position, that one mutant reproduces: that of most clusters first."""
    by_mutant: dict[str, tuple[Variation, set[int]]] = {}
    for at, cluster in enumerate(found):
        for one in mutations.reproducing(cluster.every, tests[cluster.test]):
            by_mutant.setdefault(f"{one.source} {one.mutant.id}", (one, set()))[1].add(at)
    joined: list[list[int]] = []
    free = set(range(len(found)))
    while by_mutant:
        _, best = min(by_mutant.values(), key=lambda known: (-len(known[1] & free), known[0].simplicity))
        if len(best & free) < 2:
            break
        joined.append(sorted(best & free))
        free -= best
    return joined


def _one_cause(cluster: Cluster, mutations: Mutations, tests: int) -> frozenset[Spot]:
    """The spots of a cause that is not that of all others; empty if there is none."""
    known = frozenset(mutations.known(cluster.every))
    if not known or mutations.reproducing(known, tests) or mutations.lines(known):
        return frozenset()
    several = [
        one
        for one in mutations.explaining(known)
        if one.complete & cluster.cases and mutations.clean(one, tests)
    ]
    several.sort(key=lambda one: -len(one.explains & known))
    for one in several[:_TRIED]:
        rest = known - one.explains
        if _reproduced_elsewhere(one, rest, mutations, tests):
            return known & one.explains
        apart = frozenset(spot for spot in rest if not mutations.gets_to(one, spot[0]))
        if apart:
            return known - apart
    return frozenset()


def _reproduced_elsewhere(one: Variation, rest: Collection[Spot], mutations: Mutations, tests: int) -> bool:
    """Whether what is left is another mutant's doing, which is seen alone somewhere."""
    cases = bits(case for case, _ in rest)
    return any(
        other.line != one.line and other.complete & cases & ~one.complete
        for other in mutations.reproducing(rest, tests)
    )
