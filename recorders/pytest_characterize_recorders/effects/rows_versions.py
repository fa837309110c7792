"""Row changes by comparing row versions from two connections: nothing is made, no right needed beyond SELECT.

PostgreSQL writes a changed row as a new version beside the old one. The transaction that made the call knows
the versions that it wrote by their ``xmin``. A second connection that shares its snapshot, but none of its
changes, knows the versions that somebody ended or locked by their ``xmax``; those that the first one does not
see any more are what it ended. Each reads a table once, and only versions that changed leave the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Rows
from pytest_characterize_recorders.effects.rows import Row, net_changes
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable, Place, find_tables
from pytest_characterize_recorders.effects.rows_text import read_row
from pytest_characterize_recorders.sources.postgresql.session import Mode

LOCK_TIMEOUT = "1s"


class VersionsDisturbedError(Exception):
    """The call exchanged a table's content or definition, or a table has no versions that could be compared."""


class RowVersions:
    """Watches tables by the versions of their rows; made and read within one transaction.

    Args:
        connection: the one of the call; its transaction has one snapshot from beginning to end.
        open_other: opens another connection to the same database.

    Raises:
        VersionsDisturbedError: the tables cannot be watched so.
    """

    mode: Mode = "ISOLATION LEVEL REPEATABLE READ READ WRITE"

    def __init__(
        self,
        connection: psycopg.Connection,
        tables: Sequence[LegacyTable],
        open_other: Callable[[], psycopg.Connection],
    ) -> None:
        self._connection, self._tables = connection, tables
        oids = [place.oid for table in tables for place in table.places]
        if connection.execute(_WITHOUT_VERSIONS, (oids, oids)).fetchone() != (0,):
            raise VersionsDisturbedError
        [snapshot] = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        self._other = open_other()
        try:
            self._other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._other.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
            self._other.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
        except BaseException:
            self._other.close()
            raise

    @property
    def companion(self) -> int:
        """Process of the server that serves the other connection."""
        return self._other.info.backend_pid

    def changes(self) -> Mapping[str, Mapping[str, Rows]]:
        """The net changes since the beginning, by declared table.

        Raises:
            VersionsDisturbedError: something happened that versions do not tell.
        """
        try:
            now = find_tables(self._connection, [table.table.declared for table in self._tables])
        except RecordingError:
            raise VersionsDisturbedError from None
        if now != tuple(self._tables):
            raise VersionsDisturbedError
        try:
            return {
                table.table.declared: net_changes(table.table, self._net(table)) for table in self._tables
            }
        except psycopg.errors.LockNotAvailable:
            raise VersionsDisturbedError from None

    def close(self) -> None:
        """Close the other connection."""
        self._other.close()

    def _net(self, table: LegacyTable) -> Iterator[tuple[Row, int]]:
        """Rows that changed back, or to the same, cancel out."""
        counts: dict[str, int] = {}
        for place in table.places:
            for image, count in self._versions(table, place):
                counts[image] = counts.get(image, 0) + count
        for image, count in counts.items():
            if count:
                yield read_row(image), count

    def _versions(self, table: LegacyTable, place: Place) -> Iterator[tuple[str, int]]:
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.table.columns)
        named = {"columns": columns, "place": place.name}
        suspects = [at for (at,) in self._other.execute(sql.SQL(_SUSPECTS).format(**named))]
        visible = {at for (at,) in self._connection.execute(sql.SQL(_VISIBLE).format(**named), (suspects,))}
        ended = [at for at in suspects if at not in visible]
        for (image,) in self._other.execute(sql.SQL(_ENDED).format(**named), (ended,)):
            yield image, -1
        for (image,) in self._connection.execute(sql.SQL(_WRITTEN).format(**named)):
            yield image, 1


_WITHOUT_VERSIONS = """
SELECT (SELECT count(*) FROM pg_class WHERE oid = ANY (%s::oid[]) AND relkind = 'f')
     + (SELECT count(*) FROM unnest(%s::oid[]) AS place WHERE row_security_active(place))
"""
_SUSPECTS = "SELECT ctid::text FROM ONLY {place} WHERE xmax <> '0'::xid"
_VISIBLE = "SELECT ctid::text FROM ONLY {place} WHERE ctid = ANY (%s::tid[])"
_ENDED = "SELECT ROW({columns})::text FROM ONLY {place} WHERE ctid = ANY (%s::tid[])"
_WRITTEN = """
SELECT ROW({columns})::text FROM ONLY {place}
WHERE age(xmin) <= age(pg_current_xact_id_if_assigned()::xid)
"""
