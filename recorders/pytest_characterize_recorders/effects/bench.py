"""Variants of routines, tried in one transaction: each case on the same state, sent ahead while the last one runs.

The transaction has two marks: one where legacy is as it is, to which every variant returns before it is installed,
and one where the variant is installed, to which every case returns. What a case is to be asked is known before it
runs, so it is sent in one go, and the server has the next case at hand while we read what the last one did.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from time import perf_counter
from typing import Final

import psycopg

from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import Trial
from pytest_characterize_recorders.effects.asking import TOO_SLOW, Asking, NeedsServerError, Told
from pytest_characterize_recorders.effects.routine_call import Watch
from pytest_characterize_recorders.effects.rows_catalog import find_tables
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.effects.rows_triggers import (
    RowTriggers,
    TriggersNotPermittedError,
    may_redefine,
)
from pytest_characterize_recorders.effects.sequences import SequenceGuard
from pytest_characterize_recorders.sources.postgresql.calls import Call
from pytest_characterize_recorders.sources.postgresql.conversing import Conversation, Statement
from pytest_characterize_recorders.sources.postgresql.errors import faults
from pytest_characterize_recorders.sources.postgresql.leftovers import cleared_away, written_tables
from pytest_characterize_recorders.sources.postgresql.results import ResultReader
from pytest_characterize_recorders.sources.postgresql.session import (
    LOCK_TIMEOUT,
    limits,
    lock_timeout,
    mark_state,
    marking,
    returning,
    rolled_back,
)
from pytest_characterize_recorders.sources.postgresql.variants import install

AHEAD: Final = 3
"""So many cases are with the server at a time; each may take the whole limit before we know of the first."""
WORN: Final = 500
"""After so many calls the transaction has left so much behind in tables that a new one is faster."""
_LEGACY: Final = "characterize_legacy"
_SLOWER: Final = 10
_LEAST: Final = 0.1
"""Once a variant had to be stopped, its other cases may take so many times as long as legacy, and seconds at least."""


class Bench:
    """A transaction in which variants are tried, until it is closed or its connection is lost.

    Args:
        declared: names of the tables that are watched.
        times: how long legacy as it is takes, by the key of a call; what is measured is added.
        told: what calls did, by the server's answers; what is read is added.

    Raises:
        RecordingError: a table is unknown.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        effects: Tables | None,
        declared: tuple[str, ...],
        times: dict[str, float],
        told: Told,
    ) -> None:
        self._connection, self._declared = connection, declared
        self._seconds, self._stopped, self._is_legacy = 0.0, False, False
        self._own, self._told = times, told
        self._calls, self._depth = 0, 1
        try:
            self._begin(effects, RowTriggers)
        except TriggersNotPermittedError:
            self._begin(effects, RowSnapshots)

    def serves(self, connection: psycopg.Connection, declared: tuple[str, ...]) -> bool:
        """Whether it can go on, and watches these tables."""
        usable = connection is self._connection and not connection.closed and self._calls < WORN
        return usable and self._declared == declared and not self._guard.guards_foreign

    def install(
        self, variant: Mapping[str, str], known: Mapping[str, str], what: str, seconds: float
    ) -> None:
        """From now on, run a variant; nothing of those before it is left.

        Args:
            known: texts by signature of what it may change.
            what: the signature of what is tried, for messages.
            seconds: how long a case may take.

        Raises:
            RecordingError: ``variant-unknown`` or ``variant-broken``.
        """
        after = (limits(seconds, self._patience), marking())
        install(self._connection, variant, known, what, before=returning(_LEGACY), after=after)
        rows = self._asking.watch.rows
        if isinstance(rows, RowTriggers):
            rows.checked = may_redefine({**known, **variant}.values())
        self._seconds, self._stopped, self._is_legacy = seconds, False, not variant

    def trials(self, calls: Sequence[Call]) -> Iterator[Trial]:
        """Try calls, one after another; fewer than asked for if the connection is lost over the last one."""
        rest = list(calls)
        while rest and not self._connection.closed:
            if not isinstance(self._asking.watch.rows, RowSnapshots):
                for trial in self._ahead(rest):
                    rest = rest[1:]
                    yield trial
            if rest and not self._connection.closed:
                yield self._alone(rest.pop(0))

    def close(self) -> None:
        """Take everything back."""
        with faults(self._connection, "what was tried"):
            self._stack.close()

    def _begin(self, effects: Tables | None, watcher: type[RowTriggers] | type[RowSnapshots]) -> None:
        connection = self._connection
        self._guard = SequenceGuard(connection)
        with ExitStack() as stack:
            stack.callback(self._restore)
            left = stack.enter_context(cleared_away(connection))
            stack.enter_context(rolled_back(connection, watcher.mode))
            stack.callback(lambda: left.extend(written_tables(connection)))
            self._patience = lock_timeout(connection)
            connection.execute(limits(None, LOCK_TIMEOUT))
            self._guard.shield()
            self._guard.mark()
            tables = find_tables(connection, self._declared)
            watch = Watch(effects, tables, watcher(connection, tables) if tables else None)
            self._asking = Asking(connection, watch, ResultReader(connection), self._declared, self._told)
            mark_state(connection, _LEGACY)
            self._stack = stack.pop_all()
        state, *session = returning()
        self._returning: list[Statement] = [(text, ()) for text in (state, self._guard.rewinding, *session)]

    def _restore(self) -> None:
        if not self._connection.closed:
            self._guard.restore()

    def _alone(self, call: Call) -> Trial:
        """Try a call with the server at nothing else."""
        self._calls += 1
        before = perf_counter()
        try:
            trial = self._asking.alone(call)
            self._keep_time(call, before)
            return trial
        except RecordingError as error:
            return self._untold(error)
        finally:
            if not self._connection.closed:
                self._connection.execute(b"; ".join(text for text, _ in self._returning))

    def _ahead(self, calls: Sequence[Call]) -> Iterator[Trial]:
        """Try calls until the first whose answers cannot be read without asking more."""
        todo, asked, before = iter(calls), deque[Call](), perf_counter()
        try:
            with Conversation(self._connection) as server:
                while self._sent(server, todo, asked):
                    answers, back = server.answers(), server.answers()
                    call = asked.popleft()
                    self._calls += 1
                    try:
                        trial = self._asking.trial(call, answers)
                    except NeedsServerError:
                        # those sent ahead may end the connection before this one is tried again
                        self._depth = 1
                        return
                    except RecordingError as error:
                        trial = self._untold(error)
                    self._keep_time(call, before)
                    before, self._depth = perf_counter(), AHEAD
                    if not all(answer.succeeded for answer in back):
                        self._connection.close()  # the cases after it have not met the same state
                    yield trial
        except psycopg.OperationalError:
            yield Trial(None, f"{calls[0].routine.signature}: the connection to the source was lost")

    def _sent(self, server: Conversation, todo: Iterator[Call], asked: deque[Call]) -> bool:
        """Whether anything is to be answered, after as much was sent as may be ahead."""
        while len(asked) < self._depth and not self._connection.closed:
            call = next(todo, None)
            if call is None:
                break
            server.send([*self._own_limit(call), *self._asking.questions(call)])
            server.send(self._returning)
            asked.append(call)
        return bool(asked) and not self._connection.closed

    def _keep_time(self, call: Call, start: float) -> None:
        if self._is_legacy:
            self._own[call.key] = perf_counter() - start

    def _own_limit(self, call: Call) -> list[Statement]:
        """Of a variant that had to be stopped before: how long this one of its cases may take."""
        if not self._stopped:
            return []
        own = self._own.get(call.key, self._seconds)
        return [(limits(min(self._seconds, max(_LEAST, _SLOWER * own)), self._patience), ())]

    def _untold(self, error: RecordingError) -> Trial:
        self._stopped = self._stopped or error.slug == TOO_SLOW
        return Trial(None, error.message)
