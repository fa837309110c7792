"""The one place where a source is reached through SQLAlchemy. No message holds any part of its URL."""

from __future__ import annotations

import os
import posixpath
import sqlite3
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.generic.files import FileCopy, open_read_only
from pytest_characterize_recorders.sources.hosts import PRODUCTION, covers
from pytest_characterize_recorders.sources.rights import POSTGRESQL, require_read_only, writing_grant

TESTED: Final = ("sqlite", "postgresql", "mysql", "mariadb")
"""Dialects that the tests run against; others work as far as SQLAlchemy makes them alike."""

_PORTS: Final = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306", "oracle": "1521", "mssql": "1433"}
_SOCKETS: Final = ("host", "unix_socket")
_OPTIONS: Final = (*_SOCKETS, "charset", "driver", "service_name", "sslmode", "encrypt")
"""What a URL may ask for besides its place; options that lead elsewhere are not among them."""
_ELSEWHERE: Final = ("PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE")
"""Variables by which libpq goes to another place than the URL says."""
_READ_ONLY: Final = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
"""What makes the transaction one in which nothing can be written."""
_REPEATABLE: Final = {
    "postgresql": "REPEATABLE READ",
    "mysql": "REPEATABLE READ",
    "mariadb": "REPEATABLE READ",
    "oracle": "SERIALIZABLE",
    "mssql": "SERIALIZABLE",
}
"""The level at which a transaction does not see what others commit meanwhile."""


def connected(context: RecordingContext, copy: FileCopy | None = None, *, writes: bool = False) -> Connection:
    """A connection of its own in a new transaction, read-only where the dialect has that.

    Args:
        copy: of a SQLite file, to be opened in its place.
        writes: whether the transaction may write; it sees nothing then that others commit meanwhile.

    Raises:
        RecordingError: ``source-wrong-kind``, ``source-address-invalid``, ``source-not-allowed``,
            ``source-looks-like-production``, ``source-down``, ``source-may-write`` or ``recorder-not-installed``.
    """
    source = context.source
    if source is None or source.kind != "sqlalchemy":
        raise RecordingError(
            f"source {source.name if source else ''!r} is not of kind 'sqlalchemy'",
            slug="source-wrong-kind",
            hint="name a source of kind 'sqlalchemy' in the descriptor: source=...",
        )
    url = checked_url(source, context.address, context.settings.root)
    try:
        connection = _begun(url, context.settings.root, copy, writes)
    except ImportError:
        raise RecordingError(
            f"source {source.name!r}: the driver {url.get_driver_name()!r} is not installed",
            slug="recorder-not-installed",
            hint="install the driver that the address names",
        ) from None
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError):
        raise RecordingError(
            f"source {source.name!r} cannot be reached",
            slug="source-down",
            hint=f"start it, or correct {source.secret_variable}",
        ) from None
    if source.read_only:
        try:
            _require_read_only(source, connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _require_read_only(source: Source, connection: Connection) -> None:
    def shown(whose: str) -> list[str] | None:
        """The grants of an account, or of a role."""
        try:
            found = connection.exec_driver_sql(f"SHOW GRANTS{whose}".replace("%", "%%"))
        except SQLAlchemyError:
            return None
        return [str(grant) for (grant,) in found]

    match connection.dialect.name:
        case "sqlite":  # the file is opened to be read, or copied
            return
        case "postgresql":
            told = [str(what) for (what,) in connection.execute(text(POSTGRESQL))]
        case "mysql" | "mariadb":
            told = [may] if (may := writing_grant(shown)) else []
        case other:
            told = [f"nobody can tell what it may do in a database of {other}"]
    require_read_only(source, told)


def _begun(url: URL, root: Path, copy: FileCopy | None, writes: bool) -> Connection:
    backend = url.get_backend_name()
    if backend == "sqlite":
        opened = copy.open if copy else lambda: open_read_only(file_of(url, root))
        connection = create_engine("sqlite://", poolclass=NullPool, creator=opened).connect()
        if writes:  # before a savepoint, whose release would commit
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        return connection
    connection = create_engine(url, poolclass=NullPool).connect()
    if writes and (level := _REPEATABLE.get(backend)):
        return connection.execution_options(isolation_level=level)
    if not writes and (statement := _READ_ONLY.get(backend)):
        connection.exec_driver_sql(statement)
    return connection


def file_copy(context: RecordingContext) -> FileCopy | None:
    """A copy of a SQLite file, for what writes; ``None`` where the source is a server.

    Raises:
        RecordingError: as :func:`connected`.
    """
    connected(context).close()
    assert context.source is not None
    url = checked_url(context.source, context.address, context.settings.root)
    return FileCopy(file_of(url, context.settings.root)) if url.get_backend_name() == "sqlite" else None


def checked_url(source: Source, address: str, root: Path) -> URL:
    """The URL of a source, after the place that it leads to was found allowed."""
    try:
        url = make_url(address.strip())
        url.get_dialect()
        several = any(not isinstance(value, str) for value in url.query.values())
        if several or url.query.keys() - set(_OPTIONS) or not _database(url):
            raise ValueError
    except (SQLAlchemyError, ValueError):
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} holds no usable URL of SQLAlchemy",
            slug="source-address-invalid",
            hint=f"set {source.secret_variable}=DIALECT+DRIVER://USER@HOST:PORT/DATABASE"
            f" (options: {', '.join(_OPTIONS)})",
        ) from None
    if not _is_allowed(source, url, root):
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} leads to a place that is not in its list of hosts",
            slug="source-not-allowed",
            hint=f"name the host in the address, and list it in [tool.characterize.sources.{source.name}] hosts",
        )
    names = (url.host or "", Path(_database(url)).name, *map(str, url.query.values()))
    if not source.production and any(PRODUCTION.search(name) for name in names):
        raise RecordingError(
            f"source {source.name!r}: the host or the database is named like a production system",
            slug="source-looks-like-production",
            hint=f"record on a copy, or set production = true in [tool.characterize.sources.{source.name}]",
        )
    return url


def _database(url: URL) -> str:
    """The database that a URL names; Oracle's may be a service."""
    return url.database or (
        str(url.query.get("service_name", "")) if url.get_backend_name() == "oracle" else ""
    )


def _is_allowed(source: Source, url: URL, root: Path) -> bool:
    if url.get_backend_name() == "sqlite":
        file = file_of(url, root)
        wanted = [str((root / entry).resolve()) for entry in source.hosts]
        return any(fnmatchcase(str(file), one) or fnmatchcase(str(file.parent), one) for one in wanted)
    if url.get_backend_name() == "postgresql" and any(name in os.environ for name in _ELSEWHERE):
        return False
    sockets = [str(url.query[name]) for name in _SOCKETS if name in url.query]
    if sockets:
        return not url.host and all(
            any(_is_socket_of(entry, path) for entry in source.hosts) for path in sockets
        )
    port = str(url.port or _PORTS.get(url.get_backend_name(), ""))
    return bool(url.host) and any(covers(entry, str(url.host), port) for entry in source.hosts)


def _is_socket_of(entry: str, path: str) -> bool:
    normal, wanted = posixpath.normpath(path), posixpath.normpath(entry)
    folder = posixpath.dirname(normal)
    return path.startswith("/") and (fnmatchcase(normal, wanted) or fnmatchcase(folder, wanted))


def file_of(url: URL, root: Path) -> Path:
    """The SQLite file that a URL names."""
    return (root / (url.database or "")).resolve()
