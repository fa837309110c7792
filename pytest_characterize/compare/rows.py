"""Result sets and database values: read naturally, then compared like any other value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pytest_characterize.compare.natural import JSON_IS_TEXT, document, natural, natural_rows
from pytest_characterize.compare.paths import Path, Token
from pytest_characterize.compare.sequences import Naming, compare_items, itself
from pytest_characterize.compare.walking import Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import ABSENT, Cell, Column, Record, Rows, Value

_EVERY_ROW: Final = Token("[*]")
"""The step to a column: what is wrong with a column is told once, not once a row."""
_STRUCTURED: Final = frozenset({dict, list, Record})


def compare_cells(walk: Walk, path: Path, legacy: Cell, candidate: Cell) -> Iterator[Difference | Pair]:
    """Two database values: exactly, by type and text; by value where their dialects differ."""
    if legacy == candidate:
        return
    one_dialect = legacy.dialect == candidate.dialect
    if one_dialect and legacy.type != candidate.type:
        yield difference(path, Kind.TYPE, legacy, candidate, f"{legacy.type} and {candidate.type}")
        return
    old, new = natural(legacy), natural(candidate)
    if one_dialect and walk.agree(old, new):
        yield difference(path, Kind.VALUE, legacy, candidate, "equal values, another text")
        return
    yield path, old, new


def compare_naturally(
    _walk: Walk, path: Path, legacy: Value, candidate: Value
) -> Iterator[Difference | Pair]:
    """A database value and a Python value."""
    yield path, _beside(legacy, candidate), _beside(candidate, legacy)


def compare_rows(walk: Walk, path: Path, legacy: Rows, candidate: Rows) -> Iterator[Difference | Pair]:
    """Two result sets: columns by name, then rows."""
    if (legacy.dialect, legacy.columns, legacy.rows) == (
        candidate.dialect,
        candidate.columns,
        candidate.rows,
    ):
        return
    old, new = _Table.of_rows(legacy), _Table.of_rows(candidate)
    shared = [key for key in old.types if key in new.types]
    if shared != [key for key in new.types if key in old.types]:
        names = list(old.types), list(new.types)
        yield difference((path, _EVERY_ROW), Kind.ORDER, *names, "the same columns in another order")
    if legacy.dialect == candidate.dialect:
        for key in shared:
            if old.types[key] != new.types[key]:
                where = ((path, _EVERY_ROW), key)
                yield difference(where, Kind.TYPE, old.types[key], new.types[key], "the column's type")
        exact = frozenset(key for key in shared if old.types[key] == new.types[key])
        old, new = (_Table.of_rows(side, cells=exact) for side in (legacy, candidate))
    yield from _compare_tables(walk, path, old, new, ordered=legacy.ordered)


def compare_rows_with_items(
    walk: Walk, path: Path, legacy: Rows, candidate: Sequence[Value]
) -> Iterator[Difference | Pair]:
    """A result set and a Python sequence of dictionaries, records, tuples, or (one column) plain values."""
    old = _Table.of_rows(legacy)
    new = _Table.of_items(candidate, old.types)
    return _compare_tables(walk, path, old.beside(new, legacy), new, ordered=legacy.ordered)


def compare_items_with_rows(
    walk: Walk, path: Path, legacy: Sequence[Value], candidate: Rows
) -> Iterator[Difference | Pair]:
    """The same the other way round."""
    new = _Table.of_rows(candidate)
    old = _Table.of_items(legacy, new.types)
    return _compare_tables(walk, path, old, new.beside(old, candidate), ordered=candidate.ordered)


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows as dictionaries by column.

    Attributes:
        rows: what is no row of these columns is left as it is, and will differ.
        types: the columns, in order, with their server types where these are known.
    """

    rows: list[Value]
    types: Mapping[str, str]

    @classmethod
    def of_rows(cls, rows: Rows, cells: frozenset[str] = frozenset()) -> _Table:
        """A result set's table; the columns in ``cells`` keep the server's text."""
        types = _types(rows.columns)
        table: list[Value] = [dict(zip(types, values, strict=True)) for values in natural_rows(rows)]
        for row, texts in zip(table, rows.rows, strict=True):
            for (key, type_name), text in zip(types.items(), texts, strict=True):
                if key in cells:
                    row[key] = Cell(rows.dialect, type_name, text)
        return cls(table, types)

    @classmethod
    def of_items(cls, items: Sequence[Value], columns: Mapping[str, str]) -> _Table:
        """The table of a Python sequence that is to be compared with these columns."""
        rows = [as_row(item, columns) for item in items]
        found = dict.fromkeys(key for row in rows if type(row) is dict for key in row)
        return cls(rows, dict.fromkeys(found, ""))

    def beside(self, items: _Table, rows: Rows) -> _Table:
        """This table of a result set, its columns read as documents where the other side's values are some."""
        if rows.dialect not in JSON_IS_TEXT:
            return self
        dictionaries = [row for row in items.rows if type(row) is dict]
        structured = {key for row in dictionaries for key, value in row.items() if type(value) in _STRUCTURED}
        table: list[Value] = list(self.rows)
        for place, (key, type_name) in enumerate(self.types.items()):
            if key in structured:
                cells = [Cell(rows.dialect, type_name, texts[place]) for texts in rows.rows]
                table = [row | {key: document(cell)} for row, cell in zip(table, cells, strict=True)]
        return _Table(table, self.types)

    def column(self, key: str) -> list[Value]:
        """All values of a column."""
        return [_natural(row.get(key)) for row in self.rows if type(row) is dict]

    def without(self, keys: frozenset[str]) -> list[Value]:
        """The rows without these columns."""
        return [
            {key: value for key, value in row.items() if key not in keys} if type(row) is dict else row
            for row in self.rows
        ]


def _compare_tables(
    walk: Walk, path: Path, old: _Table, new: _Table, *, ordered: bool
) -> Iterator[Difference | Pair]:
    """Columns that one side lacks are told once; the rest is compared row by row."""
    missing: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()
    if old.types and new.types and bool(old.rows) == bool(new.rows):
        missing, extra = frozenset(old.types.keys() - new.types), frozenset(new.types.keys() - old.types)
    every = (path, _EVERY_ROW)
    for key in old.types:
        if key in missing:
            yield difference((every, key), Kind.MISSING, old.column(key), ABSENT, "the whole column")
    for key in new.types:
        if key in extra:
            yield difference((every, key), Kind.EXTRA, ABSENT, new.column(key), "the whole column")
    told = walk.unordered(path)
    yield from compare_items(
        walk,
        path,
        old.without(missing) if missing else old.rows,
        new.without(extra) if extra else new.rows,
        ordered=ordered and not told,
        order_told=ordered,
        naming=_ROWS,
    )


def as_row(item: Value, columns: Mapping[str, str]) -> Value:
    """An item of a Python sequence by column, if it can be one."""
    only = next(iter(columns)) if len(columns) == 1 else None
    fields = item.fields if type(item) is Record else item
    if isinstance(fields, dict) and (only is None or only in fields):
        return fields
    if type(item) in (list, tuple) and not (type(item) is list and only and columns[only].endswith("]")):
        beyond = [f"column {place}" for place in range(len(columns) + 1, len(item) + 1)]
        return dict(zip([*columns, *beyond], item, strict=False))
    return item if only is None else {only: item}


@lru_cache(maxsize=256)
def _types(columns: tuple[Column, ...]) -> Mapping[str, str]:
    """The server types by column; the same columns come again and again."""
    return {key: column.type for key, column in zip(keys_of(columns), columns, strict=True)}


def keys_of(columns: Sequence[Column]) -> list[str]:
    """Column names, made unique where a name comes again."""
    keys: list[str] = []
    for column in columns:
        again = sum(column.name == before.name for before in columns[: len(keys)])
        keys.append(f"{column.name} ({again + 1})" if again else column.name)
    return keys


def _beside(value: Value, other: Value) -> Value:
    """A value as it is read beside one of the other side."""
    return document(value) if type(value) is Cell and type(other) in _STRUCTURED else _natural(value)


def _natural(value: Value) -> Value:
    return natural(value) if type(value) is Cell else value


def _natural_row(row: Value) -> Value:
    return {key: _natural(value) for key, value in row.items()} if type(row) is dict else row


_ROWS: Final = Naming(legacy=itself, candidate=itself, show=_natural_row)
