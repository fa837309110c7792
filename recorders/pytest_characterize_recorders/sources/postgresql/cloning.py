"""A copy of a source's database: made for one call of what cannot be rolled back, and always dropped.

Its maker holds a lock of the copy's number as long as it lives, so a copy whose lock nobody holds was left by a
process that was killed: whoever makes the next one drops it.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg import sql

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize_recorders.sources.postgresql.clusterwide import unchanged_cluster
from pytest_characterize_recorders.sources.postgresql.connecting import open_postgresql
from pytest_characterize_recorders.sources.postgresql.errors import faults

LOCKS: Final = 0x636C6F6E
"""Class of the advisory locks that say whose process still lives."""
MAINTENANCE: Final = ("postgres", "template1")
"""Where one may be while another database is copied."""
TRIES: Final = 4
"""How often a copy is tried while others are connected; the server itself waits five seconds each time."""
LEAVING_SECONDS: Final = 2.0
"""How long a session of ours may take to be gone."""


@contextmanager
def cloned(context: RecordingContext) -> Iterator[psycopg.Connection]:
    """A connection to a fresh copy of the source's database; nobody may be connected to that.

    Raises:
        RecordingError: ``clone-busy``, ``clone-forbidden``, ``clone-foreign``, ``clone-left``,
            ``clone-cluster-changed``, or as :func:`open_postgresql`.
    """
    database, settings = _original(context)
    keeper = open_postgresql(context, database=MAINTENANCE[database == MAINTENANCE[0]])
    number = secrets.randbits(31)
    clone = f"characterize_clone_{os.getpid()}_{number:08x}"
    try:
        with faults(keeper, f"a copy of source {_name(context)!r}"), unchanged_cluster(keeper, database):
            keeper.execute("SET statement_timeout = 0")
            _sweep(keeper)
            keeper.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, number))
            with _dropped(context, keeper, clone):
                _copy(keeper, database, clone)
                connection = open_postgresql(context, database=clone, settings=settings)
                try:
                    yield connection
                finally:
                    connection.close()
    finally:
        keeper.close()


def _original(context: RecordingContext) -> tuple[str, dict[str, str]]:
    """The database's name, and the settings that belong to it and that its copy would not have."""
    connection = open_postgresql(context)
    try:
        with faults(connection, f"source {_name(context)!r}"):
            if connection.execute("SELECT FROM pg_foreign_table LIMIT 1").fetchone() is not None:
                raise RecordingError(
                    f"source {_name(context)!r} has foreign tables: what a call in a copy of it changes there"
                    " would be committed",
                    slug="clone-foreign",
                    hint="record on a copy of the database without foreign tables",
                )
            told = connection.execute(_SETTINGS).fetchall()
        return connection.info.dbname, dict(told)
    finally:
        connection.close()


def _name(context: RecordingContext) -> str:
    return context.source.name if context.source else ""


def _copy(keeper: psycopg.Connection, database: str, clone: str) -> None:
    _await_leaving(keeper, database)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(clone), sql.Identifier(database)
    )
    for tried in range(1, TRIES + 1):
        try:
            keeper.execute(statement)
        except psycopg.errors.ObjectInUse as error:
            if tried == TRIES:
                raise RecordingError(
                    f"the database cannot be copied: others are connected to it ({error.diag.message_detail})",
                    slug="clone-busy",
                    hint="end their sessions, or record on a copy of the database that nobody works on",
                ) from None
        except psycopg.errors.InsufficientPrivilege as error:
            raise RecordingError(
                f"the database cannot be copied: {error.diag.message_primary}",
                slug="clone-forbidden",
                hint="ALTER ROLE recorder CREATEDB, and make it the owner of the database; or record on a copy of it",
            ) from None
        else:
            return


def _await_leaving(keeper: psycopg.Connection, database: str) -> None:
    """A session ends a moment after it was closed, and the server looks for it but ten times a second."""
    until = time.monotonic() + LEAVING_SECONDS
    while time.monotonic() < until:
        asked = "SELECT FROM pg_stat_activity WHERE datname = %s LIMIT 1"
        if keeper.execute(asked, (database,)).fetchone() is None:
            return
        time.sleep(0.005)


@contextmanager
def _dropped(context: RecordingContext, keeper: psycopg.Connection, clone: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(psycopg.Error, RecordingError):  # what went wrong first is what must be told
            _drop(context, keeper, clone)
        raise
    try:
        _drop(context, keeper, clone)
    except psycopg.Error as error:
        raise RecordingError(
            f"the copy {clone!r} could not be dropped: {error.diag.message_primary or type(error).__name__}",
            slug="clone-left",
            hint=f'drop it: DROP DATABASE "{clone}"; the next recording with a copy tries it as well',
        ) from None


def _drop(context: RecordingContext, keeper: psycopg.Connection, clone: str) -> None:
    """Drop a copy of ours, with whoever is still in it."""
    if keeper.closed:
        again = open_postgresql(context, database=keeper.info.dbname)
        with again:
            _drop(context, again, clone)
        return
    name = sql.Identifier(clone)
    if keeper.info.server_version >= 130000:
        keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        return
    keeper.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (clone,))
    keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))


def _sweep(keeper: psycopg.Connection) -> None:
    """Drop the copies of processes that are gone: ours by name and owner, with no lock held and nobody in it."""
    for (clone,) in keeper.execute(_ORPHANS, (LOCKS,)).fetchall():
        with suppress(psycopg.Error):  # somebody is in it, or another one sweeps it
            keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(clone)))


_SETTINGS: Final = """
SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS setting
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
ORDER BY s.setrole <> 0, s.setdatabase <> 0
"""
_ORPHANS: Final = """
SELECT d.datname FROM pg_database d
WHERE d.datname ~ '^characterize_clone_[0-9]+_[0-9a-f]{8}$' AND pg_get_userbyid(d.datdba) = session_user
  AND NOT EXISTS (
      SELECT FROM pg_locks l
      WHERE l.locktype = 'advisory' AND l.classid = %s::oid
        AND l.objid = ('x' || right(d.datname, 8))::bit(32)::integer::oid)
"""
