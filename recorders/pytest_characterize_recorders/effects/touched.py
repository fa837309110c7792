"""Which tables a call changed, told by the locks that it holds at its end.

Whoever writes to a table locks it until the transaction ends, by whatever way it writes, also by cascades and
triggers, and nobody can write without. Locks of a sub-transaction that was rolled back are gone with what it
wrote. So the tables found are all that were changed, and some that were only locked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import psycopg


def written_relations(connection: psycopg.Connection) -> frozenset[int]:
    """Within the transaction, after the call: what it may have written to."""
    return frozenset(oid for (oid,) in connection.execute(_WRITTEN))


def table_names(connection: psycopg.Connection, relations: Collection[int]) -> tuple[str, ...]:
    """After the rollback: the tables among them that were there before the call, as a descriptor names them.

    A partition is named by the table that it is a part of.
    """
    return tuple(name for (name,) in connection.execute(_NAMES, (list(relations),)))


_WRITTEN = """
SELECT DISTINCT relation FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
  AND mode NOT IN ('AccessShareLock', 'RowShareLock')
"""
_NAMED = """
SELECT DISTINCT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
FROM unnest({}) AS written (oid)
JOIN pg_class c ON c.oid = coalesce(pg_partition_root(written.oid), written.oid)
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY name
"""
_NAMES = _NAMED.format("%s::oid[]").encode()
WRITTEN_NAMES: Final = _NAMED.format(f"ARRAY({_WRITTEN})").encode()
"""What :func:`table_names` says of :func:`written_relations`, asked at once."""
