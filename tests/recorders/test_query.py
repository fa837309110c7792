"""Recording SQL statements: rows with their types, read only, one statement, whatever it says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from legacy_database import Legacy, case

from pytest_characterize.descriptors import Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import ClockedRecorder
from pytest_characterize.values import Column, Rows, Value

CUSTOMERS = (
    "CREATE TABLE customer (id int PRIMARY KEY, name character varying(20), balance numeric(10,2), since date)",
    "INSERT INTO customer VALUES (1, 'Ann', 10, '2001-02-03'), (2, 'Bob', -1.5, NULL), (3, '50% off', 0, '2020-01-01')",
    "CREATE SEQUENCE s",
    "CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS"
    " $$ BEGIN DELETE FROM customer; RETURN 1; END $$",
)


@pytest.fixture
def customers(legacy: Legacy) -> Legacy:
    legacy.run(*CUSTOMERS)
    return legacy


def error(legacy: Legacy, sql: str, **inputs: Value) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        legacy.select(sql, **inputs)
    assert "\n" not in str(caught.value)
    return caught.value


class TestRows:
    def test_columns_types_and_order(self, customers: Legacy) -> None:
        found = customers.select(
            "SELECT id, name, balance, since, 1 AS id FROM customer ORDER BY customer.id DESC LIMIT 2"
        )
        assert found == Rows(
            "postgresql",
            (
                Column("id", "integer"),
                Column("name", "character varying(20)"),
                Column("balance", "numeric(10,2)"),
                Column("since", "date"),
                Column("id", "integer"),
            ),
            (("3", "50% off", "0.00", "2020-01-01", "1"), ("2", "Bob", "-1.50", None, "1")),
            ordered=True,
        )

    def test_the_order_of_rows_that_nobody_asked_for(self, customers: Legacy) -> None:
        assert customers.select("SELECT id FROM customer").ordered is False

    def test_none(self, customers: Legacy) -> None:
        assert customers.select("SELECT id FROM customer WHERE false").rows == ()

    def test_more_than_are_fetched_at_once(self, customers: Legacy) -> None:
        found = customers.observe(
            Query("SELECT n FROM generate_series(1, 20000) AS n ORDER BY n", source="legacy", whole=20_000)
        ).outcome.value
        assert [row[0] for row in found.rows] == [str(n) for n in range(1, 20001)]

    def test_with_values_table_and_parentheses(self, customers: Legacy) -> None:
        for statement in (
            "WITH x AS (SELECT 1 AS n) SELECT n FROM x",
            "VALUES (1)",
            "(SELECT 1)",
            "SELECT 1;",
            "-- a report\nSELECT 1 -- done",
        ):
            assert customers.select(statement).rows == (("1",),)


class TestInputs:
    def test_values_as_literals_would_be(self, customers: Legacy) -> None:
        found = customers.select(
            "SELECT %(a)s, %(a)s / 2, %(b)s, %(c)s, %(d)s, %(e)s::text, -%(a)s",
            a=7,
            b=Decimal("1.10"),
            c=date(2024, 3, 1),
            d=True,
            e=None,
        )
        assert found.rows == (("7", "3", "1.10", "2024-03-01", "t", None, "-7"),)

    def test_a_text_takes_its_type_from_its_place(self, customers: Legacy) -> None:
        assert customers.select("SELECT id FROM customer WHERE since > %(day)s", day="2010-01-01").rows == (
            ("3",),
        )

    def test_a_percent_sign(self, customers: Legacy) -> None:
        assert customers.select("SELECT id FROM customer WHERE name LIKE '50%%'").rows == (("3",),)
        told = error(customers, "SELECT id FROM customer WHERE name LIKE '50%'")
        assert (told.slug, "%%" in told.hint) == ("query-invalid", True)

    def test_hostile_values_are_values(self, customers: Legacy) -> None:
        hostile = "'; DROP TABLE customer; -- %s %(x)s $1"
        assert customers.select("SELECT %(v)s::text, '$1'", v=hostile).rows == ((hostile, "$1"),)

    def test_mapped_names(self, customers: Legacy) -> None:
        observation = customers.observe(
            Query("SELECT name FROM customer WHERE id = %(p_id)s", source="legacy"),
            args={"p_id": "customer_id"},
            customer_id=2,
        )
        assert observation.outcome.value.rows == (("Bob",),)

    @pytest.mark.parametrize("inputs", [{}, {"id": 1, "more": 2}, {"other": 1}])
    def test_wrong_names(self, customers: Legacy, inputs: dict[str, Value]) -> None:
        assert error(customers, "SELECT %(id)s", **inputs).slug == "query-bad-arguments"


class TestErrors:
    def test_an_error_of_the_data_is_behaviour(self, customers: Legacy) -> None:
        for statement in ("SELECT 1 / (id - 2) FROM customer", "SELECT 1 / 0"):
            outcome = customers.observe(Query(statement, source="legacy")).outcome
            assert (outcome.how, outcome.value.code) == ("raised", "22012")

    def test_notices(self, customers: Legacy) -> None:
        customers.run(
            "CREATE FUNCTION n() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'x'; RETURN 1; END $$"
        )
        observation = customers.observe(Query("SELECT n() FROM customer", source="legacy"))
        assert observation.notices == ({"severity": "NOTICE", "message": "x"},) * 3

    @pytest.mark.parametrize(
        "statement",
        ["SELEC 1", "SELECT nothing FROM customer", "SELECT 1 FROM nowhere", "SELECT f(1)", "", "-- nothing"],
    )
    def test_a_statement_that_cannot_run_is_no_golden(self, customers: Legacy, statement: str) -> None:
        assert error(customers, statement).slug == "query-invalid"


class TestReadOnly:
    """Nothing is decided by looking at the text; the server refuses."""

    @pytest.mark.parametrize(
        ("statement", "slug"),
        [
            ("DELETE FROM customer", "query-invalid"),
            ("INSERT INTO customer VALUES (9) RETURNING id", "query-invalid"),
            ("WITH gone AS (DELETE FROM customer RETURNING id) SELECT * FROM gone", "query-invalid"),
            ("TRUNCATE customer", "query-invalid"),
            ("DROP TABLE customer", "query-invalid"),
            ("SELECT 1 INTO copied", "query-invalid"),
            ("CREATE TABLE copied AS SELECT 1", "query-invalid"),
            ("COPY customer TO PROGRAM 'touch /tmp/characterize-escaped'", "cannot-be-undone"),
            ("COMMIT", "query-invalid"),
            ("ROLLBACK", "query-invalid"),
            ("SET TRANSACTION READ WRITE", "query-invalid"),
            ("CALL nothing()", "query-invalid"),
            ("DO $$ BEGIN DELETE FROM customer; END $$", "query-invalid"),
            ("SELECT 1; DELETE FROM customer", "query-invalid"),
            ("SELECT 1; COMMIT; DELETE FROM customer", "query-invalid"),
            ("SELECT writes()", "query-writes"),
            ("SELECT nextval('s')", "query-writes"),
            ("SELECT setval('s', 9)", "query-writes"),
            ("SELECT id FROM customer FOR UPDATE", "query-writes"),
        ],
    )
    def test_refused(
        self, customers: Legacy, dump: Callable[[Legacy], str], statement: str, slug: str
    ) -> None:
        before = dump(customers)
        assert error(customers, statement).slug == slug
        assert dump(customers) == before

    def test_what_a_read_only_transaction_lets_through_is_rolled_back(self, customers: Legacy) -> None:
        """Large objects, before PostgreSQL 16."""
        recorder = customers.recorder(Query("SELECT lo_from_bytea(0, 'x')", source="legacy"))
        with contextlib.suppress(RecordingError):
            recorder.observe(case())
        assert customers.run("SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]

    def test_a_function_cannot_make_it_writable(
        self, customers: Legacy, dump: Callable[[Legacy], str]
    ) -> None:
        customers.run(
            "CREATE FUNCTION sly() RETURNS int LANGUAGE plpgsql AS $$ BEGIN"
            " PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM customer; RETURN 1; END $$"
        )
        before = dump(customers)
        assert error(customers, "SELECT sly()").slug == "query-writes"
        assert dump(customers) == before

    def test_effects_are_refused(self, customers: Legacy) -> None:
        with pytest.raises(RecordingError, match="a query has no effects") as caught:
            customers.recorder(Query("SELECT 1", source="legacy", effects=Tables("customer")))
        assert caught.value.slug == "effects-unobservable"


def test_sources_variant_and_provenance(customers: Legacy) -> None:
    recorder = customers.recorder(Query("SELECT %(n)s + 1", source="legacy"), version="9")
    one = case(n=1)
    [(name, text)] = recorder.sources(one).items()
    assert text == "SELECT %(n)s + 1"
    assert recorder.observe(one, {name: "SELECT %(n)s - 1"})[0].outcome.value.rows == (("0",),)
    assert recorder.observe(one)[0].outcome.value.rows == (("2",),)
    assert recorder.provenance()["version"] == "9"


def test_the_next_case_connects_again(customers: Legacy) -> None:
    own = customers.recorder(Query("SELECT pg_backend_pid()", source="legacy"))
    pid = int(own.observe(case())[0].outcome.value.rows[0][0])
    assert customers.run(f"SELECT pg_terminate_backend({pid})") == [(True,)]
    with pytest.raises(RecordingError) as caught:
        own.observe(case())
    assert caught.value.slug == "source-lost"
    assert own.observe(case())[0].outcome.how == "returned"


def test_a_statement_that_acts_on_other_sessions_is_not_run(customers: Legacy) -> None:
    told = error(customers, "SELECT pg_terminate_backend(%(pid)s)", pid=1)
    assert told.slug == "cannot-be-undone"


def test_the_moment_is_what_the_statement_saw(customers: Legacy) -> None:
    recorder = customers.recorder(Query("SELECT CURRENT_TIMESTAMP AT TIME ZONE 'UTC'", source="legacy"))
    assert isinstance(recorder, ClockedRecorder)
    assert recorder.moment() is None
    for _ in range(2):
        value = recorder.observe(case())[0].outcome.value
        assert isinstance(value, Rows)
        assert recorder.moment() == datetime.fromisoformat(f"{value.rows[0][0]}+00:00")
