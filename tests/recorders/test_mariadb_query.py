"""SQL statements of legacy reports on MariaDB."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from legacy_database import case
from legacy_maria import LegacyMaria

from pytest_characterize.descriptors import Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import ClockedRecorder
from pytest_characterize.values import LARGE, Column, Raised, Rows, Value


@pytest.fixture
def shop(maria: LegacyMaria) -> LegacyMaria:
    maria.run(
        "CREATE TABLE item (id INT UNSIGNED PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2), since DATE)",
        "INSERT INTO item VALUES (1, 'it''s', 2.50, '2024-03-01'), (2, 'tea', NULL, NULL), (3, 'x', 1, NULL)",
    )
    return maria


def select(maria: LegacyMaria, sql: str, **inputs: Value) -> Rows:
    outcome = maria.observe(Query(sql, source="legacy"), **inputs).outcome
    assert outcome.how == "returned", outcome
    assert isinstance(outcome.value, Rows)
    return outcome.value


def test_names_types_and_rows(shop: LegacyMaria) -> None:
    found = select(shop, "SELECT id, name AS `the name`, price, since, price FROM item ORDER BY id LIMIT 2;")
    assert found == Rows(
        "mysql",
        (
            Column("id", "int unsigned"),
            Column("the name", "varchar"),
            Column("price", "decimal(8,2)"),
            Column("since", "date"),
            Column("price", "decimal(8,2)"),
        ),
        (("1", "it's", "2.50", "2024-03-01", "2.50"), ("2", "tea", None, None, None)),
        ordered=True,
    )


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [
        ("SELECT id FROM item", False),
        ("SELECT id FROM item WHERE name <> 'ORDER BY' # ORDER BY id", False),
        ("SELECT id FROM item WHERE name <> '\\' ORDER BY id'", False),
        ("SELECT id AS `ORDER BY` FROM item", False),
        ("SELECT id FROM item WHERE name = '`' ORDER /* */ BY id", True),
        ("(SELECT id FROM item ORDER BY id)", True),
        ("WITH w AS (SELECT id FROM item ORDER BY id) SELECT * FROM w", False),
    ],
)
def test_whether_the_order_was_asked_for(shop: LegacyMaria, sql: str, ordered: bool) -> None:
    assert select(shop, sql).ordered is ordered


def test_inputs(shop: LegacyMaria) -> None:
    sql = (
        "SELECT id FROM item WHERE name = %(name)s AND price < %(price)s AND since >= %(on)s AND '%%' = '%%'"
    )
    given = {"name": "it's", "price": Decimal("2.51"), "on": date(2024, 3, 1)}
    assert select(shop, sql, **given).rows == (("1",),)
    assert select(shop, sql, **{**given, "name": "x' OR 1 = 1 -- "}).rows == ()
    assert select(shop, "SELECT id FROM item ORDER BY id LIMIT %(n)s", n=1).rows == (("1",),)


def test_an_error_of_legacy_and_a_warning(shop: LegacyMaria) -> None:
    shop.run(
        "CREATE FUNCTION strict_price(p INT) RETURNS INT BEGIN IF p < 0 THEN"
        " SIGNAL SQLSTATE '45007' SET MESSAGE_TEXT = 'negative'; END IF; RETURN p; END"
    )
    outcome = shop.observe(Query("SELECT strict_price(%(p)s)", source="legacy"), p=-1).outcome
    assert outcome.value == Raised(("45007",), "negative", "45007", {"errno": 1644})
    observation = shop.observe(Query("SELECT 1 + 'x' AS n", source="legacy"))
    assert [notice["code"] for notice in observation.notices] == ["1292"]


@pytest.mark.parametrize(
    ("sql", "slug"),
    [
        ("UPDATE item SET price = 1", "query-invalid"),
        ("COMMIT", "query-invalid"),
        ("CALL p()", "query-invalid"),
        ("", "query-invalid"),
        ("SELECT 1; DROP TABLE item", "query-invalid"),
        ("SELECT 1 INTO OUTFILE '/tmp/never'", "query-invalid"),
        ("SELECT id FROM itm", "query-invalid"),
        ("SELEC 1", "query-invalid"),
        ("SELECT 5 % 2", "query-invalid"),
        ("SELECT %(p)s", "query-bad-arguments"),
        ("SELECT write_it()", "query-writes"),
        ("SELECT write_old()", "query-writes"),
        ("SELECT nextval(s)", "query-writes"),
    ],
)
def test_refused(shop: LegacyMaria, sql: str, slug: str) -> None:
    shop.run(
        "CREATE TABLE old (n INT) ENGINE=MyISAM",
        "CREATE SEQUENCE s",
        "CREATE FUNCTION write_it() RETURNS INT BEGIN DELETE FROM item; RETURN 1; END",
        "CREATE FUNCTION write_old() RETURNS INT BEGIN INSERT INTO old VALUES (1); RETURN 1; END",
    )
    before = shop.checksum("item", "old")
    with pytest.raises(RecordingError) as caught:
        shop.observe(Query(sql, source="legacy"))
    assert caught.value.slug == slug
    assert shop.checksum("item", "old") == before


def test_what_it_says_of_itself(shop: LegacyMaria) -> None:
    with pytest.raises(RecordingError) as caught:
        shop.recorder(Query("SELECT 1", source="legacy", effects=Tables("item")))
    assert caught.value.slug == "effects-unobservable"
    with pytest.raises(RecordingError, match="does not ask for the input 'a'"):
        shop.observe(Query("SELECT 1", source="legacy"), a=1)
    recorder = shop.recorder(Query("SELECT 1 AS n", source="legacy"), version="7.2")
    [(name, text)] = recorder.sources(case()).items()
    changed, _ = recorder.observe(case(), {name: "SELECT 2 AS n"})
    assert (text, changed.outcome.value.rows) == ("SELECT 1 AS n", (("2",),))
    assert recorder.provenance()["version"] == "7.2"


def test_more_rows_than_are_kept(shop: LegacyMaria) -> None:
    outcome = shop.observe(Query("SELECT id FROM item ORDER BY id", source="legacy", whole=2)).outcome
    assert (outcome.value.type, outcome.value.fields["count"]) == (LARGE, 3)


def test_the_moment_is_what_the_statement_saw(maria: LegacyMaria) -> None:
    recorder = maria.recorder(Query("SELECT NOW(6)", source="legacy"))
    assert isinstance(recorder, ClockedRecorder)
    assert recorder.moment() is None
    for _ in range(2):
        value = recorder.observe(case())[0].outcome.value
        assert isinstance(value, Rows)
        assert recorder.moment() == datetime.fromisoformat(f"{value.rows[0][0]}+00:00")
