"""Dictionaries, records, sets: by key and element, to the type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from compare_support import differences, told

from pytest_characterize.model import Kind
from pytest_characterize.values import ABSENT, Member, Record


def test_keys_of_one_side_only() -> None:
    missing, value, extra = differences({"a": 1, "b": 2}, {"b": 3, "c": None})
    assert (missing.path, missing.kind, missing.legacy, missing.candidate) == ("$.a", Kind.MISSING, 1, ABSENT)
    assert (value.path, value.kind) == ("$.b", Kind.VALUE)
    assert (extra.path, extra.kind, extra.legacy, extra.candidate) == ("$.c", Kind.EXTRA, ABSENT, None)


def test_differences_come_in_the_documents_order() -> None:
    legacy = {"z": [1, {"q": 1, "b": [1, 2]}], "a": 1, "m": {"x": 1}}
    candidate = {"m": {"x": 2}, "a": 2, "z": [2, {"q": 2, "b": [1, 3]}]}
    paths = [path for path, _ in told(legacy, candidate)]
    assert paths == ["$.z[0]", "$.z[1].q", "$.z[1].b[1]", "$.a", "$.m.x"]


def test_the_type_of_a_key_counts() -> None:
    assert told({1: "a"}, {True: "a"}) == [("$[1]", "missing"), ("$[True]", "extra")]
    assert told({1: "a"}, {1.0: "a"}) == [("$[1]", "missing"), ("$[1.0]", "extra")]
    assert told({"1": "a"}, {1: "a"}) == [('$["1"]', "missing"), ("$[1]", "extra")]
    assert told({Decimal("1.0"): "a"}, {Decimal("1.00"): "a"}) == [
        ("$[1.0]", "missing"),
        ("$[1.00]", "extra"),
    ]
    assert told({0.0: "a"}, {-0.0: "a"}) == [("$[0.0]", "missing"), ("$[-0.0]", "extra")]
    assert told({(1, 2): "a"}, {(True, 2): "a"}) == [('$["(1, 2)"]', "missing"), ('$["(True, 2)"]', "extra")]


def test_equal_instants_are_two_keys() -> None:
    noon = datetime(2024, 3, 1, 12, tzinfo=UTC)
    one = noon.astimezone(timezone(timedelta(hours=1)))
    assert noon == one
    assert [kind for _, kind in told({noon: 1}, {one: 1})] == ["missing", "extra"]


def test_mixed_keys_are_found_wherever_they_are() -> None:
    legacy = {"a": 1, 2: "b", None: 3, (4, 5): [6]}
    assert told(legacy, {(4, 5): [6], None: 3, 2: "b", "a": 1}) == []
    assert told(legacy, {(4, 5): [7], None: 3, 2: "b", "a": 1}) == [('$["(4, 5)"][0]', "value")]


def test_nan_keys_are_counted() -> None:
    def nans(*values: int) -> dict[float, int]:
        return {float("nan"): value for value in values}

    assert told(nans(1, 2), nans(1, 2)) == []
    assert told(nans(1, 2), nans(1, 3)) == [("$[nan]", "value")]
    assert told(nans(1, 2), nans(1)) == [("$[nan]", "missing")]


def test_a_record_is_its_fields() -> None:
    legacy = Record("legacy.Line", {"id": 1, "price": Decimal("1.00")})
    assert told(legacy, Record("app.Line", {"id": 1, "price": Decimal("1.01")})) == [("$.price", "rounding")]
    assert told(legacy, {"id": 1}) == [("$.price", "missing")]
    assert told({"id": 1}, legacy) == [("$.price", "extra")]
    assert told([legacy, legacy], [legacy]) == [("$[1]", "missing")]
    assert told(legacy, {1: "id"}) == [("$.id", "missing"), ("$.price", "missing"), ("$[1]", "extra")]


def test_a_record_is_no_tuple() -> None:
    assert told(Record("a.Point", {"x": 1, "y": 2}), (1, 2)) == [("$", "type")]


def test_sets_by_element() -> None:
    assert told({1, 2, 3}, {3, 1, 2}) == []
    assert told({1, 2}, {1, 3}) == [("$[2]", "missing"), ("$[3]", "extra")]
    assert told({"x": {"a b"}}, {"x": {"c"}}) == [('$.x["a b"]', "missing"), ("$.x.c", "extra")]
    assert told({1}, {True}) == [("$[1]", "missing"), ("$[True]", "extra")]
    assert told({1}, {1.0}) == [("$[1]", "missing"), ("$[1.0]", "extra")]
    assert told(frozenset({(1, 2)}), frozenset({(1, 2)})) == []


def test_sets_of_nan_are_counted() -> None:
    assert told({float("nan"), float("nan")}, {float("nan")}) == [("$[nan]", "missing")]


def test_members_by_name_and_value() -> None:
    low = Member("legacy.Level", "LOW", (1, "x"))
    assert told(low, Member("app.Level", "LOW", (1, "x"))) == []
    (both,) = differences(low, Member("app.Level", "HIGH", (2, "x")))
    assert both.note == "their names and values differ"
