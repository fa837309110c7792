"""Every value comes back from its text as what it was, to the type, and no two values share a text."""

from __future__ import annotations

import math
import os
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_characterize.codec import canonical, dumps, from_tagged, loads, to_tagged, values_equal
from pytest_characterize.freezing import freeze
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

EXAMPLES = 20_000 if os.environ.get("CHARACTERIZE_TORTURE") else 2_000
THOROUGH = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ATTRIBUTES: dict[type, tuple[str, ...]] = {
    Record: ("type", "fields"),
    Member: ("type", "name", "value"),
    Cell: ("dialect", "type", "text"),
    Column: ("name", "type"),
    Rows: ("dialect", "columns", "rows", "ordered"),
    Response: ("status", "headers", "body", "reason"),
    Raised: ("types", "message", "code", "details"),
}


def same(one: Any, other: Any) -> bool:
    """Strict equality, written without the codec."""
    if type(one) is not type(other):
        return False
    match one:
        case float():
            return repr(one) == repr(other)
        case Decimal():
            return str(one) == str(other)
        case datetime() | time():
            return (
                one.replace(tzinfo=None) == other.replace(tzinfo=None)
                and one.fold == other.fold
                and zone_of(one.tzinfo) == zone_of(other.tzinfo)
            )
        case list() | tuple():
            return len(one) == len(other) and all(map(same, one, other))
        case set() | frozenset():
            return same_members(list(one), list(other))
        case dict():
            return same_members(list(one.items()), list(other.items()))
        case _ if type(one) in ATTRIBUTES:
            return all(same(getattr(one, name), getattr(other, name)) for name in ATTRIBUTES[type(one)])
        case _:
            return bool(one == other)


def same_members(ones: list[Any], others: list[Any]) -> bool:
    for one in ones:
        index = next((index for index, other in enumerate(others) if same(one, other)), None)
        if index is None:
            return False
        del others[index]
    return not others


def zone_of(zone: tzinfo | None) -> object:
    if isinstance(zone, ZoneInfo):
        return zone.key
    return zone and (zone.utcoffset(None), zone.tzname(None))


TEXTS = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    [
        "$decimal",
        "$",
        "\r\n",
        "\x00",
        "\u2028",
        "e\u0301",
        "\u00e9",
        "\ud83d\ude00",
        "\U0001f600",
        "\\ud800",
        "null",
    ]
)
OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)) | st.sampled_from(
    [timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(seconds=-1), timedelta(hours=1)]
)
ZONES = (
    st.none()
    | st.just(UTC)
    | st.builds(timezone, OFFSETS)
    | st.builds(timezone, OFFSETS, TEXTS)
    | st.sampled_from(["UTC", "Etc/GMT", "GMT", "Europe/Paris", "America/St_Johns", "Asia/Kathmandu"]).map(
        ZoneInfo
    )
)


@st.composite
def some_text(draw: st.DrawFn) -> str:
    return draw(TEXTS)


@st.composite
def some_zone(draw: st.DrawFn) -> tzinfo | None:
    """Composite like the texts, as Hypothesis builds the ``repr`` of the whole strategy otherwise."""
    return draw(ZONES)


texts, zones = some_text(), some_zone()
decimals = st.decimals() | st.builds(
    lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
    st.sampled_from([0, 1]),
    st.lists(st.integers(0, 9), min_size=1, max_size=30).map(tuple),
    st.integers(-40, 40) | st.sampled_from(["F", "n", "N"]),
)
hashable_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-2, max_value=2).map(lambda small: 10**600 + small)
    | st.floats()
    | texts
    | st.binary(max_size=12)
    | decimals.filter(lambda number: not number.is_snan())
    | st.dates()
    | st.times(timezones=zones)
    | st.datetimes(timezones=zones, allow_imaginary=True)
    | st.timedeltas()
    | st.uuids()
)
details = st.dictionaries(texts, hashable_scalars, max_size=3)
columns = st.lists(st.builds(Column, texts, texts), max_size=4).map(tuple)
rows = columns.flatmap(
    lambda found: st.builds(
        Rows,
        texts,
        st.just(found),
        st.lists(st.tuples(*[st.none() | texts] * len(found)), max_size=3).map(tuple),
        st.booleans(),
    )
)
bodies = st.binary(max_size=20) | texts.map(lambda text: text.encode("utf-8", "replace") * 3)
responses = st.builds(
    Response, st.integers(100, 599), st.lists(st.tuples(texts, texts), max_size=3).map(tuple), bodies, texts
)
hashables = st.recursive(
    hashable_scalars | st.builds(Cell, texts, texts, st.none() | texts) | st.just(ABSENT) | rows | responses,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.frozensets(inner, max_size=3)
        | st.builds(Member, texts, texts, inner)
        | st.builds(Record, texts, st.dictionaries(texts, inner, max_size=2))
    ),
    max_leaves=4,
)
values = st.recursive(
    hashables | decimals,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(hashables | texts, inner, max_size=4)
        | st.sets(hashables, max_size=4)
        | st.builds(Record, texts, st.dictionaries(texts, inner, max_size=3))
        | st.builds(Raised, st.lists(texts, max_size=2).map(tuple), texts, texts, details)
    ),
    max_leaves=8,
)
few = st.sampled_from(
    [
        *(0, 1, True, 1.0, 0.0, -0.0, math.nan, "1", "", None, b"1", Decimal(1), Decimal("1.0")),
        *(date(2024, 3, 1), datetime(2024, 3, 1), UUID(int=1), timedelta(1), time(0), ABSENT),
    ]
)
near = st.recursive(
    few,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(few, inner, max_size=1)
        | st.sets(few, max_size=1)
        | st.frozensets(few, max_size=1)
    ),
    max_leaves=2,
)


@pytest.mark.torture
@THOROUGH
@given(values)
def test_round_trip(value: Value) -> None:
    text = dumps(value)
    again = loads(text, "golden.json")
    assert same(value, again)
    assert text.isascii()
    assert dumps(again) == text
    assert canonical(again) == canonical(value)
    assert values_equal(value, again)
    assert same(freeze(value), value)


@pytest.mark.torture
@THOROUGH
@given(near, near)
def test_equal_bytes_mean_equal_values(one: Value, other: Value) -> None:
    assert (canonical(one) == canonical(other)) == same(one, other)
    assert (dumps(one) == dumps(other)) == same(one, other)


@pytest.mark.torture
@settings(THOROUGH, max_examples=EXAMPLES // 10)
@given(st.dictionaries(texts, values, max_size=3))
def test_identity_survives_storing(given_input: dict[str, Value]) -> None:
    descriptor = {"kind": "function", "target": "a:b"}
    stored = from_tagged(to_tagged(given_input), "golden.json")
    assert case_id(descriptor, stored) == case_id(descriptor, given_input)
    assert case_id(descriptor, dict(reversed(given_input.items()))) == case_id(descriptor, given_input)
