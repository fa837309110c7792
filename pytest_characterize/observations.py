"""Observations that are read when somebody asks for them: most of what is kept is never looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import overload

from pytest_characterize.model import Observation


class Unread:
    """An observation that is still to be read; it is read once, whoever asks first."""

    __slots__ = ("_found", "_read")

    def __init__(self, read: Callable[[], Observation]) -> None:
        self._read = read
        self._found: Observation | None = None

    @property
    def found(self) -> Observation:
        """The observation."""
        if self._found is None:
            self._found = self._read()
        return self._found


class Observations(Sequence[Observation]):
    """A sequence of observations, of which some may be unread; it is equal to any sequence of the same ones."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[Observation | Unread] = ()) -> None:
        self._parts: list[Observation | Unread] = (
            list(parts._parts) if isinstance(parts, Observations) else list(parts)
        )

    @overload
    def __getitem__(self, at: int) -> Observation: ...

    @overload
    def __getitem__(self, at: slice) -> Observations: ...

    def __getitem__(self, at: int | slice) -> Observation | Observations:
        if isinstance(at, slice):
            return Observations(self._parts[at])
        return _read(self._parts[at])

    def __len__(self) -> int:
        return len(self._parts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        theirs = other._parts if isinstance(other, Observations) else other
        return len(theirs) == len(self._parts) and all(
            one is another or _read(one) == _read(another)
            for one, another in zip(self._parts, theirs, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def append(self, one: Observation) -> None:
        """Add an observation at the end."""
        self._parts.append(one)

    def picked(self, positions: Iterable[int]) -> Observations:
        """Some of them in an order; what is unread stays so."""
        return Observations([self._parts[position] for position in positions])


def _read(part: Observation | Unread) -> Observation:
    return part.found if isinstance(part, Unread) else part
