"""A call that ends its transaction itself, in a copy of the database that is thrown away after it."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Cell, Value
from pytest_characterize_recorders.effects.rows_catalog import find_tables
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.sources.postgresql.calls import Call
from pytest_characterize_recorders.sources.postgresql.cloning import cloned
from pytest_characterize_recorders.sources.postgresql.clusterwide import refuse_clusterwide
from pytest_characterize_recorders.sources.postgresql.errors import faults, observed
from pytest_characterize_recorders.sources.postgresql.results import REFCURSOR, ResultReader
from pytest_characterize_recorders.sources.postgresql.session import notices, take_back
from pytest_characterize_recorders.sources.postgresql.variants import install


def observe_in_clone(
    context: RecordingContext,
    call: Call,
    variant: Mapping[str, str],
    sources: Mapping[str, str],
    effects: Tables | None,
) -> Observation:
    """Call a procedure as its application does, outside of any transaction of ours.

    What it committed before an error is told as what it changed.

    Args:
        sources: texts by signature: the procedure's own, and what it may reach.

    Raises:
        RecordingError: also ``cannot-be-undone``, ``effects-unobservable``, ``clone-cursor``, and as
            :func:`~pytest_characterize_recorders.sources.postgresql.cloning.cloned`.
    """
    what = call.routine.signature
    refuse_clusterwide(what, sources)
    if effects is not None and effects.found:
        raise RecordingError(
            f"{what} commits, and so nobody can tell at its end which tables it has changed",
            slug="effects-unobservable",
            hint="name the tables: effects=Tables(...)",
        )
    with cloned(context) as clone, faults(clone, what):
        install(clone, variant, sources, what)
        watched = RowSnapshots(clone, find_tables(clone, effects.names if effects else ()))
        with notices(clone) as heard:
            outcome = _outcome(clone, call)
        take_back(clone)
        changes: dict[str, Value] = {"tables": watched.changes()} if effects else {}
        return Observation(outcome, changes, tuple(heard))


def _outcome(clone: psycopg.Connection, call: Call) -> Outcome:
    try:
        return Outcome("returned", call.execute(clone, _Reader(clone)))
    except psycopg.Error as error:
        return Outcome("raised", observed(error, clone, call.routine.signature))


class _Reader(ResultReader):
    """Reads results after the end of the transaction, which has closed every cursor."""

    def opened(self, cell: Cell) -> Value:
        """The cell, if it is no cursor."""
        if cell.type == REFCURSOR and cell.text is not None:
            raise RecordingError(
                "a procedure that commits returns a cursor, which the end of its transaction has closed",
                slug="clone-cursor",
                hint="record the functions and procedures that it calls",
            )
        return cell
