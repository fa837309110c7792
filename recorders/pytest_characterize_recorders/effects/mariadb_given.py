"""The legacy rows of MariaDB and MySQL that a case reads, as they are before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pymysql
from pymysql.connections import Connection

from pytest_characterize.given import Given
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.given_conditions import (
    Words,
    require_columns,
    select,
    unreadable,
    within_limit,
)
from pytest_characterize_recorders.effects.mariadb_rows import find_tables
from pytest_characterize_recorders.effects.rows import Table, in_order
from pytest_characterize_recorders.sources.mariadb.errors import blames_statement
from pytest_characterize_recorders.sources.mariadb.literals import literal, quoted
from pytest_characterize_recorders.sources.mariadb.routines import fetch


def given_rows(connection: Connection, given: Given, inputs: Mapping[str, Value]) -> dict[str, Rows]:
    """The given rows of a case, all of one moment, by declared table.

    Raises:
        RecordingError: ``table-unknown``, ``table-ambiguous``, ``given-column-unknown``, ``given-too-many`` or
            ``given-unreadable``.
    """
    with _one_moment(connection):
        found = find_tables(connection, given.tables, changing=False)
        tables = [legacy.table for legacy in found]
        require_columns(given, tables)
        words = Words({legacy.table.declared: legacy.identifier for legacy in found}, quoted, _equals)

        def read(table: Table, most: int) -> Rows:
            """The rows of a table, so many at the most."""
            try:
                return in_order(table, fetch(connection, select(given, table, inputs, words, most)))
            except pymysql.Error as error:
                if blames_statement(error):
                    raise unreadable(str(error.args[-1])) from None
                raise

        return within_limit(given, tables, read)


@contextmanager
def _one_moment(connection: Connection) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    try:
        yield
    finally:
        if connection.open:
            connection.rollback()


def _equals(own: str, value: Value) -> str:
    if not isinstance(value, list | tuple):
        return f"{own} = {literal(value)}"
    return f"{own} IN ({', '.join(map(literal, value))})" if value else "1 = 0"
