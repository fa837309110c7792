"""Statements sent ahead to a server that goes away: that is told, whenever it happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from legacy_database import Legacy

from pytest_characterize_recorders.sources.postgresql.conversing import Conversation

NAP = (b"SELECT pg_sleep(0.05)", ())
THE_END = (b"SELECT pg_terminate_backend(pg_backend_pid())", ())


@pytest.fixture
def ended(legacy: Legacy) -> Callable[[psycopg.Connection], None]:
    """Ends the server's side of a connection."""

    def end(connection: psycopg.Connection) -> None:
        legacy.run(f"SELECT pg_terminate_backend({connection.info.backend_pid}, 10000)")
        time.sleep(0.05)

    return end


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize("when", ["before", "sent", "in between", "by itself"])
def test_a_server_that_is_gone(
    legacy: Legacy, ended: Callable[[psycopg.Connection], None], when: str, is_read: bool
) -> None:
    told: list[str] = []
    with psycopg.connect(legacy.dsn, autocommit=True) as connection:
        with suppress(psycopg.OperationalError), Conversation(connection) as server:
            if when == "before":
                ended(connection)
            for number in range(3):
                server.send([THE_END if when == "by itself" and number == 1 else NAP])
                if when == "in between" and number == 1:
                    ended(connection)
            if when == "sent":
                ended(connection)
            if is_read:
                for _ in range(3):
                    server.answers()
                told.append("all is answered")
        assert (connection.closed, told) == (True, [])
