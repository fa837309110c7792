"""Ctrl-C while a driver's C calls back: it is met, and nothing that was told meanwhile is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from legacy_database import Legacy

from pytest_characterize.errors import RecordingError
from pytest_characterize.interrupts import never_within
from pytest_characterize_recorders.sources.postgresql.conversing import Conversation
from pytest_characterize_recorders.sources.postgresql.session import notices
from pytest_characterize_recorders.sources.sqlite.connecting import limited
from pytest_characterize_recorders.sources.sqlite.guarding import Guard

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="interrupts itself as POSIX can")

TALK = b"DO $$ BEGIN FOR i IN 1..1000000 LOOP RAISE NOTICE '%', i; END LOOP; END $$"
SLEEP = b"SELECT pg_sleep(30)"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
AFTER = [0.02 * step for step in range(1, 8)]
"""Seconds: somewhere in the middle of what takes longer."""


@contextmanager
def interrupted(seconds: float) -> Iterator[None]:
    """The block is interrupted, and met it soon."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        assert time.monotonic() - started < seconds + 5
    else:
        raise AssertionError("the interrupt is lost")
    finally:
        timer.join()


@pytest.fixture
def connection(legacy: Legacy) -> Iterator[psycopg.Connection]:
    with psycopg.connect(legacy.dsn, autocommit=True) as connection:
        yield connection


def is_usable(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT 42").fetchone() == (42,)


@pytest.mark.parametrize("seconds", AFTER)
class TestPostgresql:
    def test_notices(self, connection: psycopg.Connection, seconds: float) -> None:
        with interrupted(seconds), notices(connection) as heard:
            connection.execute(TALK)
        assert [one["message"] for one in heard] == [f"{number + 1}" for number in range(len(heard))]
        assert 0 < len(heard) < 1_000_000
        assert is_usable(connection)

    def test_notices_of_statements_sent_ahead(self, connection: psycopg.Connection, seconds: float) -> None:
        with interrupted(seconds), Conversation(connection) as server:
            for _ in range(3):
                server.send([(TALK, ())])
            server.answers()
        assert is_usable(connection)

    def test_a_server_that_is_busy(self, connection: psycopg.Connection, seconds: float) -> None:
        """What it is at is cancelled, and so is all that was sent ahead."""
        with interrupted(seconds), Conversation(connection) as server:
            for _ in range(3):
                server.send([(SLEEP, ()), (b"SELECT 1", ())])
            server.answers()
        assert is_usable(connection)

    def test_between_two_answers(self, connection: psycopg.Connection, seconds: float) -> None:
        with interrupted(seconds), Conversation(connection) as server:
            while True:
                server.send([(b"SELECT 1", ()), (b"SELECT 2", ())])
                server.answers()
        assert is_usable(connection)


def test_a_group_that_was_half_sent(connection: psycopg.Connection) -> None:
    with suppress(KeyboardInterrupt), Conversation(connection) as server:
        server.send([(b"SELECT 1", ())])
        connection.pgconn.send_query_params(b"SELECT 2", ())
        raise KeyboardInterrupt
    assert is_usable(connection)


def test_notices_outside_are_what_they_were(connection: psycopg.Connection) -> None:
    """Handlers of others are put back."""
    others: list[str | None] = []
    connection.add_notice_handler(lambda message: others.append(message.message_primary))
    with notices(connection) as heard:
        connection.execute("DO $$ BEGIN RAISE NOTICE 'ours'; END $$")
    connection.execute("DO $$ BEGIN RAISE NOTICE 'theirs'; END $$")
    assert ([one["message"] for one in heard], others) == (["ours"], ["theirs"])


@pytest.mark.parametrize("seconds", AFTER)
def test_sqlite(seconds: float) -> None:
    """A statement that would go on is stopped; that is no error of the database."""
    connection = sqlite3.connect(":memory:")
    with interrupted(seconds), limited(connection, 60):
        try:
            connection.execute(ENDLESS).fetchall()
        except sqlite3.Error as error:
            raise RecordingError("stopped", slug="source-too-slow", hint="") from error
    assert connection.execute("SELECT 42").fetchall() == [(42,)]


@pytest.mark.parametrize("seconds", AFTER)
def test_what_sqlite_asks_for(seconds: float) -> None:
    """Nothing is refused because of an interrupt."""
    connection = sqlite3.connect(":memory:")
    guard = Guard(connection, writes=False)
    columns = ", ".join(f"abs({number})" for number in range(1500))
    with interrupted(seconds), guard.on():
        while True:
            connection.execute(f"EXPLAIN SELECT {columns}").close()
    assert guard.refused == {}


class TestNeverWithin:
    @staticmethod
    def called_back(function: Callable[[], object]) -> None:
        """As a driver does: an exception goes nowhere."""
        with suppress(BaseException):
            function()

    def test_met_after_the_callback(self) -> None:
        done: list[str] = []

        def callback() -> None:
            os.kill(os.getpid(), signal.SIGINT)
            done.append("told")

        try:
            with never_within(callback) as waits:
                self.called_back(callback)
                done.append(f"waits: {waits()}")
                time.sleep(30)
                done.append("goes on")
        except KeyboardInterrupt:
            done.append("interrupted")
        assert done == ["told", "waits: True", "interrupted"]

    def test_met_at_the_end_and_once(self) -> None:
        done: list[str] = []

        def callback() -> None:
            os.kill(os.getpid(), signal.SIGINT)

        try:
            with never_within(callback):
                self.called_back(callback)
            done.append("goes on")
        except KeyboardInterrupt:
            done.append("interrupted")
        time.sleep(0.1)
        assert done == ["interrupted"]

    def test_the_handler_is_put_back(self) -> None:
        before = signal.getsignal(signal.SIGINT)
        with never_within(self.called_back):
            assert signal.getsignal(signal.SIGINT) is not before
        assert signal.getsignal(signal.SIGINT) is before

    def test_a_handler_of_somebody_else_stays(self) -> None:
        before = signal.getsignal(signal.SIGINT)
        try:
            with never_within(self.called_back):
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        finally:
            signal.signal(signal.SIGINT, before)

    def test_ignored_ones_stay_ignored(self) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with never_within(self.called_back) as waits:
                os.kill(os.getpid(), signal.SIGINT)
                assert not waits()
        finally:
            signal.signal(signal.SIGINT, before)

    def test_another_thread(self) -> None:
        """It cannot have a handler, and needs none."""
        told: list[bool] = []

        def work() -> None:
            with never_within(work) as waits:
                told.append(waits())

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert told == [False]
