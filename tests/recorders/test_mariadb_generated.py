"""Random routines of MariaDB do the same with probes, and probes count what happens."""

from __future__ import annotations

import os

import pymysql
import pytest
from legacy_maria import LegacyMaria
from mariadb_generator import SCHEMA, Routine
from mariadb_harness import Answer, answer

from pytest_characterize.rules.mariadb.probes import instrument

STOPPED = 1969
"""The error of what runs for too long, wherever it is then."""


def compared(maria: LegacyMaria, seeds: range) -> int:
    """Compare the routines of all seeds; how many hits were counted."""
    maria.run(*SCHEMA)
    hits = 0
    with pymysql.connect(
        unix_socket=str(maria.server.socket), user="root", ssl_disabled=True, database=maria.database
    ) as connection:
        connection.query("SET max_statement_time = 2")
        for seed in seeds:
            hits += _compared(connection, Routine(seed), seed)
    return hits


def _compared(connection: pymysql.Connection, routine: Routine, seed: int) -> int:
    marks = list(routine.marks.values())
    with connection.cursor() as cursor:
        cursor.execute(routine.text)
        kind = "FUNCTION" if routine.is_function else "PROCEDURE"
        cursor.execute(f"SHOW CREATE {kind} {routine.name}")
        [shown] = cursor.fetchall()
        probed = instrument(f"SET sql_mode = '{shown[1]}';\n{shown[2]}", routine.name)
        assert probed.probes, (seed, probed.unknown)
        before = [answer(connection, call, None) for call in routine.calls]
        cursor.execute(f"DROP {kind} {routine.name}")
        cursor.execute(probed.text.partition(";\n")[2])
    found = [answer(connection, call, probed, marks) for call in routine.calls]
    for call, was, now in zip(routine.calls, before, found, strict=True):
        if was.error[:1] != (STOPPED,):
            assert now == was, (seed, call, routine.text)
        _agrees(routine, now, seed)
    return sum(sum(one.hits.values()) for one in found)


def _agrees(routine: Routine, seen: Answer, seed: int) -> None:
    """Each arm was counted as often as it counted itself."""
    for (line, kind), mark in routine.marks.items():
        rule = f"{routine.name}:{line}.{kind}1"
        assert seen.hits[rule] == seen.marks[mark], (seed, rule, routine.text)


@pytest.mark.torture
def test_random_routines_do_the_same_with_probes(maria: LegacyMaria) -> None:
    number = 200 if os.environ.get("CHARACTERIZE_TORTURE") else 20
    assert compared(maria, range(100, 100 + number)) > 5 * number
