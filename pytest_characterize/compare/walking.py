"""The walk over two values at once: each comparator knows one kind of value, the walk knows the way.

A comparator is a generator. It yields the differences that it sees itself, and for what lies below a
pair of values (with their path) that the walk then looks into. So there is no recursion, however deep
the document, and differences come in document order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from pytest_characterize.compare.equality import Equality
from pytest_characterize.compare.likeness import Fingerprints
from pytest_characterize.compare.paths import Path, render
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import Value

Pair: TypeAlias = tuple[Path, Value, Value]
"""A path, and the legacy's and the candidate's value there."""

Comparator: TypeAlias = "Callable[[Walk, Path, Any, Any], Iterator[Difference | Pair]]"
Dispatch: TypeAlias = Callable[[Value, Value], Comparator]
"""Chooses the comparator of a pair by the types of its two values."""


def never(_path: Path) -> bool:
    """No sequence is unordered: what holds where no policy says otherwise."""
    return False


class Walk:
    """One comparison of two values; made for one call of :meth:`differences`.

    Args:
        dispatch: who compares what.
        unordered: whether the sequence at a path was declared to be a multiset.
    """

    def __init__(self, dispatch: Dispatch, unordered: Callable[[Path], bool] = never) -> None:
        self.unordered = unordered
        self.fingerprints = Fingerprints()
        self.equality = Equality()
        self._dispatch = dispatch

    def differences(self, path: Path, legacy: Value, candidate: Value) -> Iterator[Difference]:
        """Everything that differs at or below the path, in document order."""
        if self.equality.settled(legacy, candidate):
            return
        dispatch = self._dispatch
        below: list[Iterator[Difference | Pair]] = [iter([(path, legacy, candidate)])]
        while below:
            for found in below[-1]:
                if type(found) is tuple:
                    where, old, new = found
                    below.append(dispatch(old, new)(self, where, old, new))
                    break
                yield found  # type: ignore[misc]
            else:
                below.pop()

    def nested(self, dispatch: Dispatch | None = None) -> Walk:
        """A walk of its own for a document inside a value, or a question asked on the way."""
        return Walk(dispatch or self._dispatch, self.unordered)

    def agree(self, legacy: Value, candidate: Value) -> bool:
        """Whether nothing differs; stops at the first difference."""
        if self.equality.settled(legacy, candidate):
            return True
        return next(Walk(self._dispatch).differences((None, ""), legacy, candidate), None) is None


def difference(
    path: Path, kind: Kind, legacy: Value, candidate: Value, note: str = "", order: tuple[int, ...] = ()
) -> Difference:
    """A difference at a path of the walk."""
    return Difference(render(path), kind, legacy, candidate, note, order)
