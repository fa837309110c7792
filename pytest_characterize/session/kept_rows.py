"""What a kept matrix still says: the rows of the same legacy, by today's positions of cases and numbers of deeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pytest_characterize.codec import canonical_tree
from pytest_characterize.deeds import Alteration, Deed, Deeds
from pytest_characterize.errors import StoreError
from pytest_characterize.matrix import Matrix, MutantRow
from pytest_characterize.model import Outcome
from pytest_characterize.rulemutants import Mutant
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry

_Key: TypeAlias = tuple[str, bool, str, bytes]
"""Everything of an alteration; to be compared and ordered, those of a site side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What one mutant did on one case that is not what the golden holds.

    Attributes:
        altered: in what it differs.
        outcome: how it ended.
    """

    altered: tuple[Alteration, ...]
    outcome: Outcome


@dataclass(slots=True)
class Gathered:
    """What mutants did, each deed and each alteration once."""

    _adopted: Deeds = field(default_factory=Deeds)
    _alterations: list[Alteration] = field(default_factory=list)
    _deeds: list[Deed] = field(default_factory=list)
    _places: dict[_Key, int] = field(default_factory=dict)
    _numbers: dict[Deed, int] = field(default_factory=dict)
    _met: dict[int, tuple[Done, int]] = field(default_factory=dict)

    def adopt(self, deeds: Deeds) -> None:
        """Begin with deeds, at the numbers that they have; they are looked into when there is another one."""
        assert not self._deeds
        self._adopted = deeds

    def number(self, done: Done) -> int:
        """The number of a deed."""
        if id(done) not in self._met:  # to compare objects is much faster than contents, and most come again
            self._read()
            deed = tuple(sorted({self._place(one) for one in done.altered}))
            self._met[id(done)] = done, self._numbers.setdefault(deed, len(self._deeds))
            if len(self._numbers) > len(self._deeds):
                self._deeds.append(deed)
        return self._met[id(done)][1]

    def _read(self) -> None:
        """Look into what was adopted."""
        if not self._deeds:
            self._alterations, self._deeds = [*self._adopted.alterations], [*self._adopted.all]
            self._places = {_key(one): place for place, one in enumerate(self._alterations)}
            self._numbers = {deed: number for number, deed in enumerate(self._deeds)}

    def _place(self, one: Alteration) -> int:
        place = self._places.setdefault(_key(one), len(self._alterations))
        if place == len(self._alterations):
            self._alterations.append(one)
        return place

    def in_order(self, rows: Iterable[MutantRow]) -> tuple[tuple[MutantRow, ...], Deeds]:
        """Rows with what they refer to, and no more, numbered anew, so that equal matrices are equal files."""
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
        if not self._deeds and [*numbers] == [*range(len(self._adopted.all))]:
            return renumbered, self._adopted
        self._read()
        used = [self._deeds[number] for number in numbers]
        sorts = {place: _key(self._alterations[place]) for deed in used for place in deed}
        places = sorted(sorts, key=sorts.__getitem__)
        again = {place: at for at, place in enumerate(places)}
        alterations = [self._alterations[place] for place in places]
        return renumbered, Deeds.of(
            alterations, [tuple(sorted(again[place] for place in deed)) for deed in used]
        )


def _key(one: Alteration) -> _Key:
    return one.path, one.moved, one.direction, canonical_tree(one.tree)


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


def kept_rows(
    old: Matrix, entries: Sequence[Entry], made: Mapping[str, Mutant], gathered: Gathered
) -> Iterator[MutantRow]:
    """The rows of a matrix, as far as they are of today's mutants and goldens.

    Args:
        entries: today's goldens, in the order of their positions.
        made: today's mutants by id.
        gathered: takes what the rows refer to; it is empty.
    """
    gathered.adopt(old.deeds)
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
