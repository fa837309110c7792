"""Real database servers for every worker, and a legacy database for every test."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from legacy_database import Legacy
from legacy_maria import LegacyMaria, require_mariadb
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy_sources import Database, context

from pytest_characterize_recorders.embedded.mariadb import MariaServer
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server under test; CHARACTERIZE_TEST_BINARIES names another one's programs."""
    named = os.environ.get("CHARACTERIZE_TEST_BINARIES")
    with PostgresServer(binaries=Path(named) if named else None) as server:
        yield server


@pytest.fixture
def legacy(postgres_server: PostgresServer) -> Iterator[Legacy]:
    name = f"legacy_{next(_numbers)}"
    legacy = Legacy(postgres_server.create_database(name))
    yield legacy
    for recorder in legacy.opened:
        recorder.close()
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def dump(postgres_server: PostgresServer) -> Callable[[Legacy], str]:
    """Writes a database out, with everything that a dump shows."""

    def write(legacy: Legacy) -> str:
        program = postgres_server.binaries / "pg_dump"
        done = subprocess.run([program, "--dbname", legacy.dsn], capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        # Recent versions guard a dump with a random word.
        return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))

    return write


@pytest.fixture(scope="session")
def maria_server() -> Iterator[MariaServer]:
    require_mariadb()
    with MariaServer() as server:
        yield server


@pytest.fixture
def maria(maria_server: MariaServer) -> Iterator[LegacyMaria]:
    name = f"legacy_{next(_numbers)}"
    maria_server.create_database(name)
    legacy = LegacyMaria(maria_server, name)
    yield legacy
    legacy.run(f"DROP DATABASE {name}")


ITEMS = (
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2), since DATE)",
    "INSERT INTO item VALUES (1, 'it''s', 2.5, '2024-03-01'), (2, 'tea', NULL, NULL)",
)


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    file = tmp_path / "billing.db"

    def run(*statements: str) -> list[Any]:
        with closing(sqlite3.connect(file)) as connection, connection:
            for statement in statements:
                found = connection.execute(statement).fetchall()
            return found

    run(*ITEMS)
    return Database("sqlite", context(f"sqlite:///{file}", hosts=(str(tmp_path),)), run)


@pytest.fixture
def postgresql(legacy: Legacy) -> Database:
    legacy.run(*ITEMS)
    parts = conninfo_to_dict(legacy.dsn)
    host = str(parts["host"])
    url = f"postgresql+psycopg://{parts.get('user', '')}@/{parts['dbname']}?host={quote(host)}"
    return Database("postgresql", context(url, hosts=(host, f"{host}/*")), legacy.run)


@pytest.fixture
def mariadb(maria: LegacyMaria) -> Database:
    maria.run(*ITEMS)
    socket = str(maria.server.socket)
    url = f"mariadb+pymysql://root@/{maria.database}?unix_socket={quote(socket)}&charset=utf8mb4"
    return Database("mariadb", context(url, hosts=(str(Path(socket).parent),)), maria.run, "`")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found
