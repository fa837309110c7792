"""Who a case is. The vectors below are frozen: an id that changes orphans every user's golden."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_characterize.descriptors import Function, Http, Login, Procedure, Query, Secret, Tables
from pytest_characterize.identity import IDENTITY_VERSION, MAX_SLUG, case_id, slug
from pytest_characterize.model import Case
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

F: dict[str, Value] = {"kind": "function", "target": "a:b"}

VECTORS: list[tuple[Mapping[str, Value], Mapping[str, Value], str]] = [
    (F, {}, "07edfc97547a7f6afd2d4b68e06b0a6f1e348fa0e57e5c7bdaf6345ff8ec5a32"),
    (
        {"kind": "procedure", "source": "billing", "name": "invoice_total"},
        {"customer_id": 7, "on": date(2024, 3, 1)},
        "40af95c4231fc27569ee2d3f841eae9f6c6dabd2e8f1d8dcb599c9d6c21d9bba",
    ),
    (
        {"kind": "query", "source": "billing", "sql": "select 1"},
        {"x": [1, 1.0, True, None, "1", b"1", Decimal("1.00"), -0.0]},
        "84fe5dfc436a81baf881e998ab28ee7a34fc16129cc23271435ae6c16fcb4a01",
    ),
    (
        {"kind": "http", "source": "web", "method": "GET", "path": "/invoice/{id}"},
        {"id": {"a": (1, {2}), 3: frozenset({4})}},
        "5afa20c4ef4d95fabf932dd8d75140be32608aa15bbabc98e70dafa407ccd43f",
    ),
    (
        F,
        {
            "at": datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris")),
            "u": UUID(int=1),
            "d": timedelta(-1, 1, 1),
            "t": time(1, 2, 3, tzinfo=UTC),
        },
        "19dc6c6abb9cf55d8e647b0c7c6d736219dcdb21e9b652f4b323259c95d517fe",
    ),
    (
        F,
        {
            "r": Record("m.C", {"a": 1}),
            "m": Member("m.E", "A", "a"),
            "c": Cell("postgresql", "text", None),
            "s": "\ud800\u00e9",
            "i": 10**700,
            "n": float("nan"),
        },
        "1c33d1e3b51bec7e0ab11f545db9ed4a8d9d0f41585ef2321535de8bb8149d66",
    ),
    (
        F,
        {
            "rows": Rows("mysql", (Column("a", "int"),), (("1",), (None,)), False),
            "resp": Response(200, (("a", "b"),), b"\xff"),
            "exc": Raised(("a.B",), "x", "1", {"k": 1}),
            "abs": ABSENT,
        },
        "54d0de380b0db46fad3f4958d9716c55667f9d460f27ffd431a7002f46569e21",
    ),
]


@pytest.mark.parametrize(("descriptor", "given_input", "expected"), VECTORS, ids=range(len(VECTORS)))
def test_frozen_vector(
    descriptor: Mapping[str, Value], given_input: Mapping[str, Value], expected: str
) -> None:
    assert case_id(descriptor, given_input) == expected
    assert case_id(MappingProxyType(dict(descriptor)), OrderedDict(given_input)) == expected


def test_the_version_belongs_to_the_vectors() -> None:
    assert IDENTITY_VERSION == 1


def test_every_part_of_descriptor_and_input_counts() -> None:
    variants: list[tuple[dict[str, Value], dict[str, Value]]] = [
        (F, {"x": 1}),
        (F, {"x": 2}),
        (F, {"x": 1.0}),
        (F, {"x": True}),
        (F, {"X": 1}),
        (F, {"x": 1, "y": None}),
        (F, {}),
        ({**F, "target": "a:c"}, {"x": 1}),
        ({**F, "source": "s"}, {"x": 1}),
        ({"kind": "function"}, {"target": "a:b", "x": 1}),
        ({}, {**F, "x": 1}),
        ({**F, "x": 1}, {}),
    ]
    assert len({case_id(descriptor, given_input) for descriptor, given_input in variants}) == len(variants)


def test_the_order_of_names_does_not_count() -> None:
    assert case_id({"a": 1, "b": 2}, {"x": 1, "y": 2}) == case_id({"b": 2, "a": 1}, {"y": 2, "x": 1})
    assert slug({"x": 1, "y": 2}) == slug({"y": 2, "x": 1})


def test_how_legacy_is_observed_does_not_count() -> None:
    plain, watched = Procedure("p", source="s"), Procedure("p", source="s", effects=Tables("ledger"))
    assert case_id(plain.identity(), {}) == case_id(watched.identity(), {})
    login = Login("/login", {"user": "u", "password": Secret("PASSWORD")})
    assert case_id(Http("GET", "/x").identity(), {}) == case_id(Http("GET", "/x", login=login).identity(), {})


def test_what_is_asked_of_legacy_counts() -> None:
    descriptors = [
        Function("a:b"),
        Function("a:b", source="s"),
        Procedure("a:b"),
        Query("a:b"),
        Http("GET", "/x"),
        Http("POST", "/x"),
        Http("GET", "/x", query={"a": 1}),
        Http("GET", "/x", query={"a": "1"}),
        Http("GET", "/x", form={"a": 1}),
        Http("GET", "/x", json={"a": 1}),
        Http("GET", "/x", json=[]),
        Http("GET", "/x", headers={"Accept": "text/html"}),
    ]
    assert len({case_id(descriptor.identity(), {}) for descriptor in descriptors}) == len(descriptors)


SLUGS: list[tuple[Mapping[str, Value], str]] = [
    ({}, "case"),
    ({"customer_id": 7, "on": date(2024, 3, 1)}, "customer-id-7-on-2024-03-01"),
    ({"a": None}, "a-none"),
    ({"flag": True}, "flag-true"),
    ({"a": -5}, "a-minus-5"),
    ({"amount": Decimal("-1.50")}, "amount-minus-1-50"),
    ({"a": float("nan")}, "a-nan"),
    ({"a": 10**5000}, "a-0x31e20801036510"),
    ({"q": "\u00e9 \u00f1"}, "q-e-n"),
    ({"q": "\u65e5\u672c"}, "q"),
    ({"\u65e5": "\u672c"}, "case"),
    ({"s": "a\r\nb\x00"}, "s-a-b"),
    ({"n": "\ud800"}, "n"),
    ({"t": "x" * 100}, "t-xxxxxxxxxxxxxxxx"),
    ({"t": "x" * 10_000_000}, "t-xxxxxxxxxxxxxxxx"),
    ({"a": "../../etc/passwd"}, "a-etc-passwd"),
    ({"a": "-" * 50}, "a"),
    ({"at": datetime(2024, 3, 1, 12, 30, 15, tzinfo=UTC)}, "at-2024-03-01-12-30"),
    ({"at": time(12, 30)}, "at-12-30-00"),
    ({"a": [1, 2], "b": {"x": 1}, "c": ()}, "a-2-items-b-1-items-c-0-items"),
    ({"m": Member("m.E", "RED", 1)}, "m-red"),
    ({"c": Cell("postgresql", "text", "a b")}, "c-a-b"),
    ({"c": Cell("postgresql", "text", None)}, "c-null"),
    ({"r": Record("m.Line", {})}, "r-line"),
    ({"b": b"abc"}, "b-bytes"),
    ({"p": "scrubbed:password:0123456789ab"}, "p-scrubbed"),
    ({"customer_account_identifier_for_billing": 7}, "7"),
    ({"customer_account_identifier_for_billing": 7, "other_very_long_name": "abc"}, "7-abc"),
    ({str(number) * 5: "v" * 12 for number in range(6)}, "vvvvvvvvvvvv-vvvvvvvvvvvv-vvvvvvvvvvvv"),
    ({"": "con"}, "case-con"),
    ({"nul": ""}, "case-nul"),
    ({"": "COM1"}, "case-com1"),
    ({"": "lpt9"}, "case-lpt9"),
    ({"aux": ""}, "case-aux"),
]


@pytest.mark.parametrize(("given_input", "expected"), SLUGS, ids=range(len(SLUGS)))
def test_slug(given_input: Mapping[str, Value], expected: str) -> None:
    assert slug(given_input) == expected


def test_a_slug_never_holds_a_whole_long_text() -> None:
    secret = "correct-horse-battery-staple"
    assert secret not in slug({"a": secret})
    assert secret[:17] not in slug({"a": secret, "b": {secret: 1}, "c": [secret], "d": (secret,)})


RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.uuids()
    | st.sampled_from(sorted(RESERVED))
)


@settings(max_examples=500, deadline=None, database=None)
@given(st.dictionaries(st.text(max_size=20) | st.sampled_from(["", "con", "a_b"]), scalars, max_size=5))
def test_a_slug_is_a_file_name_everywhere(given_input: dict[str, Value]) -> None:
    text = slug(given_input)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text)
    assert len(text) <= MAX_SLUG
    assert text not in RESERVED
    assert slug(dict(reversed(given_input.items()))) == text


def test_the_label_of_a_case() -> None:
    given_input = {"customer_id": 7, "on": date(2024, 3, 1)}
    identity = case_id(VECTORS[1][0], given_input)
    case = Case(identity, "tests/test_billing.py::test_total", slug(given_input), given_input)
    assert case.label == "customer-id-7-on-2024-03-01-40af95c4231f"
