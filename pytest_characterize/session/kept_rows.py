"""What a kept matrix still says: the rows of the same legacy, by today's positions of cases and observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pytest_characterize.codec import canonical
from pytest_characterize.errors import StoreError
from pytest_characterize.matrix import Matrix, MutantRow
from pytest_characterize.model import Observation
from pytest_characterize.observations import Observations
from pytest_characterize.rulemutants import Mutant
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry


@dataclass(slots=True)
class Deeds:
    """What mutants did, each observation once."""

    observations: Observations = field(default_factory=Observations)
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _met: dict[int, tuple[Observation, int]] = field(default_factory=dict)
    _keyed: int = 0

    def adopt(self, observations: Sequence[Observation]) -> None:
        """Begin with observations that differ from each other, at the positions that they have."""
        assert not self.observations
        self.observations = Observations(observations)

    def number(self, one: Observation) -> int:
        """The position of an observation."""
        if id(one) not in self._met:  # to compare objects is much faster than contents, and most come again
            self._met[id(one)] = one, self._number(one)
        return self._met[id(one)][1]

    def _number(self, one: Observation) -> int:
        for position in range(
            self._keyed, len(self.observations)
        ):  # what was adopted is looked into only now
            self._numbers[_key(self.observations[position])] = position
        key = _key(one)
        if key not in self._numbers:
            self._numbers[key] = len(self.observations)
            self.observations.append(one)
        self._keyed = len(self.observations)
        return self._numbers[key]


def in_order(
    rows: Iterable[MutantRow], observations: Observations
) -> tuple[tuple[MutantRow, ...], Observations]:
    """Rows with their observations numbered as they come, so that equal matrices are equal files."""
    numbers: dict[int, int] = {}
    renumbered = tuple(
        replace(
            row,
            changed={
                position: None if number is None else numbers.setdefault(number, len(numbers))
                for position, number in sorted(row.changed.items())
            },
        )
        for row in rows
    )
    return renumbered, observations.picked(numbers)


@dataclass(slots=True)
class Noticed:
    """Which mutants the goldens of tests notice; a matrix is read once, as it takes a while."""

    store: Store
    _by_test: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)

    def keep(self, matrix: Matrix) -> None:
        """Take what a matrix says, which may be newer than the kept one."""
        noticed = frozenset(row.mutant.id for row in matrix.rows if row.changed)
        self._by_test[matrix.test] = matrix.source, noticed

    def elsewhere(self, test: str, source: str) -> frozenset[str]:
        """The mutants of a source that goldens of other tests notice, as far as those were tried already."""
        for other in self.store.tests():
            if other != test and other not in self._by_test:
                self._by_test[other] = "", frozenset()
                with suppress(StoreError):  # damaged: it says nothing
                    matrix = self.store.matrix(other)
                    if matrix is not None:
                        self.keep(matrix)
        found = (noticed for other, (of, noticed) in self._by_test.items() if other != test and of == source)
        return frozenset[str]().union(*found)


def _key(one: Observation) -> bytes:
    return canonical([one.outcome.how, one.outcome.value, dict(one.effects), list(one.notices)])


def kept_rows(
    old: Matrix, entries: Sequence[Entry], made: Mapping[str, Mutant], deeds: Deeds
) -> Iterator[MutantRow]:
    """The rows of a matrix, as far as they are of today's mutants and goldens.

    Args:
        entries: today's goldens, in the order of their positions.
        made: today's mutants by id.
        deeds: takes what the rows refer to; it is empty.
    """
    deeds.adopt(old.observations)
    today = {entry.label: (position, entry.sha256) for position, entry in enumerate(entries)}
    places: dict[int, int] = {}
    for before, case in enumerate(old.cases):
        position, behaviour = today.get(case.label, (-1, ""))
        if behaviour == case.behaviour and not case.excluded:
            places[before] = position
    for row in old.rows:
        if made.get(row.mutant.id) == row.mutant:
            yield _moved(row, places)


def _moved(row: MutantRow, places: Mapping[int, int]) -> MutantRow:
    changed = {places[before]: number for before, number in row.changed.items() if before in places}
    ran = tuple(sorted(places[before] for before in row.ran if before in places))
    return replace(row, ran=ran, changed=changed)
