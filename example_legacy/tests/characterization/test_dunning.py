"""Dunning, its letters, and credit: PL/pgSQL routines against domain services."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date
from decimal import Decimal

import pytest
from billing.services import credit, dunning, letters

from pytest_characterize import Procedure, Tables

pytestmark = pytest.mark.django_db

# due on Saturday 17 February, which means Monday the 19th
WEEKEND = 1005


@pytest.mark.characterize(
    legacy=Procedure("dunning_level", source="billing"),
    args={"p_inv_no": "invoice", "p_on": "on"},
    cases=[
        *(
            {"invoice": WEEKEND, "on": date(2024, month, day)}
            for month, day in [(2, 19), (2, 22), (2, 23), (3, 4), (3, 5), (3, 18), (3, 19), (4, 1), (4, 2)]
        ),
        {"invoice": 1002, "on": date(2024, 3, 1)},
        {"invoice": 1004, "on": date(2024, 3, 1)},
        {"invoice": 1008, "on": date(2024, 3, 1)},
        {"invoice": 1011, "on": date(2024, 3, 1)},
        {"invoice": 1020, "on": date(2024, 4, 30)},
        {"invoice": 7, "on": date(2024, 3, 1)},
    ],
)
def test_dunning_level(invoice: int, on: date) -> int | None:
    return dunning.dunning_level(invoice, on)


@pytest.mark.characterize(
    legacy=Procedure("late_fee", source="billing"),
    args={"p_inv_no": "invoice", "p_on": "on"},
    cases=[
        {"invoice": invoice, "on": on}
        for invoice, on in [
            (1001, date(2024, 3, 1)),
            (1016, date(2024, 3, 20)),
            (1016, date(2024, 4, 8)),
            (1016, date(2024, 5, 1)),
            (1013, date(2024, 3, 1)),
            (1013, date(2024, 3, 5)),
            (1002, date(2024, 3, 1)),
            (7, date(2024, 3, 1)),
        ]
    ],
)
def test_late_fee(invoice: int, on: date) -> Decimal:
    return dunning.late_fee(invoice, on)


@pytest.mark.characterize(
    legacy=Procedure("dunning_run", source="billing", effects=Tables("dunning_letter", "ledger")),
    args={"p_on": "on", "p_region": "region"},
    cases=[
        *({"on": date(2024, 3, 19), "region": region} for region in ("N", "W", "S", "NO", "X")),
        *(
            {"on": on, "region": "*"}
            for on in (
                date(2024, 1, 9),
                date(2024, 2, 20),
                date(2024, 3, 2),
                date(2024, 3, 5),
                date(2024, 3, 19),
                date(2024, 4, 16),
                date(2024, 6, 4),
            )
        ),
    ],
)
def test_dunning_run(on: date, region: str) -> int:
    return dunning.dunning_run(on, region)


@pytest.mark.characterize(
    legacy=Procedure("address_label", source="billing"),
    args={"p_cust_no": "customer", "p_kind": "kind"},
    cases=[
        *({"customer": f"C{number:04}", "kind": "L"} for number in (1, 2, 3, 4, 6, 7, 8, 11, 12, 99)),
        *({"customer": f"C{number:04}", "kind": "R"} for number in (1, 3, 5, 9, 99)),
    ],
)
def test_address_label(customer: str, kind: str) -> dict[str, str | None]:
    label = letters.address_label(customer, registered=kind == "R")
    return dict(zip(("o_head", "o_name", "o_street", "o_place"), astuple(label), strict=True))


@pytest.mark.characterize(
    legacy=Procedure("release_order", source="billing"),
    args={"p_cust_no": "customer", "p_amount": "amount", "p_on": "on"},
    cases=[
        {"customer": customer, "amount": Decimal(amount), "on": on}
        for customer, amount, on in [
            ("C0009", "2203.80", date(2024, 3, 1)),
            ("C0009", "2203.81", date(2024, 3, 1)),
            ("C0009", "2703.80", date(2024, 3, 2)),
            ("C0009", "2703.81", date(2024, 3, 2)),
            ("C0009", "1.00", date(2024, 3, 1)),
            ("C0001", "1600.00", date(2024, 3, 1)),
            ("C0002", "600.00", date(2024, 3, 1)),
            ("C0004", "5000.00", date(2024, 3, 1)),
            ("C0007", "100.00", date(2024, 3, 1)),
            ("C0012", "650.00", date(2024, 3, 1)),
            ("C0005", "240.00", date(2024, 3, 1)),
            ("C0005", "250.00", date(2024, 3, 1)),
            ("C0005", "281.51", date(2024, 3, 1)),
            ("C0005", "281.52", date(2024, 3, 1)),
            ("C0005", "341.51", date(2024, 3, 1)),
            ("C0005", "341.52", date(2024, 3, 1)),
            ("C0005", "391.51", date(2024, 3, 1)),
            ("C0005", "391.52", date(2024, 3, 1)),
            ("C0008", "1.00", date(2024, 3, 1)),
            ("C0099", "1.00", date(2024, 3, 1)),
        ]
    ],
)
def test_release_order(customer: str, amount: Decimal, on: date) -> str:
    return credit.release_order(customer, amount, on)
