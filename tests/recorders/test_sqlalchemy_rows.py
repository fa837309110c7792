"""Row changes and given rows through SQLAlchemy, on SQLite, PostgreSQL and MariaDB, and what is refused."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from legacy_database import case
from sqlalchemy.dialects import mssql, oracle
from sqlalchemy_sources import Database

from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.descriptors import Procedure, Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.given import Given
from pytest_characterize.recording.protocols import GivingRecorder
from pytest_characterize.settings import Source
from pytest_characterize.values import Raised, Rows, Value
from pytest_characterize_recorders.effects import generic_rows
from pytest_characterize_recorders.effects.generic_given import select
from pytest_characterize_recorders.no_procedures import no_procedures
from pytest_characterize_recorders.sources.generic.tables import LegacyTable

CUSTOMERS = (
    "CREATE TABLE plan (id INTEGER, region VARCHAR(2), title VARCHAR(20), PRIMARY KEY (id, region))",
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, plan_id INTEGER, region VARCHAR(2), email VARCHAR(40))",
    "INSERT INTO plan VALUES (1, 'eu', 'basic'), (1, 'us', 'Basic'), (2, 'eu', NULL)",
    "INSERT INTO customer VALUES (7, 1, 'us', 'ada@example.com'), (8, 2, 'eu', NULL), (9, NULL, 'eu', '')",
)


def changes(where: Database, sql: str, *tables: str, **given: Value) -> dict[str, dict[str, Any]]:
    found: Any = where.observe(sql, effects=Tables(*tables), **given).effects["tables"]
    return {
        table: {kind: natural_rows(rows) for kind, rows in kinds.items() if rows.rows}
        for table, kinds in found.items()
    }


def test_rows_before_and_after_by_primary_key(database: Database) -> None:
    before = database.run("SELECT * FROM item ORDER BY id")
    sql = "UPDATE item SET name = %(name)s, price = 1.5 WHERE id = %(id)s;"
    found = changes(database, sql, "item", name="cup'; --", id=2)
    price: object = 1.5 if database.name == "sqlite" else Decimal("1.50")
    assert found == {"item": {"before": [(2, "tea", None, None)], "after": [(2, "cup'; --", price, None)]}}
    assert database.run("SELECT * FROM item ORDER BY id") == before


def test_inserts_deletes_and_a_table_without_changes(database: Database) -> None:
    database.run("CREATE TABLE other (id INTEGER PRIMARY KEY)")
    inserted = changes(
        database, "INSERT INTO item (id, since) VALUES (3, %(on)s)", "item", "other", on="2024-02-29"
    )
    on: object = "2024-02-29" if database.name == "sqlite" else date(2024, 2, 29)
    assert inserted == {"item": {"inserted": [(3, None, None, on)]}, "other": {}}
    assert [row[0] for row in changes(database, "DELETE FROM item", "item")["item"]["deleted"]] == [1, 2]


def test_rows_without_a_key_are_a_multiset_and_triggers_are_seen(database: Database) -> None:
    database.run("CREATE TABLE note (text VARCHAR(9))", "INSERT INTO note VALUES ('same'), ('same')")
    body = "INSERT INTO note VALUES ('same')"
    if database.name == "postgresql":
        database.run(
            f"CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
            "CREATE TRIGGER told AFTER DELETE ON item FOR EACH ROW EXECUTE FUNCTION told()",
        )
    else:
        database.run(f"CREATE TRIGGER told AFTER DELETE ON item FOR EACH ROW BEGIN {body}; END")
    assert changes(database, "DELETE FROM item", "note") == {"note": {"inserted": [("same",), ("same",)]}}


def test_what_the_statement_gives_is_the_outcome(database: Database) -> None:
    assert database.observe("DELETE FROM item", effects=Tables("item")).outcome.value is None
    returning = "DELETE FROM item WHERE id = 2 RETURNING name"
    value = database.observe(returning, effects=Tables("item")).outcome.value
    assert isinstance(value, Rows)
    assert value.rows == (("tea",),)


def test_an_error_is_an_outcome_and_what_it_did_not_do_is_told(database: Database) -> None:
    observed = database.observe("INSERT INTO item (id) VALUES (5), (1)", effects=Tables("item"))
    assert observed.outcome.how == "raised"
    assert isinstance(observed.outcome.value, Raised)
    found: Any = observed.effects["tables"]
    assert not any(rows.rows for rows in found["item"].values())


HOSTILE = ["a`b%s", 'a.b"c', "a'b:x", "Mixed", "sel ect", "--", "[x]", "ü", "order", "A", "{x}", "/*"]


def test_hostile_names_are_quoted(database: Database) -> None:
    columns = ", ".join(f"{database.named(name)} INTEGER" for name in HOSTILE)
    key = database.named(HOSTILE[0])
    for name in HOSTILE if database.name == "sqlite" else HOSTILE[:4]:
        quoted = database.named(name)
        database.run(f"CREATE TABLE {quoted} ({columns}, PRIMARY KEY ({key}))")
        sql = f"INSERT INTO {quoted} ({key}) VALUES (1)".replace("%", "%%")
        expected = (1, *[None] * (len(HOSTILE) - 1))
        assert changes(database, sql, name) == {name: {"inserted": [expected]}}
        database.run(f"INSERT INTO {quoted} ({key}) VALUES (1)")
        asked = dict.fromkeys(HOSTILE, "w") | {HOSTILE[0]: "v"}
        assert natural_rows(read(database, Given({name: asked}), v=1, w=2)[name]) == []
        assert natural_rows(read(database, Given({name: {HOSTILE[0]: "v"}}), v=1)[name]) == [expected]
    assert len(database.run("SELECT id FROM item")) == 2


def test_a_table_of_another_schema(postgresql: Database) -> None:
    postgresql.run('CREATE SCHEMA "Old"', 'CREATE TABLE "Old".item (id int)')
    assert changes(postgresql, 'INSERT INTO "Old".item VALUES (1)', "Old.item") == {
        "Old.item": {"inserted": [(1,)]}
    }


def test_changes_are_exact_beside_the_multiset_difference(database: Database) -> None:
    database.run(
        "CREATE TABLE big (a INTEGER, b INTEGER)",
        *(
            f"INSERT INTO big VALUES {', '.join(f'({n % 50}, {n % 7})' for n in range(400))}"
            for _ in range(3)
        ),
    )
    rows = Counter(tuple(row) for row in database.run("SELECT a, b FROM big"))
    found = changes(database, "DELETE FROM big WHERE b = 3 AND a > 25", "big")["big"]
    assert Counter(found["deleted"]) == Counter(
        {row: n for row, n in rows.items() if row[1] == 3 and row[0] > 25}
    )
    assert set(found) == {"deleted"}


@pytest.mark.parametrize(
    ("sql", "effects", "slug"),
    [
        ("DELETE FROM item", Tables.touched(), "effects-unobservable"),
        ("DELETE FROM item", Tables("items"), "table-unknown"),
        ("TRUNCATE TABLE item", Tables("item"), "query-invalid"),
        ("CALL nothing()", Tables("item"), "query-invalid"),
        ("COMMIT", Tables("item"), "query-invalid"),
        ("/*! COMMIT */ DELETE FROM item", Tables("item"), "query-invalid"),
        ("DELETE FROM item; COMMIT", Tables("item"), "query-invalid"),
        ("DELETE FROM nowhere", Tables("item"), "query-invalid"),
    ],
)
def test_what_is_refused(database: Database, sql: str, effects: Tables, slug: str) -> None:
    with pytest.raises(RecordingError, match=slug):
        database.observe(sql, effects=effects)
    assert len(database.run("SELECT id FROM item")) == 2


def test_a_table_that_is_too_large(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generic_rows, "MOST", 1)
    with pytest.raises(RecordingError, match="table-too-large"):
        database.observe("DELETE FROM item", effects=Tables("item"))


def test_a_table_that_takes_no_part_in_transactions(mariadb: Database) -> None:
    mariadb.run("CREATE TABLE rate (id int PRIMARY KEY) ENGINE=MyISAM")
    with pytest.raises(RecordingError, match="table-not-transactional"):
        mariadb.observe("INSERT INTO rate VALUES (1)", effects=Tables("rate"))
    assert mariadb.run("SELECT * FROM rate") == []


def test_what_stays_after_the_rollback_is_told(mariadb: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    mariadb.run("CREATE TABLE rate (id int PRIMARY KEY) ENGINE=MyISAM")
    monkeypatch.setattr(
        "pytest_characterize_recorders.sources.generic.tables._TRANSACTIONAL", ("innodb", "myisam")
    )
    with pytest.raises(RecordingError, match="query-not-undone"):
        mariadb.observe("INSERT INTO rate VALUES (1)", effects=Tables("rate"))


def test_a_file_stays_as_it_is_and_its_copy_is_thrown_away(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    file = tmp_path / "billing.db"
    before = sha256(file.read_bytes()).hexdigest()
    assert changes(sqlite, "DELETE FROM item WHERE id = 1", "item")["item"].keys() == {"deleted"}
    assert sha256(file.read_bytes()).hexdigest() == before
    assert sorted(tmp_path.iterdir()) == [file, scratch]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("kind", ["sqlite", "sqlalchemy"])
def test_procedures_are_refused(kind: str, sqlite: Database) -> None:
    where = replace(sqlite.context, source=Source("legacy", kind, ("/",)))
    with pytest.raises(RecordingError, match="procedure-unsupported"):
        no_procedures(Procedure("invoice_total", source="legacy"), where)


# -- given rows ---------------------------------------------------------------------------------------


def read(where: Database, given: Given, **inputs: Value) -> dict[str, Rows]:
    asked = " AND ".join(f"%({name})s = %({name})s" for name in inputs) or "1 = 1"
    with closing(where.recorder(Query(f"SELECT 1 WHERE {asked}", source="legacy", given=given))) as recorder:
        assert isinstance(recorder, GivingRecorder)
        recorder.observe(case(**inputs))
        return dict(recorder.given())


REACHED = Given(
    customer={"id": "number"}, plan={"id": "customer.plan_id", "region": "customer.region"}, item={}
)


def test_given_rows_of_keys_and_the_rows_that_these_lead_to(database: Database) -> None:
    database.run(*CUSTOMERS)
    found = read(database, REACHED, number=7)
    assert natural_rows(found["customer"]) == [(7, 1, "us", "ada@example.com")]
    assert natural_rows(found["plan"]) == [(1, "us", "Basic")]
    assert [row[0] for row in natural_rows(found["item"])] == [1, 2]
    assert [len(rows.rows) for rows in read(database, REACHED, number=9).values()] == [1, 0, 2]


@pytest.mark.parametrize(
    ("given", "slug"),
    [
        (Given(ledger={}), "table-unknown"),
        (Given(customer={"name": "number"}), "given-column-unknown"),
        (Given(customer={"id": "number"}, plan={}, limit=3), "given-too-many"),
    ],
)
def test_given_rows_that_are_refused(database: Database, given: Given, slug: str) -> None:
    database.run(*CUSTOMERS)
    with pytest.raises(RecordingError, match=slug):
        read(database, given, number=7)


def test_given_rows_are_compared_as_sql_compares_them(database: Database) -> None:
    for column, value, number in (
        ("price", Decimal("2.5"), 1),
        ("since", date(2024, 3, 1), 1),
        ("name", "tea", 2),
    ):
        found = read(database, Given(item={column: "x"}), x=value)["item"]
        assert [row[0] for row in natural_rows(found)] == [number], column
    assert read(database, Given(item={"name": "x"}), x="' OR 1=1 -- \\").pop("item").rows == ()


# -- dialects without a server here ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "whole", "given"),
    [
        (
            oracle.dialect(),
            'SELECT "Old"."order"."a b", "Old"."order".id FROM "Old"."order" FETCH FIRST 11 ROWS ONLY',
            'SELECT g0.order_id FROM line g0 WHERE EXISTS (SELECT 1 FROM "Old"."order" g1'
            " WHERE g1.id = g0.order_id AND g1.id = :param_1)",
        ),
        (
            mssql.dialect(),
            "SELECT TOP 11 [Old].[order].[a b], [Old].[order].id FROM [Old].[order]",
            "SELECT g0.order_id FROM line AS g0 WHERE EXISTS (SELECT 1 FROM [Old].[order] AS g1"
            " WHERE g1.id = g0.order_id AND g1.id = :param_1)",
        ),
    ],
    ids=["oracle", "mssql"],
)
def test_what_other_dialects_would_be_sent(dialect: Any, whole: str, given: str) -> None:
    clause = sqlalchemy.table("order", sqlalchemy.column("a b"), sqlalchemy.column("id"), schema="Old")
    table = LegacyTable("order", clause, ("a b", "id"), (1,))
    child = LegacyTable("line", sqlalchemy.table("line", sqlalchemy.column("order_id")), ("order_id",), ())

    def compiled(statement: Any, **options: bool) -> str:
        return re.sub(r"\s+", " ", str(statement.compile(dialect=dialect, compile_kwargs=options)))

    assert compiled(sqlalchemy.select(*clause.columns).limit(11), literal_binds=True) == whole
    asked = Given({"order": {"id": "number"}, "line": {"order_id": "order.id"}})
    assert compiled(select(asked, child, {"order": table, "line": child}, {"number": 7})) == given
