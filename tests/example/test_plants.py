"""The first port drifts in the planted ways, each in its own place, and the correction mends them all."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from tests.example.sides import Legacy, Successor

PRICING = "billing.services.pricing:"
PAYMENTS = "billing.services.payments:"
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


def test_the_first_port_does_not_pad_product_codes(first_port: Successor, corrected: Successor) -> None:
    order = {"get": "/api/invoice/1013?on=01/03/2024"}
    port, mended = (json.loads(side.ask(order)["body"]) for side in (first_port, corrected))
    assert [line["code"] for line in port["lines"]] == ["SETUP", "NET-50", "TEL-1"]
    assert [line["code"] for line in mended["lines"]] == ["SETUP   ", "NET-50  ", "TEL-1   "]
    assert port | {"lines": []} == mended | {"lines": []}


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
