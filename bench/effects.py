"""What watching the rows of a large table costs a call: python bench/effects.py [rows] [rounds]

One call changes some 300 rows of a table with that many, in a transaction that is rolled back: alone, and
watched in each of the ways there are. What every way tells is checked against ``EXCEPT ALL`` of the whole
table, and the table's checksum is the same afterwards. Median seconds of all rounds; the overhead is the
difference to the call alone.
"""

from __future__ import annotations

import platform
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import psycopg

from pytest_characterize_recorders.effects.rows_catalog import LegacyTable, find_tables
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.effects.rows_triggers import RowTriggers
from pytest_characterize_recorders.effects.rows_versions import RowVersions
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

CALL = (
    "UPDATE big SET n = n + 1 WHERE id % 5003 = 1; DELETE FROM big WHERE id % 17001 = 2;"
    " INSERT INTO big SELECT -i, i, NULL FROM generate_series(1, 60) AS i;"
)
SUM = "SELECT count(*), sum(hashtextextended(big::text, 0)) FROM big"
Watch = Callable[[psycopg.Connection, Sequence[LegacyTable]], Any]


def truth(connection: psycopg.Connection) -> tuple[Counter[Any], Counter[Any]]:
    connection.execute("CREATE TEMP TABLE before AS SELECT * FROM big")
    connection.execute("SELECT f()")
    both = []
    for one, other in (("big", "before"), ("before", "big")):
        select = (
            f"SELECT id::text, n::text, t FROM (SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}) AS x"
        )
        both.append(Counter(connection.execute(select.encode()).fetchall()))
    connection.rollback()
    return both[0], both[1]


def once(dsn: str, watch: Watch | None, expected: tuple[Counter[Any], Counter[Any]]) -> float:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tables = find_tables(connection, ["big"])
        start = perf_counter()
        watched = watch(connection, tables) if watch else None
        connection.execute("SELECT f()")
        found = watched.changes()["big"] if watched else None
        seconds = perf_counter() - start
        if isinstance(watched, RowVersions):
            watched.close()
        connection.rollback()
    if found is not None:
        up = Counter((*found["inserted"].rows, *found["after"].rows))
        down = Counter((*found["deleted"].rows, *found["before"].rows))
        assert (up, down) == expected, "not what EXCEPT ALL says"
    return seconds


def main(rows: int, rounds: int) -> None:
    with PostgresServer() as server:
        dsn = server.create_database("effects")
        with psycopg.connect(dsn) as connection:
            connection.execute(
                f"CREATE TABLE big AS SELECT i AS id, (i % 97)::numeric(8,2) AS n, 't' || i % 13 AS t"
                f" FROM generate_series(1, {rows}) AS i".encode()
            )
            connection.execute("ALTER TABLE big ADD PRIMARY KEY (id)")
            connection.execute(
                f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {CALL} END $$".encode()
            )
            connection.commit()
            before = connection.execute(SUM.encode()).fetchone()
            expected = truth(connection)
            print(
                f"PostgreSQL {connection.info.parameter_status('server_version')}, Python {platform.python_version()}"
            )
        ways: dict[str, Watch | None] = {
            "alone": None,
            "triggers": RowTriggers,
            "versions": lambda one, tables: RowVersions(
                one, tables, lambda: psycopg.connect(dsn, autocommit=True)
            ),
            "snapshots": RowSnapshots,
        }
        told = {way: [once(dsn, watch, expected) for _ in range(rounds)] for way, watch in ways.items()}
        alone = statistics.median(told["alone"])
        print(
            f"{rows} rows, {sum(map(sum, (c.values() for c in expected)))} row states changed, {rounds} rounds"
        )
        for way, seconds in told.items():
            middle = statistics.median(seconds)
            print(
                f"{way:10} {middle:7.3f} s   overhead {middle - alone:7.3f} s   worst {max(seconds):7.3f} s"
            )
        with psycopg.connect(dsn) as connection:
            after = connection.execute(SUM.encode()).fetchone()
        assert after == before, "the table changed"
        print("the table's checksum is the same afterwards")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
