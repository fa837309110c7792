"""The codec's texts, and what it says of texts that are none of its own."""

from __future__ import annotations

import decimal
import json
import sys
import threading
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pytest_characterize.codec import (
    canonical,
    dumps,
    from_tagged,
    loads,
    parse_json,
    pretty_json,
    to_tagged,
    values_equal,
)
from pytest_characterize.errors import CharacterizeError, StoreError, UnsupportedValueError
from pytest_characterize.values import (
    ABSENT,
    MAX_DEPTH,
    Cell,
    Column,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)

PARIS = ZoneInfo("Europe/Paris")

SPELLINGS: list[tuple[Value, Any]] = [
    (None, None),
    (True, True),
    (7, 7),
    (1.5, 1.5),
    ("a", "a"),
    ([1, "a"], [1, "a"]),
    ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    (Decimal("1.00"), {"$decimal": "1.00"}),
    (Decimal("1E+5"), {"$decimal": "1E+5"}),
    (Decimal("-0.0"), {"$decimal": "-0.0"}),
    (Decimal("-sNaN12"), {"$decimal": "-sNaN12"}),
    (Decimal("-Infinity"), {"$decimal": "-Infinity"}),
    (float("nan"), {"$float": "nan"}),
    (float("-inf"), {"$float": "-inf"}),
    (-0.0, {"$float": "-0.0"}),
    (b"\x00\xff", {"$bytes": "AP8="}),
    (date(2024, 3, 1), {"$date": "2024-03-01"}),
    (datetime(2024, 3, 1, 12), {"$datetime": "2024-03-01T12:00:00"}),
    (datetime(2024, 3, 1, 12, tzinfo=UTC), {"$datetime": "2024-03-01T12:00:00+00:00"}),
    (
        datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=PARIS),
        {"$datetime": "2024-10-27T02:30:00+01:00", "fold": 1, "zone": "Europe/Paris"},
    ),
    (
        datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=1), "CET")),
        {"$datetime": "2024-03-01T00:00:00+01:00", "name": "CET"},
    ),
    (time(12, 0, 0, 5), {"$time": "12:00:00.000005"}),
    (time(12, tzinfo=PARIS), {"$time": "12:00:00", "zone": "Europe/Paris"}),
    (timedelta(days=1, seconds=3), {"$timedelta": "P1DT3S"}),
    (timedelta(microseconds=-1), {"$timedelta": "P-1DT86399.999999S"}),
    (UUID(int=1), {"$uuid": "00000000-0000-0000-0000-000000000001"}),
    ("\ud800\\", {"$str16": "\\ud800\\u005c"}),
    (-(10**600), {"$int": hex(-(10**600))}),
    ((1, (2,)), {"$tuple": [1, {"$tuple": [2]}]}),
    ({2, 10, 1}, {"$set": [1, 10, 2]}),
    (frozenset("ba"), {"$frozenset": ["a", "b"]}),
    ({1: "a", "1": "b"}, {"$map": [["1", "b"], [1, "a"]]}),
    ({"$decimal": "1"}, {"$map": [["$decimal", "1"]]}),
    ({"\udfff": 1}, {"$map": [[{"$str16": "\\udfff"}, 1]]}),
    (Record("m.C", {"b": 1, "a": 2}), {"$record": {"type": "m.C", "fields": {"a": 2, "b": 1}}}),
    (Member("m.E", "A", 1), {"$member": {"type": "m.E", "name": "A", "value": 1}}),
    (Cell("mysql", "int", None), {"$cell": {"dialect": "mysql", "type": "int", "text": None}}),
    (
        Rows("sqlite", (Column("a", "int"), Column("a", "text")), (("1", None),), ordered=False),
        {
            "$rows": {
                "dialect": "sqlite",
                "ordered": False,
                "columns": [["a", "int"], ["a", "text"]],
                "rows": [["1", None]],
            }
        },
    ),
    (
        Response(404, (("A", "b"),), b"gone", "Not Found"),
        {"$response": {"status": 404, "reason": "Not Found", "headers": [["A", "b"]], "body": {"text": "gone"}}},
    ),
    (
        Raised(("m.E", "builtins.Exception"), "no", "P0001", {"hint": None}),
        {
            "$raised": {
                "types": ["m.E", "builtins.Exception"],
                "code": "P0001",
                "message": "no",
                "details": {"hint": None},
            }
        },
    ),
    (ABSENT, {"$absent": True}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "tree"), SPELLINGS, ids=range(len(SPELLINGS)))
def test_spelling(value: Value, tree: Any) -> None:
    assert to_tagged(value) == tree
    assert json.dumps(to_tagged(value)) == json.dumps(tree)
    again = from_tagged(tree, "golden.json")
    assert type(again) is type(value)
    assert values_equal(again, value)


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        (b"", {"text": ""}),
        (b"one line\n", {"text": "one line\n"}),
        (b"one\ntwo\nthree", {"lines": ["one\n", "two\n", "three"]}),
        (b"one\r\ntwo\r\n", {"lines": ["one\r\n", "two\r\n"]}),
        ("caf\u00e9".encode("latin-1"), {"base64": "Y2Fm6Q=="}),
    ],
)
def test_body_of_a_response(body: bytes, tree: Any) -> None:
    response = Response(200, (), body)
    assert to_tagged(response)["$response"]["body"] == tree
    assert from_tagged(to_tagged(response), "golden.json") == response


def test_the_context_of_decimals_decides_nothing() -> None:
    number = Decimal("1.00000E+50")
    with decimal.localcontext(decimal.Context(prec=2, capitals=0, traps=[decimal.Inexact])):
        assert to_tagged(number) == {"$decimal": "1.00000E+50"}
        assert values_equal(loads(dumps(number), "golden.json"), number)


def test_a_set_may_hold_two_nan() -> None:
    two = {float("nan"), float("nan")}
    assert len(loads(dumps(two), "golden.json")) == 2


def test_order_of_keys_and_members_is_no_part_of_a_value() -> None:
    assert dumps({"a": 1, "b": 2}) == dumps({"b": 2, "a": 1})
    assert dumps({1: 1, (2,): 2}) == dumps({(2,): 2, 1: 1})
    assert dumps({"x", "y", "z"}) == dumps({"z", "y", "x"})


# -- what cannot be stored ---------------------------------------------------------------------------------


class Text(str):
    __slots__ = ()


class Level(IntEnum):
    LOW = 1


class Zone(tzinfo):
    def utcoffset(self, _when: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _when: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _when: datetime | None) -> str:
        return "zero"


class Day(date):
    pass


Point = namedtuple("Point", "x y")

UNSTORABLE = [
    object(),
    Text("a"),
    Level.LOW,
    Point(1, 2),
    OrderedDict(a=1),
    Day(2024, 3, 1),
    complex(1, 2),
    bytearray(b"a"),
    range(3),
    iter([1]),
    lambda: 1,
    int,
    ValueError("x"),
    datetime(2024, 3, 1, tzinfo=Zone()),
    NotImplemented,
    ...,
    Cell("postgresql", Text("text"), "a"),
    Rows("postgresql", (Column("a", "text"),), (("a", "b"),)),
    Rows("postgresql", (Column("a", "text"),), ((7,),)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("value", UNSTORABLE, ids=lambda value: type(value).__name__)
def test_exact_types_only(value: Any) -> None:
    for placed, path in (
        (value, "$: "),
        ({"lines": [0, {"handle": value}]}, "$.lines[1].handle: "),
        ({1: (value,)}, "$[1][0]: "),
        ({"a b": Record("m.C", {"field": value})}, '$["a b"].field: '),
        (Raised((), "", "", {"detail": Member("m.E", "A", value)}), "$.detail.value: "),
    ):
        with pytest.raises(UnsupportedValueError) as raised:
            dumps(placed)
        assert raised.value.slug == "value-unsupported"
        assert raised.value.message.startswith(path)


def test_keys_are_values_too() -> None:
    with pytest.raises(UnsupportedValueError) as raised:
        dumps({"a": {Level.LOW: 1}})
    assert "test_codec.Level is not a value" in raised.value.message


def test_the_error_names_the_type() -> None:
    with pytest.raises(UnsupportedValueError, match=r"^\$\.a: .*test_codec\.Level is not a value"):
        to_tagged({"a": Level.LOW})


# -- depth -------------------------------------------------------------------------------------------------


def wrapped(kind: str, value: Value) -> Value:
    match kind:
        case "list":
            return [value]
        case "tuple":
            return (value,)
        case "dict":
            return {"a": value}
        case "map":
            return {1: value}
        case "record":
            return Record("m.C", {"a": value})
        case "raised":
            return Raised(("m.A",), "", "", {"a": value})
        case _:
            return Member("m.E", "A", value)


KINDS = ["list", "tuple", "dict", "map", "record", "raised", "member"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_deepest_value_comes_back(kind: str) -> None:
    value: Value = 1.0
    for _ in range(MAX_DEPTH):
        value = wrapped(kind, value)
    text = dumps(value)
    assert dumps(loads(text, "golden.json")) == text
    assert b"1.0" in canonical(value)
    with pytest.raises(UnsupportedValueError, match="deeper than 200") as raised:
        dumps(wrapped(kind, value))
    assert raised.value.slug == "value-too-deep"
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("kind", KINDS)
def test_a_deeper_text_is_refused(kind: str) -> None:
    inner = json.dumps(to_tagged(wrapped(kind, "LEAF")))
    before, _, after = inner.partition('"LEAF"')
    text = before * (MAX_DEPTH + 1) + "1" + after * (MAX_DEPTH + 1)
    with pytest.raises(StoreError) as raised:
        loads(text, "golden.json")
    assert raised.value.slug == "value-nested-too-deep"
    assert raised.value.message.startswith("golden.json: ")


def at_the_end_of_the_stack(action: Any) -> Exception | None:
    """What happens when the action is called with ever more of the stack left, up to success."""

    def deeper(frames: int) -> None:
        if frames:
            deeper(frames - 1)
        else:
            action()

    for spare in range(10, sys.getrecursionlimit(), 7):
        try:
            deeper(sys.getrecursionlimit() - spare)
        except CharacterizeError as error:
            return error
        except RecursionError:
            continue
    return None


def test_a_short_stack_is_told_as_such() -> None:
    value: Value = 1
    for _ in range(150):
        value = [value]
    for action in (lambda: to_tagged(value), lambda: canonical(value), lambda: dumps(value)):
        error = at_the_end_of_the_stack(action)
        assert isinstance(error, UnsupportedValueError)
        assert error.slug == "value-too-deep"
    text, tree = dumps(value), to_tagged(value)
    for reading in (lambda: parse_json(text, "f.json"), lambda: from_tagged(tree, "f.json")):
        error = at_the_end_of_the_stack(reading)
        assert isinstance(error, StoreError)


# -- damaged texts -----------------------------------------------------------------------------------------

GOOD = '{\n  "a": 1,\n  "b": [1.5, "x"]\n}\n'

BAD: list[tuple[str | bytes, str, int]] = [
    ("", "json-malformed", 1),
    ("   \n \n", "json-malformed", 3),
    ("{", "json-malformed", 1),
    ('{"a"', "json-malformed", 1),
    ('{"a":\n', "json-malformed", 2),
    ('{"a": 1,}', "json-malformed", 1),
    ("[1,\n2,\n]", "json-malformed", 0),
    ('{"a": 1} {"b": 2}', "json-malformed", 1),
    ('{"a": 1}\n]', "json-malformed", 2),
    ('["a\nb"]', "json-malformed", 1),
    ('["\x00"]', "json-malformed", 1),
    ("['a']", "json-malformed", 1),
    ("[01]", "json-malformed", 1),
    ("[.5]", "json-malformed", 1),
    ("[+1]", "json-malformed", 1),
    ("[0x10]", "json-malformed", 1),
    ('["\\x41"]', "json-malformed", 1),
    ('["\\u12"]', "json-malformed", 1),
    ("{1: 2}", "json-malformed", 1),
    ("// comment\n[]", "json-malformed", 1),
    ("nul", "json-malformed", 1),
    ("True", "json-malformed", 1),
    ("a: 1", "json-malformed", 1),
    ("!!python/object:os.system x", "json-malformed", 1),
    ("\u00a0[]", "json-malformed", 1),
    ('{"a": 1, "a": 1}', "json-duplicate-key", 1),
    ('{"a": 1,\n "b": {"c": 1,\n "d": "}",\n "c": 2}}', "json-duplicate-key", 4),
    ('{"a": [{"x": 1}, {"x": 1}],\n "\\u0061": 2}', "json-duplicate-key", 2),
    ('[{"a": 1, "b": 2},\n\n{"$decimal": "1", "$decimal": "2"}]', "json-duplicate-key", 3),
    ("[NaN]", "json-number", 1),
    ('["NaN",\n NaN]', "json-number", 2),
    ("[1,\n-Infinity]", "json-number", 2),
    ("Infinity", "json-number", 1),
    ("[1e400]", "json-number", 1),
    ("[\n-1e999]", "json-number", 2),
    ("[\n" + "9" * 5000 + "]", "json-number", 2),
    ('["' + "9" * 9000 + '",\n -' + "9" * 100_000 + "]", "json-number", 2),
    ("[" * 100_000, "json-too-deep", 1),
    ("[" * 100_000 + "]" * 100_000, "json-too-deep", 1),
    ('{"a":' * 50_000 + "1" + "}" * 50_000, "json-too-deep", 1),
    ('{"a": [' * 50_000, "json-too-deep", 1),
    ("\ufeff[]", "json-encoding", 1),
    (b"\xef\xbb\xbf[]", "json-encoding", 1),
    (b'[\n"\xe9"]', "json-encoding", 2),
    (b'["\xed\xa0\x80"]', "json-encoding", 1),
    (b'["\xc0\x80"]', "json-encoding", 1),
    ("[]".encode("utf-16"), "json-encoding", 1),
    (b"\x1f\x8b\x08\x00", "json-encoding", 1),
    (b"\x00", "json-malformed", 1),
    ('{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> other\n}', "json-conflict", 2),
    ('{\r\n<<<<<<< HEAD\r\n"a": 1\r\n=======\r\n}', "json-conflict", 2),
    ('{\n"a": 1\n=======\n"a": 2\n}', "json-conflict", 3),
    ('{\n"a": 1\n||||||| base\n}', "json-conflict", 3),
    ('{\n"a": 2\n>>>>>>> other\n}', "json-conflict", 3),
]


@pytest.mark.parametrize(("text", "slug", "line"), BAD, ids=range(len(BAD)))
def test_bad_json(text: str | bytes, slug: str, line: int) -> None:
    with pytest.raises(StoreError) as raised:
        parse_json(text, "goldens/a.json")
    error = raised.value
    assert error.slug == slug
    assert error.message.startswith("goldens/a.json, line ")
    assert "\n" not in str(error)
    assert str(error).isascii()
    assert len(str(error)) < 400
    assert error.hint
    assert error.__cause__ is None
    if line:
        assert error.message.startswith(f"goldens/a.json, line {line}: ")


def test_a_truncated_text_is_never_read() -> None:
    text = dumps([value for value, _ in SPELLINGS]).rstrip()
    for length in range(len(text)):
        with pytest.raises(StoreError):
            loads(text[:length], "golden.json")


def test_good_json() -> None:
    assert parse_json(GOOD, "f") == parse_json(GOOD.encode(), "f") == {"a": 1, "b": [1.5, "x"]}
    assert parse_json(GOOD.replace("\n", "\r\n"), "f") == {"a": 1, "b": [1.5, "x"]}
    assert parse_json(json.dumps(["<<<<<<< HEAD", "\n=======\n"], indent=2), "f")
    assert parse_json("-0", "f") == 0
    assert parse_json("9" * 4000, "f") == int("9" * 4000)
    assert parse_json('{"a": {"a": [{"a": 1}]}}', "f")


def test_an_interpreter_with_a_lower_limit_says_the_same() -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert values_equal(loads(dumps(10**599 + 1), "f"), 10**599 + 1)
        assert values_equal(loads(dumps(10**5000), "f"), 10**5000)
        with pytest.raises(StoreError) as raised:
            parse_json("[" + "9" * 700 + "]", "f")
    finally:
        sys.set_int_max_str_digits(limit)
    assert raised.value.slug == "json-number"


# -- damaged values ----------------------------------------------------------------------------------------

DAMAGED: list[Any] = [
    {"$unknown": 1},
    {"$": 1},
    {"$decimal": "1", "$float": "nan"},
    {"$decimal": "1", "note": "x"},
    {"$tuple": [], "note": "x"},
    {"a": 1, "$tuple": []},
    {"$decimal": 1},
    {"$decimal": "x"},
    {"$decimal": ""},
    {"$decimal": "1e5"},
    {"$decimal": " 1"},
    {"$decimal": "1_0"},
    {"$decimal": "\u0661"},
    {"$decimal": "1E+99999999999999999999999"},
    {"$float": "1.5"},
    {"$float": "NaN"},
    {"$float": "infinity"},
    {"$int": "0x7"},
    {"$int": "7"},
    {"$bytes": "AP8"},
    {"$bytes": "A P8="},
    {"$bytes": "\u00e9"},
    {"$bytes": None},
    {"$date": "2024-02-30"},
    {"$date": "20240301"},
    {"$date": "2024-W09-5"},
    {"$datetime": "2024-03-01"},
    {"$datetime": "2024-03-01 12:00:00"},
    {"$datetime": "2024-03-01T12:00:00Z"},
    {"$datetime": "2024-03-01T12:00:00", "fold": 0},
    {"$datetime": "2024-03-01T12:00:00", "fold": 2},
    {"$datetime": "2024-03-01T12:00:00", "fold": "x"},
    {"$datetime": "2024-03-01T12:00:00+01:00", "name": "UTC+01:00"},
    {"$datetime": "2024-03-01T12:00:00+01:00", "name": 1},
    {"$datetime": "2024-03-01T12:00:00+01:00", "name": {"$str17": "x"}},
    {"$datetime": "2024-03-01T12:00:00", "name": "CET"},
    {"$datetime": "2024-03-01T12:00:00+01:00", "zone": 1},
    {"$datetime": "2024-03-01T12:00:00+01:00", "zone": ["Europe/Paris"]},
    {"$time": "24:00:00"},
    {"$time": "12:00"},
    {"$timedelta": "P1D"},
    {"$timedelta": "P0DT86400S"},
    {"$timedelta": "P999999999999DT0S"},
    {"$timedelta": "P0DT1.5S"},
    {"$uuid": "1"},
    {"$uuid": "{00000000-0000-0000-0000-000000000001}"},
    {"$uuid": "00000000-0000-0000-0000-00000000000A"},
    {"$str16": "plain"},
    {"$str16": "\\u0041\\ud800"},
    {"$tuple": {}},
    {"$tuple": None},
    {"$set": [1, 1]},
    {"$set": [1, True]},
    {"$set": [[1]]},
    {"$frozenset": [{"$decimal": "sNaN"}]},
    {"$map": {}},
    {"$map": [[1]]},
    {"$map": [[1, 2, 3]]},
    {"$map": [[1, "a"], [1, "b"]]},
    {"$map": [[[], 1]]},
    {"$map": [1]},
    {"$record": {}},
    {"$record": {"type": "m.C", "fields": {}, "more": 1}},
    {"$record": {"type": 1, "fields": {}}},
    {"$record": {"type": "m.C", "fields": []}},
    {"$record": {"type": "m.C", "fields": {"$decimal": "1"}}},
    {"$record": {"type": "m.C", "fields": {"$map": [[1, 1]]}}},
    {"$record": ["m.C", {}]},
    {"$member": {"type": "m.E", "name": None, "value": 1}},
    {"$cell": {"dialect": "mysql", "type": "int", "text": 1}},
    {"$cell": {"dialect": "mysql", "text": "1"}},
    {"$rows": {"dialect": "mysql", "ordered": 1, "columns": [], "rows": []}},
    {"$rows": {"dialect": "mysql", "ordered": True, "columns": [["a"]], "rows": []}},
    {"$rows": {"dialect": "mysql", "ordered": True, "columns": [["a", "int"]], "rows": [["1", "2"]]}},
    {"$rows": {"dialect": "mysql", "ordered": True, "columns": [["a", "int"]], "rows": [[1]]}},
    {"$rows": {"dialect": "mysql", "ordered": True, "columns": [["a", "int"]], "rows": ["1"]}},
    {"$response": {"status": "200", "reason": "", "headers": [], "body": {"text": ""}}},
    {"$response": {"status": True, "reason": "", "headers": [], "body": {"text": ""}}},
    {"$response": {"status": 200, "reason": "", "headers": [["a"]], "body": {"text": ""}}},
    {"$response": {"status": 200, "reason": "", "headers": {}, "body": {"text": ""}}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": "x"}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": {"text": "", "base64": ""}}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": {"text": "\ud800"}}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": {"base64": "YQ=="}}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": {"base64": "/"}}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": {"lines": ["a", "b"]}}},
    {"$response": {"status": 200, "reason": "", "headers": [], "body": {"lines": [1]}}},
    {"$raised": {"types": "m.E", "code": "", "message": "", "details": {}}},
    {"$raised": {"types": [], "code": None, "message": "", "details": {}}},
    {"$raised": {"types": [], "code": "", "message": "", "details": None}},
    {"$absent": 1},
    {"$absent": False},
    "\ud800",
    {"\ud800": 1},
    -0.0,
    10**600,
]


@pytest.mark.parametrize("tree", DAMAGED, ids=lambda tree: ascii(tree)[:60])
def test_damaged_value(tree: Any) -> None:
    with pytest.raises(StoreError) as raised:
        from_tagged({"lines": [0, tree]}, "goldens/a.json")
    error = raised.value
    assert error.slug == "value-damaged"
    assert error.message.startswith("goldens/a.json: $.lines[1]")
    assert str(error).isascii()
    assert "\n" not in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "key", ["Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "America", "", "Europe/Paris\x00"]
)
def test_a_time_zone_that_this_machine_lacks(key: str) -> None:
    with pytest.raises(StoreError) as raised:
        from_tagged({"$datetime": "2024-03-01T12:00:00+01:00", "zone": key}, "goldens/a.json")
    assert raised.value.slug in ("value-zone-data", "value-damaged")
    assert raised.value.message.startswith("goldens/a.json: $: ")


def test_a_time_zone_of_which_this_machine_says_something_else() -> None:
    with pytest.raises(StoreError) as raised:
        from_tagged({"$datetime": "2024-03-01T12:00:00+02:00", "zone": "Europe/Paris"}, "goldens/a.json")
    assert raised.value.slug == "value-zone-data"
    assert "Europe/Paris" in raised.value.message


# -- the look of a text ------------------------------------------------------------------------------------


def test_pretty() -> None:
    value = {
        "rows": Rows(
            "mysql", (Column("id", "int"), Column("name", "varchar(40)")), (("1", "Ada"), ("2", None))
        ),
        "totals": [Decimal("1.00"), Decimal("2.50")],
        "pair": (1, date(2024, 3, 1)),
        "customer": {"name": "Z\u00fcrich", "tags": [], "more": {}},
        "long": ["x" * 30] * 4,
        "blob": bytes(100),
    }
    assert dumps(value) == (
        "{\n"
        '  "blob": {"$bytes": "' + "A" * 134 + '=="},\n'
        '  "customer": {\n'
        '    "more": {},\n'
        '    "name": "Z\\u00fcrich",\n'
        '    "tags": []\n'
        "  },\n"
        '  "long": [\n' + ",\n".join(['    "' + "x" * 30 + '"'] * 4) + "\n  ],\n"
        '  "pair": {"$tuple": [1, {"$date": "2024-03-01"}]},\n'
        '  "rows": {\n'
        '    "$rows": {\n'
        '      "dialect": "mysql",\n'
        '      "ordered": true,\n'
        '      "columns": [\n'
        '        ["id", "int"],\n'
        '        ["name", "varchar(40)"]\n'
        "      ],\n"
        '      "rows": [\n'
        '        ["1", "Ada"],\n'
        '        ["2", null]\n'
        "      ]\n"
        "    }\n"
        "  },\n"
        '  "totals": [{"$decimal": "1.00"}, {"$decimal": "2.50"}]\n'
        "}\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"total": Decimal("1.00"), "on": date(2024, 3, 1)},
            {"total": Decimal("1.05"), "on": date(2024, 3, 1)},
        ),
        (
            Rows("mysql", (Column("a", "int"),) * 5, (("1",) * 5,) * 50),
            Rows("mysql", (Column("a", "int"),) * 5, (("1",) * 5,) * 30 + (("2",) * 5,) + (("1",) * 5,) * 19),
        ),
        (list(range(100)), [*range(50), -1, *range(51, 100)]),
        (Response(200, (), b"a\nb\nc\n"), Response(200, (), b"a\nB\nc\n")),
    ],
)
def test_one_change_is_one_line(before: Value, after: Value) -> None:
    ones, others = dumps(before).splitlines(), dumps(after).splitlines()
    assert len(ones) == len(others)
    assert sum(one != other for one, other in zip(ones, others, strict=True)) == 1


@pytest.mark.parametrize(
    "tree",
    [
        [],
        {},
        [[]],
        [{}],
        {"": {"": []}},
        [1, [2, [3]]],
        {"$a": {"$b": [1]}},
        {"$a": {}},
        {"$a": []},
        {"$a": 1, "b": [1]},
        {"$a": 1, "b": 2},
        [{"$a": 1}, {"a": 1}],
        ["\ud800", "\udc00", "\U0001f600", '"\\/\b\f\n\r\t\x7f\u2028'],
        [1e22, 5e-324, 1.7976931348623157e308, 10**30, True, None],
    ],
    ids=ascii,
)
def test_pretty_json_is_json(tree: Any) -> None:
    text = pretty_json(tree)
    assert json.loads(text) == tree
    assert text.isascii()
    assert text.endswith("\n")
    assert pretty_json(json.loads(text)) == text


def test_pretty_json_keeps_the_given_order() -> None:
    assert pretty_json({"schema": 1, "case": 2}) == '{\n  "schema": 1,\n  "case": 2\n}\n'


@pytest.mark.parametrize(
    "tree", [(1,), {1}, [Level.LOW], {"a": b""}, Decimal(1), [float("nan")], {"a": float("inf")}]
)
def test_pretty_json_writes_json_only(tree: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        pretty_json(tree)


def test_equal_values_are_those_with_one_canonical_form() -> None:
    several: list[Value] = [
        None,
        True,
        1,
        1.0,
        0.0,
        -0.0,
        "1",
        b"1",
        Decimal(1),
        Decimal("1.0"),
        Decimal("-0"),
    ]
    several += [Decimal("NaN"), Decimal("sNaN"), Decimal("NaN1"), Decimal("1E+2"), Decimal(100), float("nan")]
    several += [False, 0, "", b"", "\ud800", "\\ud800", date(2024, 2, 29), datetime(2024, 2, 29), [], (), {}]
    for one in several:
        for other in several:
            assert values_equal(one, other) == (canonical(one) == canonical(other))


def test_columns_are_named_by_any_text() -> None:
    rows = Rows("postgresql", (Column("\ud800", "text"), Column("n", "int")), (("\udfff", None), ("é", "1")))
    assert loads(dumps(rows), "rows.json") == rows


def test_canonical_is_frozen() -> None:
    """Identities of cases are hashes of these bytes."""
    value = {"b": [1, 1.0, True, None], "a": Decimal("1.00"), "\u00e9": {2: (date(2024, 3, 1),)}}
    assert canonical(value) == (
        b'{"a":{"$decimal":"1.00"},"b":[1,1.0,true,null],"\\u00e9":{"$map":[[2,{"$tuple":[{"$date":"2024-03-01"}]}]]}}'
    )


def test_threads_share_nothing() -> None:
    values = [{"n": number, "d": Decimal(number), "t": (number,)} for number in range(200)]
    expected = [dumps(value) for value in values]
    wrong: list[int] = []

    def work() -> None:
        wrong.extend(index for index, value in enumerate(values) if dumps(value) != expected[index])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
