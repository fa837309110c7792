"""One call of a PostgreSQL routine within a transaction: its outcome, and the rows that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psycopg

from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.rows import no_changes
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.effects.rows_triggers import RowTriggers
from pytest_characterize_recorders.effects.rows_versions import RowVersions
from pytest_characterize_recorders.effects.touched import written_relations
from pytest_characterize_recorders.sources.postgresql.calls import Call
from pytest_characterize_recorders.sources.postgresql.errors import observed, raised_by_statement
from pytest_characterize_recorders.sources.postgresql.results import ResultReader
from pytest_characterize_recorders.sources.postgresql.session import notices, take_back

COMMITS: Final = "procedure-commits"
CONSTRAINTS: Final = b"SET CONSTRAINTS ALL IMMEDIATE"
"""What is deferred to the end of the transaction would happen at legacy's commit."""
_INVALID_TRANSACTION_TERMINATION: Final = "2D000"

Watched = RowTriggers | RowVersions | RowSnapshots


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched while a routine is called.

    Attributes:
        effects: as the descriptor has them, ``None`` if they are nobody's concern.
        rows: what tells the changes; ``None`` without a table.
    """

    effects: Tables | None
    tables: tuple[LegacyTable, ...] = ()
    rows: Watched | None = None

    @property
    def finds_tables(self) -> bool:
        """Whether the tables are those that legacy writes."""
        return self.effects is not None and self.effects.found

    def told(self, outcome: Outcome, changes: Mapping[str, Mapping[str, Rows]]) -> dict[str, Value]:
        """The effects of a call that ended so; one that failed has changed nothing."""
        if self.effects is None:
            return {}
        if outcome.how == "raised":
            return {"tables": {} if self.finds_tables else no_changes(table.table for table in self.tables)}
        kept: Value = {
            name: parts
            for name, parts in changes.items()
            if not self.finds_tables or any(rows.rows for rows in parts.values())
        }
        return {"tables": kept}


def observe_call(
    connection: psycopg.Connection, call: Call, watch: Watch, reader: ResultReader
) -> tuple[Observation, frozenset[int]]:
    """Call a routine; what it did, and the relations that it may have written to where that is asked.

    Raises:
        RecordingError: it could not be observed.
    """
    with notices(connection) as heard:
        outcome = _outcome(connection, call, reader)
    written: frozenset[int] = frozenset()
    changes: Mapping[str, Mapping[str, Rows]] = {}
    if watch.effects is not None and outcome.how == "returned":
        take_back(connection)
        if watch.finds_tables:
            written = written_relations(connection)
        changes = watch.rows.changes() if watch.rows else {}
    return Observation(outcome, watch.told(outcome, changes), tuple(heard)), written


def failed(connection: psycopg.Connection, call: Call, error: psycopg.Error) -> Outcome:
    """The outcome of a call that the server answered with an error.

    Raises:
        RecordingError: it says nothing about legacy's rules, or ``procedure-commits``.
    """
    refuse_commit(call, error)
    return Outcome("raised", observed(error, connection, call.routine.signature))


def refuse_commit(call: Call, error: psycopg.Error) -> None:
    """A procedure that ends the transaction cannot be rolled back; a function may never end one.

    Raises:
        RecordingError: ``procedure-commits``.
    """
    ends = error.sqlstate == _INVALID_TRANSACTION_TERMINATION and not raised_by_statement(error.diag)
    if ends and call.routine.kind == "p":
        raise RecordingError(
            f"{call.routine.signature} ends the transaction (COMMIT, ROLLBACK), so it could not be undone",
            slug=COMMITS,
            hint="record what it calls, or allow copies of the database: clone = true in the source's table",
        )


def _outcome(connection: psycopg.Connection, call: Call, reader: ResultReader) -> Outcome:
    try:
        value = call.execute(connection, reader)
        connection.execute(CONSTRAINTS)
    except psycopg.Error as error:
        return failed(connection, call, error)
    return Outcome("returned", value)
