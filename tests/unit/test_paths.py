from __future__ import annotations

from datetime import date

import pytest

from pytest_characterize.paths import LocatedError, join_path, show_part


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("lines", ".lines"),
        ("unit_price", ".unit_price"),
        ("content-type", ".content-type"),
        ("unit price", '["unit price"]'),
        ("", '[""]'),
        ("7", '["7"]'),
        ("a.b", '["a.b"]'),
        ('a"b', '["a\\"b"]'),
        ("caf\u00e9\n\ud800", '["caf\\u00e9\\n\\ud800"]'),
        (7, "[7]"),
        (date(2024, 3, 1), "[2024-03-01]"),
        (None, "[None]"),
        (int, "[int key]"),
    ],
)
def test_part(part: object, text: str) -> None:
    assert show_part(part) == text


def test_path() -> None:
    assert join_path([]) == "$"
    assert join_path(["lines", 2, "price"]) == "$.lines[2].price"
    assert join_path(["tables", "ledger"], "$effects") == "$effects.tables.ledger"


def test_a_complaint_learns_its_path_on_the_way_up() -> None:
    error = LocatedError("is wrong", "slug", "do better")
    assert error.path == "$"
    assert error.under(2).under("lines") is error
    assert error.path == "$.lines[2]"
    assert (error.message, error.slug, error.hint) == ("is wrong", "slug", "do better")


def test_a_long_way_is_told_by_its_ends() -> None:
    error = LocatedError("is wrong")
    error.under("end")
    for _ in range(500):
        error.under(0)
    error.under("start")
    assert error.path.startswith("$.start[0][0]")
    assert error.path.endswith("[0][0].end")
    assert len(error.path) < 200
