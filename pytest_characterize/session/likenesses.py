"""What the kept matrices say about a drifting case: which rule mutants do what the candidate did.

Read from the disk when the first case of a test drifts, and never while everything matches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.remembering import Memory
from pytest_characterize.descriptors import Policy
from pytest_characterize.errors import CharacterizeError
from pytest_characterize.explain.changes import pattern
from pytest_characterize.explain.directions import same_way, within
from pytest_characterize.matrix import Matrix
from pytest_characterize.model import Difference, Likeness, Observation
from pytest_characterize.replay.outcome import meant
from pytest_characterize.session.mutating import policies_digest
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry

_Alike: TypeAlias = Mapping[int, tuple[str, ...]]
"""Position of an observation -> the mutants that do it."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A matrix, ready to be asked about cases."""

    matrix: Matrix
    positions: Mapping[tuple[str, str], int]
    alike: Mapping[int, _Alike]


@dataclass(slots=True)
class Likenesses:
    """Asks the matrices of a project; one that is missing, damaged or of other loosenings says nothing."""

    store: Store
    _opened: dict[str, _Open | None] = field(default_factory=dict)

    def of(
        self,
        entry: Entry,
        observed: Observation,
        differences: Sequence[Difference],
        policies: tuple[Policy, ...],
        headers: Sequence[str],
        raises: Mapping[str, str],
    ) -> tuple[Likeness, ...]:
        """The mutants that do on this case, wholly or partly, what the candidate did.

        Args:
            observed: the candidate's observation, scrubbed.
            differences: what it has against the golden, under the same loosenings.
            raises: legacy error -> name of the candidate's exception class.
        """
        if entry.test not in self._opened:
            self._opened[entry.test] = self._open(entry.test, policies)
        opened = self._opened[entry.test]
        position = opened.positions.get((entry.label, entry.sha256)) if opened else None
        if opened is None or position is None:
            return ()
        found: list[Likeness] = []
        memory = Memory()
        for number, mutants in opened.alike.get(position, {}).items():
            try:
                legacy = opened.matrix.observations[number]
            except CharacterizeError:  # a damaged matrix says nothing
                return ()
            left = compare(legacy, meant(observed, raises, legacy), policies, headers, memory).differences
            explains, touches, beyond = _held_against(differences, left)
            if explains or touches:
                complete = not left
                found += (Likeness(mutant, explains, complete, touches, beyond) for mutant in mutants)
        return tuple(sorted(found, key=lambda like: like.mutant))

    def _open(self, test: str, policies: tuple[Policy, ...]) -> _Open | None:
        try:
            matrix = self.store.matrix(test)
        except CharacterizeError:
            return None
        if matrix is None or matrix.policies != policies_digest(policies):
            return None
        positions = {
            (case.label, case.behaviour): position
            for position, case in enumerate(matrix.cases)
            if not case.excluded
        }
        alike: dict[int, dict[int, tuple[str, ...]]] = {}
        for row in matrix.rows:
            for position, number in row.changed.items():
                if number is not None:
                    mutants = alike.setdefault(position, {})
                    mutants[number] = (*mutants.get(number, ()), row.mutant.id)
        return _Open(matrix, positions, alike)


def _held_against(
    differences: Sequence[Difference], left: Sequence[Difference]
) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """Which differences are gone once legacy has the mutant, which are other ones, and whether other places differ.

    A mutant that makes new ones explains none: the candidate does not do what it does.
    """
    remaining = {found.path: found for found in left}
    paths = {found.path for found in differences}
    gone: list[int] = []
    touched: list[int] = []
    for place, found in enumerate(differences):
        other = remaining.get(found.path)
        if other is not None:
            alike = same_way(found.legacy, other.legacy, found.candidate)
        else:
            alike = any(within(path, found.path) or within(found.path, path) for path in remaining)
        if alike:
            touched.append(place)
        elif other is None:
            gone.append(place)
    if remaining.keys() <= paths:
        return tuple(gone), tuple(touched), False
    patterns = set(map(pattern, paths))
    beyond = any(
        pattern(path) not in patterns and not any(within(path, known) for known in paths)
        for path in remaining
    )
    return (), tuple(sorted(gone + touched)), beyond
