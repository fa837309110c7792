"""Strict by default: every pair that people confuse differs, and its kind says how."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from compare_support import differences

from pytest_characterize.model import Kind
from pytest_characterize.values import ABSENT, Cell, Member, Raised, Record, Response, Rows

CET = timezone(timedelta(hours=1))
NOON = datetime(2024, 3, 1, 12, 0)
NAN = float("nan")

PAIRS: list[tuple[Any, Any, Kind, str]] = [
    # types
    (1, True, Kind.TYPE, "int and bool"),
    (0, False, Kind.TYPE, "int and bool"),
    (1, 1.0, Kind.TYPE, "int and float, equal numbers"),
    (1, "1", Kind.TYPE, "int and str, equal numbers"),
    (Decimal("95.00"), 95.0, Kind.TYPE, "Decimal and float, equal numbers"),
    (Decimal("95.00"), 94.0, Kind.TYPE, "Decimal and float"),
    (1, Decimal(1), Kind.TYPE, "int and Decimal, equal numbers"),
    ((1, 2), [1, 2], Kind.TYPE, "tuple and list, equal items"),
    ((1, 2), [1, True], Kind.TYPE, "tuple and list"),
    ({1}, frozenset({1}), Kind.TYPE, "set and frozenset, equal items"),
    (b"a", "a", Kind.TYPE, "bytes and str"),
    (date(2024, 3, 1), "2024-03-01", Kind.TYPE, "date and str, equal texts"),
    (date(2024, 3, 1), datetime(2024, 3, 1), Kind.TYPE, "date and datetime"),
    (UUID(int=1), str(UUID(int=1)), Kind.TYPE, "UUID and str, equal texts"),
    ({}, [], Kind.TYPE, "dict and list"),
    ("", [], Kind.TYPE, "str and list"),
    ("", 0, Kind.TYPE, "str and int"),
    (Member("a.Colour", "RED", "red"), "red", Kind.TYPE, "Member and str"),
    (Record("a.B", {}), [], Kind.TYPE, "Record and list"),
    (Raised(("E",), ""), "E", Kind.TYPE, "Raised and str"),
    (Response(200, (), b""), 200, Kind.TYPE, "Response and int"),
    # nothing
    (None, 0, Kind.NULL, ""),
    (None, "null", Kind.NULL, ""),
    (False, None, Kind.NULL, ""),
    (None, "", Kind.EMPTY, ""),
    ([], None, Kind.EMPTY, ""),
    (None, {}, Kind.EMPTY, ""),
    (None, frozenset(), Kind.EMPTY, ""),
    ("", "abc", Kind.EMPTY, ""),
    (b"abc", b"", Kind.EMPTY, ""),
    ([], [1, 2], Kind.EMPTY, ""),
    ({"a": 1}, {}, Kind.EMPTY, ""),
    (set(), {1}, Kind.EMPTY, ""),
    # numbers
    (1, 2, Kind.VALUE, ""),
    (5, 6, Kind.VALUE, ""),
    (10**400, 10**400 + 1, Kind.VALUE, ""),
    (Decimal("95.00"), Decimal("94.99"), Kind.ROUNDING, "1 unit in the last place (0.01)"),
    (Decimal("95.00"), Decimal("94.98"), Kind.VALUE, ""),
    (Decimal("1.005"), Decimal("1.01"), Kind.ROUNDING, "rounded half up to 2 decimal places"),
    (Decimal("1.00"), Decimal("1.005"), Kind.ROUNDING, "rounded half to even to 2 decimal places"),
    (Decimal("2.67"), Decimal("2.679"), Kind.ROUNDING, "rounded towards zero to 2 decimal places"),
    (Decimal("2.68"), Decimal("2.671"), Kind.ROUNDING, "rounded away from zero to 2 decimal places"),
    (Decimal("-2.68"), Decimal("-2.671"), Kind.ROUNDING, "rounded away from zero"),
    (Decimal("95"), Decimal("95.4"), Kind.ROUNDING, "rounded half up to 0 decimal places"),
    (Decimal("95"), Decimal("96"), Kind.VALUE, ""),
    (Decimal("1.0"), Decimal("1.00"), Kind.SCALE, "equal numbers, 1 and 2 decimal places"),
    (Decimal("100"), Decimal("1E+2"), Kind.SCALE, "equal numbers"),
    (Decimal("0"), Decimal("-0"), Kind.VALUE, "sign of zero"),
    (Decimal("NaN"), Decimal("1"), Kind.VALUE, ""),
    (Decimal("sNaN"), Decimal("1"), Kind.VALUE, ""),
    (Decimal("Infinity"), Decimal("-Infinity"), Kind.VALUE, ""),
    (Decimal("1E+999999"), Decimal("1E-999999"), Kind.VALUE, ""),
    (0.0, -0.0, Kind.VALUE, "sign of zero"),
    (NAN, 1.0, Kind.VALUE, ""),
    (0.1 + 0.2, 0.3, Kind.ROUNDING, "floating-point noise"),
    (0.13, 0.12, Kind.ROUNDING, "1 unit in the last place (0.01)"),
    (0.1, 0.2, Kind.VALUE, ""),
    (3.0, 2.0, Kind.VALUE, ""),
    (12.5, 12.46, Kind.ROUNDING, "rounded half up to 1 decimal place"),
    (12.4, 12.46, Kind.VALUE, ""),
    (True, False, Kind.VALUE, ""),
    # texts
    ("abc", "abd", Kind.VALUE, ""),
    ("a" * 60 + "b", "a" * 60 + "c", Kind.VALUE, "part at character 60"),
    ("AB   ", "AB", Kind.PADDING, "legacy has 3 more trailing blanks"),
    ("AB", "AB ", Kind.PADDING, "the candidate has 1 more trailing blank"),
    ("", "   ", Kind.PADDING, "the candidate has 3 more trailing blanks"),
    ("   950", "950", Kind.PADDING, "legacy has 3 more leading blanks"),
    ("950", " 950", Kind.PADDING, "the candidate has 1 more leading blank"),
    ("Anna ", " Anna", Kind.PADDING, "equal but for blanks at both ends"),
    ("Anna\t", "Anna", Kind.WHITESPACE, "white space is normalised"),
    ("a\r\nb", "a\nb", Kind.WHITESPACE, "line endings"),
    (" a  b", "a b", Kind.WHITESPACE, "white space is normalised"),
    ("Paid", "PAID", Kind.CASE, "case is ignored"),
    ("Straße", "STRASSE", Kind.CASE, "case is ignored"),
    ("PAID  ", "paid", Kind.CASE, "case, blanks"),
    ("e\u0301", "\u00e9", Kind.ENCODING, "normal form C"),
    ("Müller", "MÃ¼ller", Kind.ENCODING, "the candidate has UTF-8 that was read as latin-1"),
    ("â‚¬", "€", Kind.ENCODING, "legacy has UTF-8 that was read as cp1252"),
    ("Müller", "M?ller", Kind.ENCODING, "the candidate lost characters"),
    ("M\ufffdller", "Müller", Kind.ENCODING, "legacy lost characters"),
    ("95.00", "94.99", Kind.ROUNDING, "1 unit in the last place"),
    ("1.0", "1.00", Kind.SCALE, "equal numbers"),
    ("100", "101", Kind.VALUE, ""),
    ("007", "7", Kind.VALUE, ""),
    ("\ud800", "\ud801", Kind.VALUE, ""),
    (b"\x00\xff", b"\x00\xfe", Kind.VALUE, "part at byte 1 of 2 and 2"),
    (b"M\xfcller", "Müller".encode(), Kind.ENCODING, "one in UTF-8 and one in latin-1"),
    (b"AB  ", b"AB", Kind.PADDING, "legacy has 2 more"),
    # times
    (date(2024, 3, 1), date(2024, 3, 2), Kind.VALUE, "1 day later"),
    (date(2024, 3, 1), date(2024, 2, 20), Kind.VALUE, "10 days earlier"),
    (
        NOON.replace(tzinfo=UTC),
        NOON.replace(hour=13, tzinfo=CET),
        Kind.TIMEZONE,
        "same instant, another offset",
    ),
    (NOON, NOON.replace(tzinfo=UTC), Kind.TIMEZONE, "only the candidate has an offset, same wall time"),
    (
        NOON.replace(tzinfo=CET),
        NOON.replace(hour=11),
        Kind.TIMEZONE,
        "only legacy has an offset, 1:00:00 earlier",
    ),
    (NOON, NOON.replace(hour=14), Kind.TIMEZONE, "2:00:00 later"),
    (NOON, NOON - timedelta(minutes=345), Kind.TIMEZONE, "5:45:00 earlier"),
    (NOON, NOON + timedelta(minutes=7), Kind.VALUE, "0:07:00 later"),
    (NOON, NOON + timedelta(days=1), Kind.VALUE, "1 day later"),
    (NOON, NOON + timedelta(hours=20), Kind.VALUE, "20:00:00 later"),
    (NOON.replace(microsecond=123456), NOON, Kind.ROUNDING, "equal to seconds"),
    (
        NOON.replace(microsecond=123456),
        NOON.replace(microsecond=123000),
        Kind.ROUNDING,
        "equal to milliseconds",
    ),
    (datetime.min.replace(tzinfo=CET), datetime.max, Kind.VALUE, "later"),
    (time(12), time(13), Kind.TIMEZONE, "1:00:00 later"),
    (time(12), time(12, 1), Kind.VALUE, "0:01:00 later"),
    (time(12, tzinfo=UTC), time(12, tzinfo=CET), Kind.TIMEZONE, "same wall time, another offset"),
    (timedelta(1), timedelta(2), Kind.VALUE, ""),
    ("2024-03-01T10:00:00Z", "2024-03-01T11:00:00+01:00", Kind.TIMEZONE, "same instant, another offset"),
    ("2024-03-01T10:00:00Z", "2024-03-01T10:00:00+00:00", Kind.TIMEZONE, "written in another way"),
    ("2024-03-01T10:00:00", "2024-03-01 10:00:00", Kind.SCALE, "written in another way"),
    ("2024-03-01T10:00Z", "2024-03-01T10:00", Kind.TIMEZONE, "only legacy has an offset"),
    ("2024-02-30T10:00:00", "2024-02-30T11:00:00", Kind.VALUE, ""),
    # members, cells
    (Member("a.Colour", "RED", "red"), Member("b.Colour", "ROT", "red"), Kind.VALUE, "their names differ"),
    (Member("a.Level", "LOW", 1), Member("b.Level", "LOW", True), Kind.VALUE, "their values differ"),
    (
        Cell("postgresql", "numeric(10,2)", "5.00"),
        Cell("postgresql", "numeric", "5.00"),
        Kind.TYPE,
        "numeric(10,2) and numeric",
    ),
    (
        Cell("postgresql", "jsonb", '{"a": 1}'),
        Cell("postgresql", "jsonb", '{"a":1}'),
        Kind.VALUE,
        "equal values, another text",
    ),
    (Rows("postgresql", (), ()), {"id": 1}, Kind.TYPE, "Rows and dict"),
]


@pytest.mark.parametrize(("legacy", "candidate", "kind", "note"), PAIRS, ids=repr)
def test_a_pair_that_differs(legacy: Any, candidate: Any, kind: Kind, note: str) -> None:
    (found,) = differences(legacy, candidate)
    assert found.path == "$"
    assert found.kind is kind
    assert found.legacy is legacy
    assert found.candidate is candidate
    assert note in found.note if note else found.note == ""


@pytest.mark.parametrize(("legacy", "candidate", "kind", "note"), PAIRS, ids=repr)
def test_the_same_pair_within_containers(legacy: Any, candidate: Any, kind: Kind, note: str) -> None:
    document = {"rows": [{"id": 1}, {"id": 2, "it": [legacy]}, {"id": 3}]}
    other = {"rows": [{"id": 1}, {"id": 2, "it": [candidate]}, {"id": 3}]}
    (found,) = differences(document, other)
    assert (found.path, found.kind) == ("$.rows[1].it[0]", kind)


@pytest.mark.parametrize(("legacy", "candidate", "kind", "_note"), PAIRS, ids=repr)
def test_the_other_way_round(legacy: Any, candidate: Any, kind: Kind, _note: str) -> None:
    (found,) = differences(candidate, legacy)
    assert found.kind is kind
    assert (found.legacy, found.candidate) == (candidate, legacy) or NAN in (legacy, candidate)


EQUALS: list[tuple[Any, Any]] = [
    (NAN, float("nan")),
    (Decimal("NaN"), Decimal("NaN")),
    (Decimal("sNaN"), Decimal("sNaN")),
    (Decimal("1.00"), Decimal("1.00")),
    (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=ZoneInfo("Etc/UTC"))),
    (NOON.replace(tzinfo=CET), NOON.replace(tzinfo=ZoneInfo("Europe/Paris"))),
    (time(12, tzinfo=UTC), time(12, tzinfo=timezone(timedelta(0), "Zulu"))),
    (Member("a.Colour", "RED", "red"), Member("b.Farbe", "RED", "red")),
    (Record("legacy.Line", {"a": 1}), Record("app.Line", {"a": 1})),
    (Record("legacy.Line", {"a": 1}), {"a": 1}),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({1: "a", "x": [1]}, {1: "a", "x": [1]}),
    ("\ud800", "\ud800"),
    (frozenset({1, "a"}), frozenset({"a", 1})),
    ({float("nan")}, {float("nan")}),
]


@pytest.mark.parametrize(("legacy", "candidate"), EQUALS, ids=range(len(EQUALS)))
def test_what_is_not_compared(legacy: Any, candidate: Any) -> None:
    assert differences(legacy, candidate) == ()
    assert differences([{"deep": legacy}], [{"deep": candidate}]) == ()


def test_absent_is_not_none() -> None:
    (missing,) = differences({"a": None, "b": 1}, {"b": 1})
    assert (missing.path, missing.kind) == ("$.a", Kind.MISSING)
    assert missing.legacy is None
    assert missing.candidate is ABSENT
