"""A store as the first version wrote it must be read for ever, and its goldens must keep their text.

``schema_1/`` is frozen: it is never written again, only read. If a test here fails, the code has lost
the format; a new schema gets a folder of its own.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pytest_characterize.descriptors import Descriptor, Function, Http, Login, Procedure, Secret, Tables
from pytest_characterize.identity import case_id
from pytest_characterize.model import Case, Golden, Interaction, Observation, Outcome, RuleHit
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.cassettes import cassette_text
from pytest_characterize.store.golden_file import golden_text
from pytest_characterize.store.manifest import Stamp, manifest_text
from pytest_characterize.values import Cell, Column, Member, Raised, Record, Response, Rows, Value

FROZEN = Path(__file__).parent / "schema_1"
STAMP = Stamp("2024-03-01T12:00:00.123456+00:00", "2024-02-29T23:59:59+01:00", 0.25, "0.1.0")

FUNCTION = Function("legacy.billing:price")
PROCEDURE = Procedure("invoice_total", source="billing", effects=Tables("ledger"))
HTTP = Http(
    "POST",
    "/invoice/{customer_id}",
    source="web",
    form={"on": "{on}"},
    login=Login("/login", {"user": "clerk", "password": Secret("LEGACY_PASSWORD")}),
)

SCALARS = [
    None,
    True,
    0,
    -(10**30),
    10**700,
    1.0,
    -0.0,
    1e-7,
    float("inf"),
    "",
    "Größe €",
    "a\r\nb\u2028c\x00",
    "\udc80 lone",
    "$decimal",
    b"\x00\xff",
    Decimal("1.00"),
    Decimal("-0"),
    Decimal("1E+5"),
    Decimal("NaN"),
    date(2024, 2, 29),
    time(23, 59, 59, 1),
    datetime(2024, 3, 1, 12),
    datetime(2024, 3, 1, 12, tzinfo=UTC),
    datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Vienna")),
    timedelta(days=-1, microseconds=1),
    UUID("12345678-1234-5678-1234-567812345678"),
]
CONTAINERS = {
    "tuple": (1, (2,)),
    "list": [[], [1, [2]]],
    "set": {1, "a", None},
    "frozenset": frozenset({Decimal("1.0")}),
    "keys": {1: "int", "1": "str", (1, "a"): "tuple", None: "none"},
    "dollar": {"$decimal": "no tag"},
    "record": Record("legacy.billing.Line", {"price": Decimal("9.50"), "text": "hours"}),
    "member": Member("legacy.billing.Status", "OPEN", "O"),
    "cell": Cell("postgresql", "numeric(10,2)", "95.00"),
    "response": Response(
        302, (("Location", "/"), ("Set-Cookie", "a"), ("Set-Cookie", "b")), b"\xe4", "Found"
    ),
}
ROWS = Rows(
    "postgresql",
    (Column("id", "integer"), Column("amount", "numeric(10,2)"), Column("code", "character(5)")),
    (("1", "95.00", "A    "), ("2", None, "B    ")),
    ordered=False,
)
EXCHANGES = (
    Interaction(
        "POST",
        "http://legacy.test/login",
        (("Accept", "*/*"),),
        b"user=clerk",
        302,
        "Found",
        (("Location", "/"), ("Set-Cookie", "scrubbed:cookie:1"), ("Set-Cookie", "scrubbed:cookie:2")),
        b"",
    ),
    Interaction(
        "POST",
        "http://legacy.test/invoice/7",
        (("Accept", "*/*"),),
        "on=1. März".encode("latin-1"),
        200,
        "OK",
        (("Content-Type", "text/html; charset=iso-8859-1"),),
        "<p>Größe: 95,00 €</p>\r\n".encode("cp1252"),
    ),
)


def case(test: str, slug: str, descriptor: Descriptor, **values: Value) -> Case:
    return Case(case_id(descriptor.identity(), values), test, slug, values)


GOLDENS = {
    "values": Golden(
        case("tests/test_price.py::test_price", "quantity-7", FUNCTION, quantity=7),
        FUNCTION.as_value(),
        Observation(Outcome("returned", {"scalars": SCALARS, "containers": CONTAINERS})),
    ),
    "raised": Golden(
        replace(
            case("tests/test_price.py::test_price", "quantity-minus-1", FUNCTION, quantity=-1),
            origin="explored",
        ),
        FUNCTION.as_value(),
        Observation(
            Outcome(
                "raised", Raised(("legacy.billing.PriceError", "builtins.ValueError"), "no", "", {"n": -1})
            )
        ),
    ),
    "procedure": Golden(
        case(
            "tests/sub/test_billing.py::TestTotals::test_total",
            "customer-id-7",
            PROCEDURE,
            customer_id=7,
            on=date(2024, 3, 1),
        ),
        PROCEDURE.as_value(),
        Observation(
            Outcome("returned", ROWS),
            effects={"tables": {"ledger": {"inserted": ROWS, "deleted": replace(ROWS, rows=())}}},
            notices=({"severity": "NOTICE", "message": "tenure 7"},),
            queries=3,
        ),
        hits=(RuleHit("invoice_total:41", 2), RuleHit("invoice_total:44")),
        scrubs={"$.name": "name"},
        provenance={"recorder": "procedure", "server": "PostgreSQL 17.2"},
    ),
    "http": Golden(
        case("tests/v1.2/test_web.py::test_page", "customer-id-7", HTTP, customer_id=7, on="1. März"),
        HTTP.as_value(),
        Observation(
            Outcome(
                "responded",
                Response(200, EXCHANGES[1].response_headers, EXCHANGES[1].response_body, "OK"),
            ),
            interactions=EXCHANGES,
        ),
    ),
}
FILES = {
    "values": "tests.test_price/test_price/quantity-7-9f3f3bf1e9e6.json",
    "raised": "tests.test_price/test_price/quantity-minus-1-f25b8a2d52ef.json",
    "procedure": "tests.sub.test_billing/TestTotals.test_total/customer-id-7-40af95c4231f.json",
    "http": "tests.v1.2.test_web-9ea54891/test_page/customer-id-7-359dcc91b90d.json",
}


@pytest.fixture
def store() -> Store:
    return Store(FROZEN, Path("characterization"))


def test_the_store_is_sound(store: Store) -> None:
    assert store.tests() == tuple(sorted({golden.case.test for golden in GOLDENS.values()}))
    shelves = [store.shelf(test) for test in store.tests()]
    assert [shelf.problems for shelf in shelves] == [()] * len(shelves)
    assert sum(len(shelf.entries) for shelf in shelves) == len(GOLDENS)


@pytest.mark.parametrize("name", GOLDENS)
def test_a_golden_still_says_what_it_said(store: Store, name: str) -> None:
    golden = GOLDENS[name]
    (entry,) = [entry for entry in store.shelf(golden.case.test).entries if entry.id == golden.case.id]
    loaded = store.load(entry)
    assert golden_text(loaded) == golden_text(golden)
    assert repr(loaded.case) == repr(golden.case)
    assert (entry.recorded_at, entry.at, entry.duration, entry.tool) == (
        STAMP.recorded_at,
        STAMP.at,
        STAMP.duration,
        STAMP.tool,
    )


@pytest.mark.parametrize("name", GOLDENS)
def test_a_golden_still_has_the_text_that_it_had(store: Store, name: str) -> None:
    """Else recording unchanged behaviour with a new version would be a change of every golden."""
    golden = GOLDENS[name]
    (entry,) = [entry for entry in store.shelf(golden.case.test).entries if entry.id == golden.case.id]
    assert golden_text(golden) == (FROZEN / entry.file).read_bytes().decode("ascii")
    assert entry.file == f"characterization/goldens/{FILES[name]}"


def test_a_cassette_still_has_the_text_that_it_had() -> None:
    (path,) = (FROZEN / "characterization/cassettes").rglob("*.json")
    assert path.read_bytes().decode("ascii") == cassette_text(EXCHANGES)


def test_a_manifest_still_has_the_text_that_it_had(store: Store) -> None:
    for test in store.tests():
        shelf = store.shelf(test)
        path = (FROZEN / shelf.entries[0].file).with_name("manifest.jsonl")
        assert path.read_bytes().decode("ascii") == manifest_text(shelf.entries)


def test_recording_the_same_again_is_no_change(tmp_path: Path) -> None:
    shutil.copytree(FROZEN, tmp_path / "project")
    store = Store(tmp_path / "project", Path("characterization"))
    assert [store.propose(golden, STAMP) for golden in GOLDENS.values()] == [None] * len(GOLDENS)
