"""Everything that a routine may run: routines that it names, triggers and views of tables that it names, and so on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.mariadb.lexing import Token, tokens
from pytest_characterize_recorders.sources.mariadb.literals import quoted
from pytest_characterize_recorders.sources.mariadb.routines import (
    SYSTEM,
    Kind,
    Routine,
    fetch,
    read_routine,
)
from pytest_characterize_recorders.sources.mariadb.undoing import RUNS_TEXTS, harm

Name = tuple[str, str]
"""Schema and name, in lower case."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of something that may run.

    Attributes:
        label: what it is, for messages.
        schema: where its unqualified names are looked up.
        kind: ``FUNCTION``, ``PROCEDURE``, ``TRIGGER`` or ``VIEW``.
        name: without the schema, as it is spelt.
        signature: what tells it apart from others: for routines with the types of their parameters.
    """

    label: str
    schema: str
    tokens: Sequence[Token]
    kind: str
    name: str
    signature: str


def reached(connection: Connection, routine: Routine) -> tuple[Source, ...]:
    """A routine and everything that it may run, itself first."""
    return tuple(_reached(connection, routine))


def _of(routine: Routine) -> Source:
    found = tokens(routine.source, routine.sql_mode)
    return Source(routine.full_name, routine.schema, found, routine.kind, routine.name, routine.signature)


def refuse_lasting(connection: Connection, routine: Routine) -> None:
    """Refuse a routine that does, or calls what does, something that a rollback does not take back.

    Raises:
        RecordingError: ``procedure-commits``, ``cannot-be-undone`` or ``source-forbidden``.
    """
    lasting = {name.lower() for [name] in fetch(connection, _LASTING) if name}
    for source in _reached(connection, routine):
        found = harm(source.tokens, lasting)
        if found is None:
            continue
        by = "" if source.label == routine.full_name else f" (in {source.label}, which it may run)"
        if found.commits:
            raise RecordingError(
                f"{routine.full_name} ends the transaction: {found.statement}{by}; so it could not be undone",
                slug="procedure-commits",
                hint="let it run in a copy of the database: clone = true in the source's table; or record the functions"
                " and procedures that it calls",
            )
        raise RecordingError(
            f"{routine.full_name} does what no rollback takes back: {found.statement}{by}",
            slug="cannot-be-undone",
            hint="record the functions and procedures that it calls, or use a copy whose tables are InnoDB",
        )


def reached_tables(connection: Connection, routine: Routine) -> tuple[str, ...]:
    """All tables that a routine may change, as a descriptor names them, and more that it only reads.

    They are those whose names its source says, or that of what it may run, and those to which foreign keys
    cascade from there.

    Raises:
        RecordingError: ``effects-unobservable``: it runs dynamic SQL, which may name any table.
    """
    reached: set[Name] = set()
    for source in _reached(connection, routine):
        if not RUNS_TEXTS.isdisjoint(token.keyword for token in source.tokens):
            raise RecordingError(
                f"{routine.full_name} may run dynamic SQL (in {source.label}):"
                " a MariaDB source does not tell which tables that changes",
                slug="effects-unobservable",
                hint="name the tables: effects=Tables(...)",
            )
        reached.update(_names(source))
    cascades = [
        ((schema or "", child or ""), (of or "", parent or ""))
        for schema, child, of, parent in fetch(connection, _CASCADES)
    ]
    while more := {child for child, parent in cascades if parent in reached} - reached:
        reached |= more
    [[current]] = fetch(connection, "SELECT DATABASE()")
    return tuple(
        name or "" if schema == current else f"{schema}.{name}"
        for schema, name in fetch(connection, _TABLES)
        if ((schema or "").lower(), (name or "").lower()) in reached
    )


def _reached(connection: Connection, routine: Routine) -> Iterator[Source]:
    known = _Known(connection)
    waiting = [_of(routine)]
    seen: set[tuple[str, Name]] = {(routine.kind, (routine.schema.lower(), routine.name.lower()))}
    while waiting:
        source = waiting.pop()
        yield source
        for name in _names(source):
            for kind in known.kinds(name):
                if (kind, name) not in seen:
                    seen.add((kind, name))
                    waiting += known.sources(kind, name)


def _names(source: Source) -> Iterator[Name]:
    """Every name in a text, with the schema that it has or gets."""
    found = source.tokens
    for position, token in enumerate(found):
        if not token.is_identifier:
            continue
        qualified = position > 1 and found[position - 1].text == "." and found[position - 2].is_identifier
        schema = found[position - 2].text if qualified else source.schema
        yield schema.lower(), token.text.lower()


class _Known:
    """What the catalog has under a name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: defaultdict[Name, set[str]] = defaultdict(set)
        self._triggers: defaultdict[Name, list[tuple[str, str]]] = defaultdict(list)
        self._spelt: dict[Name, tuple[str, str]] = {}
        for schema, name, kind in fetch(connection, _RUNNABLE):
            self._add(schema or "", name or "", kind or "")
        for schema, table, trigger in fetch(connection, _TRIGGERS):
            self._add(schema or "", table or "", "TRIGGERS")
            self._triggers[(schema or "").lower(), (table or "").lower()].append(
                (schema or "", trigger or "")
            )

    def kinds(self, name: Name) -> set[str]:
        """What there is under the name."""
        return self._found.get(name, set())

    def sources(self, kind: str, name: Name) -> list[Source]:
        """The texts behind it."""
        if kind == "TRIGGERS":
            return [self._trigger(schema, trigger) for schema, trigger in self._triggers[name]]
        schema, spelt = self._spelt[name]
        if kind == "VIEW":
            return [self._shown(f"SHOW CREATE VIEW {quoted(schema, spelt)}", schema, spelt, 1)]
        routine_kind: Kind = "FUNCTION" if kind == "FUNCTION" else "PROCEDURE"
        return [_of(read_routine(self._connection, schema, spelt, routine_kind))]

    def _add(self, schema: str, name: str, kind: str) -> None:
        key = schema.lower(), name.lower()
        self._found[key].add(kind)
        self._spelt[key] = schema, name

    def _trigger(self, schema: str, name: str) -> Source:
        return self._shown(f"SHOW CREATE TRIGGER {quoted(schema, name)}", schema, name, 2)

    def _shown(self, statement: str, schema: str, name: str, position: int) -> Source:
        try:
            [shown] = fetch(self._connection, statement)
        except pymysql.Error:
            raise RecordingError(
                f"the source of {schema}.{name} is not shown to the recording account,"
                " so nobody can say whether what it does can be undone",
                slug="source-forbidden",
                hint="record as its definer, or grant SHOW VIEW and TRIGGER on the schema",
            ) from None
        # The head of a view or a trigger is a CREATE of its own.
        found = tokens(shown[position] or "", (shown[1] or "") if position == 2 else "")
        kind = "TRIGGER" if position == 2 else "VIEW"
        return Source(f"{schema}.{name}", schema, found, kind, name, f"{kind.lower()} {schema}.{name}")


_RUNNABLE: Final = f"""
SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES
WHERE ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') AND ROUTINE_SCHEMA NOT IN ({SYSTEM})
UNION ALL
SELECT TABLE_SCHEMA, TABLE_NAME, 'VIEW' FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ({SYSTEM})
"""
_TRIGGERS: Final = f"""
SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS
WHERE TRIGGER_SCHEMA NOT IN ({SYSTEM}) ORDER BY 1, 2, 3
"""
_CASCADES: Final = """
SELECT LOWER(CONSTRAINT_SCHEMA), LOWER(TABLE_NAME), LOWER(UNIQUE_CONSTRAINT_SCHEMA), LOWER(REFERENCED_TABLE_NAME)
FROM information_schema.REFERENTIAL_CONSTRAINTS
WHERE UPDATE_RULE NOT IN ('RESTRICT', 'NO ACTION') OR DELETE_RULE NOT IN ('RESTRICT', 'NO ACTION')
"""
_TABLES: Final = f"""
SELECT t.TABLE_SCHEMA, t.TABLE_NAME FROM information_schema.TABLES t
JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE AND e.TRANSACTIONS = 'YES'
WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN ({SYSTEM}) ORDER BY 1, 2
"""
_LASTING: Final = f"""
SELECT t.TABLE_NAME FROM information_schema.TABLES t
LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
WHERE t.TABLE_SCHEMA NOT IN ({SYSTEM})
  AND (t.TABLE_TYPE = 'SEQUENCE' OR (t.TABLE_TYPE = 'BASE TABLE' AND coalesce(e.TRANSACTIONS, 'NO') <> 'YES'))
"""
