"""What watching the rows of a large SQLite table costs a script: python bench/sqlite_effects.py [rows] [rounds]

A script replaces 101 of the rows, some of which take the unique code of others, in a copy that is thrown away:
in a database without triggers, and in one that has a trigger of its own. What is told is checked against
``EXCEPT`` of the whole table, and the file is the same afterwards. Median seconds of all rounds.
"""

from __future__ import annotations

import platform
import sqlite3
import statistics
import sys
import tempfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from pytest_characterize.descriptors import Query, Tables
from pytest_characterize.model import Case
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize_recorders.sqlite_query import SqliteQueryRecorder

TABLE = "CREATE TABLE line (id INTEGER PRIMARY KEY, code TEXT UNIQUE, amount DECIMAL(8,2), note TEXT)"
FILL = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    " INSERT INTO line SELECT i, 'c' || i, i / 7.0, 'some text ' || i FROM n"
)
TRIGGER = "CREATE TRIGGER seen AFTER UPDATE ON line BEGIN SELECT 1; END"
SCRIPT = "INSERT OR REPLACE INTO line SELECT id + 500, code, 1, 'x' FROM line WHERE id BETWEEN 1000 AND 1100"


def made(folder: Path, rows: int, *statements: str) -> Path:
    file = folder / f"legacy{len(statements)}.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(TABLE)
        connection.execute(FILL, [rows])
        for statement in statements:
            connection.execute(statement)
    return file


def truth(file: Path) -> tuple[int, int, float]:
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(":memory:")) as connection,
    ):
        original.backup(connection)
        connection.execute("CREATE TABLE before AS SELECT * FROM line")
        start = perf_counter()
        connection.execute(SCRIPT)
        seconds = perf_counter() - start
        sides = [("line", "before"), ("before", "line")]
        select = "SELECT count(*) FROM (SELECT * FROM {} EXCEPT SELECT * FROM {})"
        [up, down] = [connection.execute(select.format(*side)).fetchone()[0] for side in sides]
        return up, down, seconds


def recorded(file: Path, rounds: int, expected: tuple[int, int]) -> list[float]:
    source = Source("legacy", "sqlite", (str(file.parent),))
    context = RecordingContext(
        Settings(file.parent, sources={"legacy": source}),
        source,
        str(file),
        lambda secret: secret.variable,
        Scrubber(Redaction(), b"key"),
        {},
    )
    taken = []
    with closing(SqliteQueryRecorder(Query(SCRIPT, source="legacy", effects=Tables("line")), context)) as one:
        for _ in range(rounds):
            start = perf_counter()
            observation, _ = one.observe(Case("0" * 64, "tests/test_x.py::test_x", "x", {}))
            taken.append(perf_counter() - start)
            told: Any = observation.effects["tables"]
            kinds = {kind: len(rows.rows) for kind, rows in told["line"].items()}
            assert (kinds["inserted"] + kinds["after"], kinds["deleted"] + kinds["before"]) == expected
    return taken


def main() -> None:
    rows = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    rounds = int(sys.argv[2]) if sys.argv[2:] else 5
    print(
        f"SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}, {rows:,} rows, {rounds} rounds"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, statements in (("no triggers of legacy's", ()), ("with triggers of legacy's", (TRIGGER,))):
            file = made(Path(folder), rows, *statements)
            before = sha256(file.read_bytes()).hexdigest()
            up, down, alone = truth(file)
            taken = recorded(file, rounds, (up, down))
            assert sha256(file.read_bytes()).hexdigest() == before
            print(
                f"{name:26} {up + down} row states; the script alone {alone:.3f}, recorded"
                f" {statistics.median(taken):.3f} (worst {max(taken):.3f})"
            )


if __name__ == "__main__":
    main()
