"""A role that may make no triggers: row changes are told by row versions, exactly as triggers tell them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from legacy_database import Legacy, case

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize_recorders.effects.rows_catalog import find_tables
from pytest_characterize_recorders.effects.rows_versions import RowVersions
from pytest_characterize_recorders.procedure import ProcedureRecorder

TABLES = (
    "CREATE SEQUENCE numbers",
    "CREATE TABLE ledger (id int PRIMARY KEY, amount numeric(10,2), note character(3))",
    "CREATE TABLE line (id int, ledger_id int REFERENCES ledger (id) ON DELETE CASCADE)",
    "CREATE TABLE part (area int, id int) PARTITION BY LIST (area)",
    "CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1)",
    "CREATE TABLE part_2 (id int, area int)",
    "ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES IN (2)",
    "INSERT INTO ledger VALUES (1, 1, 'a'), (2, 2, NULL), (3, 3, 'c'), (4, 4, '')",
    "INSERT INTO line VALUES (7, 1), (7, 1), (8, 2)",
    "INSERT INTO part VALUES (1, 1), (2, 2)",
    "BEGIN; UPDATE ledger SET amount = 99; DELETE FROM line; ROLLBACK",
    "BEGIN; SELECT FROM ledger FOR UPDATE; SELECT FROM line FOR SHARE; COMMIT",
)
BODIES = {
    "insert update delete": "INSERT INTO ledger VALUES (9, 9, 'x'); UPDATE ledger SET amount = 5 WHERE id = 3;"
    " DELETE FROM line WHERE id = 8;",
    "cascade": "DELETE FROM ledger WHERE id < 3;",
    "duplicates": "DELETE FROM line WHERE ctid = (SELECT min(ctid) FROM line); INSERT INTO line VALUES (8, 2);",
    "back and forth": "UPDATE ledger SET amount = 0; UPDATE ledger SET amount = id; DELETE FROM line;"
    " INSERT INTO line VALUES (7, 1), (7, 1), (8, 2);",
    "locked only": "PERFORM FROM ledger FOR UPDATE; INSERT INTO line VALUES (1, 4);",
    "locked and changed": "PERFORM FROM ledger FOR KEY SHARE; UPDATE ledger SET amount = 1 WHERE id = 2;"
    " INSERT INTO line VALUES (1, 2); PERFORM FROM ledger FOR UPDATE;",
    "taken back": "BEGIN UPDATE ledger SET note = 'zzz'; DELETE FROM line; RAISE 'x';"
    " EXCEPTION WHEN OTHERS THEN NULL; END;"
    " BEGIN UPDATE ledger SET note = 'yyy' WHERE id = 2; EXCEPTION WHEN OTHERS THEN NULL; END;",
    "partitions": "UPDATE part SET area = 3 - area; INSERT INTO part VALUES (2, 5);",
    "nothing": "PERFORM count(*) FROM ledger;",
    "settings": "SET DateStyle = 'German'; SET bytea_output = 'escape'; UPDATE ledger SET note = 'n' WHERE id = 1;",
    "truncate": "TRUNCATE line; INSERT INTO line VALUES (1, 1);",
    "all locked": "LOCK TABLE line IN ACCESS EXCLUSIVE MODE; DELETE FROM line WHERE id = 7;",
    "fails": "DELETE FROM line; RAISE 'no';",
}
WATCHING = Procedure("f", source="legacy", effects=Tables("ledger", "line", "part"))


@pytest.fixture
def reader(legacy: Legacy) -> Iterator[Legacy]:
    legacy.run(*TABLES, "CREATE ROLE versions_reader LOGIN")
    legacy.run(
        "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO versions_reader"
    )
    legacy.run("GRANT SELECT, UPDATE ON SEQUENCE numbers TO versions_reader")
    yield Legacy(legacy.dsn.replace("user=postgres", "user=versions_reader"))
    legacy.run("DROP OWNED BY versions_reader", "DROP ROLE versions_reader")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_same_as_triggers_tell(legacy: Legacy, reader: Legacy, body: str) -> None:
    legacy.run(f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN {body} END $body$")
    assert reader.observe(WATCHING) == legacy.observe(WATCHING)


def test_that_way_is_taken_and_nothing_is_left(legacy: Legacy, reader: Legacy) -> None:
    legacy.run(
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql AS"
        " $$ BEGIN UPDATE ledger SET amount = 0 WHERE id = 1; RETURN nextval('numbers'); END $$"
    )
    recorder = ProcedureRecorder(WATCHING, reader.context())
    try:
        for _ in range(3):
            observation, _ = recorder.observe(case())
            assert observation.outcome.value.text == "1"
            assert observation.effects["tables"]["ledger"]["after"].rows == (("1", "0.00", "a  "),)
        assert recorder._watcher is RowVersions
        assert "sequences advanced" not in recorder.provenance(), "our own companion is no other session"
    finally:
        recorder.close()


def test_what_others_commit_meanwhile_is_not_told(legacy: Legacy, reader: Legacy) -> None:
    with psycopg.connect(reader.dsn) as connection:
        connection.execute(f"SET TRANSACTION {RowVersions.mode}".encode())
        watched = RowVersions(
            connection,
            find_tables(connection, ["ledger"]),
            lambda: psycopg.connect(reader.dsn, autocommit=True),
        )
        legacy.run("UPDATE ledger SET amount = 7 WHERE id = 4", "DELETE FROM ledger WHERE id = 3")
        connection.execute("UPDATE ledger SET amount = 6 WHERE id = 2")
        found = watched.changes()["ledger"]
        watched.close()
        assert (found["before"].rows, found["after"].rows) == ((("2", "2.00", None),), (("2", "6.00", None),))
        assert (found["inserted"].rows, found["deleted"].rows) == ((), ())
