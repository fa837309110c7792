"""A candidate's many rows, taken one at a time where legacy's were too many to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from pytest_characterize.freezing import Adapter, freeze
from pytest_characterize.values import LARGE, Record, Rows, Value

Reduce: TypeAlias = Callable[[Record, Iterable[Value]], Value]
"""Reduces rows as the large result set of a golden was."""


def taken(value: object, legacy: Value, adapters: Sequence[Adapter], reduce: Reduce | None) -> object:
    """What the candidate returned, reduced if legacy's result is; iterators of rows are read to their end."""
    if reduce is not None and type(legacy) is Record and legacy.type == LARGE:
        rows = _rows(value)
        return value if rows is None else reduce(legacy, (freeze(row, adapters) for row in rows))
    if type(legacy) is Rows and isinstance(value, Iterator):
        return list(value)
    return value


def _rows(value: object) -> Iterable[object] | None:
    """The value's items, if it is a sequence or a stream of them; of a query set, without keeping them."""
    stream = getattr(value, "iterator", None)
    if callable(stream):
        streamed: Iterable[object] = stream(chunk_size=2000)
        return streamed
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | set | frozenset):
        return value
    return None
