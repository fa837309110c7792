"""The legacy rows of PostgreSQL that a case reads, as they are before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import sql

from pytest_characterize.given import Given
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.given_conditions import (
    Words,
    require_columns,
    select,
    unreadable,
    within_limit,
)
from pytest_characterize_recorders.effects.rows import Row, Table, in_order
from pytest_characterize_recorders.effects.rows_catalog import find_tables
from pytest_characterize_recorders.sources.postgresql.arguments import natural_type, server_text
from pytest_characterize_recorders.sources.postgresql.results import texts
from pytest_characterize_recorders.sources.postgresql.session import impatient, rolled_back

MISUNDERSTOOD: Final = ("22", "42")
"""Classes of SQLSTATEs that say that a condition cannot be."""
FORBIDDEN: Final = "42501"


def given_rows(connection: psycopg.Connection, given: Given, inputs: Mapping[str, Value]) -> dict[str, Rows]:
    """The given rows of a case, all of one moment, by declared table.

    Raises:
        RecordingError: ``table-unknown``, ``table-ambiguous``, ``given-column-unknown``, ``given-too-many`` or
            ``given-unreadable``.
    """
    with rolled_back(connection, "ISOLATION LEVEL REPEATABLE READ READ WRITE"), impatient(connection):
        found = find_tables(connection, given.tables)
        tables = [legacy.table for legacy in found]
        require_columns(given, tables)
        names = {legacy.table.declared: legacy.name.as_string() for legacy in found}

        def read(table: Table, most: int) -> Rows:
            values: list[str | None] = []
            words = Words(names, _quoted, lambda own, value: _equals(own, value, values))
            return in_order(table, _fetched(connection, select(given, table, inputs, words, most), values))

        return within_limit(given, tables, read)


def _fetched(connection: psycopg.Connection, statement: str, values: list[str | None]) -> tuple[Row, ...]:
    try:
        with psycopg.RawCursor(connection) as cursor:
            cursor.execute(statement.encode(), values)
            assert cursor.pgresult is not None
            return texts(cursor.pgresult)
    except psycopg.Error as error:
        code = error.sqlstate or ""
        if code.startswith(MISUNDERSTOOD) and code != FORBIDDEN:
            raise unreadable(error.diag.message_primary or code) from None
        raise


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()


def _equals(own: str, value: Value, values: list[str | None]) -> str:
    """A text takes its type from the column, as a literal does; every other value brings its own."""
    texts_only = all(
        isinstance(item, str) for item in (value if isinstance(value, list | tuple) else [value])
    )
    values.append(server_text(value))
    place = f"${len(values)}" + ("" if value is None or texts_only else f"::{natural_type(value)}")
    return f"{own} = ANY ({place})" if isinstance(value, list | tuple) else f"{own} = {place}"
