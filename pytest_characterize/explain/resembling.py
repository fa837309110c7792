"""The legacy rule behind a drift, by what its mutants change: a mutant's pattern of changed cases, and that of drift.

Metallaxis (Papadakis and Le Traon, Metallaxis-FL: mutation-based fault localization, STVR 2015): a mutant is as
suspicious as Ochiai's coefficient of the cases that it changes, held against those that drift; a line is as
suspicious as the worst of its mutants. What is added: of the drifting cases that a mutant changes, those on which it
does what the candidate does (all differences of this drift are gone) say more, so mutants are ranked by the mean of
the two coefficients. And silence, unless the evidence separates, as for hits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

from pytest_characterize.explain.chance import chance
from pytest_characterize.explain.clusters import Spot
from pytest_characterize.explain.mutations import Mutations, Variation
from pytest_characterize.explain.suspects import CHANCE, CHANCE_OF_SOLE, MOST, NEAR

_BESIDE: Final = 0.25
"""What a changed place counts, if the mutant changes places of other sorts as well."""

_CLOSE: Final = 1e-6
LEAST: Final = 0.5
"""A rule that scores less does not resemble the drift."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A mutant and how much of the drift's pattern is its own.

    Attributes:
        rank: what it is ranked by, 0 to 1; ``score`` is Metallaxis' own.
        alone: in every drifting case it changes just the places that drift, in the same way.
        exact: in every drifting case what the candidate has is what it makes of it.
    """

    variation: Variation
    rank: float
    score: float
    drifting: int
    of_drifting: int
    others: int
    of_others: int
    alone: bool = False
    exact: bool = False

    @property
    def separates(self) -> bool:
        """Whether it is more than chance."""
        if self.score < LEAST:
            return False
        coincidence = chance(
            self.drifting, self.of_drifting, self.drifting + self.others, self.of_drifting + self.of_others
        )
        return coincidence <= (CHANCE if self.others else CHANCE_OF_SOLE)


class _Share(NamedTuple):
    """How much of a drift's differences a mutant changes, and how much of them to what the candidate has."""

    variation: Variation
    touched: float = 0.0
    explained: float = 0.0


class _Rank(NamedTuple):
    """What a mutant is ranked by; the rest is told only of the best of its line."""

    share: _Share
    rank: float
    score: float
    drifting: int
    others: int


class Resembling:
    """The mutants that resemble drifts; what they do to the same differences is asked several times, and remembered."""

    def __init__(self, mutations: Mutations) -> None:
        self._mutations = mutations
        self._shares: dict[tuple[Spot, ...], Sequence[_Share]] = {}
        self._found: dict[tuple[object, ...], tuple[Resemblance, ...]] = {}

    def of(
        self, spots: Collection[Spot], cases: int, others: int, without: Collection[tuple[str, int]] = ()
    ) -> tuple[Resemblance, ...]:
        """The mutants that resemble a drift, the best of each line, best first; empty if nothing stands out.

        Args:
            cases: those of the drift; ``others``: cases of its tests that were compared, without that drift.
            without: lines that are known already.
        """
        cases, others = cases & self._mutations.covered, others & self._mutations.covered
        if not cases:
            return ()
        asked = tuple(self._mutations.known(spots)), cases, others, tuple(without)
        if asked not in self._found:
            self._found[asked] = self._like(*asked)
        return self._found[asked]

    def _like(
        self, spots: tuple[Spot, ...], cases: int, others: int, without: Collection[tuple[str, int]]
    ) -> tuple[Resemblance, ...]:
        drifting = cases.bit_count()
        best: dict[tuple[str, int], _Rank] = {}
        for share in self._of(spots):
            line = share.variation.line
            hits = (share.variation.changed & cases).bit_count()
            if hits and line not in without:
                rank = _rank(share, drifting, hits, (share.variation.changed & others).bit_count())
                known = best.get(line)
                if known is None or _before(rank, known):
                    best[line] = rank
        ranked = sorted(best.values(), key=_order)
        return _standing_out([_resemblance(rank, cases, others) for rank in ranked])

    def _of(self, spots: tuple[Spot, ...]) -> Sequence[_Share]:
        """The shares of all mutants that change any of the differences; of all mutants if none does."""
        if spots not in self._shares:
            many = Counter(case for case, _ in spots)
            able = _shares(self._mutations, {spot: 1 / many[spot[0]] for spot in spots})
            self._shares[spots] = able or [_Share(one) for one in self._mutations]
        return self._shares[spots]


def _shares(mutations: Mutations, weights: Mapping[Spot, float]) -> list[_Share]:
    """The shares of all mutants that have any; each difference counts by its weight, all of a case together 1."""
    touched: dict[Variation, float] = {}
    explained: dict[Variation, float] = {}
    for spot, weight in weights.items():
        case = spot[0]
        for one in mutations.touching_one(spot):
            touched[one] = touched.get(one, 0.0) + (weight * _BESIDE if one.beyond >> case & 1 else weight)
        for one in mutations.explaining_one(spot):
            explained[one] = explained.get(one, 0.0) + weight
    return [_Share(one, some, explained.get(one, 0.0)) for one, some in touched.items()]


def _standing_out(ranked: Sequence[Resemblance]) -> tuple[Resemblance, ...]:
    """The first few that are near to the best one that is more than chance."""
    if not ranked or sum(one.rank == ranked[0].rank for one in ranked) > MOST:
        return ()
    sure = _sure(ranked)
    likely: list[Resemblance] = []
    for one in ranked:
        if len(likely) == MOST or (likely and one.rank < NEAR * likely[0].rank):
            break
        if one in sure or one.separates:
            likely.append(one)
    return tuple(likely)


def _sure(ranked: Sequence[Resemblance]) -> Sequence[Resemblance]:
    """Those that are the only ones to do what drifts, or to change just that, however many cases they change beside."""
    for wanted in ([one for one in ranked if one.exact], [one for one in ranked if one.alone]):
        if 0 < len(wanted) <= MOST:
            return wanted
    return ()


def _rank(share: _Share, drifting: int, hits: int, more: int) -> _Rank:
    """How much of the drift's pattern is a mutant's.

    Args:
        drifting: how many cases the drift has, of which it changes ``hits``; and ``more`` others.
    """
    _, touched, explained = share
    changed = sqrt(drifting * (hits + more))
    exactly = explained / sqrt(drifting * (explained + more / 4)) if explained else 0.0
    rank = touched / (2 * changed) + exactly / 2 if touched else hits / (8 * changed)
    return _Rank(share, round(rank, 4), round(hits / changed, 4), hits, more)


def _before(one: _Rank, other: _Rank) -> bool:
    if one.rank != other.rank:
        return one.rank > other.rank
    return _order(one) < _order(other)


def _resemblance(one: _Rank, cases: int, others: int) -> Resemblance:
    """The same with the numbers that are told."""
    share, drifting = one.share, cases.bit_count()
    return Resemblance(
        share.variation,
        one.rank,
        one.score,
        one.drifting,
        drifting,
        one.others,
        others.bit_count(),
        alone=share.touched > drifting - _CLOSE,
        exact=share.explained > drifting - _CLOSE,
    )


def _order(one: _Rank) -> tuple[float, float, tuple[int, int, str]]:
    return -one.rank, -one.score, one.share.variation.simplicity
