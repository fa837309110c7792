"""Row changes of tables in a database of any dialect, by comparing them before and after in one transaction.

They are read a third time when the transaction was rolled back: what a database does that nobody has tested is
not taken for granted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy
from sqlalchemy import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column, Rows
from pytest_characterize_recorders.effects.rows import Row, Table, net_changes
from pytest_characterize_recorders.sources.generic.tables import LegacyTable
from pytest_characterize_recorders.sources.generic.values import DIALECT, kind_and_text, typed_rows

MOST: Final = 100_000
"""Rows that a watched table may have: it is read three times a case, and twice it is held in memory."""
_AT_ONCE: Final = 5_000


class TableSnapshots:
    """The content of tables at one time, to be compared with that at others.

    Raises:
        RecordingError: ``table-too-large``.
    """

    def __init__(self, connection: Connection, tables: Sequence[LegacyTable]) -> None:
        self._connection = connection
        self._tables = tables
        self._before = [content(connection, table) for table in tables]

    def changes(self) -> Mapping[str, Mapping[str, Rows]]:
        """The net changes since, by declared table."""
        return {
            table.declared: _told(table, self._counted(table, before))
            for table, before in zip(self._tables, self._before, strict=True)
        }

    def require_undone(self) -> None:
        """See that everything is as it was.

        Raises:
            RecordingError: ``query-not-undone``.
        """
        for table, before in zip(self._tables, self._before, strict=True):
            if self._counted(table, before):
                raise RecordingError(
                    f"the rows of {table.declared!r} are not what they were, though the transaction was rolled back",
                    slug="query-not-undone",
                    hint="record on a copy that nobody else changes; restore it if the statement itself commits",
                )

    def _counted(self, table: LegacyTable, before: Counter[Row]) -> list[tuple[Row, int]]:
        change = content(self._connection, table)
        change.subtract(before)
        return [(row, count) for row, count in change.items() if count]


def content(connection: Connection, table: LegacyTable) -> Counter[Row]:
    """The rows of a table, each value with its type before a colon, and how often there are such.

    Raises:
        RecordingError: ``table-too-large``.
    """
    statement = sqlalchemy.select(*table.clause.columns).limit(MOST + 1)
    found: Counter[Row] = Counter()
    seen = 0
    with connection.execute(statement.execution_options(stream_results=True)) as result:
        while rows := result.fetchmany(_AT_ONCE):
            seen += len(rows)
            if seen > MOST:
                raise RecordingError(
                    f"the table {table.declared!r} has more than {MOST:,} rows: too many to compare them",
                    slug="table-too-large",
                    hint="record on a copy with fewer rows, or through a source of the database's own kind",
                )
            found.update(tuple(map(_marked, row)) for row in rows)
    return found


def _marked(value: object) -> str | None:
    return None if value is None else ":".join(kind_and_text(value))


def _told(table: LegacyTable, counted: Iterable[tuple[Row, int]]) -> Mapping[str, Rows]:
    counted = list(counted)
    kinds, rows = typed_rows(len(table.columns), [row for row, _ in counted])
    columns = tuple(map(Column, table.columns, kinds))
    pairs = zip(rows, (count for _, count in counted), strict=True)
    return net_changes(Table(table.declared, DIALECT, columns, table.key), pairs)
