"""Sequences, which no rollback takes back: kept from advancing, else set back, else told.

Inside our transaction every sequence that we own is altered without a change (its cache stays as it was).
The server then gives it a new storage that belongs to the transaction: whatever is drawn from it is undone
by the rollback, exactly, and no other session can draw meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence.

    Attributes:
        readable: whether its state can be read.
        writable: whether it can be set.
    """

    oid: int
    schema: str
    name: str
    readable: bool
    writable: bool

    @property
    def full_name(self) -> str:
        """Its name for messages."""
        return f"{self.schema}.{self.name}"


class SequenceGuard:
    """Keeps the sequences of a database as they are, around one transaction."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._foreign = [Sequence(*row) for row in connection.execute(_FOREIGN)]
        self._before = self._states(self._foreign)
        self._rewinding = b"SELECT"

    @property
    def unwatched(self) -> tuple[str, ...]:
        """Sequences of which nobody can say whether a call advanced them."""
        return tuple(sequence.full_name for sequence in self._foreign if not sequence.readable)

    def shield(self) -> None:
        """Inside the transaction: make our sequences a part of it."""
        self._connection.execute(_SHIELD)

    def mark(self) -> None:
        """After shielding: remember our sequences, for :attr:`rewinding`."""
        states = self._states([Sequence(*row) for row in self._connection.execute(_OWNED)])
        self._rewinding = _rewinding(self._connection, states)

    @property
    def rewinding(self) -> bytes:
        """The statement that sets our sequences back to the mark, which a savepoint does not do."""
        return self._rewinding

    @property
    def guards_foreign(self) -> bool:
        """Whether there are sequences that only :meth:`restore` sets back."""
        return bool(self._before)

    def restore(self, companions: Collection[int] = ()) -> tuple[str, ...]:
        """After the rollback: set back what advanced; gives the names of those that stay advanced.

        Args:
            companions: server processes of sessions that are ours as well.
        """
        after = self._states(self._foreign)
        advanced = [
            sequence for sequence in self._foreign if self._before.get(sequence) != after.get(sequence)
        ]
        if not advanced:
            return ()
        alone = self._connection.execute(_ALONE, (list(companions),)).fetchone() == (True,)
        for sequence in advanced:
            if sequence.writable and alone:
                self._set(sequence, *self._before[sequence])
        return tuple(sequence.full_name for sequence in advanced if not (sequence.writable and alone))

    def _set(self, sequence: Sequence, last: int, called: bool) -> None:
        self._connection.execute("SELECT setval(%s::oid::regclass, %s, %s)", (sequence.oid, last, called))

    def _states(self, sequences: Iterable[Sequence]) -> Mapping[Sequence, tuple[int, bool]]:
        readable = [sequence for sequence in sequences if sequence.readable]
        if not readable:
            return {}
        selects = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, last_value, is_called FROM {}").format(
                position, sql.Identifier(sequence.schema, sequence.name)
            )
            for position, sequence in enumerate(readable)
        )
        return {
            readable[position]: (last, called) for position, last, called in self._connection.execute(selects)
        }


def _rewinding(connection: psycopg.Connection, states: Mapping[Sequence, tuple[int, bool]]) -> bytes:
    columns = [
        [sequence.oid for sequence in states],
        [last for last, _ in states.values()],
        [called for _, called in states.values()],
    ]
    return sql.SQL(_REWIND).format(*map(sql.Literal, columns)).as_bytes(connection)


_REWIND = """
SELECT setval(mark.oid::regclass, mark.last, mark.called)
FROM unnest({}::oid[], {}::bigint[], {}::bool[]) AS mark (oid, last, called)
-- of a sequence that nobody has drawn from, nothing tells whether it was set
WHERE NOT mark.called OR pg_sequence_last_value(mark.oid::regclass) IS DISTINCT FROM mark.last
"""
_FOREIGN = """
SELECT c.oid, n.nspname, c.relname,
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'),
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'UPDATE')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
  AND NOT (pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'USAGE'))
ORDER BY n.nspname, c.relname
"""
_OWNED = """
SELECT c.oid, n.nspname, c.relname, true, true
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'USAGE')
"""
_SHIELD = """
DO $$
DECLARE
    owned record;
BEGIN
    FOR owned IN
        SELECT format('%I.%I', n.nspname, c.relname) AS name, s.seqcache
        FROM pg_catalog.pg_sequence s
        JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relpersistence <> 't' AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
          AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    LOOP
        EXECUTE format('ALTER SEQUENCE %s CACHE %s', owned.name, owned.seqcache);
    END LOOP;
END
$$
"""
_ALONE = """
SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND pid <> ALL (%s::int[])
"""
