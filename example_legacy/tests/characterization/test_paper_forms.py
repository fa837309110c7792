"""What the import of paper forms needs: functions of an old helper module against their successors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from billing import references

from pytest_characterize import Function


@pytest.mark.characterize(
    legacy=Function("legacy.helpers:parse_amount"),
    cases=[
        {"text": text}
        for text in ("", "1", "12,5", "1.234", "1.234,56", "1.23", "12,5-", "-3", "1 000,00", "five", "1.2.3")
    ],
)
def test_amounts(text: str) -> Decimal | None:
    return references.parse_amount(text)


@pytest.mark.characterize(
    legacy=Function("legacy.helpers:check_digit"),
    cases=[{"number": number} for number in ("0", "7", "12", "34", "1001", "99999", "123456789")],
)
def test_check_digit(number: str) -> str:
    return references.check_digit(number)


@pytest.mark.characterize(
    legacy=Function("legacy.helpers:reference"),
    args={"inv_no": "invoice", "cust_no": "customer"},
    cases=[
        {"invoice": 1001, "customer": "C0001   "},
        {"invoice": 1, "customer": "C0012"},
        {"invoice": 12345678, "customer": "123456"},
    ],
)
def test_reference(invoice: int, customer: str) -> str:
    return references.payment_reference(invoice, customer)


@pytest.mark.characterize(
    legacy=Function("legacy.helpers:due_date"),
    cases=[
        {"issued": issued, "terms": terms}
        for issued, terms in [
            (date(2024, 2, 1), ""),
            (date(2024, 2, 1), " 30 "),
            (date(2024, 2, 1), "now"),
            (date(2024, 2, 1), "EOM"),
            (date(2023, 12, 31), "EOM"),
        ]
    ],
)
def test_due_date(issued: date, terms: str) -> date:
    return references.due_date(issued, terms)
