"""Recording stored functions and procedures of PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from pytest_characterize.descriptors import Descriptor, Procedure
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, RuleHit
from pytest_characterize.recording.protocols import RecordingContext, Trial
from pytest_characterize.values import Rows
from pytest_characterize_recorders.effects.asking import Told
from pytest_characterize_recorders.effects.bench import Bench
from pytest_characterize_recorders.effects.cloned_call import observe_in_clone
from pytest_characterize_recorders.effects.given_rows import given_rows
from pytest_characterize_recorders.effects.routine_call import COMMITS, Watch, Watched, observe_call
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable, find_tables
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.effects.rows_triggers import (
    RowTriggers,
    TriggersDisturbedError,
    TriggersNotPermittedError,
)
from pytest_characterize_recorders.effects.rows_versions import RowVersions, VersionsDisturbedError
from pytest_characterize_recorders.effects.sequences import SequenceGuard
from pytest_characterize_recorders.effects.touched import table_names
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.postgresql.calls import Call
from pytest_characterize_recorders.sources.postgresql.connecting import open_postgresql
from pytest_characterize_recorders.sources.postgresql.errors import faults
from pytest_characterize_recorders.sources.postgresql.irreversible import refuse_irreversible
from pytest_characterize_recorders.sources.postgresql.reaching import reached
from pytest_characterize_recorders.sources.postgresql.results import ResultReader
from pytest_characterize_recorders.sources.postgresql.routines import Routine, choose, find_routines
from pytest_characterize_recorders.sources.postgresql.session import (
    impatient,
    now,
    rolled_back,
)
from pytest_characterize_recorders.sources.postgresql.variants import install

Watcher = type[RowTriggers] | type[RowVersions] | type[RowSnapshots]


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
        self._tried: set[str] = set()
        self._times: dict[str, float] = {}
        self._known: Told = {}
        self._calls: dict[int, tuple[Case, Call]] = {}
        self._bench: Bench | None = None
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
        """Call the routine as a variant has it, each case taken back before the next."""
        calls = [self._call(case) for case in cases]
        if not variant and self._finds_tables:
            for case in cases:  # what legacy writes decides which tables are watched
                self.observe(case)
        for routine in {call.routine.signature: call.routine for call in calls}.values():
            if routine.signature not in self._tried:
                with self._working():
                    refuse_irreversible(routine.signature, self._reached(routine))
                self._tried.add(routine.signature)
        while calls:
            with self._trying(calls[0].routine, variant, seconds) as bench:
                for trial in bench.trials(calls):
                    calls = calls[1:]
                    yield trial

    @contextmanager
    def _trying(self, routine: Routine, variant: Mapping[str, str], seconds: float) -> Iterator[Bench]:
        """The bench, with a variant on it; it stays for the next one, as long as it is of use."""
        known = self._sources[routine.signature]
        if self._bench is None or not self._bench.serves(self._connection, self._declared):
            self._clear_bench()
            self._connected()
        with faults(self._connection, f"procedure {self._descriptor.name!r}"):
            if self._bench is None:
                self._bench = Bench(
                    self._connection, self._descriptor.effects, self._declared, self._times, self._known
                )
            self._bench.install(variant, known, routine.signature, seconds)
            yield self._bench
        if self._may_clone:
            self._clear_bench()
            self._connection.close()

    def _clear_bench(self) -> None:
        """Take back what the bench has done, so that the connection is free for other things."""
        bench, self._bench = self._bench, None
        if bench is not None:
            bench.close()

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
        try:
            self._clear_bench()
        finally:
            self._connection.close()

    @property
    def _declared(self) -> tuple[str, ...]:
        effects = self._descriptor.effects
        if effects is None:
            return ()
        return self._touched if effects.found else effects.names

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._clear_bench()
        self._connected()
        try:
            with faults(self._connection, f"procedure {self._descriptor.name!r}"):
                yield
        finally:
            if self._may_clone:
                self._connection.close()  # nobody could copy the database while we are in it

    def _connected(self) -> None:
        if self._connection.closed:
            self._connection.close()
            self._connection = open_postgresql(self._context)

    def _call(self, case: Case) -> Call:
        if id(case) not in self._calls:  # the same ones come again with every variant
            arguments = bind(case.input, self._context.args)
            self._calls[id(case)] = case, Call(choose(self._routines, arguments.keys()), arguments)
        return self._calls[id(case)][1]

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
            watch = Watch(self._descriptor.effects, tables, watched)
            observation, self._written = observe_call(
                self._connection, call, watch, ResultReader(self._connection)
            )
            return observation
        finally:
            if isinstance(watched, RowVersions):
                watched.close()

    def _watched(self, watcher: Watcher, tables: tuple[LegacyTable, ...]) -> Watched:
        if watcher is RowTriggers:
            return RowTriggers(self._connection, tables)
        if watcher is RowSnapshots:
            return RowSnapshots(self._connection, tables)
        versions = RowVersions(self._connection, tables, lambda: open_postgresql(self._context))
        self._companions.add(versions.companion)
        return versions

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
