"""One case, one connection, one transaction that nothing but we can end.

It is the branch of a distributed transaction: while it is active, the server itself refuses every statement
that would commit or roll it back, explicitly or implicitly, also within routines and dynamic SQL. Such a
statement is counted even where a handler swallows its error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize_recorders.sources.mariadb.results import rows

BRANCH: Final = "'characterize'"
NOT_ROLLED_BACK: Final = 1196
AT_LINE: Final = 4094
"""MariaDB's note that says in which line of which routine the condition before it arose."""
ENDING: Final = ("alter", "create", "drop", "rename", "install", "uninstall", "grant", "revoke")
ENDINGS: Final = (
    *("commit", "rollback", "begin", "truncate", "lock_tables", "unlock_tables", "flush", "reset"),
    *("analyze", "check", "repair", "optimize", "kill", "shutdown", "change_master", "xa_commit"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
HARMLESS: Final = ("create_temporary_table", "drop_temporary_table")


@dataclass
class Contained:
    """What became of a contained transaction; complete after its block.

    Attributes:
        forbidden: kinds of statements that the server refused because they would have ended it.
        persisted: whether the server could not take back everything.
    """

    forbidden: tuple[str, ...] = ()
    persisted: bool = False
    _before: dict[str, str] = field(default_factory=dict)


@contextmanager
def contained(connection: Connection, *, repeatable: bool) -> Iterator[Contained]:
    """A transaction that only the end of the block ends, by rolling it back.

    Args:
        repeatable: whether reads must not see what other sessions commit meanwhile; else they see what the
            server's own isolation level lets them see.
    """
    state = Contained(_before=_counts(connection))
    if repeatable:
        _run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    _run(connection, f"XA START {BRANCH}")
    try:
        yield state
    finally:
        if connection.open:
            _leave(connection, state)


def forget_rows(connection: Connection) -> None:
    """Let the server number rows anew: it says in messages how many the statements before, ours, have read."""
    _run(connection, "SELECT 1")


def stop_clock(connection: Connection, at: datetime | None = None) -> datetime | None:
    """Let the session's time stand still, now or at a moment; says at what, ``None`` where the server does not let it.

    ``NOW()`` and what the server fills columns with are of this moment from now on, ``SYSDATE()`` is not.
    The session's time zone is UTC.
    """
    moment = at or _now(connection)
    since = (moment - _EPOCH) // timedelta(microseconds=1)
    try:
        _run(connection, f"SET timestamp = {since // 10**6}.{since % 10**6:06d}")
    except pymysql.Error:
        if not connection.open:
            raise
        return None
    return moment


def _now(connection: Connection) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOW(6)")
        [[text]] = rows(cursor).rows
    return datetime.fromisoformat(f"{text}+00:00")


def diagnostics(connection: Connection) -> list[dict[str, Any]]:
    """The warnings that the last statement left, in order, errors among them."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW WARNINGS")
        return [
            {"severity": level or "", "code": code or "", "message": message or ""}
            for level, code, message in rows(cursor).rows
        ]


def _leave(connection: Connection, state: Contained) -> None:
    with suppress(pymysql.Error):  # a deadlock has left nothing but the rollback to do
        _run(connection, f"XA END {BRANCH}")
    with connection.cursor() as cursor:
        cursor.execute(f"XA ROLLBACK {BRANCH}")
        warned = bool(cursor._result.warning_count)  # type: ignore[attr-defined]
    if warned:
        state.persisted = any(told["code"] == str(NOT_ROLLED_BACK) for told in diagnostics(connection))
    after = _counts(connection)
    counted = [name for name, count in after.items() if count != state._before.get(name)]
    state.forbidden = tuple(name.replace("_", " ").upper() for name in counted if _is_ending(name))


def _is_ending(name: str) -> bool:
    return name in ENDINGS or (name.startswith(ENDING) and name not in HARMLESS)


def _counts(connection: Connection) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Com%'")
        return {(name or "").removeprefix("Com_"): count or "" for name, count in rows(cursor).rows}


def _run(connection: Connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
