"""Statements that are sent ahead of their answers, so that neither side waits for the other."""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from pytest_characterize_recorders.sources.postgresql.session import notices

Statement = tuple[bytes, Sequence[bytes | None]]
"""A statement with numbered placeholders, and their values as server texts."""

_PATIENCE: Final = 0.1
"""Seconds that the server has for an answer after an interrupt, before what it is at is cancelled."""
_GIVEN_UP: Final = 5.0
"""Seconds that cancelling may take."""

_SUCCEEDED: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one statement.

    Attributes:
        messages: those that it sent meanwhile, as values in order.
    """

    result: PGresult
    messages: tuple[dict[str, Any], ...]

    @property
    def error(self) -> psycopg.Error | None:
        """The statement's own error; ``None`` as well where an earlier one kept it from running."""
        if self.result.status != ExecStatus.FATAL_ERROR:
            return None
        return psycopg.errors.error_from_result(self.result)

    @property
    def succeeded(self) -> bool:
        """Whether the statement ran to its end."""
        return self.result.status in _SUCCEEDED


class Conversation:
    """Groups of statements on a connection, which serves nothing else meanwhile.

    What follows an error within its group is not run; the next group is.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection, self._server = connection, connection.pgconn
        self._sizes: deque[int] = deque()
        self._stack = ExitStack()

    def __enter__(self) -> Conversation:
        self._heard = self._stack.enter_context(notices(self._connection))
        self._selector = self._stack.enter_context(selectors.DefaultSelector())
        self._selector.register(self._server.socket, selectors.EVENT_READ)
        self._server.enter_pipeline_mode()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack, suppress(psycopg.OperationalError):
            if kind is not None and issubclass(kind, KeyboardInterrupt):
                self._break_off()
                return
            while self._sizes:
                self.answers()
            self._server.exit_pipeline_mode()

    def _break_off(self) -> None:
        """End the pipeline after an interrupt, which may have left a group half sent, or read but still counted.

        What the server is still at is cancelled.
        """
        try:
            self._server.pipeline_sync()
            cancelled = perf_counter()
            while not self._left():
                while self._server.is_busy():
                    self._exchange(_PATIENCE)
                    if perf_counter() > cancelled + _PATIENCE:
                        with suppress(psycopg.Error):
                            self._connection.cancel_safe(timeout=_GIVEN_UP)
                        cancelled = perf_counter()
                self._server.get_result()
        except KeyboardInterrupt:  # somebody has no patience
            self._connection.close()
            raise

    def _left(self) -> bool:
        """Leave the pipeline mode, unless there still are results to be read."""
        try:
            self._server.exit_pipeline_mode()
        except psycopg.OperationalError:
            if self._server.status != ConnStatus.OK:
                raise
            return False
        return True

    @property
    def ahead(self) -> int:
        """How many groups were sent whose answers nobody has read."""
        return len(self._sizes)

    def send(self, group: Sequence[Statement]) -> None:
        """Send a group of statements; it may wait while the server is busy with others.

        Raises:
            psycopg.OperationalError: the connection is lost.
        """
        for text, values in group:
            self._server.send_query_params(text, values)
        self._server.pipeline_sync()
        self._sizes.append(len(group))
        self._server.flush()

    def answers(self) -> list[Answer]:
        """The answers to the oldest group, one a statement.

        Raises:
            psycopg.OperationalError: the connection is lost; it is not known what became of the group.
        """
        found: list[Answer] = []
        try:
            while (result := self._next_result()).status != ExecStatus.PIPELINE_SYNC:
                found.append(Answer(result, tuple(self._heard)))
                self._heard.clear()
        except psycopg.OperationalError:
            self._sizes.clear()
            self._connection.close()
            raise
        self._sizes.popleft()
        return found

    def _next_result(self) -> PGresult:
        while True:
            while self._server.is_busy():
                self._exchange()
            result = self._server.get_result()
            if result is not None:
                return result
            if self._server.status != ConnStatus.OK:  # there will be none, however often it is asked
                raise psycopg.OperationalError("the server has closed the connection")

    def _exchange(self, seconds: float | None = None) -> None:
        """Send what waits to be sent, and take what has come, as far as it has within the time."""
        unsent = selectors.EVENT_WRITE if self._server.flush() else 0
        self._selector.modify(self._server.socket, selectors.EVENT_READ | unsent)
        for _, events in self._selector.select(seconds):
            if events & selectors.EVENT_READ:
                self._server.consume_input()
