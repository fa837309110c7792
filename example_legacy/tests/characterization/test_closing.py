"""The month close, and when money counts: PL/pgSQL routines against domain services."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from billing.services import banking, closing

from pytest_characterize import Procedure, Tables


@pytest.mark.characterize(
    legacy=Procedure("month_close", source="billing", effects=Tables("period", "ledger")),
    args={"p_year": "year", "p_month": "month", "p_mode": "mode"},
    cases=[
        {"year": year, "month": month, "mode": mode}
        for year, month, mode in [
            (2024, 1, "T"),
            (2024, 1, "F"),
            # January is open
            (2024, 2, "T"),
            (2024, 2, "F"),
            (2024, 2, "X"),
            # invoice 1020 and then 1010 are old enough to be written off
            (2024, 4, "X"),
            (2024, 5, "X"),
            (2024, 12, "X"),
            # before the books of this system
            (2020, 12, "T"),
            (2021, 1, "F"),
            (2021, 2, "F"),
            # closed
            (2023, 10, "T"),
            (2023, 11, "X"),
            (2023, 12, "F"),
            (2024, 0, "T"),
            (2024, 13, "F"),
        ]
    ],
)
@pytest.mark.django_db
def test_month_close(year: int, month: int, mode: str) -> str:
    return closing.close_month(year, month, closing.Mode(mode))


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.characterize(
    legacy=Procedure("value_date", source="billing"),
    args={"p_received": "received", "p_method": "method"},
    cases=[
        {"received": received, "method": method}
        for received, method in [
            # an hour behind Berlin in winter; 28 February is a Wednesday
            (at(2, 28, 9), "CSH"),
            (at(2, 28, 9), "BNK"),
            (at(2, 28, 9), "CRD"),
            (at(2, 28, 16, 59), "BNK"),
            (at(2, 28, 17), "BNK"),
            (at(2, 28, 17), "CRD"),
            (at(2, 28, 17), "CSH"),
            (at(2, 28, 18), "BNK"),
            (at(2, 28, 20, 15), "CRD"),
            # before the weekend
            (at(3, 1, 12), "BNK"),
            (at(3, 1, 17, 30), "BNK"),
            (at(3, 1, 18, 30), "BNK"),
            (at(3, 2, 10), "BNK"),
            (at(3, 2, 10), "CSH"),
            (at(3, 3, 10), "CRD"),
            # two hours behind in summer
            (at(6, 26, 15, 59), "BNK"),
            (at(6, 26, 16), "BNK"),
            (at(6, 26, 17, 45), "CRD"),
            (at(6, 26, 18), "CRD"),
        ]
    ],
)
def test_value_date(received: datetime, method: str) -> date:
    return banking.value_date(received, method)
