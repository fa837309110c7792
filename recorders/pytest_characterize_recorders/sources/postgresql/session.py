"""One case, one transaction that is rolled back, one session state that no other case has touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal

import psycopg
from psycopg.errors import Diagnostic
from psycopg.pq.abc import PGresult

from pytest_characterize.interrupts import never_within
from pytest_characterize_recorders.sources.postgresql.connecting import SESSION
from pytest_characterize_recorders.sources.postgresql.errors import diagnostic_details

_OURS_AGAIN: Final = "; ".join(
    [
        "RESET SESSION AUTHORIZATION",
        "RESET ROLE",
        *(f"SET {name} = '{value}'" for name, value in SESSION.items()),
    ]
)
Mode = Literal["READ WRITE", "READ ONLY", "ISOLATION LEVEL REPEATABLE READ READ WRITE"]
LOCK_TIMEOUT: Final = "5s"
ORDINARY: Final = ("00000", "01000")
"""SQLSTATEs of messages that were given none of their own."""


@contextmanager
def rolled_back(connection: psycopg.Connection, mode: Mode) -> Iterator[None]:
    """A transaction of the given mode, rolled back in any case.

    What a rollback leaves in a session (advisory locks, prepared statements, sequences' last values) is
    taken away too, so that no case depends on those before it.
    """
    connection.execute(f"BEGIN {mode}")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK")
            for statement in ("SELECT pg_advisory_unlock_all()", "DEALLOCATE ALL", "DISCARD SEQUENCES"):
                connection.execute(statement)


def mark_state(connection: psycopg.Connection, name: str = "characterize") -> None:
    """Within a transaction: remember its state, for :func:`returning`."""
    connection.execute(marking(name))


def marking(name: str = "characterize") -> bytes:
    """The statement of :func:`mark_state`."""
    return f"SAVEPOINT {name}".encode()


def returning(name: str = "characterize") -> tuple[bytes, ...]:
    """The statements that take back what was done since the mark, with what it left in the session."""
    return (
        f"ROLLBACK TO SAVEPOINT {name}".encode(),
        b"SELECT pg_advisory_unlock_all()",
        b"DEALLOCATE ALL",
        b"DISCARD SEQUENCES",
    )


def limits(seconds: float | None, lock_timeout: str) -> bytes:
    """The statement that limits others until the transaction ends: each by itself, and its waiting for a lock.

    Args:
        seconds: ``None`` leaves that limit as it is.
    """
    given = {"lock_timeout": lock_timeout}
    if seconds is not None:
        given["statement_timeout"] = str(max(1, round(1000 * seconds)))
    settings = (f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in given.items())
    return f"SELECT {', '.join(settings)}".encode()


def lock_timeout(connection: psycopg.Connection) -> str:
    """How long statements wait for a lock now."""
    [own] = connection.execute("SELECT current_setting('lock_timeout')").fetchone() or ("0",)
    return str(own)


def now(connection: psycopg.Connection) -> datetime:
    """What ``CURRENT_TIMESTAMP`` is until the transaction ends."""
    text = "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    [told] = connection.execute(text).fetchone() or ("",)
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


@contextmanager
def impatient(connection: psycopg.Connection) -> Iterator[None]:
    """Within a transaction: our own statements wait a few seconds for a lock, legacy's as long as it likes."""
    own = lock_timeout(connection)
    connection.execute(limits(None, LOCK_TIMEOUT))
    yield
    connection.execute(limits(None, own))


def take_back(connection: psycopg.Connection) -> None:
    """Within a transaction, after legacy: our own role again, and texts of values as we read them.

    Legacy may have gone on as another role (which may not read what we watch) or with another ``DateStyle``.
    """
    connection.execute(_OURS_AGAIN)


@contextmanager
def notices(connection: psycopg.Connection) -> Iterator[list[dict[str, Any]]]:
    """The messages that the server sends during the block, as values in order."""
    heard: list[dict[str, Any]] = []
    server, encoding = connection.pgconn, connection.info.encoding

    def hear(result: PGresult) -> None:
        heard.append(_notice(Diagnostic(result, encoding)))

    # not by add_notice_handler: an interrupt could be met in what psycopg does around it
    before, server.notice_handler = server.notice_handler, hear
    try:
        with never_within(hear):
            yield heard
    finally:
        server.notice_handler = before


def _notice(diagnostic: Diagnostic) -> dict[str, Any]:
    code = diagnostic.sqlstate or ""
    return {
        "severity": diagnostic.severity_nonlocalized or "",
        "message": diagnostic.message_primary or "",
        **({} if code in ORDINARY else {"code": code}),
        **diagnostic_details(diagnostic),
    }
