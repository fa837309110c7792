"""Runs the same calls against routines of MariaDB as they are and with probes, and tells what a client can see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pymysql
from pymysql.connections import Connection

from pytest_characterize.rules.catalogue import Instrumented

COUNTER = re.compile(r"@`(~pc:[^`]+)`/\*~pc:([^*]+)\*/")


@dataclass
class Answer:
    """What a client sees of one call: result sets, the error, warnings with their lines; and what probes counted."""

    results: tuple[object, ...]
    error: tuple[object, ...]
    warnings: tuple[object, ...]
    variables: tuple[object, ...]
    hits: dict[str, int] = field(default_factory=dict, compare=False)
    marks: dict[str, int] = field(default_factory=dict, compare=False)


def answer(
    connection: Connection, call: str, probed: Instrumented | None, marks: Sequence[str] = ()
) -> Answer:
    """One call in a transaction that is rolled back, from the same beginning."""
    counters = dict(COUNTER.findall(probed.text)) if probed else {}
    with connection.cursor() as cursor:
        names = [*marks, *(f"@`{name}`" for name in counters)]
        cursor.execute("SET @o = NULL, @d = NULL, @e = NULL" + "".join(f", {name} = NULL" for name in names))
        cursor.execute("ALTER TABLE ledger AUTO_INCREMENT = 13")
        cursor.execute("SELECT LAST_INSERT_ID(0)")
        cursor.execute("START TRANSACTION")
        results: list[object] = []
        error: tuple[object, ...] = ()
        try:
            cursor.execute(call)
            while True:
                results.append((cursor.rowcount, cursor.description, cursor.fetchall()))
                if not cursor.nextset():
                    break
        except pymysql.Error as raised:
            error = raised.args
        cursor.execute("SHOW WARNINGS")
        warnings = tuple(cursor.fetchall())
        cursor.execute("ROLLBACK")
        cursor.execute("SELECT @o, @d, @e")
        variables = tuple(cursor.fetchall())
        return Answer(
            tuple(results),
            error,
            warnings,
            variables,
            _counts(cursor, counters),
            _counts(cursor, {name.removeprefix("@"): name for name in marks}),
        )


def _counts(cursor: pymysql.cursors.Cursor, names: Mapping[str, str]) -> dict[str, int]:
    if not names:
        return {}
    cursor.execute("SELECT " + ", ".join(f"IFNULL(@`{name}`, 0)" for name in names))
    [row] = cursor.fetchall()
    return {rule: int(float(count)) for rule, count in zip(names.values(), row, strict=True)}
