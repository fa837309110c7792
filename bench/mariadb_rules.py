"""Do routines of MariaDB behave the same with probes? A framework's own tests say so.

    python bench/mariadb_rules.py FOLDER [FOLDER_OF_TESTS]

``FOLDER`` holds client scripts (``*.sql``) that create routines, for example a checkout of github.com/hepabolu/mytap;
the server's own ``sys`` schema is always part of it. Every routine gets probes and is created anew. With a folder of
tests (``*.my``) each script is run once to warm up, twice as the framework is, so that what varies by itself is known,
and once with probes in every routine. At the end every routine is restored and must be what it was, byte for byte.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pymysql
from pymysql.cursors import Cursor

from pytest_characterize.rules.catalogue import Instrumented
from pytest_characterize.rules.mariadb.probes import instrument
from pytest_characterize_recorders.embedded.mariadb import MariaServer

PIECE = re.compile(
    r"""--(?=\s)[^\n]* | \#[^\n]* | /\*.*?\*/ | '(?:\\.|''|[^'\\])*' | "(?:\\.|""|[^"\\])*" | `[^`]*`
    | (?P<word>\w+) | .""",
    re.VERBOSE | re.DOTALL,
)
COMMAND = re.compile(r"\s*delimiter[ \t]+(\S+)[^\n]*", re.IGNORECASE)
COUNTER = re.compile(r"~pc:[0-9a-f]{8}:\d+\.[a-z]+\d+")
LATER = ("-5", "-8")
"""Scripts whose names end like this are for certain versions, and go after the others."""

Stored = dict[tuple[str, str, str], tuple[str, str, str, str]]
"""(kind, schema, name) -> mode, text, client's character set, its collation."""


def statements(script: str) -> Iterator[str]:
    """What the server's client would send."""
    delimiter, start, at = ";", 0, 0
    while at < len(script):
        command = COMMAND.match(script, at)
        if command and is_blank(script[start:at]):
            delimiter = command[1]
            start = at = command.end()
        elif script.startswith(delimiter, at):
            yield script[start:at]
            start = at = at + len(delimiter)
        else:
            piece = PIECE.match(script, at)
            at = piece.end() if piece else at + 1
    yield script[start:]


def is_blank(text: str) -> bool:
    """Whether a text holds comments and white space only."""
    return not re.sub(r"--\s[^\n]*|#[^\n]*|/\*(?!M?!).*?\*/|\s", "", text, flags=re.DOTALL)


def run(cursor: Cursor, script: str) -> list[str]:
    """What a client would see."""
    seen: list[str] = []
    for statement in statements(script):
        if is_blank(statement):
            continue
        try:
            cursor.execute(statement)
            while True:
                seen += [repr(row) for row in cursor.fetchall()]
                if not cursor.nextset():
                    break
        except pymysql.Error as error:
            seen.append(repr(error.args))
    return seen


def stored(cursor: Cursor) -> Stored:
    """Every routine as the server shows it."""
    cursor.execute(
        "SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES"
        " WHERE ROUTINE_SCHEMA NOT IN ('mysql', 'performance_schema') ORDER BY 1, 2, 3"
    )
    found: Stored = {}
    for kind, schema, name in cursor.fetchall():
        cursor.execute(f"SHOW CREATE {kind} `{schema}`.`{name}`")
        [(_, mode, text, charset, collation, _)] = cursor.fetchall()
        found[kind, schema, name] = (mode, text, charset, collation)
    return found


def create(
    cursor: Cursor, routine: tuple[str, str, str], mode: str, text: str, charset: str, collation: str
) -> None:
    """Exchange a routine."""
    kind, schema, name = routine
    cursor.execute(f"USE `{schema}`")
    cursor.execute(f"DROP {kind} IF EXISTS `{name}`")
    cursor.execute("SET sql_mode = %s", (mode,))
    cursor.execute(f"SET character_set_client = {charset}, collation_connection = {collation}")
    cursor.execute(text)


def install(cursor: Cursor, before: Stored) -> tuple[dict[tuple[str, str, str], Instrumented], list[str]]:
    """Put probes into every routine; what the server does not take is told, and stays as it was."""
    done, refused = {}, []
    for routine, (mode, text, charset, collation) in before.items():
        probed = instrument(f"SET sql_mode = '{mode}';\n{text}", ".".join(routine[1:]))
        done[routine] = probed
        if not probed.probes:
            refused.append(f"{probed.routine}: {[one.reason for one in probed.unknown]}")
            continue
        try:
            create(cursor, routine, mode, probed.text.partition(";\n")[2], charset, collation)
        except pymysql.Error as error:
            refused.append(f"{probed.routine}: {error}")
            create(cursor, routine, mode, text, charset, collation)
    return done, refused


def tested(server: MariaServer, tests: list[Path], hits: set[str]) -> dict[str, list[str]]:
    """What each script of tests shows, each on a connection of its own; ``hits`` takes what was counted."""
    found = {}
    for path in tests:
        with connected(server, "tap") as connection, connection.cursor() as cursor:
            found[path.name] = run(cursor, path.read_text("utf-8"))
            cursor.execute("SELECT VARIABLE_NAME FROM information_schema.USER_VARIABLES")
            hits.update(name for (name,) in cursor.fetchall() if COUNTER.fullmatch(name))
    return found


def connected(server: MariaServer, database: str | None = None) -> pymysql.Connection:
    """A connection as the client makes it."""
    return pymysql.connect(
        unix_socket=str(server.socket),
        user="root",
        ssl_disabled=True,
        database=database,
        charset="utf8mb4",
        autocommit=True,
    )


def main(folder: Path, tests_folder: Path | None) -> None:
    """Measure, and print what was found."""
    tests = sorted(tests_folder.glob("*.my")) if tests_folder else []
    with MariaServer(settings={"thread-stack": "512K", "event-scheduler": "OFF"}) as server:
        scripts = sorted(
            folder.glob("*.sql"), key=lambda path: (any(part in path.stem for part in LATER), path.name)
        )
        scripts.sort(key=lambda path: path.name != "mytap.sql")
        own = [
            server.programs.share / "mysql_sys_schema.sql",
            *(path for path in scripts if not path.stem.endswith("-mysql")),
        ]
        with connected(server) as connection, connection.cursor() as cursor:
            for path in own:
                run(cursor, path.read_text("utf-8"))
        hits: set[str] = set()
        tested(server, tests, hits)  # some leave things behind that the next run shows
        first, second = tested(server, tests, hits), tested(server, tests, hits)
        with connected(server) as connection, connection.cursor() as cursor:
            before = stored(cursor)
            start = perf_counter()
            done, refused = install(cursor, before)
            seconds = perf_counter() - start
        third = tested(server, tests, hits)
        with connected(server) as connection, connection.cursor() as cursor:
            for routine, told in before.items():
                create(cursor, routine, *told)
            restored = stored(cursor) == before
    rules = sum(len(one.rules) for one in done.values())
    unknown = sum(len(one.unknown) for one in done.values())
    print(
        f"{len(done)} routines, {len(done) - len(refused)} instrumented and accepted in {seconds:.1f} s,",
        end=" ",
    )
    print(
        f"{rules} rules, {len(hits)} hit by the tests, {unknown} places unknown; restored byte for byte: {restored}"
    )
    for line in refused:
        print("  refused", line)
    compare(first, second, third)


def compare(first: dict[str, list[str]], second: dict[str, list[str]], third: dict[str, list[str]]) -> None:
    """Print how many lines of the tests' output are the same with probes."""
    same = flaky = 0
    different = []
    for name, lines in first.items():
        if not len(lines) == len(second[name]) == len(third[name]):
            different.append(f"{name}: {len(lines)}, {len(second[name])}, {len(third[name])} lines")
            continue
        for one, again, probed in zip(lines, second[name], third[name], strict=True):
            if one != again:
                flaky += 1
            elif one == probed:
                same += 1
            else:
                different.append(f"{name}: {one} -> {probed}")
    passed = sum("('ok " in line for lines in first.values() for line in lines)
    print(f"{len(first)} scripts of tests, {passed} tests passed without probes:", end=" ")
    print(f"{same} lines the same with probes, {flaky} differ by themselves, {len(different)} differ")
    for line in different[:20]:
        print("  ", line[:300])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
