"""Clusters of tests whose rules nobody knows (pages, queries): to which cause do they belong, if to any?

Three things tell. A response with another status is another response, so all else that differs in it follows. A
manner that a single cause of the run shows is its manner. And what a query's routines do comes from the only cause
that the mutants see in one of them. Where two causes would do, nothing is joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_characterize.explain.changes import Nature
from pytest_characterize.explain.clusters import Cluster
from pytest_characterize.explain.numerals import by_a_unit
from pytest_characterize.explain.pointing import Pointing
from pytest_characterize.model import CaseResult, Difference, Kind


def settled(
    results: Sequence[CaseResult],
    joined: Sequence[Sequence[Cluster]],
    pointed: Mapping[int, Pointing],
    calls: Mapping[str, frozenset[str]],
) -> list[list[Cluster]]:
    """The causes, those of tests without rules put to others where the evidence says so.

    Args:
        joined: the clusters by cause.
        pointed: what the mutants say of each cluster, by its identity.
        calls: by test whose rules nobody knows: the routines that its query may run.
    """
    known = {case.test for case in results if case.hits}
    causes = _by_status([list(one) for one in joined])
    waiting = [one for one in causes if not any(cluster.test in known for cluster in one)]
    seen = [one for one in causes if one not in waiting]
    alone = []
    for cause in waiting:
        manners, others = _manners(results, cause)
        hosts = [
            host
            for host in seen
            if (manners and not others and manners <= _manners(results, host)[0])
            or _runs(cause, host, pointed, calls)
        ]
        if len(hosts) == 1:
            hosts[0].extend(cause)
        else:
            alone.append(cause)
    return [*seen, *alone]


def _by_status(causes: list[list[Cluster]]) -> list[list[Cluster]]:
    """What differs in responses of another status put to that status."""
    hosts = [one for one in causes if any(map(_changes_status, one))]
    found = []
    for cause in causes:
        fitting = [host for host in hosts if host is not cause and _follows(cause, host)]
        if len(fitting) == 1 and cause not in hosts:
            fitting[0].extend(cause)
        else:
            found.append(cause)
    return found


def _changes_status(one: Cluster) -> bool:
    """Whether it changes the status of a case's one response."""
    return any(place.change.kind is Kind.STATUS and place.pattern == "$.status" for place in one.spots)


def _follows(cause: Sequence[Cluster], host: Sequence[Cluster]) -> bool:
    status = {one.test: one.cases for one in host if _changes_status(one)}
    return all(one.test in status and not one.cases & ~status[one.test] for one in cause)


def _manners(results: Sequence[CaseResult], cause: Sequence[Cluster]) -> tuple[frozenset[object], bool]:
    """The manners that a cause shows, and whether it shows anything else.

    In which direction numbers are rounded depends on their signs, and on what they are parts of.
    """
    found: set[object] = set()
    others = False
    for cluster in cause:
        for place, spots in cluster.spots.items():
            change = place.change
            if change.kind is Kind.ROUNDING:
                found.add((change.kind, change.name.partition(" ")[0]))
            elif change.nature is Nature.MANNER:
                found.add(change)
            elif all(_by_a_unit(results[case].differences[at]) for case, at in spots):
                found.add((Kind.ROUNDING, "units"))
            else:
                others = True
    return frozenset(found), others


def _by_a_unit(found: Difference) -> bool:
    return type(found.legacy) is type(found.candidate) is str and by_a_unit(found.legacy, found.candidate)


def _runs(
    cause: Sequence[Cluster],
    host: Sequence[Cluster],
    pointed: Mapping[int, Pointing],
    calls: Mapping[str, frozenset[str]],
) -> bool:
    """Whether the cause's queries may run a routine in which the mutants see the host."""
    routines = {routine for one in host for routine, _ in pointed[id(one)].lines}
    return all(not routines.isdisjoint(calls.get(one.test, ())) for one in cause)
