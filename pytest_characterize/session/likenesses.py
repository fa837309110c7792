"""What the kept matrices say about a drifting case: which rule mutants do what the candidate did.

Read from the disk when the first case of a test drifts, and never while everything matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_characterize.descriptors import Policy
from pytest_characterize.errors import CharacterizeError
from pytest_characterize.matrix import Matrix
from pytest_characterize.model import Difference, Likeness
from pytest_characterize.session.likening import Errors, Likened, Likening
from pytest_characterize.session.mutating import policies_digest
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry

_Changing: TypeAlias = tuple[Callable[[int], int | None], str]
"""What a mutant does on a case, and the mutant."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A matrix, ready to be asked about cases."""

    matrix: Matrix
    positions: Mapping[tuple[str, str], int]
    changing: Sequence[_Changing]
    errors: dict[Errors, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Likenesses:
    """Asks the matrices of a project; one that is missing, damaged or of other loosenings says nothing."""

    store: Store
    _opened: dict[str, _Open | None] = field(default_factory=dict)

    def of(
        self,
        entry: Entry,
        differences: Sequence[Difference],
        policies: tuple[Policy, ...],
        headers: Sequence[str],
        raises: Mapping[str, str],
    ) -> tuple[Likeness, ...]:
        """The mutants that do on this case, wholly or partly, what the candidate did.

        Args:
            differences: what the candidate's observation, scrubbed, has against the golden.
            policies: the loosenings under which they are left.
            headers: response headers that are behaviour.
            raises: legacy error -> name of the candidate's exception class.
        """
        if entry.test not in self._opened:
            self._opened[entry.test] = self._open(entry.test, policies)
        opened = self._opened[entry.test]
        position = opened.positions.get((entry.label, entry.sha256)) if opened else None
        if opened is None or position is None:
            return ()
        try:
            likening = Likening(opened.matrix.deeds, differences, policies, headers, raises, opened.errors)
            return tuple(_likenesses(likening, opened.changing, position))
        except CharacterizeError:  # a damaged matrix says nothing
            return ()

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
        return _Open(
            matrix, positions, [(row.changed.get, row.mutant.id) for row in matrix.rows if row.changed]
        )


def _likenesses(likening: Likening, changing: Sequence[_Changing], position: int) -> Iterator[Likeness]:
    """What is told of the mutants of one case that explain or touch anything, those together that do it alike."""
    numbered = ((number, mutant) for does, mutant in changing if (number := does(position)) is not None)
    by_held = likening.by_held(numbered)
    found: dict[Likened, list[str]] = {}
    for held, mutants in by_held.items():
        found.setdefault(likening.told(held), []).extend(mutants)
    for told, mutants in found.items():
        yield Likeness(tuple(sorted(mutants)), told.explains, told.complete, told.touches, told.beyond)
