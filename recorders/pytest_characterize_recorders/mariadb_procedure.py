"""Recording stored functions and procedures of MariaDB and MySQL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize.descriptors import Descriptor, Procedure
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext, Trial
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.mariadb_committed import observe_in_copy
from pytest_characterize_recorders.effects.mariadb_counters import Counters
from pytest_characterize_recorders.effects.mariadb_given import given_rows
from pytest_characterize_recorders.effects.mariadb_probed import (
    Variants,
    as_in_original,
    refuse_difference,
    refuse_harm,
    refuse_impossible,
)
from pytest_characterize_recorders.effects.mariadb_rows import TableSnapshots, find_tables
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.mariadb.calls import Call
from pytest_characterize_recorders.sources.mariadb.connecting import open_mariadb, pin, source_of, version
from pytest_characterize_recorders.sources.mariadb.counting import counted
from pytest_characterize_recorders.sources.mariadb.errors import faults, number_of, observed
from pytest_characterize_recorders.sources.mariadb.reaching import reached_tables, refuse_lasting
from pytest_characterize_recorders.sources.mariadb.routines import Routine, choose, find_routines
from pytest_characterize_recorders.sources.mariadb.scratch import Scratch
from pytest_characterize_recorders.sources.mariadb.session import (
    AT_LINE,
    Contained,
    contained,
    diagnostics,
    forget_rows,
    stop_clock,
)
from pytest_characterize_recorders.sources.mariadb.staying import refuse_leaving

WITHIN_A_BRANCH: Final = 1399
"""What a statement gets that would end the transaction."""
BEGUN_ALREADY: Final = 1568
"""What SET TRANSACTION gets."""


class MariaProcedureRecorder:
    """Calls one stored routine, case by case, each on a connection of its own and rolled back.

    Raises:
        RecordingError: the source cannot be used, has no such routine or table, or the routine does what
            could not be undone.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Procedure)
        self._name = f"procedure {descriptor.name!r}"
        self._context = context
        self._effects = descriptor.effects
        self._declared = descriptor.effects.names if descriptor.effects else ()
        self._facts: dict[str, str] = {}
        self._asked = descriptor.given
        self._given: Mapping[str, Rows] = {}
        self._moment: datetime | None = None
        self._undoable: set[str] = set()
        self._committing: dict[str, bool] = {}
        self._untouched: dict[str, tuple[Observation, datetime | None]] = {}
        self._variants = Variants(context)
        self._trials_at: datetime | None = None
        connection = open_mariadb(context)
        try:
            with faults(connection, self._name):
                self._routines = find_routines(connection, descriptor.name)
                find_tables(connection, self._declared)
        finally:
            connection.close()

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Call the routine with the case's input; nothing of what it does stays."""
        call = self._call(case)
        if self._variants.possible and self._commits(call.routine):
            return self._observe_committing(case, call, variant or {})
        if variant:
            return self._observe_variant(case, call, variant)
        self._moment = None
        observation, _ = self._run(lambda: open_mariadb(self._context), call, recorded=case)
        self._untouched[case.id] = observation, self._moment
        return observation, ()

    def _commits(self, routine: Routine) -> bool:
        """Whether a routine says that it ends the transaction."""
        if routine.signature not in self._committing:
            connection = open_mariadb(self._context)
            try:
                with faults(connection, self._name):
                    self._refuse_lasting(connection, routine)
                self._committing[routine.signature] = False
            except RecordingError as error:
                if error.slug != "procedure-commits":
                    raise
                self._committing[routine.signature] = True
            finally:
                connection.close()
        return self._committing[routine.signature]

    def _observe_committing(
        self, case: Case, call: Call, variant: Mapping[str, str]
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """What commits runs in a copy of the database, a fresh one a call."""
        connection = open_mariadb(self._context)
        try:
            with faults(connection, self._name):
                refuse_leaving(connection, call.routine)
                if self._asked and not variant:
                    self._given = given_rows(connection, self._asked, case.input)
                told = self._told(connection, call.routine)
        finally:
            connection.close()
        untouched, moment = self._untouched.get(case.id, (None, None)) if variant else (None, None)
        with self._fresh(call.routine, variant) as scratch:
            done = observe_in_copy(
                scratch, call, self._effects, self._outcome, moment, tuple(variant.values())
            )
            if variant:
                refuse_difference(call.routine.signature, scratch, untouched, done.observation)
                return done.observation, done.hits
        self._facts = told | {"clone": "it commits, so it ran in a copy of the database"}
        self._moment = done.moment
        self._untouched[case.id] = done.observation, done.moment
        return done.observation, ()

    @contextmanager
    def _fresh(self, routine: Routine, variant: Mapping[str, str]) -> Iterator[Scratch]:
        """A copy for one call, with the variant installed; dropped after it."""
        self._variants.close()
        try:
            if variant:
                yield self._variants.installed(routine, variant)
            else:
                scratch = Scratch(self._context)
                try:
                    yield scratch
                finally:
                    scratch.close()
        finally:
            self._variants.close()

    def _observe_variant(
        self, case: Case, call: Call, variant: Mapping[str, str]
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Changed routines run in a copy of the database: exchanging one commits."""
        scratch = self._installed(call.routine, variant)
        untouched, self._moment = self._untouched.get(case.id, (None, None))
        observation, hits = self._run(scratch.open, _moved(call, scratch), tuple(variant.values()))
        refuse_difference(call.routine.signature, scratch, untouched, observation)
        return observation, hits

    def trials(self, cases: Sequence[Case], variant: Mapping[str, str], seconds: float) -> Iterator[Trial]:
        """Call the routine as a variant has it, in a copy of the database."""
        refuse_impossible(self._context, self._name)
        self._moment = self._trials_at = self._trials_at or datetime.now(UTC)
        copies: dict[str, Scratch] = {}
        for case in cases:
            call = self._call(case)
            name = call.routine.signature
            if self._commits(call.routine):
                yield Trial(None, "it ends its transaction, so that nothing could be taken back")
                continue
            scratch = copies[name] = copies.get(name) or self._installed(call.routine, variant)
            try:
                refuse_harm(variant)
                observation, _ = self._run(partial(scratch.open, seconds), _moved(call, scratch))
            except RecordingError as error:
                yield Trial(None, error.message)
            else:
                yield Trial(as_in_original(scratch, observation))

    def _installed(self, routine: Routine, variant: Mapping[str, str]) -> Scratch:
        connection = open_mariadb(self._context)
        try:
            with faults(connection, self._name):
                self._refuse_lasting(connection, routine)
                return self._variants.installed(routine, variant)
        finally:
            connection.close()

    def _call(self, case: Case) -> Call:
        arguments = bind(case.input, self._context.args)
        call = Call(choose(self._routines, arguments.keys()), arguments)
        call.statement()  # an input that cannot be given is told before anything else
        return call

    def _run(
        self,
        connect: Callable[[], Connection],
        call: Call,
        counters_in: Sequence[str] = (),
        *,
        recorded: Case | None = None,
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run a call where ``connect`` leads to, and count what counters in changed sources have counted.

        Args:
            recorded: the case, where it is legacy itself that runs.
        """
        connection = connect()
        try:
            with faults(connection, self._name):
                told = self._prepared(connection, call, recorded) if recorded else {}
                counters = Counters(connection)
                try:
                    observation = self._observe(connection, call)
                    hits = counted(connection, counters_in) if connection.open else ()
                finally:
                    advanced = self._set_back(counters)
                if recorded:
                    self._facts = {**told, "counters advanced": ", ".join(advanced)} if advanced else told
        finally:
            if connection.open:
                connection.close()
        return observation, hits

    def _prepared(self, connection: Connection, call: Call, case: Case) -> dict[str, str]:
        """What is to be looked at before legacy runs; what is to be told of it."""
        self._refuse_lasting(connection, call.routine)
        if self._asked:
            self._given = given_rows(connection, self._asked, case.input)
        return self._told(connection, call.routine)

    def _set_back(self, counters: Counters) -> tuple[str, ...]:
        """The case's own connection may be lost, or have settings of legacy."""
        connection = open_mariadb(self._context)
        try:
            advanced = counters.advanced(connection)
            return counters.restore(connection, advanced) if advanced else ()
        finally:
            connection.close()

    def sources(self, case: Case) -> Mapping[str, str]:
        """As they are kept, by signature: the routine, and the routines and triggers that it may run."""
        return self._variants.sources(self._call(case).routine)

    def given(self) -> Mapping[str, Rows]:
        """The declared rows, as they were before the last case."""
        return self._given

    def moment(self) -> datetime | None:
        """The last case's ``NOW()``."""
        return self._moment

    def provenance(self) -> Mapping[str, str]:
        """Server, routine and its source's hash, and counters that could not be kept from advancing."""
        return dict(self._facts)

    def close(self) -> None:
        """Drop the copy of the database that rules were seen in."""
        self._variants.close()

    def _refuse_lasting(self, connection: Connection, routine: Routine) -> None:
        if routine.signature not in self._undoable:
            refuse_lasting(connection, routine)
            self._undoable.add(routine.signature)

    def _observe(self, connection: Connection, call: Call) -> Observation:
        found = self._effects is not None and self._effects.found
        declared = reached_tables(connection, call.routine) if found else self._declared
        tables = find_tables(connection, declared)
        state = Contained()
        try:
            with contained(connection, repeatable=bool(tables)) as state:
                call.prepare(connection)
                watched = TableSnapshots(connection, tables)
                self._moment = stop_clock(connection, self._moment)
                forget_rows(connection)
                outcome, notices = self._outcome(connection, call)
                pin(connection)
                effects: dict[str, Value] = {}
                if self._effects is not None:
                    effects["tables"] = {
                        name: parts
                        for name, parts in watched.changes().items()
                        if not found or any(rows.rows for rows in parts.values())
                    }
        finally:
            self._refuse_what_happened(call.routine, state)
        return Observation(outcome, effects, notices)

    def _outcome(self, connection: Connection, call: Call) -> tuple[Outcome, tuple[dict[str, Any], ...]]:
        try:
            found = call.execute(connection)
        except pymysql.Error as error:
            heard = diagnostics(connection) if connection.open else []
            if number_of(error) in (WITHIN_A_BRANCH, BEGUN_ALREADY):
                raise _commits(call.routine, str(error.args[1])) from None
            raised = observed(error, connection, heard, call.routine.signature)
            told = [one for one in heard if one["message"] != raised.message]
            return Outcome("raised", raised), _notices(told)
        heard = diagnostics(connection)
        pin(connection)
        return Outcome("returned", call.value(connection, found)), _notices(heard)

    def _refuse_what_happened(self, routine: Routine, state: Contained) -> None:
        if state.forbidden:
            raise _commits(routine, ", ".join(state.forbidden))
        if state.persisted:
            raise RecordingError(
                f"{routine.full_name} changed a table that takes no part in transactions:"
                " the change is still there",
                slug="procedure-not-undone",
                hint="restore the copy, and make its tables InnoDB before recording again",
            )

    def _told(self, connection: Connection, routine: Routine) -> dict[str, str]:
        told = {
            "server": version(connection),
            "version": source_of(self._context).version,
            "routine": routine.signature,
            "routine sha256": hashlib.sha256(routine.source.encode("utf-8", "replace")).hexdigest(),
        }
        return {name: text for name, text in told.items() if text}


def _notices(heard: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The conditions, without the lines in which they arose: these vary without meaning."""
    return tuple(one for one in heard if one["code"] != str(AT_LINE))


def _commits(routine: Routine, what: str) -> RecordingError:
    return RecordingError(
        f"{routine.full_name} ends the transaction, by dynamic SQL or a statement that was not foreseen: {what};"
        " the server refused it and nothing was changed",
        slug="procedure-commits",
        hint="record the functions and procedures that it calls",
    )


def _moved(call: Call, scratch: Scratch) -> Call:
    """The same call of the routine's copy."""
    return replace(call, routine=replace(call.routine, schema=scratch.name))
