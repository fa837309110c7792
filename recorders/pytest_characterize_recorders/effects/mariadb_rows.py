"""Row changes of MariaDB and MySQL tables, by comparing them before and after within one transaction.

Triggers would miss what foreign keys cascade, and making them commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column, Rows
from pytest_characterize_recorders.effects.rows import Row, Table, net_changes
from pytest_characterize_recorders.sources.mariadb.literals import literal, quoted
from pytest_characterize_recorders.sources.mariadb.results import DIALECT
from pytest_characterize_recorders.sources.mariadb.routines import SYSTEM, fetch
from pytest_characterize_recorders.sources.nearest import names_alike, readings


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """A declared table, and the statement that reads all of it.

    Attributes:
        identifier: its quoted name.
    """

    table: Table
    identifier: str
    select: str


class TableSnapshots:
    """The content of tables at one time, to be compared with that at another."""

    def __init__(self, connection: Connection, tables: Sequence[LegacyTable]) -> None:
        self._connection = connection
        self._tables = tables
        self._before = [self._content(table) for table in tables]

    def changes(self) -> Mapping[str, Mapping[str, Rows]]:
        """The net changes since, by declared table."""
        self._uncover()
        return {
            legacy.table.declared: net_changes(legacy.table, self._counted(legacy, before))
            for legacy, before in zip(self._tables, self._before, strict=True)
        }

    def _uncover(self) -> None:
        """Drop temporary tables of the same names: whoever has made one reads it in the table's place."""
        with self._connection.cursor() as cursor:
            for table in self._tables:
                cursor.execute(f"DROP TEMPORARY TABLE IF EXISTS {table.identifier}")

    def _counted(self, legacy: LegacyTable, before: Counter[Row]) -> Iterable[tuple[Row, int]]:
        change = self._content(legacy)
        change.subtract(before)
        width = len(legacy.table.columns)
        return [(row[:width], count) for row, count in change.items() if count]

    def _content(self, legacy: LegacyTable) -> Counter[Row]:
        return Counter(fetch(self._connection, legacy.select))


def find_tables(
    connection: Connection, names: Iterable[str], *, changing: bool = True
) -> tuple[LegacyTable, ...]:
    """The declared tables as they are now.

    Args:
        changing: whether they are watched for changes, which must then be undone.

    Raises:
        RecordingError: ``table-unknown``, ``table-ambiguous`` or ``table-not-transactional``.
    """
    return tuple(_table(connection, name, changing) for name in names)


def _table(connection: Connection, declared: str, changing: bool) -> LegacyTable:
    [[current]] = fetch(connection, "SELECT DATABASE()")
    known = [(schema or "", name or "", undone) for schema, name, undone in fetch(connection, _KNOWN)]
    meant = [(schema or current, name) for schema, name in readings(declared)]
    found = [entry for entry in known if entry[:2] in meant]
    if not found:
        raise RecordingError(
            f"the source has no table {declared!r}{names_alike(declared, [entry[:2] for entry in known])}",
            slug="table-unknown",
            hint="write the name as the catalog has it, 'table' or 'schema.table'; of a view, name its tables",
        )
    if len(found) > 1:
        listed = ", ".join(f"{schema}.{name}" for schema, name, _ in found)
        raise RecordingError(
            f"the table name {declared!r} may mean {listed}",
            slug="table-ambiguous",
            hint="write it with its schema in Tables(...)",
        )
    [(schema, name, undone)] = found
    if changing and undone != "YES":
        raise RecordingError(
            f"the table {declared!r} takes no part in transactions: what a call changes in it would stay",
            slug="table-not-transactional",
            hint="record on a copy in which it is an InnoDB table",
        )
    where = f"TABLE_SCHEMA = {literal(schema)} AND TABLE_NAME = {literal(name)}"
    columns = fetch(connection, _COLUMNS.format(where))
    table = Table(
        declared=declared,
        dialect=DIALECT,
        columns=tuple(Column(column or "", type_name or "") for column, type_name, _ in columns),
        key=tuple(position for position, (_, _, key) in enumerate(columns) if key == "PRI"),
    )
    identifier = quoted(schema, name)
    return LegacyTable(table, identifier, _select(identifier, table))


def _select(identifier: str, table: Table) -> str:
    columns = [quoted(column.name) for column in table.columns]
    # A float's text has six digits only; changes beyond them are seen in these columns, which are not told.
    exact = [
        f"{quoted(column.name)} + 0e0" for column in table.columns if column.type.lower().startswith("float")
    ]
    return f"SELECT {', '.join([*columns, *exact])} FROM {identifier}"


_KNOWN: Final = f"""
SELECT t.TABLE_SCHEMA, t.TABLE_NAME, e.TRANSACTIONS FROM information_schema.TABLES t
LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN ({SYSTEM})
ORDER BY 1, 2
"""
_COLUMNS: Final = """
SELECT COLUMN_NAME, COLUMN_TYPE, COLUMN_KEY FROM information_schema.COLUMNS
WHERE {} AND EXTRA NOT LIKE '%VIRTUAL%' ORDER BY ORDINAL_POSITION
"""
