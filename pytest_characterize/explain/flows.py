"""Scenarios: what differs first is the cause, what differs in later steps follows from it.

One request that is wrongly accepted shifts later ids and the length of lists; that is no drift of its own, unless
the same shows somewhere as the first difference of a scenario, or is a manner (padding, a zone), which does not
come from what was done before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pytest_characterize.explain.changes import Nature, Place
from pytest_characterize.explain.clusters import BY_PRODUCTS, Cluster, Spot
from pytest_characterize.model import CaseResult

_STEP: Final = re.compile(r"\$\[(\d+)\]")
_AFTER_ALL: Final = 10**9

Spots = Mapping[Place, Sequence[Spot]]


def following(results: Sequence[CaseResult], spots: Iterable[tuple[Place, Spot]]) -> frozenset[Spot]:
    """The spots of scenarios that follow from a difference in an earlier step."""
    flowing = [(place, spot) for place, spot in spots if results[spot[0]].flow]
    first: dict[int, int] = {}
    for _, (case, at) in flowing:
        first[case] = min(step(results, (case, at)), first.get(case, _AFTER_ALL))
    causes = {place for place, spot in flowing if step(results, spot) == first[spot[0]]}
    return frozenset(
        spot
        for place, spot in flowing
        if place not in causes
        and (place.change.nature is not Nature.MANNER or place.change.kind in BY_PRODUCTS)
    )


def attach(
    results: Sequence[CaseResult], found: Sequence[Cluster], spots: Iterable[tuple[Place, Spot]]
) -> None:
    """Give what follows to the cluster that its case's first difference belongs to."""
    first: dict[int, tuple[int, Spot, Cluster]] = {}
    for cluster in found:
        for several in cluster.spots.values():
            for spot in several:
                known = first.get(spot[0])
                here = step(results, spot), spot, cluster
                if known is None or here[:2] < known[:2]:
                    first[spot[0]] = here
    for place, spot in spots:
        first[spot[0]][2].follow.setdefault(place, []).append(spot)


def step(results: Sequence[CaseResult], spot: Spot) -> int:
    """The number of the step that a difference is in; effects come after all of them."""
    path = results[spot[0]].differences[spot[1]].path
    found = _STEP.match(path)
    if found is not None:
        return int(found[1])
    return -1 if path == "$" else _AFTER_ALL
