"""PostgreSQL's texts as the Python values that a candidate returns for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from compare_support import differences, told

from pytest_characterize.codec import values_equal
from pytest_characterize.compare.natural import natural
from pytest_characterize.values import Cell

EAST = timezone(timedelta(hours=5, minutes=30))

VALUES: list[tuple[str, str | None, Any]] = [
    ("integer", "42", 42),
    ("smallint", "-1", -1),
    ("bigint", "9223372036854775807", 9223372036854775807),
    ("oid", "2200", 2200),
    ("numeric(10,2)", "95.00", Decimal("95.00")),
    ("numeric", "1E+20", Decimal("1E+20")),
    ("numeric", "NaN", Decimal("NaN")),
    ("numeric", "-Infinity", Decimal("-Infinity")),
    ("double precision", "0.1", 0.1),
    ("double precision", "-0", -0.0),
    ("real", "Infinity", float("inf")),
    ("double precision", "NaN", float("nan")),
    ("boolean", "t", True),
    ("boolean", "f", False),
    ("text", "", ""),
    ("text", "NULL", "NULL"),
    ("character varying(20)", "Müller ", "Müller "),
    ("character(5)", "AB   ", "AB   "),
    ("bpchar", "AB ", "AB "),
    ('"char"', "x", "x"),
    ("date", "2024-03-01", date(2024, 3, 1)),
    ("date", "infinity", "infinity"),
    ("date", "0044-03-15 BC", "0044-03-15 BC"),
    ("date", "10000-01-01", "10000-01-01"),
    ("time without time zone", "10:00:00.5", time(10, 0, 0, 500_000)),
    ("time(0) with time zone", "10:00:00+05:30", time(10, tzinfo=EAST)),
    ("time without time zone", "24:00:00", "24:00:00"),
    ("timestamp without time zone", "2024-03-01 10:00:00", datetime(2024, 3, 1, 10)),
    ("timestamp(3) without time zone", "2024-03-01 10:00:00.123", datetime(2024, 3, 1, 10, 0, 0, 123_000)),
    ("timestamp with time zone", "2024-03-01 10:00:00+00", datetime(2024, 3, 1, 10, tzinfo=UTC)),
    ("timestamp with time zone", "-infinity", "-infinity"),
    ("timestamp with time zone", "0044-03-15 00:00:00+00 BC", "0044-03-15 00:00:00+00 BC"),
    ("interval", "PT0S", timedelta(0)),
    ("interval", "P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
    ("interval", "P-1DT-2H", timedelta(days=-1, hours=-2)),
    ("interval", "PT-0.25S", timedelta(milliseconds=-250)),
    ("interval day to second(3)", "PT1.125S", timedelta(seconds=1, milliseconds=125)),
    ("interval", "P1M30D", "P1M30D"),
    ("interval year to month", "P1Y2M", "P1Y2M"),
    ("uuid", "00000000-0000-0000-0000-000000000001", UUID(int=1)),
    ("bytea", "\\x00ff", b"\x00\xff"),
    ("bytea", "\\\\000", "\\\\000"),
    ("json", '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
    ("jsonb", '"x"', "x"),
    ("void", "", None),
    ("text", None, None),
    ("integer", None, None),
    ("integer[]", "{1,NULL,-3}", [1, None, -3]),
    ("integer[]", "{}", []),
    ("integer[]", "[0:1]={5,6}", [5, 6]),
    ("numeric(10,2)[]", "{{1.00,2.50},{3.00,4.00}}", [["1.00", "2.50"], ["3.00", "4.00"]]),
    (
        "text[]",
        '{a,"b c","say \\"hi\\"","back\\\\slash","NULL",NULL,""}',
        ["a", "b c", 'say "hi"', "back\\slash", "NULL", None, ""],
    ),
    (
        "timestamp without time zone[]",
        '{"2024-03-01 10:00:00",infinity}',
        [datetime(2024, 3, 1, 10), "infinity"],
    ),
    ("jsonb[]", '{"{\\"a\\": 1}"}', [{"a": 1}]),
    ("box[]", "{(1,1),(0,0);(2,2),(1,1)}", "{(1,1),(0,0);(2,2),(1,1)}"),
    ("integer[]", "{1,{2}", "{1,{2}"),
    ("integer[]", "1,2", "1,2"),
    ("mood", "happy", "happy"),
    ("billing.mood[]", "{happy,sad}", ["happy", "sad"]),
    ("money", "$1.00", "$1.00"),
    ("int4range", "[1,5)", "[1,5)"),
    ("integer", "not a number", "not a number"),
]


@pytest.mark.parametrize(("type_name", "text", "value"), VALUES)
def test_a_value(type_name: str, text: str | None, value: Any) -> None:
    if type_name.startswith("numeric") and isinstance(value, list):
        value = [[Decimal(item) for item in row] for row in value]
    assert values_equal(natural(Cell("postgresql", type_name, text)), value)
    assert differences(Cell("postgresql", type_name, text), value) == ()
    assert differences({"it": [value]}, {"it": [Cell("postgresql", type_name, text)]}) == ()


def test_a_dialect_that_nobody_reads_yet_is_text() -> None:
    assert natural(Cell("oracle", "NUMBER", "1")) == "1"
    assert natural(Cell("oracle", "NUMBER", None)) is None


def test_a_database_value_against_a_python_value() -> None:
    amount = Cell("postgresql", "numeric(10,2)", "95.00")
    (found,) = differences(amount, Decimal("94.99"))
    assert (found.kind, found.legacy, found.candidate) == ("rounding", Decimal("95.00"), Decimal("94.99"))
    assert told(amount, 95.0) == [("$", "type")]
    assert told(Cell("postgresql", "character(5)", "AB   "), "AB") == [("$", "padding")]
    assert told(Cell("postgresql", "text", None), "") == [("$", "empty")]
    assert told({"total": amount}, {"total": Decimal("95")}) == [("$.total", "scale")]


def test_two_database_values() -> None:
    one = Cell("postgresql", "numeric(10,2)", "95.00")
    assert told(one, Cell("postgresql", "numeric(10,2)", "95.00")) == []
    assert told(one, Cell("postgresql", "numeric(10,2)", "95.01")) == [("$", "rounding")]
    assert told(one, Cell("postgresql", "numeric(10,2)", None)) == [("$", "null")]
    assert told(Cell("postgresql", "text", "a"), Cell("sqlite", "TEXT", "a")) == []
