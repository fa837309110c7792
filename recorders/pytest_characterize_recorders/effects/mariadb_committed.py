"""A call that ends its transaction itself, in a copy of the database that is thrown away after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pymysql
from pymysql.connections import Connection

from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation, Outcome, RuleHit
from pytest_characterize.values import Raised, Value
from pytest_characterize_recorders.effects.mariadb_rows import LegacyTable, TableSnapshots, find_tables
from pytest_characterize_recorders.sources.mariadb.calls import Call
from pytest_characterize_recorders.sources.mariadb.connecting import pin
from pytest_characterize_recorders.sources.mariadb.counting import counted
from pytest_characterize_recorders.sources.mariadb.errors import blames_statement, faults
from pytest_characterize_recorders.sources.mariadb.scratch import Scratch
from pytest_characterize_recorders.sources.mariadb.session import forget_rows, stop_clock

Notices = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a call did in a copy."""

    observation: Observation
    moment: datetime | None
    hits: tuple[RuleHit, ...]


def observe_in_copy(
    scratch: Scratch,
    call: Call,
    effects: Tables | None,
    run: Callable[[Connection, Call], tuple[Outcome, Notices]],
    moment: datetime | None = None,
    variant: Sequence[str] = (),
) -> Committed:
    """Call a procedure as its application does, outside of any transaction of ours.

    What it committed before an error is told as what it changed. The copy is not what it was then.

    Raises:
        RecordingError: ``effects-unobservable``, ``clone-named``, or as ``run``.
    """
    what = call.routine.signature
    if effects is not None and effects.found:
        raise RecordingError(
            f"{what} commits, and so its tables are not found out",
            slug="effects-unobservable",
            hint="name the tables: effects=Tables(...)",
        )
    there = replace(call, routine=replace(call.routine, schema=scratch.name))
    connection = scratch.open()
    try:
        with faults(connection, what):
            tables = [_there(scratch, connection, name) for name in (effects.names if effects else ())]
            there.prepare(connection)
            watched = TableSnapshots(connection, tables)
            moment = stop_clock(connection, moment)
            forget_rows(connection)
            outcome, notices = run(connection, there)
            hits = counted(connection, variant) if variant and connection.open else ()
            with connection.cursor() as cursor:
                cursor.execute("COMMIT")  # a transaction that it left open may be one to read only
                cursor.execute("UNLOCK TABLES")
            pin(connection)
            changes = _changes(watched, what, scratch) if effects else {}
    finally:
        if connection.open:
            connection.close()
    return Committed(_as_original(scratch, what, Observation(outcome, changes, notices)), moment, hits)


def _changes(watched: TableSnapshots, what: str, scratch: Scratch) -> dict[str, Value]:
    try:
        changes: dict[str, Value] = {"tables": watched.changes()}
    except pymysql.Error as error:
        if blames_statement(error):
            told = str(error.args[-1]).replace(scratch.name, scratch.original)
            raise RecordingError(
                f"{what}: the call changed what a watched table is made of: {told}",
                slug="table-redefined",
                hint="leave that table out of Tables(...)",
            ) from None
        raise
    return changes


def _there(scratch: Scratch, connection: Connection, declared: str) -> LegacyTable:
    """The copy's table of a name that may say the original's database."""
    name = declared.removeprefix(f"{scratch.original}.")
    [table] = find_tables(connection, [name], changing=False)
    if table.identifier.startswith(f"`{scratch.name}`."):
        return replace(table, table=replace(table.table, declared=declared))
    raise RecordingError(
        f"the table {declared!r} is in another database, of which there is no copy",
        slug="effects-unobservable",
        hint="leave it out of Tables(...)",
    )


def _as_original(scratch: Scratch, what: str, observation: Observation) -> Observation:
    """With the original's name in the server's messages, where the copy's stands."""

    def renamed(text: str) -> str:
        """A message of the server."""
        return text.replace(scratch.name, scratch.original)

    outcome, value = observation.outcome, observation.outcome.value
    if isinstance(value, Raised):
        details: Mapping[str, Any] = {
            name: renamed(detail) if isinstance(detail, str) else detail
            for name, detail in value.details.items()
        }
        outcome = replace(outcome, value=replace(value, message=renamed(value.message), details=details))
    notices = tuple({name: renamed(str(text)) for name, text in one.items()} for one in observation.notices)
    told = replace(observation, outcome=outcome, notices=notices)
    if scratch.name in repr(told):
        raise RecordingError(
            f"{what} commits, so it ran in a copy of the database, and the name of the copy is in what it did",
            slug="clone-named",
            hint="record the functions and procedures that it calls",
        )
    return told
