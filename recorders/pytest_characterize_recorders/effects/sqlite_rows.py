"""Row changes of SQLite tables, logged by temporary triggers in a private copy.

Triggers see the rows that ``INSERT OR REPLACE`` throws out only under a setting that would change legacy's own
triggers, so it is set where legacy has none. Each table's rows are counted as well: where the count does not
follow from the log, the table is compared with what it was.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column, Rows
from pytest_characterize_recorders.effects.rows import Table, net_changes
from pytest_characterize_recorders.sources.nearest import names_alike
from pytest_characterize_recorders.sources.sqlite.guarding import OURS
from pytest_characterize_recorders.sources.sqlite.results import (
    DIALECT,
    decoded,
    quoted,
    texts,
    typed_columns,
)

_Values = tuple[Any, ...]

_ROW_IDS: Final = ("rowid", "_rowid_", "oid")
_EVENTS: Final = {"INSERT": (("NEW", 1),), "DELETE": (("OLD", -1),), "UPDATE": (("OLD", -1), ("NEW", 1))}


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """A table of the database.

    Attributes:
        declared: its name as the descriptor has it, or as the database has it.
        name: as the database has it.
        columns: names and declared types, those that are computed left out.
        key: positions of the primary key's columns.
        identity: what tells its rows apart for the database; empty where nothing can be named that does.
    """

    declared: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[int, ...]
    identity: tuple[str, ...]

    @property
    def listed(self) -> str:
        """Its columns for a SELECT."""
        return ", ".join(quoted(column.name) for column in self.columns)


def find_tables(
    connection: sqlite3.Connection, names: Iterable[str], *, changing: bool = True
) -> tuple[LegacyTable, ...]:
    """The declared tables.

    Args:
        changing: whether they are watched for changes, which those that are virtual cannot be.

    Raises:
        RecordingError: ``table-unknown`` or ``effects-unobservable``.
    """
    kinds = _kinds(connection)
    return tuple(_table(connection, name, kinds, changing) for name in names)


def all_tables(connection: sqlite3.Connection) -> tuple[tuple[LegacyTable, ...], tuple[str, ...]]:
    """Every table that can be watched, and the names of those that cannot."""
    kinds = _kinds(connection)
    plain = [name for name, kind in kinds.items() if kind == "table" and not name.startswith("sqlite_")]
    others = [name for name, kind in kinds.items() if kind == "virtual"]
    return tuple(_table(connection, name, kinds) for name in sorted(plain)), tuple(sorted(others))


class WatchedTables:
    """Logs what becomes of the rows of tables, from now on.

    Args:
        before: the schema of the connection that shows the tables as they are now, whatever happens meanwhile.
        makes_triggers: whether legacy's script may make triggers of its own.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        tables: Sequence[LegacyTable],
        before: str,
        *,
        makes_triggers: bool,
    ) -> None:
        self._connection, self._tables, self._before = connection, tables, before
        [[triggers]] = connection.execute("SELECT count(*) FROM main.sqlite_master WHERE type = 'trigger'")
        connection.execute(f"PRAGMA recursive_triggers = {int(not triggers and not makes_triggers)}")
        for number, table in enumerate(tables):
            self._watch(number, table)
        self._counts = [_count(connection, table) for table in tables]

    def changes(self, *, only_changed: bool) -> Mapping[str, Mapping[str, Rows]]:
        """The net changes, by declared table.

        Args:
            only_changed: leave out tables that have none.
        """
        found = {}
        for number, table in enumerate(self._tables):
            counted = self._counted(number, table)
            if counted or not only_changed:
                found[table.declared] = _told(table, counted)
        return found

    def _watch(self, number: int, table: LegacyTable) -> None:
        log = f"{OURS}log_{number}"
        places = ", ".join(f"c{place}" for place in range(len(table.columns)))
        self._connection.execute(f"CREATE TEMP TABLE {log} (sign, {places})")
        for event, images in _EVENTS.items():
            body = " ".join(
                f"INSERT INTO {log} VALUES ({sign}, "
                f"{', '.join(f'{image}.{quoted(column.name)}' for column in table.columns)});"
                for image, sign in images
            )
            self._connection.execute(
                f"CREATE TEMP TRIGGER {OURS}{event.lower()}_{number} AFTER {event} ON "
                f"{quoted('main', table.name)} BEGIN {body} END"
            )

    def _counted(self, number: int, table: LegacyTable) -> list[tuple[_Values, int]]:
        log = self._connection.execute(f"SELECT * FROM temp.{OURS}log_{number}").fetchall()
        change: Counter[_Key] = Counter()
        for sign, *row in log:
            change[_key(row)] += sign
        if self._counts[number] + sum(sign for sign, *_ in log) != _count(self._connection, table):
            change = self._compared(table)
        return [(_values(row), count) for row, count in change.items() if count]

    def _compared(self, table: LegacyTable) -> Counter[_Key]:
        """By how much there are more rows of each kind than before; those that are the same are left out."""
        now, before = quoted("main", table.name), quoted(self._before, table.name)
        if not table.identity:
            change = self._content(table, now)
            change.subtract(self._content(table, before))
            return change
        joined = " AND ".join(f"here.{one} = there.{one}" for one in table.identity)
        missing = f"there.{table.identity[0]} IS NULL"
        names = [quoted(column.name) for column in table.columns]
        same = " AND ".join(
            f"here.{one} IS there.{one} COLLATE BINARY AND typeof(here.{one}) = typeof(there.{one})"
            for one in names
        )
        here, there = (", ".join(f"{side}.{one}" for one in names) for side in ("here", "there"))
        change = Counter()
        for *row, new in self._connection.execute(
            f"SELECT {here}, {there}, {missing} FROM {now} AS here LEFT JOIN {before} AS there ON {joined}"
            f" WHERE {missing} OR NOT ({same})"
        ):
            change[_key(row[: len(names)])] += 1
            if not new:
                change[_key(row[len(names) :])] -= 1
        for row in self._connection.execute(
            f"SELECT {here} FROM {before} AS here LEFT JOIN {now} AS there ON {joined} WHERE {missing}"
        ):
            change[_key(row)] -= 1
        return change

    def _content(self, table: LegacyTable, name: str) -> Counter[_Key]:
        return Counter(_key(row) for row in self._connection.execute(f"SELECT {table.listed} FROM {name}"))


_Key = tuple[tuple[type, Any], ...]
"""A row whose values are told apart by type: 1 and 1.0 are two."""


def _key(row: Iterable[Any]) -> _Key:
    return tuple((type(value), bytes(value) if isinstance(value, bytearray) else value) for value in row)


def _values(key: _Key) -> _Values:
    return tuple(bytearray(value) if kind is bytearray else value for kind, value in key)


def _count(connection: sqlite3.Connection, table: LegacyTable) -> int:
    [[number]] = connection.execute(f"SELECT count(*) FROM {quoted('main', table.name)}")
    return int(number)


def _told(table: LegacyTable, counted: Sequence[tuple[_Values, int]]) -> Mapping[str, Rows]:
    rows = [row for row, _ in counted]
    columns = typed_columns(table.columns, rows)
    pairs = zip(texts(columns, rows), (count for _, count in counted), strict=True)
    return net_changes(Table(table.declared, DIALECT, columns, table.key), pairs)


def _kinds(connection: sqlite3.Connection) -> dict[str, str]:
    """Name -> ``table``, ``view``, ``virtual``, or ``shadow`` for the tables behind a virtual one."""
    found = connection.execute("PRAGMA main.table_list").fetchall()
    return {decoded(row[1]): decoded(row[2]) for row in found}


def _table(
    connection: sqlite3.Connection, declared: str, kinds: Mapping[str, str], changing: bool = True
) -> LegacyTable:
    wanted = declared.removeprefix("main.") if declared not in kinds else declared
    name = next((one for one in kinds if one.lower() == wanted.lower()), "")
    if not name or kinds[name] == "view":
        known = [("main", one) for one, kind in kinds.items() if kind == "table"]
        raise RecordingError(
            f"the source has no table {declared!r}{names_alike(declared, known)}",
            slug="table-unknown",
            hint="write the name as the database has it; of a view, name its tables",
        )
    if changing and kinds[name] != "table":
        raise RecordingError(
            f"the table {declared!r} is virtual or belongs to one: its rows cannot be watched",
            slug="effects-unobservable",
            hint="leave it out of Tables(...)",
        )
    info = connection.execute(f"PRAGMA main.table_info({quoted(name)})").fetchall()
    columns = tuple(Column(decoded(row[1]), decoded(row[2])) for row in info)
    in_key = sorted((row[5], place) for place, row in enumerate(info) if row[5])
    key = tuple(place for _, place in in_key)
    return LegacyTable(declared, name, columns, key, _identity(connection, name, columns, key))


def _identity(
    connection: sqlite3.Connection, name: str, columns: Sequence[Column], key: Sequence[int]
) -> tuple[str, ...]:
    found = connection.execute(f"PRAGMA main.table_list({quoted(name)})").fetchall()
    if any(row[4] for row in found):  # WITHOUT ROWID
        return tuple(quoted(columns[place].name) for place in key)
    taken = {column.name.lower() for column in columns}
    return next(((one,) for one in _ROW_IDS if one not in taken), ())
