"""The one place where a source is reached through SQLAlchemy. No message holds any part of its URL."""

from __future__ import annotations

import os
import posixpath
import sqlite3
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.hosts import PRODUCTION, covers

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


def connected(context: RecordingContext) -> Connection:
    """A connection of its own in a new transaction, read-only where the dialect has that.

    Raises:
        RecordingError: ``source-wrong-kind``, ``source-address-invalid``, ``source-not-allowed``,
            ``source-looks-like-production``, ``source-down`` or ``recorder-not-installed``.
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
        if url.get_backend_name() == "sqlite":
            file = f"file:{quote(str(_file(url, context.settings.root)))}?mode=ro"
            engine = create_engine(
                "sqlite://", poolclass=NullPool, creator=lambda: sqlite3.connect(file, uri=True)
            )
        else:
            engine = create_engine(url, poolclass=NullPool)
        connection = engine.connect()
        if statement := _READ_ONLY.get(url.get_backend_name()):
            connection.exec_driver_sql(statement)
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
    return connection


def checked_url(source: Source, address: str, root: Path) -> URL:
    """The URL of a source, after the place that it leads to was found allowed."""
    try:
        url = make_url(address.strip())
        url.get_dialect()
        several = any(not isinstance(value, str) for value in url.query.values())
        if several or url.query.keys() - set(_OPTIONS) or not url.database:
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
    names = (url.host or "", Path(url.database or "").name, *map(str, url.query.values()))
    if not source.production and any(PRODUCTION.search(name) for name in names):
        raise RecordingError(
            f"source {source.name!r}: the host or the database is named like a production system",
            slug="source-looks-like-production",
            hint=f"record on a copy, or set production = true in [tool.characterize.sources.{source.name}]",
        )
    return url


def _is_allowed(source: Source, url: URL, root: Path) -> bool:
    if url.get_backend_name() == "sqlite":
        file = _file(url, root)
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


def _file(url: URL, root: Path) -> Path:
    return (root / (url.database or "")).resolve()
