"""What rule mutants do, told by where it differs from what the golden holds: each such difference once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

Tree: TypeAlias = Any
"""A value as :func:`pytest_characterize.codec.to_tagged` writes it."""

Deed: TypeAlias = tuple[int, ...]
"""Everything in which one behaviour differs from a golden: positions in :attr:`Deeds.alterations`, ascending."""


class Alteration(NamedTuple):
    """One difference of a mutant's behaviour from a golden.

    Attributes:
        path: as :attr:`Difference.path <pytest_characterize.model.Difference.path>`.
        direction: which way the mutant's value differs from the golden's.
        tree: the mutant's value as a tagged tree.
        moved: whether items of a sequence only stand at other places; ``tree`` are all of them.
    """

    path: str
    direction: str
    tree: Tree
    moved: bool = False


class Deeds:
    """What mutants did, by number; what is kept in a file is read when somebody asks for it.

    Args:
        read: gives the alterations and the deeds; called once at the most.
    """

    def __init__(
        self,
        read: Callable[[], tuple[Sequence[Alteration], Sequence[Deed]]] = lambda: ((), ()),
    ) -> None:
        self._read = read

    @cached_property
    def _parts(self) -> tuple[Sequence[Alteration], Sequence[Deed]]:
        return self._read()

    @property
    def alterations(self) -> Sequence[Alteration]:
        """All alterations, each once."""
        return self._parts[0]

    @property
    def all(self) -> Sequence[Deed]:
        """All deeds, each once."""
        return self._parts[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Deeds):
            return NotImplemented
        return self is other or ([*self.alterations] == [*other.alterations] and [*self.all] == [*other.all])

    __hash__ = None  # type: ignore[assignment]
