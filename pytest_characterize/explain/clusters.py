"""Which differences of one test have one origin, as far as their places and their cases tell.

Differences at one place, of one change, belong together. Beyond that:

- a manner is one change wherever in the test it shows;
- changes of logic in the same cases are one; where the cases of one are only part of another's, that must hardly
  be chance, or the one be an effect of the call and the other what it returned;
- changes of logic in other cases are one if they together point to a rule, and neither does so as clearly;
- structure, and a manner that may be a by-product (an amount that is off by a cent because of a wrong
  discount), belongs to a change of logic if they share their cases, and that is hardly chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias

from pytest_characterize.explain.chance import chance
from pytest_characterize.explain.changes import Nature, Place, is_effect
from pytest_characterize.model import Kind
from pytest_characterize.rulebook import Suspect

Spot: TypeAlias = tuple[int, int]
"""One difference of one case: the case's position among the results, the difference's among the case's."""

Rating: TypeAlias = Callable[[int], Sequence[Suspect]]
"""The legacy rules that may be behind a drift of these cases."""

HARDLY: Final = 0.05
"""A coincidence that is less likely is taken for none."""

CLEAR: Final = 0.8
"""What a rule must score that is to join drifts of different cases."""

MANY: Final = 20
"""More changes of logic than that in one test are not tried pair by pair."""

BY_PRODUCTS: Final = frozenset({Kind.ROUNDING, Kind.SCALE, Kind.TYPE, Kind.EMPTY})
"""Manners that a change of logic may bring about as well."""

_ROUNDED: Final = frozenset({Kind.ROUNDING})


@dataclass(slots=True)
class Cluster:
    """Differences of one test that seem to have one origin.

    Attributes:
        cases: the cases that show any of them, as bits.
        follow: the spots that only follow from what earlier steps did.
    """

    test: str
    nature: Nature
    spots: dict[Place, list[Spot]]
    cases: int
    follow: dict[Place, list[Spot]] = field(default_factory=dict)

    def take(self, other: Cluster) -> None:
        """Become one with another cluster of the test."""
        for place, spots in other.spots.items():
            self.spots.setdefault(place, []).extend(spots)
        self.cases |= other.cases

    def part(self, wanted: Callable[[Spot], bool]) -> Cluster:
        """The cluster of some of its spots."""
        some = {place: [spot for spot in spots if wanted(spot)] for place, spots in self.spots.items()}
        left = {place: spots for place, spots in some.items() if spots}
        return Cluster(self.test, self.nature, left, _bits(spot for spots in left.values() for spot in spots))

    @property
    def every(self) -> list[Spot]:
        """All its spots."""
        return sorted(spot for spots in self.spots.values() for spot in spots)

    @property
    def size(self) -> int:
        """How many cases it has."""
        return self.cases.bit_count()

    @property
    def rank(self) -> tuple[int, Place]:
        """The largest first; places decide between equals."""
        return -self.size, min(self.spots)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of its differences."""
        return frozenset(place.change.kind for place in self.spots)


def clusters(
    test: str,
    spots: Iterable[tuple[Place, Spot]],
    compared: int,
    rating: Rating,
    known: Iterable[tuple[Nature, frozenset[Spot]]] = (),
) -> list[Cluster]:
    """The origins of a test's differences, the largest first.

    Args:
        compared: how many of the test's cases were compared.
        known: differences that are one change, by its nature.
    """
    every = list(spots)
    single = [_gathered(test, nature, some, every) for nature, some in known]
    taken = {spot for one in single for spot in one.every}
    by_place: dict[Place, list[Spot]] = {}
    for place, spot in every:
        if spot not in taken:
            by_place.setdefault(place, []).append(spot)
    single += [
        Cluster(test, place.change.nature, {place: found}, _bits(found)) for place, found in by_place.items()
    ]
    by_nature = {nature: [one for one in single if one.nature is nature] for nature in Nature}
    manners = _crossing(_joined(by_nature[Nature.MANNER], lambda one: min(one.spots).change))
    logic = _contained(_joined(by_nature[Nature.LOGIC], lambda one: one.cases), compared)
    logic = _pointing_together(logic, rating)
    structures = _joined(
        by_nature[Nature.STRUCTURE],
        lambda one: one.cases if _hardly(one, one, compared) else min(one.spots),
    )
    free = [*(one for one in structures if not _taken(one, logic, compared))]
    free += [one for one in manners if not (one.kinds <= BY_PRODUCTS and _taken(one, logic, compared))]
    return sorted([*logic, *free], key=lambda one: one.rank)


def _gathered(
    test: str, nature: Nature, some: frozenset[Spot], every: Iterable[tuple[Place, Spot]]
) -> Cluster:
    """The cluster of some of the spots, whatever their places."""
    found: dict[Place, list[Spot]] = {}
    for place, spot in every:
        if spot in some:
            found.setdefault(place, []).append(spot)
    return Cluster(test, nature, found, _bits(some))


def _joined(single: Iterable[Cluster], key: Callable[[Cluster], object]) -> list[Cluster]:
    """Clusters with the same key as one."""
    found: dict[object, Cluster] = {}
    for one in sorted(single, key=lambda one: one.rank):
        if (known := found.get(key(one))) is not None:
            known.take(one)
        else:
            found[key(one)] = one
    return list(found.values())


def _crossing(manners: Iterable[Cluster]) -> list[Cluster]:
    """Numbers that are rounded now up and now down at one place are rounded in one manner."""
    found: list[Cluster] = []
    for one in sorted(manners, key=lambda one: one.rank):
        patterns = set(_patterns(one))
        host = next(
            (it for it in found if it.kinds == one.kinds == _ROUNDED and patterns & set(_patterns(it))), None
        )
        if host is None:
            found.append(one)
        else:
            host.take(one)
    return found


def _contained(several: Iterable[Cluster], compared: int) -> list[Cluster]:
    """The smaller ones become part of the smallest that has (nearly) all of their cases."""
    found: list[Cluster] = []
    for one in sorted(several, key=lambda one: one.rank):
        hosts = [
            host
            for host in found
            if _within(one, host) and (_hardly(one, host, compared) or _beside(one, host))
        ]
        if hosts:
            min(hosts, key=lambda host: (host.size, host.rank)).take(one)
        else:
            found.append(one)
    return found


def _taken(one: Cluster, hosts: Iterable[Cluster], compared: int) -> bool:
    """Whether a change of logic has taken the cluster in."""
    fitting = [host for host in hosts if _within(one, host) and _hardly(one, host, compared)]
    if fitting:
        min(fitting, key=lambda host: (host.size, host.rank)).take(one)
    return bool(fitting)


def _within(one: Cluster, host: Cluster) -> bool:
    """Whether nearly all cases of the one are cases of the host."""
    return 10 * (one.cases & host.cases).bit_count() >= 9 * one.size


def _hardly(one: Cluster, other: Cluster, compared: int) -> bool:
    """Whether it is hardly chance that they share so many cases."""
    together = (one.cases & other.cases).bit_count()
    return (
        chance(together, one.size, other.size, max(compared, (one.cases | other.cases).bit_count())) <= HARDLY
    )


def _beside(one: Cluster, other: Cluster) -> bool:
    """Whether the one is an effect of the calls whose outcome the other is."""
    return all(map(is_effect, _patterns(one))) != all(map(is_effect, _patterns(other)))


def _patterns(one: Cluster) -> Iterator[str]:
    return (place.pattern for place in one.spots)


def _pointing_together(several: list[Cluster], rating: Rating) -> list[Cluster]:
    """Drifts of different cases that together point to a rule more clearly than each of them."""
    while 1 < len(several) <= MANY:
        rated = {id(one): _score(rating(one.cases)) for one in several}
        pairs = (
            (_score(rating(one.cases | other.cases)), one, other) for one, other in combinations(several, 2)
        )
        clearer = [
            (-score, one.rank, other.rank, one, other)
            for score, one, other in pairs
            if score >= CLEAR and score > max(rated[id(one)], rated[id(other)])
        ]
        if not clearer:
            break
        *_, host, other = min(clearer, key=lambda found: found[:3])
        host.take(other)
        several = sorted((one for one in several if one is not other), key=lambda one: one.rank)
    return several


def _score(found: Sequence[Suspect]) -> float:
    return found[0].score if found else 0.0


def _bits(spots: Iterable[Spot]) -> int:
    found = 0
    for case, _ in spots:
        found |= 1 << case
    return found
