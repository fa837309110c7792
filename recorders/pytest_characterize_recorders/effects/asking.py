"""What the server is asked about one case of a variant, all at once, and what its answers say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

from pytest_characterize.model import Observation, Outcome
from pytest_characterize.recording.protocols import Trial
from pytest_characterize.values import Rows
from pytest_characterize_recorders.effects.routine_call import CONSTRAINTS, Watch, failed, observe_call
from pytest_characterize_recorders.effects.rows_triggers import RowTriggers, TriggersDisturbedError
from pytest_characterize_recorders.effects.touched import WRITTEN_NAMES, table_names
from pytest_characterize_recorders.sources.postgresql.calls import Call
from pytest_characterize_recorders.sources.postgresql.conversing import Answer, Statement
from pytest_characterize_recorders.sources.postgresql.errors import faults
from pytest_characterize_recorders.sources.postgresql.results import ResultReader, fetching, raw, texts

TOO_SLOW: Final = "source-too-slow"
_DISTURBED: Final = "it exchanges a watched table, so that its changes cannot be told"
_UNWATCHED: Final = "it writes a table that legacy did not"
_UNNAMED: Final = re.compile("<unnamed portal ")
"""Names that the server makes, other ones each time."""


Told = dict[tuple[object, ...], Trial]
"""A call and the server's answers -> what the call did."""


class NeedsServerError(Exception):
    """The answers cannot be read without asking more, which has to wait until the server has said everything."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks about calls, and reads what is answered.

    Attributes:
        known: names of the tables that legacy writes; nobody has watched others.
        told: what calls did, by the server's answers; what is read is added.
    """

    connection: psycopg.Connection
    watch: Watch
    reader: ResultReader
    known: tuple[str, ...]
    told: Told
    _statements: dict[str, Statement] = field(default_factory=dict)
    _cursors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def questions(self, call: Call) -> list[Statement]:
        """The statements: the call first, then what the cursors give that it gave before, then what it has left."""
        fetches = [fetching(name).as_bytes(self.connection) for name in self._cursors_of(call)]
        return [self._calling(call), *((text, ()) for text in (*fetches, CONSTRAINTS, *self._afterwards))]

    def _cursors_of(self, call: Call) -> tuple[str, ...]:
        return self._cursors.get(call.routine.signature, ())

    def _calling(self, call: Call) -> Statement:
        if call.key not in self._statements:
            statement, values = call.statement()
            given = [None if value is None else value.encode() for value in values]
            self._statements[call.key] = (statement.as_bytes(self.connection), given)
        return self._statements[call.key]

    def trial(self, call: Call, answers: Sequence[Answer]) -> Trial:
        """What the answers to :meth:`questions` say, which are the last ones of a group.

        Most variants do on most cases what another one did: the same answers are read once, into the same trial.

        Raises:
            NeedsServerError: to begin with, of types whose names are not known yet.
            RecordingError: the call could not be observed.
        """
        last = answers[-2 - len(self._cursors_of(call)) - len(self._afterwards) :]
        rows = self.watch.rows
        watched = rows.defined if isinstance(rows, RowTriggers) and rows.checked else ()
        said = ((raw(answer.result), repr(answer.messages)) for answer in last)
        key = (call.key, self.known, watched, *said)
        if key not in self.told:
            self.told[key] = self._read(call, last)
        return self.told[key]

    def _read(self, call: Call, answers: Sequence[Answer]) -> Trial:
        called, *fetched = answers[: 1 + len(self._cursors_of(call))]
        constraints, *rest = answers[1 + len(fetched) :]
        if called.error is None and fetched:
            given = dict(zip(self._cursors_of(call), (answer.result for answer in fetched), strict=True))
            reader = self.reader.having(given)
        else:
            reader = self.reader
        messages = tuple(message for answer in (called, *fetched, constraints) for message in answer.messages)
        if called.error is None and call.needs_server(called.result, reader):
            raise NeedsServerError
        errors = (answer.error for answer in (called, *fetched, constraints))
        error = next((error for error in errors if error is not None), None)
        if error is not None:
            outcome = failed(self.connection, call, error)
            return Trial(Observation(outcome, self.watch.told(outcome, {}), messages))
        outcome = Outcome("returned", call.value(called.result, reader))
        try:
            changes = self._changes(call, rest)
        except _UnwatchedError:
            return Trial(None, _UNWATCHED)
        except TriggersDisturbedError:
            return Trial(None, _DISTURBED)
        return Trial(Observation(outcome, self.watch.told(outcome, changes), messages))

    def alone(self, call: Call) -> Trial:
        """The same in as many steps as it takes.

        Raises:
            RecordingError: the call could not be observed.
        """
        try:
            with faults(self.connection, call.routine.signature):
                self.reader.opened_cursors.clear()
                observation, written = observe_call(self.connection, call, self.watch, self.reader)
                self._expect(call, self.reader.opened_cursors)
                if self._is_unwatched(table_names(self.connection, written) if written else ()):
                    return Trial(None, _UNWATCHED)
        except TriggersDisturbedError:
            return Trial(None, _DISTURBED)
        return Trial(observation)

    def _expect(self, call: Call, cursors: Sequence[str]) -> None:
        """Next time, ask for the same cursors at once, if each has a name that stays."""
        if len({*cursors}) == len(cursors) and not any(map(_UNNAMED.match, cursors)):
            self._cursors[call.routine.signature] = tuple(cursors)

    @property
    def _afterwards(self) -> tuple[bytes, ...]:
        if self.watch.effects is None:
            return ()
        rows = self.watch.rows.questions() if isinstance(self.watch.rows, RowTriggers) else ()
        return (*((WRITTEN_NAMES,) if self.watch.finds_tables else ()), *rows)

    def _changes(self, call: Call, answers: Sequence[Answer]) -> Mapping[str, Mapping[str, Rows]]:
        for answer in answers:
            if (error := answer.error) is not None:
                if isinstance(error, psycopg.errors.UndefinedTable):
                    raise TriggersDisturbedError
                if isinstance(error, psycopg.errors.InsufficientPrivilege):
                    raise NeedsServerError  # legacy goes on as another role, which has to be taken back first
                with faults(self.connection, call.routine.signature):
                    raise error
        read = [texts(answer.result) for answer in answers]
        if self.watch.finds_tables and self._is_unwatched([name or "" for (name,) in read[0]]):
            raise _UnwatchedError
        if not isinstance(self.watch.rows, RowTriggers):
            return {}
        return self.watch.rows.told(read[-len(self.watch.rows.questions()) :])

    def _is_unwatched(self, written: Sequence[str]) -> bool:
        return not set(written) <= set(self.known)


class _UnwatchedError(Exception):
    """A variant has written to a table that legacy did not."""
