"""Inputs near recorded ones."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.codec import canonical
from pytest_characterize.generate.neighbours import neighbours


@pytest.mark.parametrize(
    ("value", "source", "first"),
    [
        (9, "v_years > 5", [5, 6, 4]),
        (Decimal("40.10"), "total > 100", [Decimal("100.00"), Decimal("100.01"), Decimal("99.99")]),
        (Decimal(3), "x < 0.5", [Decimal(0), Decimal(1), Decimal(-1)]),
        (
            date(2024, 3, 1),
            "p_on > DATE '2020-07-01'",
            [date(2020, 7, 1), date(2020, 7, 2), date(2020, 6, 30)],
        ),
        ("A", "code = 'B7' OR code = ''", ["B7", ""]),
        (True, "flag", [False]),
        (7, "no number in v5 or x.1y", [8, 6, 0, -7]),
        (" a ", "", ["a", " A ", " a  ", ""]),
        (date(9999, 12, 31), "", [date(9999, 12, 30)]),
        (datetime(2024, 1, 1), "'2024-02-02'", [datetime(2024, 1, 2)]),
        (None, "x > 5", []),
    ],
)
def test_the_likeliest_come_first(value: Any, source: str, first: list[Any]) -> None:
    found = [one["x"] for one in islice(neighbours([{"x": value}], source), len(first) or 1)]
    assert found == first
    assert list(map(type, found)) == list(map(type, first))


def test_one_name_is_changed_at_a_time() -> None:
    start = {"a": 1, "b": "x"}
    for one in neighbours([start], "a > 3 AND b = 'y'"):
        assert sum(one[name] != start[name] for name in start) == 1


def test_what_is_known_is_not_asked_for_again() -> None:
    found = list(neighbours([{"x": 9}], "x > 5", known=[{"x": 5}, {"x": 6}]))
    assert [one["x"] for one in found][:2] == [4, 10]
    assert {"x": 5} not in found


@given(
    st.lists(
        st.fixed_dictionaries({"a": st.integers() | st.none(), "b": st.text() | st.dates()}), max_size=4
    ),
    st.text(),
)
def test_every_input_once(inputs: list[dict[str, Any]], source: str) -> None:
    keys = [canonical(dict(one)) for one in islice(neighbours(inputs, source), 200)]
    assert len(keys) == len(set(keys))
    assert not {canonical(dict(one)) for one in inputs} & set(keys)
