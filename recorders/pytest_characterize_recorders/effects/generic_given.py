"""The legacy rows that a case reads in a database of any dialect, as they are before it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, FromClause, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from pytest_characterize.given import Given
from pytest_characterize.values import Column, Rows, Value
from pytest_characterize_recorders.effects.given_conditions import require_columns, unreadable, within_limit
from pytest_characterize_recorders.effects.rows import Table, in_order
from pytest_characterize_recorders.sources.generic.tables import LegacyTable, find_tables
from pytest_characterize_recorders.sources.generic.values import DIALECT, bound, columns_of, row_of_texts


def given_rows(connection: Connection, given: Given, inputs: Mapping[str, Value]) -> dict[str, Rows]:
    """The given rows of a case, by declared table, in the transaction in which the case will run.

    Raises:
        RecordingError: ``table-unknown``, ``table-ambiguous``, ``given-column-unknown``, ``given-too-many`` or
            ``given-unreadable``.
    """
    found = {table.declared: table for table in find_tables(connection, given.tables, changing=False)}
    tables = [_table(table, [Column(name, "") for name in table.columns]) for table in found.values()]
    require_columns(given, tables)
    values = {name: bound(connection.dialect.name, value) for name, value in inputs.items()}

    def read(table: Table, most: int) -> Rows:
        """The rows of a table, so many and one more at the most."""
        legacy = found[table.declared]
        rows = _fetched(connection, select(given, legacy, found, values).limit(most + 1))
        columns = columns_of(legacy.columns, rows)
        return in_order(_table(legacy, columns), (row_of_texts(columns, row) for row in rows))

    return within_limit(given, tables, read)


def select(
    given: Given, table: LegacyTable, tables: Mapping[str, LegacyTable], inputs: Mapping[str, Any]
) -> Select[Any]:
    """The statement that reads a table's given rows."""
    own = table.clause.alias("g0")
    statement = sqlalchemy.select(*(own.columns[name] for name in table.columns))
    return statement.where(*_where(given, table.declared, own, tables, inputs, 0))


def _where(
    given: Given,
    table: str,
    own: FromClause,
    tables: Mapping[str, LegacyTable],
    inputs: Mapping[str, Any],
    depth: int,
) -> list[ColumnElement[bool]]:
    """Columns that equal inputs, and rows of other given tables that there must be; those of one table together."""
    conditions: list[ColumnElement[bool]] = []
    behind: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for column, told in given.tables[table].items():
        other, name = given.origin(told)
        if other:
            behind[other].append((name, column))
        else:
            conditions.append(_equals(own.columns[column], inputs[name]))
    for other, joined in behind.items():
        there = tables[other].clause.alias(f"g{depth + 1}")
        met = [there.columns[name] == own.columns[column] for name, column in joined]
        met += _where(given, other, there, tables, inputs, depth + 1)
        conditions.append(
            sqlalchemy.exists(sqlalchemy.literal_column("1")).select_from(there).where(*met).correlate(own)
        )
    return conditions


def _equals(own: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    """Without a type: a text takes it from the column then, as a literal does."""
    if isinstance(value, list | tuple):
        return own.in_([sqlalchemy.literal(one, NullType()) for one in value])
    return own == sqlalchemy.literal(value, NullType())


def _fetched(connection: Connection, statement: Select[Any]) -> list[tuple[Any, ...]]:
    try:
        return [tuple(row) for row in connection.execute(statement)]
    except DBAPIError as error:
        if error.connection_invalidated or error.orig is None:
            raise
        raise unreadable(str(error.orig.args[-1]).partition("\n")[0]) from None


def _table(legacy: LegacyTable, columns: Any) -> Table:
    return Table(legacy.declared, DIALECT, tuple(columns), legacy.key)
