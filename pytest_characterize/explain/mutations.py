"""What rule mutants say of a run's cases: which differences they explain, which cases they change, which not.

A mutant **reproduces** a cause if legacy with it does what the candidate does: it explains every difference of the
cause, and changes no case that matches. One such mutant is the explanation (DESIGN: measured on 40 programs with
known faults, it names the true line in 24 of them, and hits alone in 5).

Sets of cases are sets of bits, by position among the results. What a mutant does is known of the cases that it ran
on, and of those that do not get to its place; of excluded cases, and of those that are still to be run,
nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from operator import attrgetter
from typing import Final

from pytest_characterize.explain.bits import BIT, bits
from pytest_characterize.explain.clusters import Spot
from pytest_characterize.matrix import Matrix, MutantRow
from pytest_characterize.model import CaseResult, Verdict
from pytest_characterize.rulemutants import Mutant, Operator

PAIRED: Final = 30
"""So many mutants, those that explain most, are tried two by two."""

_SIMPLEST: Final = {operator: rank for rank, operator in enumerate(Operator)}
_NO_SPOTS: Final[frozenset[Spot]] = frozenset()
_SIMPLICITY: Final = attrgetter("simplicity")


@dataclass(frozen=True)
class _Placed:
    """A matrix, and where among the results its cases are; -1 for those that were not replayed."""

    matrix: Matrix
    places: Sequence[int]

    @cached_property
    def by_id(self) -> Mapping[str, MutantRow]:
        """What each mutant does."""
        return {row.mutant.id: row for row in self.matrix.rows if row.fate != "invalid"}

    def bits(self, numbers: Collection[int]) -> int:
        """Cases of the matrix as a set of the run's."""
        if self._first < 0:
            return bits(self.places[number] for number in numbers if self.places[number] >= 0)
        return sum(map(BIT, numbers)) << self._first

    @cached_property
    def _first(self) -> int:
        """Where the first case is if they lie side by side; else -1."""
        places = self.places
        return places[0] if places and places == [*range(places[0], places[0] + len(places))] else -1


class Variation:
    """One mutant over the cases of a run.

    Attributes:
        line: routine and line.
        beyond: drifting cases on which it changes what the candidate leaves as it is, too.
        complete: drifting cases on which it does just what the candidate does.
        likened: by drifting case, what it explains.
    """

    def __init__(self, mutant: Mutant, source: str, rows: Sequence[tuple[_Placed, MutantRow]]) -> None:
        self.mutant, self.source = mutant, source
        self.line = mutant.routine, mutant.line
        self.beyond = self.complete = 0
        self._rows = rows
        self.likened: list[frozenset[Spot]] = []

    @cached_property
    def changed(self) -> int:
        """Cases on which it does something else than the golden holds."""
        found = 0
        for placed, row in self._rows:
            found |= placed.bits(row.changed)
        return found

    @cached_property
    def explains(self) -> frozenset[Spot]:
        """The differences that it would not show against the candidate."""
        return _NO_SPOTS.union(*self.likened)

    @cached_property
    def simplicity(self) -> tuple[int, int, str]:
        """Which of several that do the same is named: a usual slip, and a short one."""
        one = self.mutant
        return _SIMPLEST[one.operator], len(one.was) + len(one.becomes), one.id


class Mutations:
    """The mutants of the tests that drift, as far as they change anything.

    Args:
        results: all cases of a run.
        matrices: by test; a case whose golden is another one now must be excluded from its matrix.
    """

    def __init__(self, results: Sequence[CaseResult], matrices: Mapping[str, Matrix]) -> None:
        self._results = results
        self.matched = bits(at for at, case in enumerate(results) if case.verdict is Verdict.MATCHED)
        self._known: dict[str, dict[str, Variation | None]] = {}
        self._by_spot: dict[Spot, list[Variation]] = {}
        self._at_spot: dict[Spot, list[Variation]] = {}
        self._matrices = matrices
        self._drifting = {case.test for case in results if case.differences}
        self._places = {(case.test, case.label): at for at, case in enumerate(results)}
        self._here = self._by_source(self._drifting & matrices.keys())
        self.covered = bits(
            at
            for placed in chain.from_iterable(self._here.values())
            for at, case in zip(placed.places, placed.matrix.cases, strict=True)
            if at >= 0 and not case.excluded
        )
        for at, case in enumerate(results):
            if case.likenesses and self.covered >> at & 1:
                self._liken(at, case)

    def __iter__(self) -> Iterator[Variation]:
        for source, several in self._here.items():
            for mutant in dict.fromkeys(chain.from_iterable(placed.by_id for placed in several)):
                one = self._variation(source, mutant)
                if one is not None:
                    yield one

    def explaining(self, spots: Iterable[Spot]) -> list[Variation]:
        """The mutants that explain any of the differences, each once."""
        several = dict.fromkeys(chain.from_iterable(map(self.explaining_one, spots)))
        return sorted(several, key=_SIMPLICITY)

    def explaining_one(self, spot: Spot) -> Sequence[Variation]:
        """The mutants that explain a difference, each once."""
        return self._by_spot.get(spot, ())

    def touching_one(self, spot: Spot) -> Sequence[Variation]:
        """The mutants that change the place of a difference, to what the candidate has or to something else."""
        return self._at_spot.get(spot, ())

    def reproducing(self, spots: Collection[Spot], tests: int) -> list[Variation]:
        """The mutants that explain all differences of a cause and change no matching case of its tests.

        Differences of cases that no mutant was run on are left out of account.
        """
        known = self.known(spots)
        if not known:
            return []
        return [
            one
            for one in self.explaining(known[:1])
            if one.explains.issuperset(known) and self.clean(one, tests)
        ]

    def masked(self, spots: Collection[Spot], tests: int) -> list[Variation]:
        """The mutants that do so in most cases, and explain something in each: another cause may hide the rest."""
        known = self.known(spots)
        cases = bits(case for case, _ in known)
        return [
            one
            for one in self.explaining(known)
            if self.clean(one, tests)
            and 2 * (one.complete & cases).bit_count() > cases.bit_count()
            and not cases & ~bits(case for case, at in known if (case, at) in one.explains)
        ]

    def lines(self, spots: Collection[Spot]) -> frozenset[tuple[str, int]]:
        """The lines whose mutants explain all differences between them, whatever else they change."""
        known = self.known(spots)
        explained: dict[tuple[str, int], set[Spot]] = {}
        for one in self.explaining(known):
            explained.setdefault(one.line, set()).update(one.explains)
        return frozenset(line for line, some in explained.items() if some.issuperset(known))

    def pair(self, spots: Collection[Spot], tests: int) -> tuple[Variation, Variation] | None:
        """Two mutants in different places that do so together, the simplest ones."""
        known = set(self.known(spots))
        several = [one for one in self.explaining(known) if self.clean(one, tests)]
        several.sort(key=lambda one: -len(one.explains & known))
        for one, other in combinations(several[:PAIRED], 2):
            if one.line != other.line and known <= one.explains | other.explains:
                return one, other
        return None

    def clean(self, one: Variation, tests: int) -> bool:
        """Whether it changes no case that matches."""
        return not one.changed & self.matched & tests

    def alarms(self, one: Variation) -> int:
        """How many cases that match it changes, in all tests of the run."""
        elsewhere = sum(
            1
            for placed in self._elsewhere.get(one.source, ())
            if one.mutant.id in placed.by_id
            for number in placed.by_id[one.mutant.id].changed
            if placed.places[number] >= 0 and self.matched >> placed.places[number] & 1
        )
        return (one.changed & self.matched).bit_count() + elsewhere

    @cached_property
    def _elsewhere(self) -> Mapping[str, Sequence[_Placed]]:
        """The tests that do not drift, by source."""
        replayed = {test for test, _ in self._places}
        return self._by_source(replayed & self._matrices.keys() - self._drifting)

    def changed_at(self, source: str, routine: str, line: int) -> int | None:
        """The cases that any mutant of a line changes; ``None`` if it has no mutants."""
        found = None
        for placed in self._here.get(source, ()):
            for row in placed.by_id.values():
                if row.mutant.line == line and row.mutant.routine == routine:
                    found = (found or 0) | placed.bits(row.changed)
        return found

    def _by_source(self, tests: Iterable[str]) -> dict[str, list[_Placed]]:
        found: dict[str, list[_Placed]] = {}
        for test in sorted(tests):
            matrix = self._matrices[test]
            found.setdefault(matrix.source, []).append(_Placed(matrix, self._placed(test)))
        return found

    def _placed(self, test: str) -> list[int]:
        return [self._places.get((test, case.label), -1) for case in self._matrices[test].cases]

    def known(self, spots: Iterable[Spot]) -> list[Spot]:
        """The spots of cases that mutants were run on, in their order."""
        return sorted(spot for spot in spots if self.covered >> spot[0] & 1)

    def agreeing(self, several: Sequence[Variation], cases: int) -> int:
        """The cases of which it is known that none of the mutants changes them."""
        found = cases
        for one in several:
            here = 0
            for placed in self._here.get(one.source, ()):
                if one.mutant.id in placed.by_id:
                    here |= self._untouched(placed.matrix, placed.by_id[one.mutant.id], placed.places)
            found &= here & ~one.changed
        return found

    def _untouched(self, matrix: Matrix, row: MutantRow, places: Sequence[int]) -> int:
        """The cases that it ran on, and those that do not get to its place."""
        ran = set(row.ran)
        rules = frozenset(row.mutant.rules)
        return bits(
            at
            for number, at in enumerate(places)
            if at >= 0
            and not matrix.cases[number].excluded
            and (number in ran or row.fate in ("run", "unreached") or self._passes_by(at, rules))
        )

    def _passes_by(self, at: int, rules: frozenset[str]) -> bool:
        """Whether a case is known not to get to the place that these rules lead to."""
        hits = self._results[at].hits
        return bool(rules and hits) and rules.isdisjoint(hit.rule for hit in hits)

    def gets_to(self, one: Variation, case: int) -> bool:
        """Whether a case may get to the mutant's place."""
        return not self._passes_by(case, frozenset(one.mutant.rules))

    def _variation(self, source: str, mutant: str) -> Variation | None:
        """A mutant that changes anything."""
        known = self._known.setdefault(source, {})
        if mutant not in known:
            rows = [
                (placed, row)
                for placed in self._here.get(source, ())
                if (row := placed.by_id.get(mutant)) is not None and row.changed
            ]
            known[mutant] = Variation(rows[0][1].mutant, source, rows) if rows else None
        return known[mutant]

    def _liken(self, at: int, case: CaseResult) -> None:
        known, mark = self._known.setdefault(case.source, {}), 1 << at
        for like in case.likenesses:
            several = [
                one
                for mutant in like.mutants
                if (one := known.get(mutant) or self._variation(case.source, mutant)) is not None
            ]
            explains = frozenset((at, number) for number in like.explains)
            complete, beyond = (mark if told else 0 for told in (like.complete, like.beyond))
            if explains or beyond:
                for one in several:
                    one.likened.append(explains)
                    one.complete |= complete
                    one.beyond |= beyond
            for spot in explains:
                self._by_spot.setdefault(spot, []).extend(several)
            for number in (*like.explains, *like.touches):
                self._at_spot.setdefault((at, number), []).extend(several)
