"""Each detector on a table of pairs: what it says, and where it is silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pytest_characterize.explain import dress, rounding
from pytest_characterize.explain.boundaries import boundary
from pytest_characterize.values import ABSENT


def cents(*pairs: tuple[str, str]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(old), Decimal(new)) for old, new in pairs]


EVEN = cents(("99.53", "99.52"), ("78.11", "78.10"), ("86.79", "86.78"), ("164.59", "164.58"))


@pytest.mark.parametrize(
    ("detect", "pairs", "told"),
    [
        (rounding.half_to_even, EVEN, "the candidate rounds half to even at 2 decimal places: 4 of 4"),
        (
            rounding.half_to_even,
            [(new, old) for old, new in EVEN],
            "legacy rounds half to even at 2 decimal places: 4 of 4",
        ),
        (rounding.half_to_even, EVEN[:3], ""),
        (rounding.half_to_even, [*EVEN, *cents(("1.12", "1.11"))], ""),
        (rounding.half_to_even, [*EVEN, *cents(("1.13", "1.10"))], ""),
        (rounding.half_to_even, [*EVEN, ("x", "y")], ""),
        (
            dress.scale,
            cents(("1.00", "1"), ("2.00", "2")),
            "legacy has 2 decimal places, the candidate 0 decimal places: 2 of 2",
        ),
        (dress.scale, cents(("1.0", "1"), ("2.00", "2")), ""),
        (dress.scale, cents(("1.00", "2")), ""),
        (
            dress.padding,
            [("TEL-1   ", "TEL-1"), ("NET-50  ", "NET-50")],
            "legacy pads to 8 characters, the candidate does not: 2 of 2",
        ),
        (
            dress.padding,
            [("A", "   A"), ("BB", "  BB")],
            "the candidate pads to 4 characters, legacy does not: 2 of 2",
        ),
        (dress.padding, [("A  ", "A"), ("BB  ", "BB")], ""),
        (dress.padding, [("A  ", "B")], ""),
        (dress.letters, [("Berlin", "BERLIN"), ("Bonn", "BONN")], "the candidate has upper case: 2 of 2"),
        (
            dress.letters,
            [("berlin", "Berlin")],
            "the candidate has capitals at the beginning of words: 1 of 1",
        ),
        (dress.letters, [("bErlin", "beRlin")], ""),
        (dress.letters, [("Berlin", "BONN")], ""),
        (
            dress.booleans,
            [("Y", True), ("N", False)],
            "legacy has 'N' for false and 'Y' for true: 2 of 2",
        ),
        (dress.booleans, [(1, True)], "legacy has 1 for true: 1 of 1"),
        (dress.booleans, [(False, "0")], "the candidate has '0' for false: 1 of 1"),
        (dress.booleans, [("N", True)], ""),
        (dress.booleans, [("Y", "N")], ""),
        (dress.nothing, [("", None)], "legacy has an empty text, the candidate null: 1 of 1"),
        (dress.nothing, [(None, "null")], "legacy has null, the candidate the text 'null': 1 of 1"),
        (dress.nothing, [(None, ABSENT)], "legacy has null, the candidate nothing at all: 1 of 1"),
        (dress.nothing, [("x", None)], ""),
        (dress.nothing, [("", None), (None, "")], ""),
        (
            dress.dates,
            [("31/01/2024", "2024-01-31"), ("01/02/2024", "2024-02-01")],
            "legacy writes dates DD/MM/YYYY, the candidate YYYY-MM-DD: 2 of 2",
        ),
        (dress.dates, [("31/01/2024", "2024-01-30")], ""),
        (dress.dates, [("31/01/2024", date(2024, 1, 31))], ""),
        (dress.order, [([1, 2, 3], [3, 2, 1])], "the candidate has the reverse order: 1 of 1"),
        (dress.order, [([1, 1, 2], [1, 2])], "the candidate has each item once: 1 of 1"),
        (dress.order, [([1, 2, 3], [2, 1, 3])], ""),
        (dress.order, [("abc", "cba")], ""),
        (dress.became, [(200, 404)], "200 became 404"),
        (dress.became, [(200, 404), (200, 500)], ""),
        (dress.became, [(True, False)], ""),
        *(
            (detect, [], "")
            for detect in (dress.padding, dress.dates, dress.order, dress.booleans, dress.scale)
        ),
    ],
)
def test_detectors(detect: Callable[[Any], str], pairs: list[Any], told: str) -> None:
    assert detect(pairs) == told


YEARS = [{"years": years, "name": "x"} for years in range(20)]


@pytest.mark.parametrize(
    ("drifting", "conditions", "told"),
    [
        (
            [{"years": 5}, {"years": 5}],
            ["IF p_years > 5"],
            "every drifting case has years = 5, and 1 of 20 others",
        ),
        ([{"years": 5}, {"years": 6}], ["IF p_years > 5"], ""),
        ([{"years": 5}, {"years": 5}], ["IF p_years > 15", "IF x5 = 5.5"], ""),
        ([{"years": 5}, {"years": 5}], [], ""),
        ([{"name": "5"}, {"years": 5}], ["IF p_years > 5"], ""),
        ([], ["IF p_years > 5"], ""),
    ],
)
def test_boundaries(drifting: list[dict[str, Any]], conditions: list[str], told: str) -> None:
    assert boundary(drifting, YEARS, conditions) == told


def test_what_nearly_all_cases_have_is_no_boundary() -> None:
    assert boundary([{"years": 5}] * 2, [{"years": 5}] * 20, ["IF p_years > 5"]) == ""
