"""Pairs of different values that a lossy format stores alike; each must still differ after storing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pytest_characterize.codec import canonical, dumps, loads, values_equal
from pytest_characterize.identity import case_id
from pytest_characterize.values import (
    ABSENT,
    Cell,
    Column,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)


def nested(leaf: Value, depth: int) -> Value:
    for _ in range(depth):
        leaf = [leaf]
    return leaf


def rows(*texts: str | None, name: str = "a", type: str = "text", ordered: bool = True) -> Rows:  # noqa: A002
    return Rows("postgresql", (Column(name, type),), tuple((text,) for text in texts), ordered)


NOON = datetime(2024, 3, 1, 12)
PARIS = ZoneInfo("Europe/Paris")
DOUBLED = datetime(2024, 10, 27, 2, 30, tzinfo=PARIS)

PAIRS: dict[str, tuple[Value, Value]] = {
    # numbers
    "scale of a decimal": (Decimal("1.0"), Decimal("1.00")),
    "decimal and float": (Decimal("1.5"), 1.5),
    "decimal and int": (Decimal(1), 1),
    "decimal and its text": (Decimal("1.00"), "1.00"),
    "decimal and its repr": (Decimal("1.00"), "Decimal('1.00')"),
    "exponent of a decimal": (Decimal("100"), Decimal("1E+2")),
    "sign of a decimal zero": (Decimal("0.00"), Decimal("-0.00")),
    "scale of a decimal zero": (Decimal("0"), Decimal("0E+3")),
    "quiet and signalling NaN": (Decimal("NaN"), Decimal("sNaN")),
    "payload of a NaN": (Decimal("NaN"), Decimal("NaN7")),
    "decimal and float NaN": (Decimal("NaN"), math.nan),
    "decimal infinities": (Decimal("Infinity"), Decimal("-Infinity")),
    "int and float": (1, 1.0),
    "true and one": (True, 1),
    "false and zero": (False, 0),
    "true and 1.0": (True, 1.0),
    "sign of a float zero": (0.0, -0.0),
    "float infinities": (math.inf, -math.inf),
    "NaN and null": (math.nan, None),
    "NaN and its text": (math.nan, "nan"),
    "int and its text": (7, "7"),
    "neighbouring floats": (0.1 + 0.2, 0.3),
    "ints beyond floats": (2**53, 2**53 + 1),
    "int and float beyond floats": (2**60, float(2**60)),
    "ints beyond decimal digits": (10**5000, 10**5000 + 1),
    "sign of a long int": (10**5000, -(10**5000)),
    "long int and its text": (10**5000, hex(10**5000)),
    # nothing
    "null and its text": (None, "null"),
    "null and empty": (None, ""),
    "null and absent": (None, ABSENT),
    "null and zero": (None, 0),
    "null and an empty list": (None, []),
    "true and its text": (True, "true"),
    # texts and bytes
    "line ends": ("a\r\nb", "a\nb"),
    "old line ends": ("a\rb", "a\nb"),
    "composed and decomposed": ("\u00e9", "e\u0301"),
    "compatibility forms": ("\ufb01", "fi"),
    "trailing blank": ("a", "a "),
    "trailing line end": ("a", "a\n"),
    "no-break space": ("a b", "a\u00a0b"),
    "line separator": ("a\u2028b", "a\nb"),
    "NUL": ("a\x00", "a"),
    "byte order mark": ("\ufeffa", "a"),
    "lone surrogates and their pair": ("\ud83d\ude00", "\U0001f600"),
    "surrogate and its escape": ("\ud800", "\\ud800"),
    "surrogate and replacement": ("\ud800", "\ufffd"),
    "bytes and text": (b"a", "a"),
    "bytes and their repr": (b"a", "b'a'"),
    "bytes and their base64": (b"a", "YQ=="),
    "case": ("a", "A"),
    # times
    "date and its text": (date(2024, 3, 1), "2024-03-01"),
    "date and midnight": (date(2024, 3, 1), datetime(2024, 3, 1)),
    "naive and aware": (NOON, NOON.replace(tzinfo=UTC)),
    "UTC and the zone of that name": (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=ZoneInfo("UTC"))),
    "two zones without offset": (
        NOON.replace(tzinfo=ZoneInfo("UTC")),
        NOON.replace(tzinfo=ZoneInfo("Etc/GMT")),
    ),
    "UTC and London": (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=ZoneInfo("Europe/London"))),
    "UTC and a named zero": (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=timezone(timedelta(0), "GMT"))),
    "one instant, two offsets": (
        NOON.replace(tzinfo=UTC),
        NOON.replace(hour=13, tzinfo=timezone(timedelta(hours=1))),
    ),
    "zone and its offset": (NOON.replace(tzinfo=PARIS), NOON.replace(tzinfo=timezone(timedelta(hours=1)))),
    "offset with seconds": (
        NOON.replace(tzinfo=timezone(timedelta(hours=1))),
        NOON.replace(tzinfo=timezone(timedelta(hours=1, seconds=1))),
    ),
    "offset of a microsecond": (
        NOON.replace(tzinfo=UTC),
        NOON.replace(tzinfo=timezone(timedelta(microseconds=1))),
    ),
    "sign of an offset of a microsecond": (
        time(12, tzinfo=timezone(timedelta(microseconds=1))),
        time(12, tzinfo=timezone(timedelta(microseconds=-1))),
    ),
    "fold in a zone": (DOUBLED, DOUBLED.replace(fold=1)),
    "fold without a zone": (NOON, NOON.replace(fold=1)),
    "microseconds": (NOON, NOON.replace(microsecond=1)),
    "time and its text": (time(12), "12:00:00"),
    "time with and without zone": (time(12), time(12, tzinfo=UTC)),
    "zones of a time": (time(12, tzinfo=PARIS), time(12, tzinfo=ZoneInfo("Europe/Berlin"))),
    "fold of a time": (time(12), time(12, fold=1)),
    "span and seconds": (timedelta(seconds=60), 60),
    "sign of a span": (timedelta(seconds=1), timedelta(seconds=-1)),
    # identifiers
    "UUID and its text": (UUID(int=1), str(UUID(int=1))),
    "UUID and int": (UUID(int=1), 1),
    # containers
    "tuple and list": ((1, 2), [1, 2]),
    "empty tuple and list": ((), []),
    "set and frozenset": ({1}, frozenset({1})),
    "set and list": ({1}, [1]),
    "empty set and dict": (set(), {}),
    "order of a list": ([1, 2], [2, 1]),
    "one and two": ([1], [1, 1]),
    "list in a list": ([], [[]]),
    "number and text as key": ({1: "a"}, {"1": "a"}),
    "number as key, or nothing": ({1: "a"}, {}),
    "true and one as key": ({True: "a"}, {1: "a"}),
    "null and its text as key": ({None: "a"}, {"null": "a"}),
    "tuple and list-like key": ({(1,): "a"}, {1: "a"}),
    "decimal keys": ({Decimal("1.0"): "a"}, {Decimal("1.00"): "a"}),
    "dict and its pairs": ({1: "a"}, [[1, "a"]]),
    "key with null and no key": ({"a": None}, {}),
    "composed and decomposed key": ({"\u00e9": 1}, {"e\u0301": 1}),
    "leaf at depth 105": (nested(1, 105), nested(2, 105)),
    "type of a leaf at depth 198": (nested((), 198), nested([], 198)),
    "depth": (nested(1, 105), nested(1, 106)),
    # what looks like our own tags
    "decimal and a dict like its tag": (Decimal("1.00"), {"$decimal": "1.00"}),
    "tuple and a dict like its tag": ((1,), {"$tuple": [1]}),
    "absent and a dict like its tag": (ABSENT, {"$absent": True}),
    "dict and a dict like its tag": ({1: 2}, {"$map": [[1, 2]]}),
    "surrogate and a dict like its tag": ("\ud800", {"$str16": "\\ud800"}),
    # classes of ours
    "record and dict": (Record("m.C", {"a": 1}), {"a": 1}),
    "types of a record": (Record("m.C", {"a": 1}), Record("m.D", {"a": 1})),
    "member and its value": (Member("m.E", "A", 1), 1),
    "member and its name": (Member("m.E", "A", 1), "A"),
    "members of one value": (Member("m.E", "A", 1), Member("m.E", "B", 1)),
    "cell and its text": (Cell("postgresql", "text", "a"), "a"),
    "padding of a cell": (Cell("postgresql", "character(2)", "a "), Cell("postgresql", "character(2)", "a")),
    "type of a cell": (Cell("postgresql", "numeric", "1"), Cell("postgresql", "integer", "1")),
    "dialect of a cell": (Cell("postgresql", "text", "1"), Cell("mysql", "text", "1")),
    "null and empty cell": (Cell("mysql", "text", None), Cell("mysql", "text", "")),
    "null and empty in a row": (rows(None), rows("")),
    "null and its text in a row": (rows(None), rows("null")),
    "no row and a row of null": (rows(), rows(None)),
    "order of rows": (rows("1", "2"), rows("2", "1")),
    "whether rows have an order": (rows("1"), rows("1", ordered=False)),
    "name of a column": (rows("1"), rows("1", name="b")),
    "type of a column": (rows("1", type="integer"), rows("1", type="bigint")),
    "body and its text": (Response(200, (), b"a"), Response(200, (), b"a\n")),
    "line ends of a body": (Response(200, (), b"a\r\nb\r\nc"), Response(200, (), b"a\nb\nc")),
    "encodings of a body": (
        Response(200, (), "\u00e9".encode()),
        Response(200, (), "\u00e9".encode("latin-1")),
    ),
    "status": (Response(200, (), b""), Response(201, (), b"")),
    "order of headers": (Response(200, (("a", "1"), ("b", "2")), b""), Response(200, (("b", "2"), ("a", "1")), b"")),
    "one header or two": (Response(200, (("a", "1, 2"),), b""), Response(200, (("a", "1"), ("a", "2")), b"")),
    "case of a header": (Response(200, (("A", "1"),), b""), Response(200, (("a", "1"),), b"")),
    "class of an exception": (Raised(("m.A", "builtins.Exception"), "x"), Raised(("m.B", "builtins.Exception"), "x")),
    "base of an exception": (Raised(("m.A",), "x"), Raised(("m.A", "builtins.Exception"), "x")),
    "code of an exception": (Raised(("m.A",), "x", "22012"), Raised(("m.A",), "x")),
    "message of an exception": (Raised(("m.A",), "x"), Raised(("m.A",), "")),
    "details of an exception": (Raised(("m.A",), "x", "", {"a": 1}), Raised(("m.A",), "x", "", {"a": True})),
    "exception and its text": (Raised(("m.A",), "x"), "x"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS.keys())
def test_a_pair_differs_after_storing(one: Value, other: Value) -> None:
    texts = dumps(one), dumps(other)
    assert texts[0] != texts[1]
    stored = loads(texts[0], "one.json"), loads(texts[1], "other.json")
    assert values_equal(stored[0], one)
    assert values_equal(stored[1], other)
    assert type(stored[0]) is type(one)
    assert type(stored[1]) is type(other)
    assert not values_equal(*stored)
    assert canonical(stored[0]) != canonical(stored[1])


def places(value: Value) -> Iterator[Value]:
    """Where a value may stand."""
    yield [value]
    yield (0, value)
    yield {"key": value}
    yield {1: value}
    yield Record("m.C", {"field": value})
    yield Member("m.E", "A", value)
    yield Raised(("m.A",), "x", "", {"detail": value})


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS.keys())
def test_a_pair_differs_wherever_it_stands(one: Value, other: Value) -> None:
    for one_placed, other_placed in zip(places(one), places(other), strict=True):
        text = dumps(one_placed)
        assert text != dumps(other_placed)
        assert dumps(loads(text, "one.json")) == text


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS.keys())
def test_a_pair_makes_two_cases(one: Value, other: Value) -> None:
    descriptor = {"kind": "function", "target": "a:b"}
    assert case_id(descriptor, {"x": one}) != case_id(descriptor, {"x": other})


def hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize(
    ("one", "other"),
    [pair for pair in PAIRS.values() if all(map(hashable, pair)) and pair[0] != pair[1]],
    ids=[name for name, pair in PAIRS.items() if all(map(hashable, pair)) and pair[0] != pair[1]],
)
def test_a_pair_stays_two_members_and_two_keys(one: Value, other: Value) -> None:
    members = loads(dumps({one, other}), "members.json")
    assert len(members) == 2
    assert values_equal(members, {other, one})
    keys = loads(dumps({one: 1, other: 2}), "keys.json")
    assert values_equal(keys, {other: 2, one: 1})


def test_there_are_enough_pairs() -> None:
    assert len(PAIRS) >= 60
