"""The legacy rule behind a drift, by what its mutants change: a mutant's pattern of changed cases, and that of drift.

Metallaxis (Papadakis and Le Traon, Metallaxis-FL: mutation-based fault localization, STVR 2015): a mutant is as
suspicious as Ochiai's coefficient of the cases that it changes, held against those that drift; a line is as
suspicious as the worst of its mutants. What is added: of the drifting cases that a mutant changes, those on which it
does what the candidate does (all differences of this drift are gone) say more, so mutants are ranked by the mean of
the two coefficients. And silence, unless the evidence separates, as for hits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from pytest_characterize.explain.chance import chance
from pytest_characterize.explain.clusters import Spot
from pytest_characterize.explain.mutations import Mutations, Variation, bits
from pytest_characterize.explain.suspects import CHANCE, CHANCE_OF_SOLE, MOST, NEAR

LEAST: Final = 0.5
"""A rule that scores less does not resemble the drift."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A mutant and how much of the drift's pattern is its own.

    Attributes:
        rank: what it is ranked by, 0 to 1; ``score`` is Metallaxis' own.
    """

    variation: Variation
    rank: float
    score: float
    drifting: int
    of_drifting: int
    others: int
    of_others: int

    @property
    def separates(self) -> bool:
        """Whether it is more than chance."""
        coincidence = chance(
            self.drifting, self.of_drifting, self.drifting + self.others, self.of_drifting + self.of_others
        )
        return self.score >= LEAST and coincidence <= (CHANCE if self.others else CHANCE_OF_SOLE)


def resembling(
    spots: Collection[Spot], cases: int, others: int, mutations: Mutations
) -> tuple[Resemblance, ...]:
    """The mutants that resemble a drift, the best of each line, best first; empty if nothing stands out.

    Args:
        cases: those of the drift; ``others``: cases of its tests that were compared, without that drift.
    """
    cases, others = cases & mutations.covered, others & mutations.covered
    by_case: dict[int, set[Spot]] = {}
    for spot in mutations.known(spots):
        by_case.setdefault(spot[0], set()).add(spot)
    best: dict[tuple[str, int], Resemblance] = {}
    for one in _every(mutations, cases, others, by_case):
        known = best.setdefault(one.variation.line, one)
        if _order(one) < _order(known):
            best[one.variation.line] = one
    ranked = sorted(best.values(), key=_order)
    if not ranked or sum(one.rank == ranked[0].rank for one in ranked) > MOST:
        return ()
    likely = [one for one in ranked if one.separates]
    return tuple(one for one in likely if one.rank >= NEAR * likely[0].rank)[:MOST]


def _every(
    mutations: Mutations, cases: int, others: int, by_case: Mapping[int, set[Spot]]
) -> Iterator[Resemblance]:
    of_drifting = cases.bit_count()
    for one in mutations:
        hits, more = (one.changed & cases).bit_count(), (one.changed & others).bit_count()
        if not hits:
            continue
        score = hits / sqrt(of_drifting * (hits + more))
        like = bits(case for case, spots in by_case.items() if spots <= one.explains).bit_count()
        rank = (score + like / sqrt(of_drifting * (like + more))) / 2 if like else score / 2
        yield Resemblance(one, round(rank, 4), round(score, 4), hits, of_drifting, more, others.bit_count())


def _order(one: Resemblance) -> tuple[float, float, tuple[int, int, str]]:
    return -one.rank, -one.score, one.variation.simplicity
