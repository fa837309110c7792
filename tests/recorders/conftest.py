"""Real database servers for every worker, and a legacy database for every test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from legacy_database import Legacy
from legacy_maria import LegacyMaria, require_mariadb

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
