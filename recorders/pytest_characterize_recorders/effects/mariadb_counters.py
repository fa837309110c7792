"""Counters of AUTO_INCREMENT, which no rollback takes back: set back after a case, else told.

Setting one back is a definition, which ends transactions; so it is done on a connection of its own, when the
case is over. The server never sets one below the rows that there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize_recorders.sources.mariadb.literals import quoted
from pytest_characterize_recorders.sources.mariadb.routines import SYSTEM, fetch

LOCK_SECONDS: Final = 5
"""How long another session's work on the table is waited for."""

Name = tuple[str, str]


class Counters:
    """The counters of all tables at one time."""

    def __init__(self, connection: Connection) -> None:
        self._before = _counters(connection)

    def advanced(self, connection: Connection) -> tuple[Name, ...]:
        """Schemas and names of the tables whose counter has changed since."""
        after = _counters(connection)
        return tuple(name for name, count in self._before.items() if after.get(name, count) != count)

    def restore(self, connection: Connection, advanced: tuple[Name, ...]) -> tuple[str, ...]:
        """Set them back; gives the names of the tables whose counter stays advanced."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET lock_wait_timeout = {LOCK_SECONDS}, innodb_lock_wait_timeout = {LOCK_SECONDS}"
            )
            for name in advanced:
                try:
                    # Where the whole table would have to be copied, the server refuses.
                    cursor.execute(
                        f"ALTER TABLE {quoted(*name)} AUTO_INCREMENT = {self._before[name]}, ALGORITHM = INPLACE"
                    )
                except pymysql.Error:
                    continue
        return tuple(".".join(name) for name in self.advanced(connection))


def _counters(connection: Connection) -> Mapping[Name, int]:
    return {
        (schema or "", name or ""): int(count or 0) for schema, name, count in fetch(connection, _COUNTERS)
    }


_COUNTERS: Final = f"""
SELECT TABLE_SCHEMA, TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES
WHERE AUTO_INCREMENT IS NOT NULL AND TABLE_SCHEMA NOT IN ({SYSTEM}) ORDER BY 1, 2
"""
