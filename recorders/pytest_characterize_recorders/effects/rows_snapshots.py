"""Row changes by comparing whole tables before and after: for what triggers cannot watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Rows
from pytest_characterize_recorders.effects.rows import net_changes
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable
from pytest_characterize_recorders.effects.rows_text import read_row
from pytest_characterize_recorders.sources.postgresql.session import Mode


class RowSnapshots:
    """Watches tables by copies of their rows' texts; made and read within one transaction.

    The transaction must not see what other sessions commit meanwhile: see :attr:`mode`.
    """

    mode: Mode = "ISOLATION LEVEL REPEATABLE READ READ WRITE"

    def __init__(self, connection: psycopg.Connection, tables: Sequence[LegacyTable]) -> None:
        self._connection = connection
        self._tables = tables
        for number, table in enumerate(tables):
            connection.execute(
                sql.SQL("CREATE TEMP TABLE {} AS {}").format(_copy(number), _images(table)),
            )

    def changes(self) -> Mapping[str, Mapping[str, Rows]]:
        """The net changes since the beginning, by declared table.

        Raises:
            RecordingError: ``table-redefined``.
        """
        return {
            table.table.declared: net_changes(
                table.table, [(read_row(image), count) for image, count in self._counted(number, table)]
            )
            for number, table in enumerate(self._tables)
        }

    def _counted(self, number: int, table: LegacyTable) -> list[tuple[str, int]]:
        kept = self._connection.execute("SELECT to_regclass(%s)", (_copy(number).as_string(),)).fetchone()
        if kept == (None,):
            raise RecordingError(
                "the call throws temporary tables away, and with them what its rows would be compared with",
                slug="effects-unobservable",
                hint="leave effects= out, or record what it calls before DISCARD",
            )
        statement = sql.SQL(_COUNTED).format(_copy(number), _images(table))
        try:
            return self._connection.execute(statement).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            raise RecordingError(
                f"the call redefines the table {table.table.declared!r}: its rows cannot be compared",
                slug="table-redefined",
                hint="leave the table out of Tables(...)",
            ) from None


def _copy(number: int) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"characterize_before_{number}")


def _images(table: LegacyTable) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.table.columns)
    return sql.SQL("SELECT ROW({})::text AS image FROM {}").format(columns, table.name)


_COUNTED = """
SELECT image, sum(count)::int
FROM (SELECT image, -1 AS count FROM {} UNION ALL SELECT image, 1 FROM ({}) AS now) AS both_sides
GROUP BY image HAVING sum(count) <> 0
"""
