"""The first port drifts in the planted ways, each in its own place, and the correction mends them all."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.example.sides import Legacy, Successor

SERVICES = "billing.services."
PRICING = SERVICES + "pricing:"
PAYMENTS = SERVICES + "payments:"
FIRST = date(2024, 3, 1)


@pytest.mark.parametrize(
    ("number", "on", "legacy_says", "port_says"),
    [
        pytest.param(1001, FIRST, "99.53", "99.52", id="half a cent on a line"),
        pytest.param(1019, FIRST, "164.59", "164.58", id="half a cent of a credit"),
        pytest.param(1003, date(2024, 2, 29), "103.40", "103.40", id="the day before the fifth anniversary"),
        pytest.param(1003, FIRST, "98.12", "103.40", id="the fifth anniversary"),
        pytest.param(1016, date(2024, 3, 2), "234.31", "234.31", id="the tenth anniversary"),
    ],
)
def test_totals(
    legacy: Legacy,
    first_port: Successor,
    corrected: Successor,
    number: int,
    on: date,
    legacy_says: str,
    port_says: str,
) -> None:
    assert legacy.call("SELECT invoice_total(%s, %s)", number, on)["rows"] == [[legacy_says]]
    assert corrected.call(PRICING + "invoice_total", number, on)["returned"] == legacy_says
    assert first_port.call(PRICING + "invoice_total", number, on)["returned"] == port_says


def test_the_first_port_does_not_write_off_small_differences(
    first_port: Successor, corrected: Successor
) -> None:
    payment = (1016, Decimal("254.64"), FIRST, "BNK")
    port, mended = (side.call(PAYMENTS + "post_payment", *payment) for side in (first_port, corrected))
    assert port["returned"] == mended["returned"] == "OK"
    assert [entry for entry in mended["booked"] if entry not in port["booked"]] == [
        ["2024-03-01", "2400", "C0009", 1016, "debit", "0.05", "Small difference"]
    ]


@pytest.mark.parametrize(
    ("hour", "port_says", "legacy_says"),
    [(16, "2024-02-28", "2024-02-28"), (17, "2024-02-28", "2024-02-29"), (18, "2024-02-29", "2024-02-29")],
)
def test_the_first_port_closes_an_hour_later(
    first_port: Successor, corrected: Successor, hour: int, port_says: str, legacy_says: str
) -> None:
    order = (SERVICES + "banking:value_date", datetime(2024, 2, 28, hour, tzinfo=UTC), "BNK")
    assert first_port.call(*order)["returned"] == port_says
    assert corrected.call(*order)["returned"] == legacy_says


def test_the_first_port_says_not_found_by_status(first_port: Successor, corrected: Successor) -> None:
    order = {"get": "/edi/invoice/7"}
    port, mended = first_port.ask(order), corrected.ask(order)
    assert (port["status"], mended["status"]) == (404, 200)
    assert port | {"status": 200} == mended


def test_the_first_port_closes_a_month_twice(first_port: Successor, corrected: Successor) -> None:
    order = (SERVICES + "closing:close_month", 2023, 12, "F")
    assert first_port.call(*order) == {"returned": "CLOSED", "booked": []}
    assert corrected.call(*order)["message"] == "month 12/2023 is closed"


@pytest.mark.parametrize(
    ("amount", "port_says"), [("240.00", "OK"), ("250.00", "MANUAL"), ("341.51", "CreditLimitExceeded")]
)
def test_the_first_port_grants_less(
    first_port: Successor, corrected: Successor, amount: str, port_says: str
) -> None:
    order = (SERVICES + "credit:release_order", "C0005", Decimal(amount), FIRST)
    port = first_port.call(*order)
    assert port.get("returned", port.get("raised")) == port_says
    assert corrected.call(*order)["returned"] == "OK"


def test_the_first_port_does_not_pad_product_codes(first_port: Successor, corrected: Successor) -> None:
    order = {"get": "/api/invoice/1013?on=01/03/2024"}
    port, mended = (json.loads(side.ask(order)["body"]) for side in (first_port, corrected))
    assert [line["code"] for line in port["lines"]] == ["SETUP", "NET-50", "TEL-1"]
    assert [line["code"] for line in mended["lines"]] == ["SETUP   ", "NET-50  ", "TEL-1   "]
    assert port | {"lines": []} == mended | {"lines": []}


def test_the_first_port_has_no_street_line(first_port: Successor, corrected: Successor) -> None:
    label = SERVICES + "letters:address_label"
    port, mended = (side.call(label, "C0003", registered=False) for side in (first_port, corrected))
    assert port["returned"] == ["", "Anke Petersen", None, "24103 Kiel"]
    assert mended["returned"] == ["", "Anke Petersen", "", "24103 Kiel"]


def test_the_first_port_puts_dunning_stops_among_the_others(
    first_port: Successor, corrected: Successor
) -> None:
    port, mended = (
        [line[0] for line in side.call(SERVICES + "reports:aging", FIRST, "NO")["returned"]]
        for side in (first_port, corrected)
    )
    assert port == ["C0007", "C0004", "C0006", "C0012", "C0010"]
    assert mended == ["C0007", "C0004", "C0012", "C0010", "C0006"]


@pytest.mark.parametrize("amount", ["0.5", "1.23", "0.135", "-0.134", "2.499"])
def test_both_round_alike_where_nothing_is_half(
    first_port: Successor, corrected: Successor, amount: str
) -> None:
    order = ("billing.rules:rules.to_cents", Decimal(amount))
    assert first_port.call(*order)["returned"] == corrected.call(*order)["returned"]


@pytest.mark.parametrize(
    ("amount", "legacy_says"), [("0.125", "0.13"), ("-0.125", "-0.12"), ("0.005", "0.01")]
)
def test_half_a_cent_goes_up(legacy: Legacy, corrected: Successor, amount: str, legacy_says: str) -> None:
    assert legacy.call("SELECT round_money(%s)", Decimal(amount))["rows"] == [[legacy_says]]
    assert corrected.call("billing.rules:rules.to_cents", Decimal(amount))["returned"] == legacy_says
