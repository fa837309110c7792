"""Whether all that a routine may do stays in the database that it is called in, so that a copy can take it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.mariadb.reaching import Source, reached
from pytest_characterize_recorders.sources.mariadb.routines import Routine, fetch
from pytest_characterize_recorders.sources.mariadb.undoing import RUNS_TEXTS, harm

BEFORE_TABLES: Final = frozenset(
    (
        *(
            "FROM",
            "JOIN",
            "INTO",
            "UPDATE",
            "TABLE",
            "TABLES",
            "CALL",
            "TRUNCATE",
            "INSERT",
            "REPLACE",
            "DELETE",
        ),
        *(
            "TO",
            "LIKE",
            "IGNORE",
            "LOW_PRIORITY",
            "DELAYED",
            "HIGH_PRIORITY",
            "QUICK",
            "EXISTS",
            "USING",
            "VIEW",
        ),
    )
)
"""What stands before the name of a table or routine, and never before that of a column."""
ROWS: Final = frozenset(("new", "old"))


def refuse_leaving(connection: Connection, routine: Routine) -> None:
    """Refuse a routine that may do something outside of the database that it is in.

    Raises:
        RecordingError: ``cannot-be-undone`` or ``source-forbidden``.
    """
    [[current]] = fetch(connection, "SELECT DATABASE()")
    if routine.schema != current:
        raise _leaves(
            routine, f"it is in the database {routine.schema!r}, and copies are made of {current!r}"
        )
    schemas = {(name or "").lower() for [name] in fetch(connection, _SCHEMAS)}
    sequences = {(name or "").lower() for [name] in fetch(connection, _SEQUENCES)}
    for source in reached(connection, routine):
        if leaving := next(_leaving(source, schemas, sequences), ""):
            by = "" if source.label == routine.full_name else f" (in {source.label}, which it may run)"
            raise _leaves(routine, f"{leaving}{by}")


def _leaves(routine: Routine, what: str) -> RecordingError:
    return RecordingError(
        f"{routine.full_name} commits, and may do what would not stay in a copy of the database: {what}",
        slug="cannot-be-undone",
        hint="record the functions and procedures that it calls",
    )


def _leaving(source: Source, schemas: Collection[str], sequences: Collection[str]) -> Iterator[str]:
    found = source.tokens
    if not RUNS_TEXTS.isdisjoint(token.keyword for token in found):
        yield "it runs dynamic SQL, which may name any database"
    if harmful := harm(found, in_copy=True):
        yield harmful.statement
    names = [token.text.lower() if token.is_identifier else "" for token in found]
    marks = [token.text for token in found] + ["", "", ""]
    alone = {name for place, name in enumerate(names) if name and marks[place + 1] != "."}
    own = source.schema.lower() if source.kind == "VIEW" else ""  # whose text names its database everywhere
    for place, name in enumerate(names):
        if name in sequences:
            yield f"it uses the sequence {name}, which no copy has"
        if not name or marks[place + 1] != "." or (place and marks[place - 1] == ".") or name in (own, *ROWS):
            continue
        before = found[place - 1].keyword if place else ""
        if name in schemas or name not in alone or before in BEFORE_TABLES or marks[place + 3] == "(":
            yield f"it names another database, or its own: {''.join(marks[place : place + 3])}"


_SCHEMAS: Final = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
_SEQUENCES: Final = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'SEQUENCE'"
