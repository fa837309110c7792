"""What the report says of each cause: where it shows, its witness, what its values have in common, its rules."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pytest_characterize.codec import canonical
from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.explain.behind import Evidence, Question
from pytest_characterize.explain.boundaries import boundary
from pytest_characterize.explain.clusters import Cluster, Spot
from pytest_characterize.explain.counterparts import counterparts
from pytest_characterize.explain.evidence import evidence
from pytest_characterize.explain.suspects import COMPARED
from pytest_characterize.model import CaseResult, Difference, DriftGroup, DriftPlace, DriftTest, Kind

_Where: TypeAlias = tuple[str, str, Kind, bool]
"""Test, path pattern, kind, and whether it only follows."""

_FOLLOWS: Final = 3


@dataclass(frozen=True, slots=True)
class _Entry:
    """A cause: its cases as bits, its spots by place, and the places of one test that show it most."""

    cases: int
    spots: Mapping[_Where, Sequence[Spot]]
    lead: _Where


def entries(
    results: Sequence[CaseResult], found: Sequence[Sequence[Cluster]], known: Evidence
) -> tuple[DriftGroup, ...]:
    """The causes, named in the order of the report: the largest first."""
    tests: dict[str, int] = {}
    for at, result in enumerate(results):
        tests[result.test] = tests.get(result.test, 0) | 1 << at
    several = sorted(
        (_entry(together) for together in found), key=lambda one: (-one.cases.bit_count(), one.lead)
    )
    every = [one.cases for one in several]
    return tuple(
        _Telling(results, tests, one, union(cases for cases in every if cases & one.cases), known).group(
            f"D{number}"
        )
        for number, one in enumerate(several, 1)
    )


def union(several: Iterable[int]) -> int:
    """All cases of several sets."""
    found = 0
    for cases in several:
        found |= cases
    return found


def _entry(together: Sequence[Cluster]) -> _Entry:
    spots: dict[_Where, list[Spot]] = {}
    for cluster in together:
        for follows, by_place in ((False, cluster.spots), (True, cluster.follow)):
            for place, several in by_place.items():
                where = cluster.test, place.pattern, place.change.kind, follows
                spots.setdefault(where, []).extend(several)
    by_test: dict[str, int] = {}
    for cluster in together:
        by_test[cluster.test] = by_test.get(cluster.test, 0) | cluster.cases
    test = min(by_test, key=lambda test: (-by_test[test].bit_count(), test))
    lead = min(
        (where for where in spots if where[0] == test and not where[_FOLLOWS]),
        key=lambda where: (-_count(spots[where]), where),
    )
    return _Entry(union(by_test.values()), spots, lead)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is told of one cause.

    Attributes:
        tests: all cases of each test.
        related: the cases of all causes that share a case with this one: what they do says nothing against it.
    """

    results: Sequence[CaseResult]
    tests: Mapping[str, int]
    entry: _Entry
    related: int
    known: Evidence

    def group(self, name: str) -> DriftGroup:
        """The cause, by its name."""
        lead = self.entry.lead
        by_test = sorted(
            {where[0] for where in self.entry.spots},
            key=lambda test: (-(self.tests[test] & self.entry.cases).bit_count(), test),
        )
        every = union(self.tests[test] for test in by_test)
        witness, difference = self._witness()
        explanation, suspects = self.known.behind(
            Question(self._causing(), self.entry.cases, every & ~self.related, every)
        )
        return DriftGroup(
            name=name,
            test=lead[0],
            legacy=self.results[witness].legacy,
            pattern=lead[1],
            kind=lead[2],
            cases=tuple(self._members(self.entry.cases)),
            of=every.bit_count(),
            witness=self.results[witness],
            difference=difference,
            evidence="; ".join(filter(None, (*self._common(), self._boundary()))),
            suspects=suspects,
            places=self._places(by_test),
            tests=tuple(self._test(test) for test in by_test),
            explanation=explanation,
        )

    def _common(self) -> list[str]:
        """What its values have in common: two of its places together, else the one that shows it most."""
        lead = self.entry.lead
        here = [
            spot
            for where, spots in self.entry.spots.items()
            if where[0] == lead[0] and not where[_FOLLOWS]
            for spot in spots
        ]
        found = counterparts(self.results, here)
        told = sorted(map(str, found))
        return (
            told
            if any(lead[1] in one.patterns for one in found)
            else [evidence(self._differences(lead)), *told]
        )

    def _boundary(self) -> str:
        """The input that all its cases share with a condition of legacy, in the test that shows it most."""
        test = self.tests[self.entry.lead[0]]
        drifting = list(self._members(self.entry.cases & test))
        conditions = self.known.conditions(self.entry.cases & test) if len(drifting) > 1 else ()
        if not conditions:
            return ""
        others = [case.input for case in self._members(test & ~self.related) if case.verdict in COMPARED]
        return boundary([case.input for case in drifting], others, conditions)

    def _causing(self) -> list[Spot]:
        """Its differences, without those that only follow."""
        return [spot for where, spots in self.entry.spots.items() if not where[_FOLLOWS] for spot in spots]

    def _witness(self) -> tuple[int, Difference]:
        """The smallest case that shows the place, rather one without another cause."""
        first: dict[int, int] = {}
        for case, at in self.entry.spots[self.entry.lead]:
            first[case] = min(at, first.get(case, at))
        mixed = self._mixed()
        case = min(first, key=lambda case: (case in mixed, *_size(self.results[case])))
        return case, self.results[case].differences[first[case]]

    def _mixed(self) -> set[int]:
        """The cases that drift for another cause as well."""
        mine: dict[int, int] = {}
        for spots in self.entry.spots.values():
            for case, _ in spots:
                mine[case] = mine.get(case, 0) + 1
        return {case for case, number in mine.items() if number < len(self.results[case].differences)}

    def _places(self, by_test: Sequence[str]) -> tuple[DriftPlace, ...]:
        spots = self.entry.spots
        found = sorted(
            spots,
            key=lambda where: (where[_FOLLOWS], by_test.index(where[0]), -_count(spots[where]), where),
        )
        return tuple(
            DriftPlace(test, pattern, kind, _count(spots[where]), evidence(self._differences(where)), follows)
            for where in found
            for test, pattern, kind, follows in [where]
        )

    def _test(self, test: str) -> DriftTest:
        members = list(self._members(self.entry.cases & self.tests[test]))
        return DriftTest(
            test, members[0].legacy, tuple(case.label for case in members), self.tests[test].bit_count()
        )

    def _differences(self, where: _Where) -> list[Difference]:
        return [self.results[case].differences[at] for case, at in sorted(self.entry.spots[where])]

    def _members(self, cases: int) -> Iterator[CaseResult]:
        while cases:
            at = (cases & -cases).bit_length() - 1
            yield self.results[at]
            cases &= cases - 1


def _count(spots: Iterable[Spot]) -> int:
    """How many cases the spots are in."""
    return len({case for case, _ in spots})


def _size(result: CaseResult) -> tuple[int, str, str]:
    """How much there is to read in a case's input; the label decides between equals."""
    try:
        size = len(canonical(dict(result.input)))
    except UnsupportedValueError:  # an input that is too deep to be written is the largest of all
        size = sys.maxsize
    return size, result.label, result.case
