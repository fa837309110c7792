"""An embedded MariaDB server from the system's programs: no rights, no network, no traces.

>>> with MariaServer() as server:
...     address = server.create_database("billing")
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import pymysql

from pytest_characterize_recorders.embedded.account import server_account
from pytest_characterize_recorders.embedded.binaries import MARIADB_SCRIPTS, mariadb_programs
from pytest_characterize_recorders.embedded.lifecycle import KeptServer, not_started
from pytest_characterize_recorders.embedded.template import fill

USER: Final = "root"
"""The server's own account; nobody but us can reach the folder of its socket."""
SOCKET: Final = "mariadb.sock"
SETTINGS: Final[Mapping[str, str]] = {
    "skip-networking": "1",
    "skip-log-bin": "1",
    "default-time-zone": "+00:00",
    "character-set-server": "utf8mb4",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-buffer-pool-size": "32M",
    "innodb-use-native-aio": "0",
    "innodb-log-file-size": "4M",
    "innodb-data-file-path": "ibdata1:4M:autoextend",
    "innodb-temp-data-file-path": "ibtmp1:1M:autoextend",
    "innodb-autoextend-increment": "1",
    "key-buffer-size": "1M",
    "max-connections": "50",
}
PREPARED: Final = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"
READY_SECONDS: Final = 1.0


class MariaServer:
    """A MariaDB server of our own, reachable through a unix socket in a private folder.

    It is stopped at the end of the ``with`` block, at the end of the process, and when the process dies.

    Args:
        datadir: keep the data here and use them again; without it they vanish with the server.
        prefix: folder below which the server is installed; without it the system's.
        settings: server settings besides :data:`SETTINGS`.
    """

    def __init__(
        self,
        datadir: Path | None = None,
        *,
        prefix: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.programs = mariadb_programs(prefix)
        self._datadir = datadir.absolute() if datadir else None
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = server_account("TERM")
        self._server: KeptServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def socket(self) -> Path:
        """The server's socket."""
        assert self._server is not None, "the server is not running"
        return self._server.folder / SOCKET

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            RecordingError: ``server-not-started``.
        """
        if self._server is not None:
            return
        server = self._server = KeptServer("MariaDB")
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

    def address(self, database: str = "mysql") -> str:
        """A database's URL, as a source of kind ``mariadb`` takes it."""
        return f"mariadb://{USER}@localhost/{quote(database, safe='')}?unix_socket={quote(str(self.socket))}"

    def create_database(self, name: str) -> str:
        """Create an empty database; gives its URL."""
        quoted = name.replace("`", "``")
        connection = pymysql.connect(unix_socket=str(self.socket), user=USER, ssl_disabled=True)
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE `{quoted}`")
        finally:
            connection.close()
        return self.address(name)

    def _start(self, server: KeptServer) -> None:
        data = self._datadir or server.folder / "data"
        self._account.hand_over(server.folder)
        if not (data / "mysql").exists():
            fill(data, "mariadb", self._made_of(), self._initialise)
            self._account.hand_over(data)
        own = {
            "socket": str(server.folder / SOCKET),
            "pid-file": str(server.folder / "mariadb.pid"),
            "tmpdir": str(server.folder),
        }
        server.start(
            self._command(data, {**self._settings, **own}),
            env=_environment(),
            stop_signal=signal.SIGTERM,
            ready=lambda: _greets(server.folder / SOCKET),
        )

    def _command(self, data: Path, settings: Mapping[str, str], *options: str) -> list[str]:
        return self._account.command(
            self.programs.server,
            "--no-defaults",  # must be the first
            *options,
            f"--datadir={data}",
            f"--lc-messages-dir={self.programs.share}",
            *(f"--{name}={value}" for name, value in settings.items()),
        )

    def _made_of(self) -> list[str]:
        program = self.programs.server.stat()
        identity = [str(self.programs.server), str(program.st_size), str(program.st_mtime_ns)]
        return [*identity, str(os.geteuid()), PREPARED, *(f"{k}={v}" for k, v in SETTINGS.items())]

    def _initialise(self, data: Path) -> None:
        # What mariadb-install-db does, which is a shell script with needs of its own.
        data.mkdir(mode=0o700, parents=True)
        self._account.hand_over(data)
        scripts = [(self.programs.share / name).read_text("utf-8") for name in MARIADB_SCRIPTS]
        done = subprocess.run(
            self._command(data, SETTINGS, "--bootstrap", f"--tmpdir={data}"),
            env=_environment(),
            input="\n".join([PREPARED, *scripts]),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise not_started("MariaDB", done.stderr)


def _environment() -> dict[str, str]:
    """Our environment without what would change a server's behaviour."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MYSQL", "MARIADB"))}
    return ours | {"LC_ALL": "C"}


def _greets(path: Path) -> bool:
    """Whether the server behind a socket begins the protocol's conversation, as it does when it is ready."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(READY_SECONDS)
        try:
            connection.connect(str(path))
            return bool(connection.recv(1))
        except OSError:
            return False
