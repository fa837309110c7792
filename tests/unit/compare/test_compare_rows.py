"""Result sets against what Python code returns for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from compare_support import differences, told

from pytest_characterize.descriptors import Ignore, Unordered
from pytest_characterize.model import Kind
from pytest_characterize.values import ABSENT, Cell, Column, Record, Rows

COLUMNS = (Column("id", "integer"), Column("code", "character(4)"), Column("total", "numeric(10,2)"))
TEXTS = (("1", "AB  ", "95.00"), ("2", "CD  ", "10.50"), ("3", "EF  ", None))
ROWS = Rows("postgresql", COLUMNS, TEXTS)
DICTS: list[dict[str, Any]] = [
    {"id": 1, "code": "AB  ", "total": Decimal("95.00")},
    {"id": 2, "code": "CD  ", "total": Decimal("10.50")},
    {"id": 3, "code": "EF  ", "total": None},
]


def cut(*numbers: int, **more: Any) -> Rows:
    return Rows("postgresql", COLUMNS, tuple(TEXTS[number - 1] for number in numbers), **more)


@pytest.mark.parametrize(
    "same",
    [
        DICTS,
        tuple(DICTS),
        [Record("app.Invoice", row) for row in DICTS],
        [tuple(row.values()) for row in DICTS],
        [list(row.values()) for row in DICTS],
        [dict(reversed(row.items())) for row in DICTS],
        [
            {**row, "total": Cell("postgresql", "numeric", row["total"] and str(row["total"]))}
            for row in DICTS
        ],
    ],
    ids=["dicts", "tuple of dicts", "records", "tuples", "lists", "keys in another order", "cells"],
)
def test_the_same_rows(same: Any) -> None:
    assert differences(ROWS, same) == ()
    assert differences(same, ROWS) == ()
    assert differences({"invoices": ROWS}, {"invoices": same}) == ()


@pytest.mark.parametrize("form", [dict, tuple])
def test_a_cell_that_differs_is_named_by_its_column(form: type) -> None:
    candidate = [{**row} for row in DICTS]
    candidate[0]["code"] = "AB"
    candidate[1]["total"] = Decimal("10.49")
    shown = [row if form is dict else tuple(row.values()) for row in candidate]
    assert told(ROWS, shown) == [("$[0].code", "padding"), ("$[1].total", "rounding")]


def test_a_missing_and_an_extra_row() -> None:
    (missing,) = differences(ROWS, [DICTS[0], DICTS[2]])
    assert (missing.path, missing.kind, missing.legacy, missing.candidate) == (
        "$[1]",
        Kind.MISSING,
        DICTS[1],
        ABSENT,
    )
    (extra,) = differences(cut(1, 3), DICTS)
    assert (extra.path, extra.kind, extra.candidate) == ("$[1]", Kind.EXTRA, DICTS[1])


def test_a_missing_row_among_many() -> None:
    many = Rows("postgresql", COLUMNS, tuple((str(at), f"{at:4}", f"{at}.00") for at in range(500)))
    found = [
        {"id": at, "code": f"{at:4}", "total": Decimal(at).quantize(Decimal("1.00"))} for at in range(500)
    ]
    assert told(many, found[:250] + found[251:]) == [("$[250]", "missing")]


def test_no_rows() -> None:
    nothing = cut()
    assert told(nothing, []) == []
    (found,) = differences(ROWS, [])
    assert (found.path, found.kind, found.legacy, found.candidate) == ("$", Kind.EMPTY, DICTS, [])
    assert told(nothing, DICTS) == [("$", "empty")]


def test_columns_are_told_once() -> None:
    candidate = [{"id": row["id"], "total": row["total"], "vat": 0} for row in DICTS]
    missing, extra = differences(ROWS, candidate)
    assert (missing.path, missing.kind, missing.legacy) == (
        "$[*].code",
        Kind.MISSING,
        ["AB  ", "CD  ", "EF  "],
    )
    assert (extra.path, extra.kind, extra.candidate) == ("$[*].vat", Kind.EXTRA, [0, 0, 0])
    assert missing.note == extra.note == "the whole column"
    assert told(ROWS, candidate, Ignore("$[*].code", reason="r"), Ignore("$[*].vat", reason="r")) == []


def test_a_key_that_some_rows_lack() -> None:
    candidate = [*DICTS[:2], {"id": 3, "code": "EF  "}]
    assert told(ROWS, candidate) == [("$[2].total", "missing")]


def test_rows_of_another_width() -> None:
    assert told(ROWS, [tuple(row.values())[:2] for row in DICTS]) == [("$[*].total", "missing")]
    assert told(ROWS, [(*row.values(), "x") for row in DICTS]) == [('$[*]["column 4"]', "extra")]


def test_what_is_no_row() -> None:
    assert told(ROWS, [DICTS[0], None, DICTS[2]]) == [("$[1]", "null")]
    assert told(ROWS, [DICTS[0], 5, DICTS[2]]) == [("$[1]", "type")]
    assert told(cut(1), DICTS[0]) == [("$", "type")]
    assert told(ROWS, "rows") == [("$", "type")]
    assert told(ROWS, None) == [("$", "null")]


class TestOneColumn:
    ids = Rows("postgresql", (Column("id", "integer"),), (("1",), ("2",)))

    @pytest.mark.parametrize("same", [[1, 2], (1, 2), [(1,), (2,)], [[1], [2]], [{"id": 1}, {"id": 2}]])
    def test_plain_values_or_rows(self, same: Any) -> None:
        assert told(self.ids, same) == []

    def test_a_value_that_differs(self) -> None:
        assert told(self.ids, [1, "2"]) == [("$[1].id", "type")]
        assert told(self.ids, [1]) == [("$[1]", "missing")]

    def test_arrays_are_values(self) -> None:
        arrays = Rows("postgresql", (Column("tags", "integer[]"),), (("{1,2}",), ("{3}",)))
        assert told(arrays, [[1, 2], [3]]) == []
        assert told(arrays, [([1, 2],), ([3],)]) == []
        assert told(arrays, [[1, 2], [4]]) == [("$[1].tags[0]", "value")]

    def test_documents_are_values(self) -> None:
        documents = Rows("postgresql", (Column("doc", "jsonb"),), (('{"a": 1}',),))
        assert told(documents, [{"a": 1}]) == []
        assert told(documents, [{"doc": {"a": 1}}]) == []


class TestOrder:
    def test_it_is_behaviour_where_it_was_asked_for(self) -> None:
        (found,) = differences(ROWS, [DICTS[0], DICTS[2], DICTS[1]])
        assert (found.path, found.kind, found.legacy) == ("$", Kind.ORDER, DICTS)

    def test_it_is_none_where_it_was_not(self) -> None:
        legacy = cut(1, 2, 3, ordered=False)
        assert told(legacy, DICTS[::-1]) == []
        assert told(legacy, [DICTS[2], DICTS[0]]) == [("$[1]", "missing")]
        candidate = [DICTS[2], {**DICTS[1], "total": Decimal("10.49")}, DICTS[0]]
        assert told(legacy, candidate) == [("$[1].total", "rounding")]

    def test_it_can_be_declared_to_be_none(self) -> None:
        any_order = Unordered("$.rows", reason="sorted by the screen")
        assert told({"rows": ROWS}, {"rows": DICTS[::-1]}, any_order) == []


class TestTwoResultSets:
    def test_the_same(self) -> None:
        assert told(ROWS, Rows("postgresql", COLUMNS, TEXTS)) == []

    def test_a_cell(self) -> None:
        changed = (TEXTS[0], ("2", "CD", "10.50"), TEXTS[2])
        assert told(ROWS, Rows("postgresql", COLUMNS, changed)) == [("$[1].code", "padding")]

    def test_rows(self) -> None:
        (found,) = differences(ROWS, cut(1, 3))
        assert (found.path, found.kind, found.legacy) == ("$[1]", Kind.MISSING, DICTS[1])

    def test_columns(self) -> None:
        other = Rows(
            "postgresql",
            (Column("code", "text"), Column("id", "integer"), Column("vat", "integer")),
            (("AB  ", "1", "0"),),
        )
        assert told(cut(1), other) == [
            ("$[*]", "order"),
            ("$[*].code", "type"),
            ("$[*].total", "missing"),
            ("$[*].vat", "extra"),
        ]

    def test_the_server_s_text_counts(self) -> None:
        columns = (Column("doc", "json"),)
        one, other = (Rows("postgresql", columns, ((text,),)) for text in ('{"a":1}', '{"a": 1}'))
        assert told(one, other) == [("$[0].doc", "value")]

    def test_of_two_dialects(self) -> None:
        other = Rows("sqlite", (Column("id", "INTEGER"), Column("code", "TEXT")), (("1", "AB  "),))
        one = Rows("postgresql", (Column("id", "integer"), Column("code", "text")), (("1", "AB  "),))
        assert told(one, other) == []

    def test_a_column_name_that_comes_twice(self) -> None:
        columns = (Column("sum", "integer"), Column("sum", "integer"))
        one, other = (Rows("postgresql", columns, (("1", text),)) for text in ("2", "3"))
        assert told(one, other) == [('$[0]["sum (2)"]', "value")]
        assert told(one, [(1, 2)]) == []
        assert told(one, [(1, 3)]) == [('$[0]["sum (2)"]', "value")]
