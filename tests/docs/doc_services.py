"""The legacy systems that pages record from: real servers, started for one page and stopped with it."""

from __future__ import annotations

import os
import select
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pymysql
import pytest
from psycopg.conninfo import conninfo_to_dict
from pymysql.constants import CLIENT

from pytest_characterize.errors import ConfigurationError
from pytest_characterize_recorders.embedded.mariadb import MariaServer
from pytest_characterize_recorders.embedded.postgresql import PORT, PostgresServer

_SECONDS = 30


@contextmanager
def start_service(kind: str, name: str, folder: Path, arguments: Sequence[str]) -> Iterator[dict[str, str]]:
    """A running legacy system; yields the variable with its address.

    ``postgresql NAME FILE.sql...`` and ``mariadb NAME FILE.sql...`` are databases made by these files of the
    page; ``http NAME FILE.py``
    is a program of the page that serves HTTP on the port given as its only argument.
    """
    start = {"postgresql": _postgresql, "mariadb": _mariadb, "http": _http}[kind]
    with start(name, [folder / argument for argument in arguments]) as address:
        yield {f"CHARACTERIZE_SOURCE_{name.upper()}_{'URL' if kind == 'http' else 'DSN'}": address}


@contextmanager
def _postgresql(name: str, scripts: Sequence[Path]) -> Iterator[str]:
    """Reached through ``localhost``, as a reader's server is."""
    with PostgresServer() as server:
        dsn = server.create_database(name)
        with psycopg.connect(dsn, autocommit=True) as connection:
            for script in scripts:
                connection.execute(script.read_text("utf-8").encode())
        parameters = conninfo_to_dict(dsn)
        with _relay(f"{parameters['host']}/.s.PGSQL.{PORT}") as port:
            yield f"postgresql://{parameters['user']}@localhost:{port}/{parameters['dbname']}"


@contextmanager
def _mariadb(name: str, scripts: Sequence[Path]) -> Iterator[str]:
    """Reached through ``localhost``; a page about it is not tried where there is no server, unless CI is set."""
    try:
        server = MariaServer()
    except ConfigurationError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with server:
        server.create_database(name)
        connection = pymysql.connect(
            unix_socket=str(server.socket),
            user="root",
            database=name,
            ssl_disabled=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
        )
        with connection, connection.cursor() as cursor:
            for script in scripts:
                cursor.execute(script.read_text("utf-8"))
                while cursor.nextset():
                    pass
            connection.commit()
        with _relay(str(server.socket)) as port:
            yield f"mariadb://root@localhost:{port}/{name}"


@contextmanager
def _http(name: str, programs: Sequence[Path]) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, str(programs[0]), str(port)]
    process = subprocess.Popen(
        command, cwd=programs[0].parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(port, process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("localhost", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the page's HTTP program {process.args!r} does not answer")


@contextmanager
def _relay(path: str) -> Iterator[int]:
    """A port of localhost that leads to a unix socket."""

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(path)
                _pump(self.request, server)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("localhost", 0), Relay) as relay:
        thread = threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield relay.server_address[1]
        finally:
            relay.shutdown()
            thread.join()


def _pump(one: socket.socket, other: socket.socket) -> None:
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65_536)
            if not data:
                return
            (other if ready is one else one).sendall(data)
