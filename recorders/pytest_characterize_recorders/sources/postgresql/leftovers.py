"""What a rolled back transaction leaves in the files of tables: row versions that nobody sees, and every scan reads.

They are no data, and autovacuum would clear them away, where it is on; trials write so many of them that a small
table soon is a hundred times as long to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg import sql

LARGEST: Final = 64 << 20
"""Bytes of a table above which it is left to the server: to read it whole would take longer than it saves."""


@contextmanager
def cleared_away(connection: psycopg.Connection) -> Iterator[list[sql.Identifier]]:
    """After the block, which ends a transaction: clear away what is left of writes to the tables that it adds."""
    tables: list[sql.Identifier] = []
    yield tables
    if tables and not connection.closed:
        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.QueryCanceled):
            connection.execute(sql.SQL("VACUUM (SKIP_LOCKED) {}").format(sql.SQL(", ").join(tables)))


def written_tables(connection: psycopg.Connection) -> list[sql.Identifier]:
    """Within a transaction: the small tables that it wrote to, also where that was taken back."""
    with suppress(psycopg.Error):  # a transaction that has failed tells nothing
        return [sql.Identifier(schema, name) for schema, name in connection.execute(_WRITTEN, (LARGEST,))]
    return []


_WRITTEN: Final = """
SELECT t.schemaname, t.relname
FROM pg_stat_xact_user_tables t
JOIN pg_class c ON c.oid = t.relid
WHERE t.n_tup_ins + t.n_tup_upd + t.n_tup_del > 0
  AND c.relkind = 'r' AND c.relpersistence <> 't' AND pg_relation_size(c.oid) <= %s
  AND pg_has_role(c.relowner, 'USAGE')
ORDER BY 1, 2
"""
