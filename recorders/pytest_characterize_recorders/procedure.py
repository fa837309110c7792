"""Recording stored functions and procedures of PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import psycopg

from pytest_characterize.descriptors import Descriptor, Procedure
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext, Trial
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.cloned_call import observe_in_clone
from pytest_characterize_recorders.effects.given_rows import given_rows
from pytest_characterize_recorders.effects.rows import no_changes
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable, find_tables
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.effects.rows_triggers import (
    RowTriggers,
    TriggersDisturbedError,
    TriggersNotPermittedError,
    may_redefine,
)
from pytest_characterize_recorders.effects.rows_versions import RowVersions, VersionsDisturbedError
from pytest_characterize_recorders.effects.sequences import SequenceGuard
from pytest_characterize_recorders.effects.touched import table_names, written_relations
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.postgresql.calls import Call
from pytest_characterize_recorders.sources.postgresql.connecting import open_postgresql
from pytest_characterize_recorders.sources.postgresql.errors import faults, observed, raised_by_statement
from pytest_characterize_recorders.sources.postgresql.irreversible import refuse_irreversible
from pytest_characterize_recorders.sources.postgresql.reaching import reached
from pytest_characterize_recorders.sources.postgresql.results import ResultReader
from pytest_characterize_recorders.sources.postgresql.routines import Routine, choose, find_routines
from pytest_characterize_recorders.sources.postgresql.session import (
    impatient,
    limit,
    mark_state,
    notices,
    now,
    return_to_state,
    rolled_back,
    take_back,
)
from pytest_characterize_recorders.sources.postgresql.variants import install

INVALID_TRANSACTION_TERMINATION: Final = "2D000"

COMMITS: Final = "procedure-commits"

Watcher = type[RowTriggers] | type[RowVersions] | type[RowSnapshots]
Watched = RowTriggers | RowVersions | RowSnapshots


class ProcedureRecorder:
    """Calls one stored routine, case by case, each in a transaction that is rolled back.

    Raises:
        RecordingError: the source cannot be used, or has no such routine or table.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Procedure)
        self._descriptor = descriptor
        self._context = context
        self._facts: dict[str, str] = {}
        self._sources: dict[str, Mapping[str, str]] = {}
        self._watcher: Watcher = RowTriggers
        self._touched: tuple[str, ...] = ()
        self._written: frozenset[int] = frozenset()
        self._companions: set[int] = set()
        self._given: Mapping[str, Rows] = {}
        self._moment: datetime | None = None
        self._committing: set[str] = set()
        self._connection = open_postgresql(context)
        try:
            with self._working():
                self._routines = find_routines(self._connection, descriptor.name)
                find_tables(self._connection, self._declared)
        except BaseException:
            self._connection.close()
            raise

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Call the routine with the case's input; nothing of what it does stays."""
        with self._working():
            call = self._call(case)
            refuse_irreversible(call.routine.signature, self._reached(call.routine))
            if self._descriptor.given and not variant:
                self._given = given_rows(self._connection, self._descriptor.given, case.input)
            if case.id in self._committing:
                return self._cloned(call, variant or {}), ()
            while True:
                try:
                    observation = self._watch(call, variant or {})
                except RecordingError as error:
                    if error.slug != COMMITS or not self._may_clone:
                        raise
                    self._committing.add(case.id)
                    return self._cloned(call, variant or {}), ()
                touched = {*self._touched, *table_names(self._connection, self._written)}
                if len(touched) == len(self._touched):
                    return observation, ()
                self._touched = tuple(
                    sorted(touched)
                )  # what these tables held before, only another run can tell

    def _cloned(self, call: Call, variant: Mapping[str, str]) -> Observation:
        """What commits runs in a copy of the database; there must be no session in this one while it is made."""
        sources = self._reached(call.routine)
        self._facts = self._told(call, (), ()) | {"clone": "it commits, so it ran in a copy of the database"}
        self._moment = None
        self._connection.close()
        return observe_in_clone(self._context, call, variant, sources, self._descriptor.effects)

    @property
    def _may_clone(self) -> bool:
        return self._context.source is not None and self._context.source.clone

    def _watch(self, call: Call, variant: Mapping[str, str]) -> Observation:
        try:
            return self._observe(call, variant, self._watcher)
        except TriggersNotPermittedError:
            self._watcher = RowVersions
            return self._watch(call, variant)
        except (TriggersDisturbedError, VersionsDisturbedError):
            return self._observe(call, variant, RowSnapshots)

    def trials(self, cases: Sequence[Case], variant: Mapping[str, str], seconds: float) -> Iterator[Trial]:
        """Call the routine as a variant has it, all cases in one transaction, each taken back before the next."""
        with self._working():
            calls = [self._call(case) for case in cases]
        if not variant and self._finds_tables:
            for case in cases:  # what legacy writes decides which tables are watched
                self.observe(case)
        with self._working():
            for routine in {call.routine.signature: call.routine for call in calls}.values():
                refuse_irreversible(routine.signature, self._reached(routine))
        while calls:
            with self._working():
                tried = self._try(calls, variant, seconds)
            yield from tried
            calls = calls[len(tried) :]

    def _try(self, calls: Sequence[Call], variant: Mapping[str, str], seconds: float) -> list[Trial]:
        """The first of the calls, up to one that takes the connection with it."""
        watcher = RowTriggers if self._watcher is RowTriggers else RowSnapshots
        guard = SequenceGuard(self._connection)
        tried: list[Trial] = []
        try:
            with rolled_back(self._connection, watcher.mode):
                limit(self._connection, seconds)
                tables = find_tables(self._connection, self._declared)
                with impatient(self._connection):
                    guard.shield()
                    guard.mark()
                    watched = self._watched(watcher, tables) if tables else None
                    install(
                        self._connection, variant, self._reached(calls[0].routine), calls[0].routine.signature
                    )
                    mark_state(self._connection)
                if isinstance(watched, RowTriggers):
                    watched.checked = may_redefine({**self._reached(calls[0].routine), **variant}.values())
                for call in calls:
                    tried.append(self._try_one(call, watched, tables))
                    if self._connection.closed:
                        break
                    return_to_state(self._connection)
                    guard.rewind()
        finally:
            if not self._connection.closed:
                guard.restore()
        return tried

    def _try_one(self, call: Call, watched: Watched | None, tables: tuple[LegacyTable, ...]) -> Trial:
        try:
            observation = self._called(call, watched, tables)
        except RecordingError as error:
            return Trial(None, error.message)
        except TriggersDisturbedError:
            return Trial(None, "it exchanges a watched table, so that its changes cannot be told")
        if self._written and not set(table_names(self._connection, self._written)) <= set(self._touched):
            return Trial(None, "it writes a table that legacy did not")
        return Trial(observation)

    @property
    def _finds_tables(self) -> bool:
        return self._descriptor.effects is not None and self._descriptor.effects.found

    def sources(self, case: Case) -> Mapping[str, str]:
        """``CREATE OR REPLACE`` statements by signature: the routine, and what it may reach."""
        with self._working():
            return self._reached(self._call(case).routine)

    def _reached(self, routine: Routine) -> Mapping[str, str]:
        if routine.signature not in self._sources:
            self._sources[routine.signature] = reached(self._connection, routine)
        return self._sources[routine.signature]

    def given(self) -> Mapping[str, Rows]:
        """The declared rows, as they were before the last case."""
        return self._given

    def moment(self) -> datetime | None:
        """The last case's ``CURRENT_TIMESTAMP``; unknown of what ran in a copy of the database."""
        return self._moment

    def provenance(self) -> Mapping[str, str]:
        """Server, routine and its source's hash, and sequences that could not be kept from advancing."""
        return dict(self._facts)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def _declared(self) -> tuple[str, ...]:
        effects = self._descriptor.effects
        if effects is None:
            return ()
        return self._touched if effects.found else effects.names

    @contextmanager
    def _working(self) -> Iterator[None]:
        if self._connection.closed:
            self._connection.close()
            self._connection = open_postgresql(self._context)
        try:
            with faults(self._connection, f"procedure {self._descriptor.name!r}"):
                yield
        finally:
            if self._may_clone:
                self._connection.close()  # nobody could copy the database while we are in it

    def _call(self, case: Case) -> Call:
        arguments = bind(case.input, self._context.args)
        return Call(choose(self._routines, arguments.keys()), arguments)

    def _observe(self, call: Call, variant: Mapping[str, str], watcher: Watcher) -> Observation:
        guard = SequenceGuard(self._connection)
        try:
            with rolled_back(self._connection, watcher.mode):
                if not variant:
                    self._moment = now(self._connection)
                observation = self._in_transaction(call, variant, watcher, guard)
        finally:
            advanced = () if self._connection.closed else guard.restore(self._companions)
        self._facts = self._told(call, advanced, guard.unwatched)
        return observation

    def _in_transaction(
        self, call: Call, variant: Mapping[str, str], watcher: Watcher, guard: SequenceGuard
    ) -> Observation:
        tables = find_tables(self._connection, self._declared)
        with impatient(self._connection):
            guard.shield()
            watched = self._watched(watcher, tables) if tables else None
            install(self._connection, variant, self._reached(call.routine), call.routine.signature)
        try:
            return self._called(call, watched, tables)
        finally:
            if isinstance(watched, RowVersions):
                watched.close()

    def _called(self, call: Call, watched: Watched | None, tables: tuple[LegacyTable, ...]) -> Observation:
        with notices(self._connection) as heard:
            outcome = self._outcome(call)
        effects: dict[str, Value] = {}
        if self._descriptor.effects is not None:
            effects["tables"] = self._changes(watched, tables, outcome)
        return Observation(outcome, effects, tuple(heard))

    def _watched(self, watcher: Watcher, tables: tuple[LegacyTable, ...]) -> Watched:
        if watcher is RowTriggers:
            return RowTriggers(self._connection, tables)
        if watcher is RowSnapshots:
            return RowSnapshots(self._connection, tables)
        versions = RowVersions(self._connection, tables, lambda: open_postgresql(self._context))
        self._companions.add(versions.companion)
        return versions

    def _changes(self, watched: Watched | None, tables: tuple[LegacyTable, ...], outcome: Outcome) -> Value:
        found = self._finds_tables
        self._written = frozenset()
        if outcome.how == "raised":
            return {} if found else no_changes(table.table for table in tables)
        take_back(self._connection)
        if found:
            self._written = written_relations(self._connection)
        changes = watched.changes() if watched else {}
        return {
            name: parts
            for name, parts in changes.items()
            if not found or any(rows.rows for rows in parts.values())
        }

    def _outcome(self, call: Call) -> Outcome:
        connection = self._connection
        try:
            value = call.execute(connection, ResultReader(connection))
            # What is deferred to the end of the transaction would happen at legacy's commit.
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            self._refuse_commit(call, error)
            return Outcome("raised", observed(error, connection, call.routine.signature))
        return Outcome("returned", value)

    def _refuse_commit(self, call: Call, error: psycopg.Error) -> None:
        """A procedure that ends the transaction cannot be rolled back; a function may never end one."""
        ends = error.sqlstate == INVALID_TRANSACTION_TERMINATION and not raised_by_statement(error.diag)
        if ends and call.routine.kind == "p":
            raise RecordingError(
                f"{call.routine.signature} ends the transaction (COMMIT, ROLLBACK), so it could not be undone",
                slug=COMMITS,
                hint="record what it calls, or allow copies of the database: clone = true in the source's table",
            )

    def _told(self, call: Call, advanced: tuple[str, ...], unwatched: tuple[str, ...]) -> dict[str, str]:
        assert self._context.source is not None
        told = {
            "server": f"PostgreSQL {self._connection.info.parameter_status('server_version')}",
            "version": self._context.source.version,
            "routine": call.routine.signature,
            "routine sha256": hashlib.sha256(call.routine.source.encode("utf-8", "replace")).hexdigest(),
            "sequences advanced": ", ".join(advanced),
            "sequences unwatched": ", ".join(unwatched),
        }
        return {name: text for name, text in told.items() if text}
