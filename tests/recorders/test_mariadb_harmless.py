"""Recording leaves a MariaDB database as it was, or says that it could not."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from harmful_maria import ESCAPED, NAMES, REFUSED, RUNS, SCHEMA
from legacy_database import case
from legacy_maria import LegacyMaria

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Cell

TABLES = ("ledger", "kept", "old", "numbers")
CENSUS = (
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, AUTO_INCREMENT, CREATE_OPTIONS FROM information_schema.TABLES"
    " WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema') ORDER BY 1, 2",
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_KEY FROM information_schema.COLUMNS"
    " WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema') ORDER BY 1, 2, ORDINAL_POSITION",
    "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, 3",
    "SELECT * FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA <> 'sys' ORDER BY ROUTINE_SCHEMA, SPECIFIC_NAME",
    "SELECT EVENT_NAME, STATUS, EVENT_DEFINITION FROM information_schema.EVENTS ORDER BY 1",
    "SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS ORDER BY 1",
    "SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()",
    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1",
    "CHECKSUM TABLE mysql.global_priv, mysql.db, mysql.plugin, mysql.roles_mapping",
    "SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME NOT LIKE"
    " '%timestamp%' AND VARIABLE_NAME NOT LIKE '%gtid%' ORDER BY 1",
    "SELECT IS_FREE_LOCK('characterize-harm')",
    "SELECT PREVIOUS VALUE FOR numbers, next_not_cached_value FROM numbers",
    "XA RECOVER",
)


EVERY = 1 if os.environ.get("CHARACTERIZE_TORTURE") == "1" else 10


def some(bodies: Mapping[str, str]) -> list[Any]:
    """A tenth of the bodies, all of them under torture."""
    return [pytest.param(body, id=name) for name, body in list(bodies.items())[::EVERY]]


@pytest.fixture
def guarded(maria: LegacyMaria) -> Iterator[LegacyMaria]:
    other = f"{maria.database}_other"
    maria.run(
        *SCHEMA,
        f"CREATE DATABASE {other}",
        f"CREATE TABLE {other}.far (n INT)",
        f"INSERT INTO {other}.far VALUES (1)",
    )
    yield maria
    maria.run(f"DROP DATABASE IF EXISTS {other}", "SET GLOBAL max_connections = 50")


def census(maria: LegacyMaria) -> list[Any]:
    """Everything that a routine could change."""
    far = f"{maria.database}_other.far"
    return [*maria.checksum(*TABLES, far), *(maria.run(statement) for statement in CENSUS)]


def make(maria: LegacyMaria, body: str) -> None:
    body = body.replace("{other}", f"{maria.database}_other")
    maria.run(f"CREATE PROCEDURE p() BEGIN {body} END")


@pytest.mark.torture
@pytest.mark.parametrize("body", some(RUNS))
def test_the_database_is_the_same_afterwards(guarded: LegacyMaria, body: str) -> None:
    make(guarded, body)
    before = census(guarded)
    alone = guarded.recorder(Procedure("p", source="legacy"))
    first, second = (alone.observe(case())[0] for _ in range(2))
    watching = guarded.recorder(Procedure("p", source="legacy", effects=Tables("ledger", "kept")))
    assert watching.observe(case())[0].outcome == first.outcome
    assert census(guarded) == before
    assert first == second, "a case must not depend on those before it"


@pytest.mark.torture
@pytest.mark.parametrize("body", some(REFUSED))
def test_what_no_rollback_undoes_is_refused(guarded: LegacyMaria, body: str) -> None:
    make(guarded, body)
    before = census(guarded)
    with pytest.raises(RecordingError) as caught:
        guarded.observe(Procedure("p", source="legacy"))
    assert caught.value.slug in ("procedure-commits", "cannot-be-undone")
    assert "\n" not in str(caught.value)
    assert census(guarded) == before
    assert not Path(ESCAPED).exists()


@pytest.mark.torture
@pytest.mark.parametrize("body", some({**RUNS, **REFUSED}))
def test_a_copy_keeps_what_commits_to_itself(guarded: LegacyMaria, body: str) -> None:
    """Everything is done after a commit here, where no rollback helps."""
    make(guarded, body if body.startswith("DECLARE") else f"COMMIT; {body}")
    before = census(guarded)
    recorder = guarded.recorder(Procedure("p", source="legacy", effects=Tables("ledger", "kept")), clone=True)
    try:
        outcome = recorder.observe(case())[0].outcome.how
    except RecordingError as error:
        outcome = error.slug
    finally:
        recorder.close()
    assert outcome in ("returned", "raised", "cannot-be-undone", "clone-named", "table-redefined")
    assert census(guarded) == before
    assert not Path(ESCAPED).exists()


def test_there_are_as_many_as_promised() -> None:
    assert len({*RUNS.values(), *REFUSED.values()}) >= 50
    assert len(NAMES) >= 80


@pytest.mark.torture
@pytest.mark.parametrize("name", NAMES[::EVERY])
def test_hostile_names(maria: LegacyMaria, name: str) -> None:
    """As schema, routine, table, column and parameter: found by name, quoted, never executed."""
    quoted = f"`{name.replace('`', '``')}`"
    maria.run(
        "CREATE TABLE victim (a INT)",
        f"CREATE DATABASE {quoted}",
        f"CREATE TABLE {quoted}.{quoted} ({quoted} INT PRIMARY KEY)",
        f"CREATE PROCEDURE {quoted}.{quoted}(INOUT {quoted} INT) BEGIN"
        f" INSERT INTO {quoted}.{quoted} VALUES ({quoted}); SET {quoted} = {quoted} + 1; END",
    )
    try:
        declared = f"{name}.{name}"
        descriptor = Procedure(declared, source="legacy", effects=Tables(declared))
        observation = maria.observe(descriptor, **{name: 1})
        assert observation.outcome.value == {name: Cell("mysql", "int(11)", "2")}
        inserted = observation.effects["tables"][declared]["inserted"]
        assert (inserted.columns[0].name, inserted.rows) == (name, (("1",),))
        assert maria.run(f"SELECT * FROM {quoted}.{quoted}") == []
        assert maria.run("SHOW TABLES") == [("victim",)]
    finally:
        maria.run(f"DROP DATABASE {quoted}")


@pytest.mark.torture
def test_hostile_names_that_are_not_there(maria: LegacyMaria) -> None:
    maria.run("CREATE TABLE victim (a INT)", "CREATE PROCEDURE g() BEGIN END")
    for name in NAMES[::EVERY]:
        with pytest.raises(RecordingError) as caught:
            maria.call(name)
        assert caught.value.slug == "procedure-unknown"
        with pytest.raises(RecordingError) as caught:
            maria.observe(Procedure("g", source="legacy", effects=Tables(name)))
        assert caught.value.slug == "table-unknown"
    assert maria.run("SHOW TABLES") == [("victim",)]


class TestCounters:
    """Of AUTO_INCREMENT: no rollback takes them back."""

    @pytest.fixture
    def counting(self, maria: LegacyMaria) -> LegacyMaria:
        maria.run(
            *SCHEMA,
            "CREATE PROCEDURE p() BEGIN INSERT INTO ledger (amount) VALUES (7), (8);"
            " SELECT LAST_INSERT_ID() AS id; END",
            "CREATE PROCEDURE fails() BEGIN INSERT INTO ledger (amount) VALUES (7); SIGNAL SQLSTATE '45000'; END",
        )
        return maria

    def counter(self, maria: LegacyMaria) -> int:
        [[count]] = maria.run(
            "SELECT AUTO_INCREMENT FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'ledger'"
        )
        return int(count)

    def test_each_case_counts_from_the_same_number(self, counting: LegacyMaria) -> None:
        before = self.counter(counting)
        assert counting.call("p").rows == counting.call("p").rows == ((str(before),),)
        counting.fail("fails")
        assert self.counter(counting) == before

    def test_one_that_cannot_be_set_back_is_told(self, counting: LegacyMaria) -> None:
        counting.run(
            "CREATE USER clerk@localhost",
            f"GRANT EXECUTE, SELECT, INSERT ON {counting.database}.* TO clerk@localhost",
            "GRANT SELECT ON mysql.proc TO clerk@localhost",
        )
        url = counting.server.address(counting.database).replace("root@", "clerk@")
        try:
            recorder = counting.recorder(Procedure("p", source="legacy"), url=url)
            before = self.counter(counting)
            recorder.observe(case())
            assert recorder.provenance()["counters advanced"] == f"{counting.database}.ledger"
            assert self.counter(counting) == before + 2
        finally:
            counting.run("DROP USER clerk@localhost")

    def test_rows_of_others_are_never_counted_again(self, counting: LegacyMaria) -> None:
        counting.run(
            "CREATE PROCEDURE slow() BEGIN INSERT INTO ledger (amount) VALUES (7); DO SLEEP(1.5); END",
        )
        recorder = counting.recorder(Procedure("slow", source="legacy"))
        with ThreadPoolExecutor() as pool:
            recording = pool.submit(recorder.observe, case())
            time.sleep(0.8)
            counting.run("INSERT INTO ledger (amount) VALUES (99)")
            recording.result()
        [[last]] = counting.run("SELECT MAX(id) FROM ledger")
        assert self.counter(counting) == last + 1


def test_effects_behind_a_temporary_table(guarded: LegacyMaria) -> None:
    make(guarded, f"DELETE FROM kept; {RUNS['table hidden by its like']}")
    observation = guarded.observe(Procedure("p", source="legacy", effects=Tables("kept")))
    assert observation.effects["tables"]["kept"]["deleted"].rows == (("1", "1"),)
