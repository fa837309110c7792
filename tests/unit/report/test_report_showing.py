"""Values as people read them, and pairs of values whose difference can be seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_strategies import TEXTS, VALUES

from pytest_characterize.codec import values_equal
from pytest_characterize.report.showing import LONGEST, show, show_input, show_pair
from pytest_characterize.report.visible import columns
from pytest_characterize.values import ABSENT, Cell, Column, Member, Raised, Record, Response, Rows, Value

NUMBER = "numeric(10,2)"
COLUMNS = (Column("id", "integer"), Column("code", "text"))
ONE_ROW = Rows("postgresql", COLUMNS, (("1", "A "),))
OTHER_ROW = Rows("postgresql", COLUMNS, (("1", "B"),))
TWO_ROWS = Rows("postgresql", COLUMNS, (("1", "A "), ("2", None)))


def changed(**rows: Value) -> Value:
    """What a call did to the rows of a table."""
    return {"ledger": {"after": [], "before": [], "deleted": [], "inserted": []} | rows}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (ABSENT, "(absent)"),
        (True, "True"),
        (-7, "-7"),
        (0.1, "0.1"),
        (float("nan"), "nan"),
        (-0.0, "-0.0"),
        (Decimal("95.00"), "95.00"),
        ("AB   ", "'AB···'"),
        (b"\x00a", r"b'\x00a'"),
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 8, tzinfo=UTC), "2024-03-01T08:00:00+00:00"),
        (time(8, 30), "08:30:00"),
        (timedelta(days=1, seconds=1), "1 day, 0:00:01"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ([1, [2]], "[1, [2]]"),
        ((1,), "(1,)"),
        ((), "()"),
        ({}, "{}"),
        ({"a": 1, 2: "b"}, "{'a': 1, 2: 'b'}"),
        ({3, 1, 2}, "{1, 2, 3}"),
        (set(), "set()"),
        (frozenset({"a"}), "frozenset({'a'})"),
        (frozenset(), "frozenset()"),
        (
            Record("billing.models.Invoice", {"total": Decimal("1.0"), "to": None}),
            "Invoice(total=1.0, to=None)",
        ),
        (Member("billing.Status", "PAID", 3), "Status.PAID"),
        (Cell("postgresql", NUMBER, "95.00"), "95.00"),
        (Cell("postgresql", "character(5)", "AB   "), "'AB···'"),
        (Cell("postgresql", "date", None), "NULL"),
        (TWO_ROWS, "2 rows (id, code): ('1', 'A·'), ('2', NULL)"),
        (Rows("sqlite", (Column("n", "int"),), ()), "0 rows (n)"),
        (changed(), "{'ledger': no row changed}"),
        (
            changed(inserted=TWO_ROWS, deleted=[{"id": 3}]),
            "{'ledger': 2 rows inserted (id, code): ('1', 'A·'), ('2', NULL); 1 row deleted: {'id': 3}}",
        ),
        (
            changed(before=ONE_ROW, after=OTHER_ROW),
            "{'ledger': 1 row updated (id, code): ('1', 'A·') -> ('1', 'B')}",
        ),
        (
            changed(inserted="none"),
            "{'ledger': {'after': [], 'before': [], 'deleted': [], 'inserted': 'none'}}",
        ),
        (Response(404, (), b"gone", "Not Found"), "404 Not Found, b'gone'"),
        (Response(200, (), b""), "200, b''"),
        (Raised(("billing.CreditLimit", "builtins.Exception"), "too much"), "CreditLimit: too much"),
        (Raised(("raise_exception",), "no", "P0001"), "raise_exception P0001: no"),
        (Raised(("E",), ""), "E"),
    ],
)
def test_values_are_short_and_readable(value: object, shown: str) -> None:
    assert show(value) == shown


def test_long_values_are_cut_with_an_ellipsis() -> None:
    assert show("x" * 50, 10) == "'xxxxxxxx…"
    assert show(list(range(10_000)), 20) == "[0, 1, 2, 3, 4, 5, …"
    assert show(10**5_000).endswith("…000000000000 (16610 bits)")
    assert len(show({"k": "v" * 10**6})) <= LONGEST


def test_a_deep_value_does_not_exhaust_the_stack() -> None:
    value: object = 1
    for _ in range(200):
        value = [value]
    assert show(value) == "[" * 200 + "1" + "]" * 200


@pytest.mark.parametrize(
    ("legacy", "candidate", "left", "right"),
    [
        (Decimal("95.00"), Decimal("100.00"), "95.00", "100.00"),
        (Decimal("1.0"), 1.0, "1.0 (Decimal)", "1.0 (float)"),
        (Cell("postgresql", NUMBER, "7"), 7, f"7 ({NUMBER})", "7 (int)"),
        ("7", 7, "'7'", "7"),
        (date(2024, 3, 1), "2024-03-01", "2024-03-01", "'2024-03-01'"),
        ((1, 2), [1, 2], "(1, 2)", "[1, 2]"),
        (None, ABSENT, "None", "(absent)"),
        (Cell("postgresql", "text", None), None, "NULL", "None"),
        ("\u00e9", "e\u0301", r"'\xe9'", r"'e\u0301'"),
        ("a\r\nb", "a\nb", r"'a\r\nb'", r"'a\nb'"),
        ("AB ", "AB", "'AB·'", "'AB'"),
        ("fi", "ﬁ", "'fi'", r"'\ufb01'"),
        (Record("a.X", {"n": 1}), Record("b.X", {"n": 1}), "X(n=1) (a.X)", "X(n=1) (b.X)"),
    ],
)
def test_a_pair_shows_what_differs(legacy: object, candidate: object, left: str, right: str) -> None:
    assert show_pair(legacy, candidate, 60) == (left, right)


def test_types_are_added_where_they_are_the_point() -> None:
    assert show_pair(Decimal("95.00"), 95, 30, typed=True) == ("95.00 (Decimal)", "95 (int)")
    assert show_pair(None, "x", 30, typed=True) == ("None", "'x' (str)")


def test_long_texts_are_shown_around_their_first_difference() -> None:
    before, after = "word " * 400, " rest" * 400
    left, right = show_pair(f"{before}fourteen{after}", f"{before}thirty{after}", 60)
    assert left.startswith("…'word word word fourteen rest")
    assert right.startswith("…'word word word thirty rest")
    assert left.endswith("…")


def test_texts_that_differ_at_their_end_show_the_end() -> None:
    assert show_pair("x" * 500, "x" * 500 + "!", 40) == (f"…'{'x' * 20}'", f"…'{'x' * 20}!'")


def test_long_containers_that_differ_late_are_shown_there() -> None:
    left, right = show_pair([*range(100), "a"], [*range(100), "b"], 40)
    assert left == "…96, 97, 98, 99, 'a']"
    assert right == "…96, 97, 98, 99, 'b']"


def test_an_input_is_one_line_of_names_and_values() -> None:
    assert show_input({"customer_id": 7, "on": date(2024, 3, 1)}) == "customer_id=7 on=2024-03-01"
    assert show_input({}) == ""


def test_a_long_input_names_every_argument() -> None:
    line = show_input({"letter": "x" * 500, "customer_id": 7, "lines": list(range(100))}, 80)
    assert columns(line) <= 80
    assert "letter='xxx" in line
    assert "customer_id=7" in line
    assert "lines=[0, 1" in line


EQUAL_LOOKING = [1, 1.0, True, "1", Decimal(1), Decimal("1.0"), b"1", [1], (1,), {1}, frozenset({1}), {1: 1}]


@pytest.mark.parametrize(("one", "other"), list(combinations(EQUAL_LOOKING, 2)))
def test_no_two_different_values_look_the_same(one: object, other: object) -> None:
    left, right = show_pair(one, other, 60)
    assert left != right


@given(VALUES, VALUES, st.integers(20, 120))
def test_any_pair_fits_its_width_and_is_harmless(legacy: object, candidate: object, width: int) -> None:
    for shown in show_pair(legacy, candidate, width):
        assert columns(shown) <= width
        assert shown.isprintable()


@given(TEXTS, TEXTS)
def test_two_different_texts_never_look_the_same(legacy: str, candidate: str) -> None:
    left, right = show_pair(legacy, candidate, 80)
    assert (left == right) == values_equal(legacy, candidate)


@given(VALUES)
def test_a_value_always_looks_the_same(value: object) -> None:
    assert show(value) == show(value)
    assert len(show(value)) <= LONGEST
