"""The declared tables as PostgreSQL's catalog has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column
from pytest_characterize_recorders.effects.rows import Table
from pytest_characterize_recorders.sources.nearest import names_alike, readings

DIALECT = "postgresql"


@dataclass(frozen=True, slots=True)
class Place:
    """One relation that holds rows of a declared table: itself, a partition, a child.

    Attributes:
        columns: as the relation orders them, all that a whole-row text has.
        storage: changes when the relation's content is exchanged (TRUNCATE, a rewriting ALTER).
    """

    oid: int
    name: sql.Identifier
    columns: tuple[str, ...]
    storage: int
    is_partition: bool


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """A declared table with the relations that hold its rows."""

    table: Table
    name: sql.Identifier
    places: tuple[Place, ...]


def find_tables(connection: psycopg.Connection, names: Iterable[str]) -> tuple[LegacyTable, ...]:
    """The declared tables as they are now.

    Raises:
        RecordingError: ``table-unknown`` or ``table-ambiguous``.
    """
    return tuple(_table(connection, name) for name in names)


def _table(connection: psycopg.Connection, declared: str) -> LegacyTable:
    schemas, names = zip(*readings(declared), strict=True)
    found = connection.execute(_FIND, {"schemas": list(schemas), "names": list(names)}).fetchall()
    if not found:
        raise _unknown(connection, declared)
    if len(found) > 1:
        listed = ", ".join(f"{schema}.{name}" for _, schema, name in found)
        raise RecordingError(
            f"the table name {declared!r} may mean {listed}",
            slug="table-ambiguous",
            hint="write it with its schema in Tables(...)",
        )
    [(oid, schema, name)] = found
    columns = connection.execute(_COLUMNS, (oid,)).fetchall()
    table = Table(
        declared=declared,
        dialect=DIALECT,
        columns=tuple(Column(column, type_name) for column, type_name, _ in columns),
        key=tuple(position for position, (_, _, in_key) in enumerate(columns) if in_key),
    )
    return LegacyTable(table, sql.Identifier(schema, name), _places(connection, oid))


def _places(connection: psycopg.Connection, oid: int) -> tuple[Place, ...]:
    return tuple(
        Place(place, sql.Identifier(schema, name), tuple(columns), storage, is_partition)
        for place, schema, name, storage, is_partition, columns in connection.execute(_PLACES, {"oid": oid})
    )


def _unknown(connection: psycopg.Connection, declared: str) -> RecordingError:
    alike = names_alike(declared, connection.execute(_KNOWN).fetchall())
    return RecordingError(
        f"the source has no table {declared!r}{alike}",
        slug="table-unknown",
        hint="write the name as the catalog has it, 'table' or 'schema.table'; of a view, name its tables",
    )


_FIND = """
SELECT c.oid, n.nspname, c.relname
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND EXISTS (
    SELECT FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS reading (schema, name)
    WHERE reading.name = c.relname
      AND CASE WHEN reading.schema IS NULL THEN pg_table_is_visible(c.oid) ELSE reading.schema = n.nspname END
)
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attname, format_type(base.type, base.modifier), coalesce(a.attnum = ANY (i.indkey), false)
FROM pg_attribute a
LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
CROSS JOIN LATERAL (
    -- A domain is told by the type below it, as in the results of queries.
    WITH RECURSIVE layer (type, modifier) AS (
        SELECT a.atttypid, a.atttypmod
        UNION ALL
        SELECT t.typbasetype, t.typtypmod FROM layer JOIN pg_type t ON t.oid = layer.type AND t.typtype = 'd'
    )
    SELECT layer.* FROM layer JOIN pg_type t ON t.oid = layer.type AND t.typtype <> 'd'
) AS base
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
ORDER BY a.attnum
"""
_PLACES = """
WITH RECURSIVE family (oid) AS (
    SELECT %(oid)s::oid UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid
)
SELECT c.oid, n.nspname, c.relname, c.relfilenode::bigint, c.relispartition,
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
FROM family
JOIN pg_class c ON c.oid = family.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY c.oid
"""
_KNOWN = """
SELECT n.nspname, c.relname
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""
