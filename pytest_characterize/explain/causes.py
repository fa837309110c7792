"""The door of the room: the drifts of a run by cause.

The unit of explanation is one difference of one case. ``clusters`` says which of a test's differences have one
origin, ``flows`` which only follow from an earlier step, ``linking`` which origins of different tests are one;
``suspects`` names the legacy rules that may be behind them, and ``evidence`` what the values have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Final

from pytest_characterize.explain.behind import Evidence
from pytest_characterize.explain.bits import bits
from pytest_characterize.explain.changes import Place, place
from pytest_characterize.explain.clusters import Cluster, Rating, Spot, clusters
from pytest_characterize.explain.counterparts import counterparts
from pytest_characterize.explain.entries import entries
from pytest_characterize.explain.flows import attach, following
from pytest_characterize.explain.linking import linked
from pytest_characterize.explain.mutations import Mutations
from pytest_characterize.explain.pointing import alike, pointing
from pytest_characterize.explain.resembling import Resembling
from pytest_characterize.explain.separating import separated, together
from pytest_characterize.explain.settling import settled
from pytest_characterize.explain.suspects import COMPARED, DRIFTS, Spectra
from pytest_characterize.matrix import Matrix
from pytest_characterize.model import CaseResult, DriftGroup
from pytest_characterize.rulebook import RuleBook, Suspect

_NOTHING: Final[Mapping[str, frozenset[str]]] = {}


def causes(
    results: Iterable[CaseResult],
    *,
    matrices: Mapping[str, Matrix],
    rules: RuleBook,
    calls: Mapping[str, frozenset[str]] = _NOTHING,
) -> tuple[DriftGroup, ...]:
    """The drifts of a run by cause, the largest first; the order of the results does not matter for it.

    A case with several causes belongs to each of them, a difference to one.

    Args:
        matrices: what rule mutants do on the cases, by test; a test may have none.
        rules: the legacy rules.
        calls: by test whose rules nobody knows: the routines that its query may run.
    """
    ordered = sorted(results, key=lambda result: (result.test, result.label, result.case))
    spectra, mutations = Spectra(ordered, rules), Mutations(ordered, matrices)
    found: list[Cluster] = []
    likely: list[Sequence[Suspect]] = []
    tests: dict[str, int] = {}
    for test, several in groupby(range(len(ordered)), lambda at: ordered[at].test):
        positions = list(several)
        spots = list(_spots(ordered, positions))
        if spots:
            tests[test] = bits(positions)
            rating = _rating(spectra, tests[test])
            compared = sum(ordered[at].verdict in COMPARED for at in positions)
            follow = following(ordered, spots)
            first = [one for one in spots if one[1] not in follow]
            known = [(one.nature, one.spots) for one in counterparts(ordered, (spot for _, spot in first))]
            here = separated(clusters(test, first, compared, rating, known), mutations, tests[test])
            attach(ordered, here, [one for one in spots if one[1] in follow])
            found += here
            likely += [rating(one.cases) for one in here]
    resembling = Resembling(mutations)
    pointed = [pointing(one, mutations, resembling, tests[one.test]) for one in found]
    joined = linked(ordered, found, likely, [*together(found, mutations, tests), *alike(pointed)])
    joined = settled(ordered, joined, {id(one): to for one, to in zip(found, pointed, strict=True)}, calls)
    return entries(ordered, joined, Evidence(spectra, mutations, resembling, rules))


def _spots(results: Sequence[CaseResult], positions: Sequence[int]) -> Iterator[tuple[Place, Spot]]:
    """The differences of a test's drifting cases."""
    for case in positions:
        if results[case].verdict in DRIFTS:
            for at, difference in enumerate(results[case].differences):
                yield place(difference), (case, at)


def _rating(spectra: Spectra, test: int) -> Rating:
    """The rules behind a drift of some of a test's cases."""

    @cache
    def rating(cases: int) -> Sequence[Suspect]:
        """They speak against all other cases of the test."""
        return spectra.suspects(cases, test & ~cases)

    return rating
