"""MariaDB's and MySQL's texts as Python values."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from compare_support import told

from pytest_characterize.compare.natural import natural
from pytest_characterize.values import Cell, Column, Record, Rows, Value


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("int(11)", "-7", -7),
        ("bigint(20) unsigned", "18446744073709551615", 2**64 - 1),
        ("tinyint(4)", "1", 1),
        ("tinyint(1)", "0", False),
        ("tinyint(1)", "-1", -1),
        ("tinyint(1) unsigned", "1", 1),
        ("decimal(10,2)", "95.00", Decimal("95.00")),
        ("DECIMAL(10,2) unsigned zerofill", "00000095.00", Decimal("95.00")),
        ("double", "1e300", 1e300),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "0000-00-00", "0000-00-00"),
        ("date", "2024-02-00", "2024-02-00"),
        ("datetime", "2024-01-02 03:04:05", datetime(2024, 1, 2, 3, 4, 5)),
        ("timestamp(3)", "2024-01-02 03:04:05.600", datetime(2024, 1, 2, 3, 4, 5, 600_000)),
        ("time", "23:59:59", time(23, 59, 59)),
        ("time(2)", "00:00:00.05", time(0, 0, 0, 50_000)),
        ("time", "24:00:00", timedelta(hours=24)),
        ("time", "-838:59:59", -timedelta(hours=838, minutes=59, seconds=59)),
        ("time", "soon", "soon"),
        ("year(4)", "1999", 1999),
        ("bit(9)", "257", 257),
        ("varbinary(3)", "0x00ff", b"\x00\xff"),
        ("blob", "plain", "plain"),
        ("json", '{"a": 1}', {"a": 1}),
        ("varchar(9)", "7", "7"),
        ("enum('1','2')", "1", "1"),
        ("int", None, None),
    ],
)
def test_natural(type_name: str, text: str | None, value: Value) -> None:
    read = natural(Cell("mysql", type_name, text))
    assert (type(read), read) == (type(value), value)


def text(content: str, dialect: str = "mysql") -> Cell:
    return Cell(dialect, "longtext", content)


class TestDocuments:
    """JSON is a text there by its type, and a document where the other side has one."""

    @pytest.mark.parametrize("candidate", [{"n": [1, None]}, Record("app.Found", {"n": [1, None]})])
    def test_a_cell(self, candidate: Value) -> None:
        assert told(text('{"n":  [1, null]}'), candidate) == []
        assert told(candidate, text('{"n": [1, null]}')) == []
        assert told(text('{"n": [2, null]}'), candidate) == [("$.n[0]", "value")]

    def test_a_text_stays_one_beside_a_text(self) -> None:
        assert told(text('{"n": 1}'), '{"n":1}') == [("$", "value")]

    @pytest.mark.parametrize(
        ("legacy", "candidate"),
        [
            (text("{n: 1}"), {"n": 1}),
            (text("[" * 100_000), []),
            (text("[1]", "postgresql"), [1]),
            (Cell("mysql", "int", "1"), [1]),
        ],
    )
    def test_what_is_no_document(self, legacy: Cell, candidate: Value) -> None:
        assert told(legacy, candidate) == [("$", "type")]

    def test_columns(self) -> None:
        rows = Rows(
            "mysql",
            (Column("id", "int"), Column("doc", "text")),
            (("1", '{"n": 1}'), ("2", None), ("3", "x")),
        )
        same = [{"id": 1, "doc": {"n": 1}}, {"id": 2, "doc": None}, {"id": 3, "doc": "x"}]
        assert told(rows, same) == []
        assert told(same, rows) == []
        assert told(rows, [(1, {"n": 1}), (2, None), (3, "x")]) == []
        assert told(rows, [{**same[0], "doc": {"n": 2}}, *same[1:]]) == [("$[0].doc.n", "value")]
        assert told(rows, [{**row, "doc": "y"} for row in same])[0] == ("$[0].doc", "value")
