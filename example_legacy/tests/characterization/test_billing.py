"""Totals, payments and statements: PL/pgSQL routines against domain services."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from billing.services import payments, pricing, statements

from pytest_characterize import Procedure, Tables

pytestmark = pytest.mark.django_db

ON_THE_FIRST = date(2024, 3, 1)
OPEN_1016 = Decimal("254.69")


@pytest.mark.characterize(
    legacy=Procedure("invoice_total", source="billing", effects=Tables("ledger")),
    args={"p_inv_no": "invoice", "p_on": "on"},
    cases=[
        *({"invoice": number, "on": ON_THE_FIRST} for number in range(1001, 1025)),
        {"invoice": 7, "on": ON_THE_FIRST},
        # around the tenth anniversaries of C0001 and C0009, and the fifth ones of C0002 and C0011
        {"invoice": 1001, "on": date(2024, 2, 29)},
        {"invoice": 1016, "on": date(2024, 3, 2)},
        {"invoice": 1003, "on": date(2024, 2, 29)},
        *({"invoice": 1003, "on": date(2024, 3, day)} for day in (2, 4, 5, 7, 20)),
        *({"invoice": 1019, "on": date(2024, 3, day)} for day in (2, 5, 7, 20)),
        {"invoice": 1012, "on": date(2024, 2, 15)},
        {"invoice": 1021, "on": date(2024, 2, 28)},
        {"invoice": 1023, "on": date(2021, 1, 5)},
        # ten, eleven, sixty and sixty-one days after the invoice
        {"invoice": 1014, "on": date(2024, 3, 7)},
        {"invoice": 1014, "on": date(2024, 3, 8)},
        {"invoice": 1014, "on": date(2024, 4, 26)},
        {"invoice": 1014, "on": date(2024, 4, 27)},
    ],
)
def test_invoice_total(invoice: int, on: date) -> Decimal | None:
    return pricing.invoice_total(invoice, on)


@pytest.mark.characterize(
    legacy=Procedure("tenure_years", source="billing"),
    args={"p_cust_no": "customer", "p_on": "on"},
    cases=[
        {"customer": "C0001", "on": date(2024, 2, 29)},
        {"customer": "C0001", "on": ON_THE_FIRST},
        {"customer": "C0003", "on": date(2024, 2, 28)},
        {"customer": "C0003", "on": date(2024, 2, 29)},
        {"customer": "C0003", "on": date(2025, 2, 28)},
        {"customer": "C0004", "on": ON_THE_FIRST},
        {"customer": "C0010", "on": date(2024, 2, 19)},
    ],
)
def test_tenure_years(customer: str, on: date) -> int:
    return pricing.tenure_years(customer, on)


@pytest.mark.characterize(
    legacy=Procedure("post_payment", source="billing", effects=Tables("ledger")),
    args={"p_inv_no": "invoice", "p_amount": "amount", "p_on": "on", "p_method": "method"},
    cases=[
        {"invoice": number, "amount": amount, "on": date(2024, 3, 4), "method": method}
        for number, amount, method in [
            (1016, OPEN_1016, "BNK"),
            (1016, OPEN_1016, "CSH"),
            (1016, OPEN_1016, "CRD"),
            (1016, OPEN_1016, "XXX"),
            (1016, OPEN_1016, "TOO LONG"),
            (1016, OPEN_1016 - Decimal("0.01"), "BNK"),
            (1016, OPEN_1016 - Decimal("0.05"), "BNK"),
            (1016, OPEN_1016 - Decimal("0.06"), "BNK"),
            (1016, OPEN_1016 + Decimal("0.01"), "BNK"),
            (1016, Decimal("50.00"), "CSH"),
            (1016, Decimal("500.00"), "CSH"),
            (1016, Decimal("0.00"), "CSH"),
            (1016, Decimal("-5.00"), "CSH"),
            (1004, Decimal("29.69"), "BNK"),
            (1008, Decimal("29.69"), "BNK"),
            (1017, Decimal("41.51"), "BNK"),
            (7, Decimal("41.51"), "BNK"),
        ]
    ],
)
def test_post_payment(invoice: int, amount: Decimal, on: date, method: str) -> str:
    return payments.post_payment(invoice, amount, on, method)


@pytest.mark.characterize(
    legacy=Procedure("account_statement", source="billing"),
    args={"p_cust_no": "customer", "p_from": "first", "p_to": "last"},
    cases=[
        {"customer": customer, "first": first, "last": date(2024, 3, 31)}
        for customer, first in [
            ("C0001", date(2023, 12, 1)),
            ("C0001", date(2024, 1, 1)),
            ("C0004", date(2023, 10, 1)),
            ("C0004", date(2023, 10, 3)),
            ("C0012", date(2021, 1, 10)),
            ("C0012", date(2022, 1, 1)),
            ("C0099", date(2024, 1, 1)),
        ]
    ],
)
def test_account_statement(customer: str, first: date, last: date) -> list[tuple[Any, ...]]:
    return [astuple(line) for line in statements.account_statement(customer, first, last)]


@pytest.mark.characterize(
    legacy=Procedure("customer_card", source="billing"),
    args={"p_cust_no": "customer", "p_on": "on"},
    cases=[
        *({"customer": f"C{number:04}", "on": ON_THE_FIRST} for number in (2, 3, 4, 5, 6, 8, 9, 12, 99)),
        {"customer": "C0005", "on": date(2024, 1, 20)},
    ],
)
def test_customer_card(customer: str, on: date) -> dict[str, Any]:
    card = statements.customer_card(customer, on)
    return {
        "o_line": card.line,
        "o_open": card.open_amount,
        "o_overdue": card.overdue,
        "o_rating": card.rating,
    }
