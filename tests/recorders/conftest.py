"""A real PostgreSQL server for every worker, and a fresh database for every module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_characterize_recorders.embedded.postgresql import PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server
