"""What a procedure that commits costs a case: python bench/clones.py [rows ...]

The same procedure with and without a COMMIT at its end, in databases of these sizes: in a transaction that is
rolled back, and in a copy of the database, made and dropped for the call. Median seconds of five cases each.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from time import perf_counter

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.model import Case
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from pytest_characterize_recorders.procedure import ProcedureRecorder

BODY = "BEGIN UPDATE ledger SET amount = amount + n WHERE id = n; %s END"
CASE = Case(id="0" * 64, test="bench.py::test", slug="n-1", input={"n": 1})


def made(dsn: str, rows: int) -> str:
    """Fill a database; how large it is then."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE ledger (id int PRIMARY KEY, amount int)")
        connection.execute("CREATE TABLE big (id int PRIMARY KEY, text text)")
        connection.execute("INSERT INTO ledger SELECT i, i FROM generate_series(1, 1000) i")
        connection.execute(
            f"INSERT INTO big SELECT i, repeat('x', 80) FROM generate_series(1, {rows}) i".encode()
        )
        for name, end in (("rolled_back", ""), ("cloned", "COMMIT;")):
            body = BODY % end
            connection.execute(f"CREATE PROCEDURE {name}(n int) LANGUAGE plpgsql AS $${body}$$".encode())
        [size] = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        return f"{size / 1_000_000:.0f} MB"


def median(dsn: str, name: str) -> float:
    """Seconds that a case takes."""
    source = Source("bench", "postgresql", (str(conninfo_to_dict(dsn)["host"]),), clone=True)
    context = RecordingContext(
        Settings(Path()), source, dsn, lambda secret: secret.variable, Scrubber(Redaction(), b"key"), {}
    )
    recorder = ProcedureRecorder(Procedure(name, source="bench", effects=Tables("ledger")), context)
    taken = []
    for _ in range(5):
        start = perf_counter()
        [changes] = recorder.observe(CASE)[0].effects["tables"].values()
        taken.append(perf_counter() - start)
        assert changes["after"].rows == (("1", "2"),)
    recorder.close()
    return statistics.median(taken)


def main(sizes: list[int]) -> None:
    """Print a table."""
    with PostgresServer() as server:
        for number, rows in enumerate(sizes):
            dsn = server.create_database(f"bench_{number}")
            size = made(dsn, rows)
            print(f"{rows:>9,} rows, {size:>7}: rolled back {median(dsn, 'rolled_back'):.3f} s,", end=" ")
            print(f"in a copy {median(dsn, 'cloned'):.3f} s", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1, 100_000, 1_000_000])
