from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from example_legacy.legacy.load import load
from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from tests.example.sides import Legacy, Successor, legacy_web, successor


@pytest.fixture(scope="session")
def billing_dsn() -> Iterator[str]:
    with PostgresServer() as server:
        dsn = server.create_database("billing")
        load(dsn)
        yield dsn


@pytest.fixture(scope="session")
def legacy(billing_dsn: str) -> Iterator[Legacy]:
    with psycopg.connect(billing_dsn) as connection:
        yield Legacy(connection)


@pytest.fixture(scope="session")
def legacy_url(billing_dsn: str) -> Iterator[str]:
    with legacy_web(billing_dsn, "--training") as url:
        yield url


@pytest.fixture(scope="session")
def corrected() -> Iterator[Successor]:
    with successor(fixed=True) as side:
        yield side


@pytest.fixture(scope="session")
def first_port() -> Iterator[Successor]:
    with successor(fixed=False) as side:
        yield side
