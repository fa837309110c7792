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
from functools import cached_property
from itertools import combinations
from typing import Final, TypeAlias

from pytest_characterize.explain.bits import bits
from pytest_characterize.explain.clusters import Spot
from pytest_characterize.matrix import Matrix, MutantRow
from pytest_characterize.model import CaseResult, Verdict
from pytest_characterize.rulemutants import Mutant, Operator

PAIRED: Final = 30
"""So many mutants, those that explain most, are tried two by two."""

_SIMPLEST: Final = {operator: rank for rank, operator in enumerate(Operator)}
_NO_SPOTS: Final[frozenset[Spot]] = frozenset()
_BIT: Final = (1).__lshift__
_Place: TypeAlias = tuple[Matrix, MutantRow, Sequence[int]]


class Variation:
    """One mutant over the cases of a run.

    Attributes:
        line: routine and line.
        explains: the differences that it would not show against the candidate.
        touches: those whose place it changes, to what the candidate has or to something else.
        beyond: drifting cases on which it changes what the candidate leaves as it is, too.
        complete: drifting cases on which it does just what the candidate does.
        changed: cases on which it does something else than the golden holds.
    """

    __slots__ = (
        "_simplicity",
        "beyond",
        "changed",
        "complete",
        "explains",
        "line",
        "mutant",
        "rows",
        "source",
        "touches",
    )

    def __init__(self, mutant: Mutant, source: str) -> None:
        self.mutant, self.source = mutant, source
        self.line = mutant.routine, mutant.line
        self.explains: frozenset[Spot] = _NO_SPOTS
        self.touches: frozenset[Spot] = _NO_SPOTS
        self.beyond = self.complete = self.changed = 0
        self.rows: list[_Place] = []
        self._simplicity: tuple[int, int, str] | None = None

    @property
    def simplicity(self) -> tuple[int, int, str]:
        """Which of several that do the same is named: a usual slip, and a short one."""
        if self._simplicity is None:
            one = self.mutant
            self._simplicity = _SIMPLEST[one.operator], len(one.was) + len(one.becomes), one.id
        return self._simplicity


class Mutations:
    """All mutants of the tests that drift.

    Args:
        results: all cases of a run.
        matrices: by test; a case whose golden is another one now must be excluded from its matrix.
    """

    def __init__(self, results: Sequence[CaseResult], matrices: Mapping[str, Matrix]) -> None:
        self._results = results
        self.matched = bits(at for at, case in enumerate(results) if case.verdict is Verdict.MATCHED)
        self.covered = 0
        self._known: dict[str, dict[str, Variation]] = {}
        self._by_spot: dict[Spot, list[Variation]] = {}
        self._at_spot: dict[Spot, list[Variation]] = {}
        self._matrices = matrices
        self._drifting = {case.test for case in results if case.differences}
        self._places = {(case.test, case.label): at for at, case in enumerate(results)}
        for test in sorted(self._drifting & matrices.keys()):
            self._read(matrices[test], self._placed(test))
        for at, case in enumerate(results):
            if case.likenesses and self.covered >> at & 1:
                self._liken(at, case)

    def __iter__(self) -> Iterator[Variation]:
        return (one for several in self._known.values() for one in several.values())

    def explaining(self, spots: Iterable[Spot]) -> list[Variation]:
        """The mutants that explain any of the differences, each once."""
        found = {id(one): one for spot in spots for one in self._by_spot.get(spot, ())}
        return sorted(found.values(), key=lambda one: one.simplicity)

    def touching(self, spots: Iterable[Spot]) -> list[Variation]:
        """The mutants that change the place of any of the differences, each once."""
        return list({id(one): one for spot in spots for one in self._at_spot.get(spot, ())}.values())

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
            for row, places in self._elsewhere.get((one.source, one.mutant.id), ())
            for number in row.changed
            if places[number] >= 0 and self.matched >> places[number] & 1
        )
        return (one.changed & self.matched).bit_count() + elsewhere

    @cached_property
    def _elsewhere(self) -> Mapping[tuple[str, str], Sequence[tuple[MutantRow, Sequence[int]]]]:
        """What mutants do in the tests that do not drift."""
        found: dict[tuple[str, str], list[tuple[MutantRow, Sequence[int]]]] = {}
        for test in sorted({test for test, _ in self._places} & self._matrices.keys() - self._drifting):
            matrix, places = self._matrices[test], self._placed(test)
            for row in matrix.rows:
                if row.changed and row.fate != "invalid":
                    found.setdefault((matrix.source, row.mutant.id), []).append((row, places))
        return found

    def _placed(self, test: str) -> list[int]:
        """Where the cases of a matrix are; -1 for those that were not replayed."""
        return [self._places.get((test, case.label), -1) for case in self._matrices[test].cases]

    def known(self, spots: Iterable[Spot]) -> list[Spot]:
        """The spots of cases that mutants were run on, in their order."""
        return sorted(spot for spot in spots if self.covered >> spot[0] & 1)

    def agreeing(self, several: Sequence[Variation], cases: int) -> int:
        """The cases of which it is known that none of the mutants changes them."""
        found = cases
        for one in several:
            here = 0
            for matrix, row, places in one.rows:
                here |= self._untouched(matrix, row, places)
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

    def _read(self, matrix: Matrix, places: Sequence[int]) -> None:
        self.covered |= bits(
            at for at, case in zip(places, matrix.cases, strict=True) if at >= 0 and not case.excluded
        )
        start = places[0] if places and places == list(range(places[0], places[0] + len(places))) else -1
        known = self._known.setdefault(matrix.source, {})
        for row in matrix.rows:
            if row.fate == "invalid":
                continue
            mutant = row.mutant
            one = known.get(mutant.id)
            if one is None:
                one = known[mutant.id] = Variation(mutant, matrix.source)
            one.rows.append((matrix, row, places))
            if row.changed:
                one.changed |= _placed_bits(row.changed, places, start)

    def _liken(self, at: int, case: CaseResult) -> None:
        known, mark = self._known.get(case.source, {}), 1 << at
        for like in case.likenesses:
            several = [known[mutant] for mutant in like.mutants if mutant in known]
            explains = frozenset((at, number) for number in like.explains)
            touches = explains.union((at, number) for number in like.touches)
            for one in several:
                one.explains |= explains
                one.touches |= touches
                if like.complete:
                    one.complete |= mark
                if like.beyond:
                    one.beyond |= mark
            _put(self._by_spot, explains, several)
            _put(self._at_spot, touches, several)


def _put(index: dict[Spot, list[Variation]], spots: Iterable[Spot], several: Sequence[Variation]) -> None:
    for spot in spots:
        index.setdefault(spot, []).extend(several)


def _placed_bits(numbers: Collection[int], places: Sequence[int], start: int) -> int:
    """Cases of a matrix as a set of the run's; ``start`` is where the first one is if they lie side by side."""
    if start < 0:
        return bits(places[number] for number in numbers if places[number] >= 0)
    return sum(map(_BIT, numbers)) << start
