"""Finding out which tables a call changes: all of them, by whatever way, and no others."""

from __future__ import annotations

import pytest
from legacy_database import Legacy, case

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError

TABLES = (
    "CREATE TABLE ledger (id int PRIMARY KEY, amount numeric(10,2))",
    "CREATE TABLE line (id int PRIMARY KEY, ledger_id int REFERENCES ledger (id) ON DELETE CASCADE)",
    "CREATE TABLE audit (what text)",
    "CREATE TABLE untouched (id int)",
    "CREATE SCHEMA other",
    "CREATE TABLE other.far (id int)",
    'CREATE TABLE "a""b; --" (id int)',
    "CREATE TABLE part (id int, area int) PARTITION BY LIST (area)",
    "CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1)",
    "INSERT INTO ledger VALUES (1, 1), (2, 2)",
    "INSERT INTO line VALUES (7, 1)",
    "CREATE FUNCTION audits() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN INSERT INTO audit VALUES (tg_op); RETURN NULL; END $$",
)
WAYS = {
    "insert": ("INSERT INTO ledger VALUES (3, 3);", ["ledger"]),
    "nothing": ("PERFORM * FROM ledger FOR UPDATE; PERFORM count(*) FROM line;", []),
    "update to the same": ("UPDATE ledger SET amount = amount;", []),
    "update of no row": ("UPDATE ledger SET amount = 7 WHERE false; LOCK TABLE untouched;", []),
    "cascade": ("DELETE FROM ledger WHERE id = 1;", ["ledger", "line"]),
    "trigger": (
        "CREATE TRIGGER t AFTER UPDATE ON ledger EXECUTE FUNCTION audits(); UPDATE ledger SET amount = 9;",
        ["audit", "ledger"],
    ),
    "truncate": ("TRUNCATE line;", ["line"]),
    "truncate cascades": ("TRUNCATE ledger CASCADE;", ["ledger", "line"]),
    "dynamic": ("EXECUTE 'INSERT INTO ' || 'au' || 'dit VALUES (1)';", ["audit"]),
    "another schema": ("INSERT INTO other.far VALUES (1);", ["other.far"]),
    "another path": ("SET LOCAL search_path = other; INSERT INTO far VALUES (1);", ["other.far"]),
    "a hostile name": ('INSERT INTO "a""b; --" VALUES (1);', ['a"b; --']),
    "a partition": ("INSERT INTO part VALUES (1, 1);", ["part"]),
    "a partition by itself": ("INSERT INTO part_1 VALUES (1, 1);", ["part"]),
    "taken back": (
        "BEGIN INSERT INTO audit VALUES ('x'); RAISE 'back'; EXCEPTION WHEN OTHERS THEN NULL; END;"
        " INSERT INTO ledger VALUES (3, 3);",
        ["ledger"],
    ),
    "made and written": ("CREATE TABLE fresh (a int); INSERT INTO fresh VALUES (1);", []),
    "temporary": ("CREATE TEMP TABLE fresh (a int); INSERT INTO fresh SELECT id FROM ledger;", []),
    "no counting": ("SET LOCAL track_counts = off; INSERT INTO audit VALUES ('x');", ["audit"]),
    "no triggers": ("SET LOCAL session_replication_role = replica; DELETE FROM ledger;", ["ledger"]),
    "the role of another": (
        "CREATE ROLE touching_clerk; GRANT INSERT ON audit TO touching_clerk; SET LOCAL ROLE touching_clerk;"
        " INSERT INTO audit VALUES ('x');",
        ["audit"],
    ),
}


def routine(body: str) -> str:
    return f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN {body} END $body$"


@pytest.mark.parametrize(("body", "touched"), WAYS.values(), ids=WAYS)
def test_all_that_were_changed_and_no_others(legacy: Legacy, body: str, touched: list[str]) -> None:
    legacy.run(*TABLES, routine(body))
    found = legacy.observe(Procedure("f", source="legacy", effects=Tables.touched())).effects["tables"]
    assert sorted(found) == touched
    if touched:
        declared = legacy.observe(Procedure("f", source="legacy", effects=Tables(*touched)))
        assert found == declared.effects["tables"]


def test_a_call_that_fails_has_none(legacy: Legacy) -> None:
    legacy.run(*TABLES, routine("INSERT INTO audit VALUES ('x'); RAISE 'no';"))
    observation = legacy.observe(Procedure("f", source="legacy", effects=Tables.touched()))
    assert (observation.outcome.how, observation.effects) == ("raised", {"tables": {}})


def test_a_table_that_the_call_drops(legacy: Legacy) -> None:
    legacy.run(*TABLES, routine("DROP TABLE audit;"))
    with pytest.raises(RecordingError) as caught:
        legacy.observe(Procedure("f", source="legacy", effects=Tables.touched()))
    assert caught.value.slug == "table-redefined"


def test_no_case_depends_on_those_before_it(legacy: Legacy) -> None:
    legacy.run(
        *TABLES,
        "CREATE FUNCTION f(a int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF a = 1 THEN"
        " INSERT INTO audit VALUES ('x'); ELSE DELETE FROM line; END IF; END $$",
    )
    recorder = legacy.recorder(Procedure("f", source="legacy", effects=Tables.touched()))
    told = [list(recorder.observe(case(a=a))[0].effects["tables"]) for a in (1, 2, 1)]
    assert told == [["audit"], ["line"], ["audit"]]
