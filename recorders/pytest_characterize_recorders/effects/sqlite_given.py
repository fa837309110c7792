"""The legacy rows of a SQLite file that a case reads, as they are before it runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from pytest_characterize.given import Given
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.given_conditions import (
    Words,
    require_columns,
    select,
    unreadable,
    within_limit,
)
from pytest_characterize_recorders.effects.rows import Table, in_order
from pytest_characterize_recorders.effects.sqlite_rows import LegacyTable, find_tables
from pytest_characterize_recorders.sources.sqlite.inputs import bindable
from pytest_characterize_recorders.sources.sqlite.results import DIALECT, quoted, texts, typed_columns


def given_rows(connection: sqlite3.Connection, given: Given, inputs: Mapping[str, Value]) -> dict[str, Rows]:
    """The given rows of a case, by declared table, in the transaction in which the case will run.

    Raises:
        RecordingError: ``table-unknown``, ``given-column-unknown``, ``given-too-many`` or ``given-unreadable``.
    """
    found = {table.declared: table for table in find_tables(connection, given.tables, changing=False)}
    tables = [_table(legacy, legacy.columns) for legacy in found.values()]
    require_columns(given, tables)
    names = {legacy.declared: quoted("main", legacy.name) for legacy in found.values()}

    def read(table: Table, most: int) -> Rows:
        """The rows of a table, so many and one more at the most."""
        values: list[Any] = []
        words = Words(names, quoted, lambda own, value: _equals(own, value, values))
        try:
            rows = connection.execute(select(given, table, inputs, words, most), values).fetchall()
        except sqlite3.Error as error:
            raise unreadable(str(error)) from None
        columns = typed_columns(table.columns, rows)
        return in_order(_table(found[table.declared], columns), texts(columns, rows))

    return within_limit(given, tables, read)


def _equals(own: str, value: Value, values: list[Any]) -> str:
    """A value that is bound takes the affinity of the column."""
    if not isinstance(value, list | tuple):
        values.append(bindable(value))
        return f"{own} = ?"
    values.extend(map(bindable, value))
    return f"{own} IN ({', '.join('?' * len(value))})"


def _table(legacy: LegacyTable, columns: Any) -> Table:
    return Table(legacy.declared, DIALECT, tuple(columns), legacy.key)
