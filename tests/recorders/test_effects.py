"""Row changes of declared tables: exact, net, undone, and none where the call failed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping

import psycopg
import pytest
from legacy_database import Legacy, case

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column, Rows, Value
from pytest_characterize_recorders.effects.rows import Table, net_changes
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable, find_tables
from pytest_characterize_recorders.effects.rows_snapshots import RowSnapshots
from pytest_characterize_recorders.effects.rows_triggers import RowTriggers, TriggersDisturbedError
from pytest_characterize_recorders.effects.rows_versions import RowVersions

TORTURE = bool(os.environ.get("CHARACTERIZE_TORTURE"))
LEDGER = (
    "CREATE TABLE ledger (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount numeric(10,2), note character(3))",
    "INSERT INTO ledger (amount, note) VALUES (1, 'a'), (2, 'b'), (10, NULL)",
)

Changes = Mapping[str, list[tuple[str | None, ...]]]


def routine(body: str, name: str = "f", arguments: str = "") -> str:
    return f"CREATE FUNCTION {name}({arguments}) RETURNS void LANGUAGE plpgsql AS $body$ {body} $body$"


def changes(legacy: Legacy, *tables: str, name: str = "f", **inputs: Value) -> dict[str, Changes]:
    """What the routine changed, empty parts left out."""
    observation = legacy.observe(Procedure(name, source="legacy", effects=Tables(*tables)), **inputs)
    assert list(observation.effects) == ["tables"]
    return {
        table: {part: list(rows.rows) for part, rows in parts.items() if rows.rows}
        for table, parts in observation.effects["tables"].items()
    }


class TestNetChanges:
    KEYED = Table("t", "postgresql", (Column("id", "integer"), Column("v", "text")), (0,))
    KEYLESS = Table("t", "postgresql", (Column("id", "integer"), Column("v", "text")), ())

    def test_pairs_of_one_key_are_updates(self) -> None:
        found = net_changes(
            self.KEYED, [(("2", "old"), -1), (("10", "x"), 1), (("2", "new"), 1), (("9", "y"), 1)]
        )
        assert {part: rows.rows for part, rows in found.items()} == {
            "inserted": (("9", "y"), ("10", "x")),
            "deleted": (),
            "before": (("2", "old"),),
            "after": (("2", "new"),),
        }

    def test_without_a_key_rows_are_a_multiset(self) -> None:
        found = net_changes(self.KEYLESS, [(("2", "old"), -2), (("2", "new"), 1), ((None, None), 1)])
        assert {part: rows.rows for part, rows in found.items()} == {
            "inserted": ((None, None), ("2", "new")),
            "deleted": (("2", "old"), ("2", "old")),
            "before": (),
            "after": (),
        }

    def test_the_order_is_no_behaviour(self) -> None:
        assert not any(rows.ordered for rows in net_changes(self.KEYED, []).values())

    def test_keys_that_are_no_numbers(self) -> None:
        table = Table("t", "postgresql", (Column("code", "text"), Column("n", "numeric")), (1, 0))
        rows = [(("b", "NaN"), 1), (("a", "NaN"), 1), (("z", "-1.5"), 1), (("y", "1e3"), 1)]
        assert [row[0] for row in net_changes(table, rows)["inserted"].rows] == ["z", "y", "a", "b"]


class TestObserved:
    def test_inserted_updated_deleted(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            routine(
                "BEGIN INSERT INTO ledger (amount) VALUES (5); UPDATE ledger SET note = 'x' WHERE id = 1;"
                " DELETE FROM ledger WHERE id = 2; END"
            ),
        )
        assert changes(legacy, "ledger") == {
            "ledger": {
                "inserted": [("4", "5.00", None)],
                "deleted": [("2", "2.00", "b  ")],
                "before": [("1", "1.00", "a  ")],
                "after": [("1", "1.00", "x  ")],
            }
        }

    def test_every_part_of_every_table_is_there(self, legacy: Legacy) -> None:
        legacy.run(*LEDGER, "CREATE TABLE other (a int)", routine("BEGIN END"))
        observation = legacy.observe(
            Procedure("f", source="legacy", effects=Tables("ledger", "public.other"))
        )
        tables = observation.effects["tables"]
        assert {name: list(parts) for name, parts in tables.items()} == {
            "ledger": ["inserted", "deleted", "before", "after"],
            "public.other": ["inserted", "deleted", "before", "after"],
        }
        assert tables["ledger"]["inserted"].columns == (
            Column("id", "integer"),
            Column("amount", "numeric(10,2)"),
            Column("note", "character(3)"),
        )

    def test_no_declared_tables_no_effects(self, legacy: Legacy) -> None:
        legacy.run(*LEDGER, routine("BEGIN DELETE FROM ledger; END"))
        assert legacy.observe(Procedure("f", source="legacy")).effects == {}

    def test_net_of_many_steps(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            routine(
                "BEGIN FOR i IN 1..50 LOOP UPDATE ledger SET amount = amount + 1 WHERE id = 1; END LOOP;"
                " UPDATE ledger SET note = 'q' WHERE id = 3; UPDATE ledger SET note = NULL WHERE id = 3;"
                " INSERT INTO ledger (amount) VALUES (7); DELETE FROM ledger WHERE amount = 7;"
                " UPDATE ledger SET amount = amount; END"
            ),
        )
        assert changes(legacy, "ledger") == {
            "ledger": {"before": [("1", "1.00", "a  ")], "after": [("1", "51.00", "a  ")]}
        }

    def test_a_changed_key_is_another_row(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
            routine("BEGIN UPDATE t SET id = 5; END"),
        )
        assert changes(legacy, "t") == {"t": {"inserted": [("5",)], "deleted": [("1",)]}}

    def test_a_table_without_a_key(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x')",
            routine(
                "BEGIN DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t); INSERT INTO t VALUES (1, NULL); END"
            ),
        )
        assert changes(legacy, "t") == {"t": {"inserted": [("1", None)], "deleted": [("1", "x")]}}

    def test_what_a_sub_transaction_took_back(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            routine(
                "BEGIN INSERT INTO ledger (amount) VALUES (1);"
                " BEGIN INSERT INTO ledger (amount) VALUES (2); DELETE FROM ledger WHERE id <= 3; PERFORM 1/0;"
                " EXCEPTION WHEN division_by_zero THEN UPDATE ledger SET note = 'err' WHERE id = 1; END; END"
            ),
        )
        assert changes(legacy, "ledger") == {
            "ledger": {
                "inserted": [("4", "1.00", None)],
                "before": [("1", "1.00", "a  ")],
                "after": [("1", "1.00", "err")],
            }
        }

    def test_a_failing_call_has_none(self, legacy: Legacy) -> None:
        legacy.run(*LEDGER, routine("BEGIN DELETE FROM ledger; RAISE EXCEPTION 'no'; END"))
        assert changes(legacy, "ledger") == {"ledger": {}}

    def test_cascades_and_legacys_own_triggers(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2)",
            "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE, stamp text)",
            "INSERT INTO c VALUES (1, 1), (2, 2)",
            "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.stamp := 'by trigger'; RETURN NEW; END $$",
            "CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON c FOR EACH ROW EXECUTE FUNCTION stamp()",
            "CREATE FUNCTION also() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO p VALUES (NEW.id + 100); RETURN NULL; END $$",
            "CREATE TRIGGER zzz AFTER INSERT ON c FOR EACH ROW EXECUTE FUNCTION also()",
            routine("BEGIN DELETE FROM p WHERE id = 1; INSERT INTO c VALUES (3, 2); END"),
        )
        assert changes(legacy, "p", "c") == {
            "p": {"inserted": [("103",)], "deleted": [("1",)]},
            "c": {"inserted": [("3", "2", "by trigger")], "deleted": [("1", "1", None)]},
        }

    def test_what_is_deferred_to_the_end(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            "CREATE TABLE log (what text)",
            "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO log VALUES ('late'); RETURN NULL; END $$",
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON ledger DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION late()",
            routine("BEGIN INSERT INTO ledger (amount) VALUES (1); END"),
        )
        assert changes(legacy, "log") == {"log": {"inserted": [("late",)]}}

    def test_merge_copy_and_on_conflict(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 2)",
            routine(
                "BEGIN INSERT INTO t VALUES (1, 9), (5, 5) ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v;"
                " MERGE INTO t USING (VALUES (2), (7)) AS s (id) ON t.id = s.id"
                " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, 0); END"
            ),
        )
        assert changes(legacy, "t") == {
            "t": {
                "inserted": [("5", "5"), ("7", "0")],
                "deleted": [("2", "2")],
                "before": [("1", "1")],
                "after": [("1", "9")],
            }
        }

    def test_partitions_with_columns_in_another_order(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (id int, region text, v int, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
            "CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('eu')",
            "CREATE TABLE t_us (v int, gone int, region text NOT NULL, id int NOT NULL)",
            "ALTER TABLE t_us DROP COLUMN gone",
            "ALTER TABLE t ATTACH PARTITION t_us FOR VALUES IN ('us')",
            "INSERT INTO t VALUES (1, 'eu', 10), (2, 'us', 20)",
            routine(
                "BEGIN INSERT INTO t VALUES (3, 'us', 30); UPDATE t SET v = 21 WHERE id = 2;"
                " UPDATE t SET region = 'us' WHERE id = 1; END"
            ),
        )
        assert changes(legacy, "t") == {
            "t": {
                "inserted": [("1", "us", "10"), ("3", "us", "30")],
                "deleted": [("1", "eu", "10")],
                "before": [("2", "us", "20")],
                "after": [("2", "us", "21")],
            }
        }

    def test_children_of_a_table(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "CREATE TABLE child (extra int) INHERITS (t)",
            routine("BEGIN INSERT INTO child VALUES (7, 'c', 1); INSERT INTO t VALUES (8, 'p'); END"),
        )
        assert changes(legacy, "t") == {"t": {"inserted": [("7", "c"), ("8", "p")]}}

    def test_generated_columns(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (a int, double int GENERATED ALWAYS AS (a * 2) STORED)",
            routine("BEGIN INSERT INTO t VALUES (4); END"),
        )
        assert changes(legacy, "t") == {"t": {"inserted": [("4", "8")]}}

    def test_a_function_of_another_role(self, legacy: Legacy) -> None:
        """Its rights do not decide whether changes are seen."""
        legacy.run(
            *LEDGER,
            "DROP ROLE IF EXISTS clerk",
            "CREATE ROLE clerk",
            "GRANT ALL ON ledger TO clerk",
            routine("BEGIN UPDATE ledger SET amount = 0 WHERE id = 1; END"),
            "ALTER FUNCTION f() SECURITY DEFINER SET search_path = ''",
            "ALTER FUNCTION f() OWNER TO clerk",
            "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql SECURITY DEFINER"
            " AS $$ BEGIN UPDATE public.ledger SET amount = 0 WHERE id = 1; END $$",
        )
        try:
            assert changes(legacy, "ledger") == {
                "ledger": {"before": [("1", "1.00", "a  ")], "after": [("1", "0.00", "a  ")]}
            }
        finally:
            legacy.run("DROP OWNED BY clerk", "DROP ROLE clerk")


class TestWhereTriggersDoNotReach:
    """Whatever triggers cannot see is found by other ways, in a second run."""

    @pytest.mark.parametrize(
        "body",
        [
            "TRUNCATE ledger; INSERT INTO ledger OVERRIDING SYSTEM VALUE VALUES (1, 5, 'new');",
            "ALTER TABLE ledger DISABLE TRIGGER ALL; DELETE FROM ledger WHERE id > 1;"
            " UPDATE ledger SET amount = 5, note = 'new'; ALTER TABLE ledger ENABLE TRIGGER ALL;",
            "ALTER TABLE ledger DISABLE TRIGGER USER; DELETE FROM ledger WHERE id > 1;"
            " UPDATE ledger SET amount = 5, note = 'new';",
            "DELETE FROM ledger WHERE id > 1; UPDATE ledger SET note = 'new';"
            " ALTER TABLE ledger ALTER amount TYPE numeric(10,2) USING 5;",
        ],
    )
    def test_a_call_that_goes_behind_them(self, legacy: Legacy, body: str) -> None:
        legacy.run(*LEDGER, routine(f"BEGIN {body} END"))
        assert changes(legacy, "ledger") == {
            "ledger": {
                "deleted": [("2", "2.00", "b  "), ("3", "10.00", None)],
                "before": [("1", "1.00", "a  ")],
                "after": [("1", "5.00", "new")],
            }
        }

    def test_replication_role_does_not_silence_them(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            routine("BEGIN SET session_replication_role = replica; DELETE FROM ledger WHERE id = 2; END"),
        )
        assert changes(legacy, "ledger") == {"ledger": {"deleted": [("2", "2.00", "b  ")]}}

    def test_a_role_that_owns_nothing(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            "DROP ROLE IF EXISTS reader",
            "CREATE ROLE reader LOGIN",
            "GRANT SELECT, UPDATE ON ledger TO reader",
            routine("BEGIN UPDATE ledger SET amount = 5 WHERE id = 1; END"),
        )
        reader = Legacy(legacy.dsn.replace("user=postgres", "user=reader"))
        try:
            assert changes(reader, "ledger") == {
                "ledger": {"before": [("1", "1.00", "a  ")], "after": [("1", "5.00", "a  ")]}
            }
        finally:
            legacy.run("DROP OWNED BY reader", "DROP ROLE reader")

    def test_a_call_that_redefines_the_table(self, legacy: Legacy) -> None:
        legacy.run(*LEDGER, routine("BEGIN ALTER TABLE ledger DROP COLUMN note; END"))
        with pytest.raises(RecordingError) as caught:
            changes(legacy, "ledger")
        assert caught.value.slug == "table-redefined"

    def test_a_call_that_adds_a_column(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            routine(
                "BEGIN ALTER TABLE ledger ADD more int DEFAULT 3; UPDATE ledger SET amount = 5 WHERE id = 1; END"
            ),
        )
        assert changes(legacy, "ledger") == {
            "ledger": {"before": [("1", "1.00", "a  ")], "after": [("1", "5.00", "a  ")]}
        }

    def test_a_sub_transaction_that_took_a_truncate_back(self, legacy: Legacy) -> None:
        legacy.run(
            *LEDGER,
            routine("BEGIN BEGIN TRUNCATE ledger; PERFORM 1/0; EXCEPTION WHEN OTHERS THEN NULL; END; END"),
        )
        assert changes(legacy, "ledger") == {"ledger": {}}


class TestDeclaredNames:
    def test_unknown(self, legacy: Legacy) -> None:
        legacy.run(*LEDGER, "CREATE VIEW seen AS SELECT * FROM ledger", routine("BEGIN END"))
        for name, told in (
            ("ledgr", "alike: public.ledger"),
            ("seen", "'seen'"),
            ("other.ledger", "'other.ledger'"),
        ):
            with pytest.raises(RecordingError, match=told) as caught:
                changes(legacy, name)
            assert caught.value.slug == "table-unknown"

    def test_ambiguous(self, legacy: Legacy) -> None:
        legacy.run(
            'CREATE SCHEMA a; CREATE TABLE a.b (x int); CREATE TABLE "a.b" (x int)',
            routine("BEGIN END"),
        )
        with pytest.raises(RecordingError) as caught:
            changes(legacy, "a.b")
        assert caught.value.slug == "table-ambiguous"

    def test_one_table_under_two_names(self, legacy: Legacy) -> None:
        legacy.run(*LEDGER, routine("BEGIN DELETE FROM ledger WHERE id = 2; END"))
        deleted = {"deleted": [("2", "2.00", "b  ")]}
        assert changes(legacy, "ledger", "public.ledger") == {"ledger": deleted, "public.ledger": deleted}


def truth(
    connection: psycopg.Connection, call: str
) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """What a statement adds and removes, by PostgreSQL's own multiset difference."""
    connection.execute("CREATE TEMP TABLE truth AS SELECT * FROM big")
    connection.execute(call.encode())
    both = []
    for one, other in (("big", "truth"), ("truth", "big")):
        found = connection.execute(
            f"SELECT id::text, n::text, t FROM (SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}) x".encode()
        )
        both.append(Counter(found.fetchall()))
    return both[0], both[1]


def watch(
    legacy: Legacy, connection: psycopg.Connection, tables: tuple[LegacyTable, ...], how: str
) -> RowTriggers | RowVersions | RowSnapshots:
    if how == "triggers":
        return RowTriggers(connection, tables)
    if how == "snapshots":
        return RowSnapshots(connection, tables)
    connection.rollback()
    connection.execute(f"SET TRANSACTION {RowVersions.mode}".encode())
    return RowVersions(connection, tables, lambda: psycopg.connect(legacy.dsn, autocommit=True))


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("watcher", ["triggers", "versions", "snapshots"])
def test_exactly_what_except_all_says_on_a_large_table(legacy: Legacy, watcher: str, keyed: bool) -> None:
    size = 1_000_000 if TORTURE else 100_000
    legacy.run(
        f"CREATE TABLE big AS SELECT i AS id, (i % 97)::numeric(8,2) AS n, 't' || i % 13 AS t"
        f" FROM generate_series(1, {size}) AS i",
        "ALTER TABLE big ADD PRIMARY KEY (id)"
        if keyed
        else "INSERT INTO big SELECT * FROM big WHERE id % 1000 < 3",
        routine(
            "BEGIN UPDATE big SET n = n + 1 WHERE id % 5003 = 1; DELETE FROM big WHERE id % 7001 = 2;"
            " INSERT INTO big SELECT -i, i, NULL FROM generate_series(1, 60) AS i;"
            " BEGIN DELETE FROM big WHERE id % 2 = 0; RAISE 'back'; EXCEPTION WHEN OTHERS THEN NULL; END;"
            " UPDATE big SET t = t WHERE id % 9001 = 3; DELETE FROM big WHERE id = -7; END"
        ),
    )
    with psycopg.connect(legacy.dsn) as connection:
        added, removed = truth(connection, "SELECT f()")
        connection.rollback()
        tables = find_tables(connection, ["big"])
        watched = watch(legacy, connection, tables, watcher)
        connection.execute("SELECT f()")
        found = watched.changes()["big"]
        if isinstance(watched, RowVersions):
            watched.close()
        assert Counter((*found["inserted"].rows, *found["after"].rows)) == added
        assert Counter((*found["deleted"].rows, *found["before"].rows)) == removed
        assert bool(found["after"].rows) == keyed
        if keyed:
            assert [row[0] for row in found["before"].rows] == [row[0] for row in found["after"].rows]
        connection.rollback()


def test_triggers_say_when_they_were_disturbed(legacy: Legacy) -> None:
    legacy.run(*LEDGER)
    with psycopg.connect(legacy.dsn) as connection:
        watched = RowTriggers(connection, find_tables(connection, ["ledger"]))
        connection.execute("TRUNCATE ledger")
        with pytest.raises(TriggersDisturbedError):
            watched.changes()


def test_a_recorder_watches_case_after_case(legacy: Legacy) -> None:
    legacy.run(*LEDGER, routine("BEGIN UPDATE ledger SET amount = a WHERE id = 1; END", arguments="a int"))
    recorder = legacy.recorder(Procedure("f", source="legacy", effects=Tables("ledger")))
    for amount in (5, 1, 7):
        observation, _ = recorder.observe(case(a=amount))
        after = observation.effects["tables"]["ledger"]["after"]
        assert isinstance(after, Rows)
        assert after.rows == (() if amount == 1 else (("1", f"{amount}.00", "a  "),))
