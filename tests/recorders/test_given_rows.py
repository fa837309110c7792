"""Given rows of PostgreSQL, MariaDB and SQLite: which are read, in what order, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from legacy_database import Legacy, case
from legacy_maria import LegacyMaria
from sqlalchemy_sources import Database

from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.descriptors import Descriptor, Procedure, Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.given import Given
from pytest_characterize.recording.protocols import GivingRecorder
from pytest_characterize.settings import Source
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.sqlite_query import SqliteQueryRecorder

TABLES = (
    "CREATE TABLE plan (id int, region char(2), title varchar(20), PRIMARY KEY (id, region))",
    "CREATE TABLE customer (id int PRIMARY KEY, plan_id int, region char(2), email varchar(40), vip char(1))",
    "CREATE TABLE ledger (id int PRIMARY KEY, customer_id int, amount decimal(8,2), booked date)",
    "INSERT INTO plan VALUES (1, 'eu', 'basic'), (1, 'us', 'Basic'), (2, 'eu', NULL)",
    "INSERT INTO customer VALUES (7, 1, 'us', 'ada@example.com', 'Y'), (8, 2, 'eu', NULL, 'N')",
    "INSERT INTO customer VALUES (9, NULL, 'eu', '', 'N')",
    "INSERT INTO ledger VALUES (10, 7, 1.50, '2024-03-01'), (9, 7, 2.00, '2024-02-29'), (1, 8, 0.00, NULL)",
)
REACHED = Given(
    ledger={"customer_id": "customer.id"},
    customer={"id": "number"},
    plan={"id": "customer.plan_id", "region": "customer.region"},
)
Make = Callable[[Descriptor], GivingRecorder]


@pytest.fixture(params=["postgresql", "mariadb"])
def made(request: pytest.FixtureRequest) -> Legacy | LegacyMaria:
    """A legacy database with three tables and a procedure that writes."""
    if request.param == "postgresql":
        legacy: Legacy | LegacyMaria = request.getfixturevalue("legacy")
        body = "LANGUAGE sql AS $$ UPDATE ledger SET amount = amount + number $$"
    else:
        legacy = request.getfixturevalue("maria")
        body = "UPDATE ledger SET amount = amount + number"
    legacy.run(*TABLES, f"CREATE PROCEDURE book(IN number int) {body}")
    return legacy


def read(legacy: Any, given: Given, **inputs: Value) -> dict[str, Rows]:
    """What a query's golden would hold; the query itself reads something else."""
    asked = " AND ".join(f"%({name})s = %({name})s" for name in inputs) or "1 = 1"
    recorder = legacy.recorder(Query(f"SELECT 1 WHERE {asked}", source="legacy", given=given))
    try:
        recorder.observe(case(**inputs))
        return dict(recorder.given())
    finally:
        recorder.close()


def test_rows_of_keys_and_the_rows_that_these_lead_to(made: Any) -> None:
    given = read(made, REACHED, number=7)
    assert {table: rows.rows for table, rows in given.items()} == {
        "ledger": (("9", "7", "2.00", "2024-02-29"), ("10", "7", "1.50", "2024-03-01")),
        "customer": (("7", "1", "us", "ada@example.com", "Y"),),
        "plan": (("1", "us", "Basic"),),
    }
    assert [column.name for column in given["ledger"].columns] == ["id", "customer_id", "amount", "booked"]
    assert not given["ledger"].ordered


def test_a_null_leads_nowhere_and_an_empty_table_is_told(made: Any) -> None:
    assert {name: len(rows.rows) for name, rows in read(made, REACHED, number=9).items()} == {
        "ledger": 0,
        "customer": 1,
        "plan": 0,
    }
    assert read(made, REACHED, number=1000)["customer"].rows == ()


def test_a_table_without_columns_is_read_whole_and_a_list_is_any_of_it(made: Any) -> None:
    given = read(made, Given(plan={}, customer={"id": "numbers"}), numbers=[8, 7])
    assert [row[:2] for row in given["plan"].rows] == [("1", "eu"), ("1", "us"), ("2", "eu")]
    assert [row[0] for row in given["customer"].rows] == ["7", "8"]


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("amount", Decimal("2"), ["9"]),
        ("booked", date(2024, 3, 1), ["10"]),
        ("booked", "2024-03-01", ["10"]),
        ("id", "9", ["9"]),
    ],
)
def test_values_are_compared_as_sql_compares_them(
    made: Any, column: str, value: Value, found: list[str]
) -> None:
    assert [row[0] for row in read(made, Given(ledger={column: "x"}), x=value)["ledger"].rows] == found


def test_a_hostile_value_is_a_value(made: Any) -> None:
    hostile = "' OR 1=1 -- \\' \" `; DROP TABLE plan"
    made.run("INSERT INTO plan VALUES (3, 'eu', '' )")
    assert read(made, Given(plan={"title": "x"}), x=hostile)["plan"].rows == ()
    assert len(made.run("SELECT * FROM plan")) == 4


def test_the_rows_are_those_before_the_call_and_nothing_of_it_stays(made: Any) -> None:
    descriptor = Procedure(
        "book", source="legacy", given=Given(ledger={"id": "number"}), effects=Tables("ledger")
    )
    recorder = made.recorder(descriptor)
    observation, _ = recorder.observe(case(number=9))
    assert isinstance(recorder, GivingRecorder)
    assert [row[2] for row in recorder.given()["ledger"].rows] == ["2.00"]
    assert [row[2] for row in observation.effects["tables"]["ledger"]["after"].rows] == [
        "9.00",
        "11.00",
        "10.50",
    ]
    recorder.observe(case(number=1))
    assert [row[2] for row in recorder.given()["ledger"].rows] == ["0.00"]
    recorder.close()


@pytest.mark.parametrize(
    ("given", "slug", "words"),
    [
        (Given(ledgr={}), "table-unknown", "ledger"),
        (Given(ledger={"customer": "number"}), "given-column-unknown", "customer_id"),
        (Given(customer={}, plan={"id": "customer.plan"}), "given-column-unknown", "plan_id"),
        (Given(customer={"id": "number"}, plan={}, limit=3), "given-too-many", "'plan'"),
    ],
)
def test_what_cannot_be_read_is_refused(made: Any, given: Given, slug: str, words: str) -> None:
    with pytest.raises(RecordingError, match=words) as refused:
        read(made, given, number=7)
    assert refused.value.slug == slug


def test_the_limit_is_of_all_tables_together(made: Any) -> None:
    given = read(made, Given(customer={"id": "number"}, plan={}, limit=4), number=7)
    assert sum(len(rows.rows) for rows in given.values()) == 4


def test_a_condition_that_the_server_does_not_understand(legacy: Legacy) -> None:
    legacy.run(*TABLES)
    with pytest.raises(RecordingError, match="operator does not exist") as refused:
        read(legacy, Given(plan={"title": "number"}), number=7)
    assert refused.value.slug == "given-unreadable"
    with pytest.raises(RecordingError, match="invalid input syntax") as refused:
        read(legacy, Given(plan={"id": "number"}), number="seven")
    assert refused.value.slug == "given-unreadable"


def test_names_of_any_letters_and_another_schema(legacy: Legacy) -> None:
    legacy.run(
        'CREATE SCHEMA "old.x"',
        'CREATE TABLE "old.x"."a""b; --" (id int, "c.d" int)',
        'INSERT INTO "old.x"."a""b; --" VALUES (1, 2), (2, 3)',
        "CREATE TABLE child (parent int)",
        "INSERT INTO child VALUES (3), (4)",
    )
    table = 'old.x.a"b; --'
    given = Given({table: {"id": "number"}, "child": {"parent": f"{table}.c.d"}})
    assert [rows.rows for rows in read(legacy, given, number=2).values()] == [(("2", "3"),), (("3",),)]


def test_a_table_that_takes_no_part_in_transactions_can_be_read(maria: LegacyMaria) -> None:
    maria.run(
        "CREATE TABLE rate (id int PRIMARY KEY, f float) ENGINE=MyISAM", "INSERT INTO rate VALUES (1, 0.1)"
    )
    assert read(maria, Given(rate={}))["rate"].rows == (("1", "0.1"),)


class TestSqlite:
    @pytest.fixture
    def file(self, sqlite: Database) -> Database:
        """The same tables in a SQLite file, and a recorder for its own kind."""
        sqlite.run(*TABLES, 'CREATE VIRTUAL TABLE "wörds; --" USING fts5(word)')
        source = Source("legacy", "sqlite", sqlite.context.source.hosts if sqlite.context.source else ())
        return replace(sqlite, context=replace(sqlite.context, source=source))

    def read(
        self, file: Database, given: Given, effects: Tables | None = None, **inputs: Value
    ) -> dict[str, Any]:
        asked = " AND ".join(f"%({name})s = %({name})s" for name in inputs) or "1 = 1"
        sql = f"DELETE FROM ledger WHERE {asked}" if effects else f"SELECT 1 WHERE {asked}"
        recorder = SqliteQueryRecorder(
            Query(sql, source="legacy", given=given, effects=effects), file.context
        )
        with closing(recorder):
            assert isinstance(recorder, GivingRecorder)
            recorder.observe(case(**inputs))
            return {table: natural_rows(rows) for table, rows in recorder.given().items()}

    def test_rows_of_keys_and_the_rows_that_these_lead_to(self, file: Database) -> None:
        expected = {
            "ledger": [
                (9, 7, Decimal("2.00"), date(2024, 2, 29)),
                (10, 7, Decimal("1.50"), date(2024, 3, 1)),
            ],
            "customer": [(7, 1, "us", "ada@example.com", "Y")],
            "plan": [(1, "us", "Basic")],
        }
        assert self.read(file, REACHED, number=7) == expected
        assert self.read(file, REACHED, effects=Tables("ledger"), number=7) == expected
        assert [len(rows) for rows in self.read(file, REACHED, number=9).values()] == [0, 1, 0]

    def test_values_are_compared_as_sqlite_compares_them(self, file: Database) -> None:
        for column, value in (("amount", Decimal("2")), ("booked", date(2024, 2, 29)), ("id", "9")):
            assert [row[0] for row in self.read(file, Given(ledger={column: "x"}), x=value)["ledger"]] == [9]
        assert self.read(file, Given(plan={"title": "x"}), x="' OR 1=1 --")["plan"] == []
        assert len(file.run("SELECT * FROM plan")) == 3

    def test_a_virtual_table_can_be_read(self, file: Database) -> None:
        file.run("""INSERT INTO "wörds; --" VALUES ('tea')""")
        assert self.read(file, Given({"wörds; --": {}})) == {"wörds; --": [("tea",)]}

    @pytest.mark.parametrize(
        ("given", "slug"),
        [
            (Given(ledgr={}), "table-unknown"),
            (Given(ledger={"customer": "number"}), "given-column-unknown"),
            (Given(customer={"id": "number"}, plan={}, limit=3), "given-too-many"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, file: Database, given: Given, slug: str) -> None:
        with pytest.raises(RecordingError, match=slug):
            self.read(file, given, number=7)
