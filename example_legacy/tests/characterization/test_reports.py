"""Reports of the management: SQL statements and a cursor against report services."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from billing.acl import NUMBER_WIDTH, REGION_WIDTH
from billing.services import reports

from pytest_characterize import Procedure, Query, Tolerance

pytestmark = pytest.mark.django_db


@pytest.mark.characterize(
    legacy=Query(
        """
        SELECT c.region, count(*) AS items, sum(open_amount(i.inv_no)) AS amount, max(i.due) AS latest_due,
               avg(open_amount(i.inv_no)) AS average
          FROM invoice i JOIN customer c ON c.cust_no = i.cust_no
         WHERE i.status = 'O' AND i.due < %(on)s
         GROUP BY c.region ORDER BY c.region
        """,
        source="billing",
    ),
    cases=[
        {"on": date(2020, 1, 1)},
        {"on": date(2024, 2, 1)},
        {"on": date(2024, 3, 1)},
        {"on": date(2024, 3, 4)},
    ],
    policy=[
        Tolerance("$[*].average", absolute="0.005", reason="the service rounds to cents, people read cents")
    ],
)
def test_open_by_region(on: date) -> list[tuple[Any, ...]]:
    totals = reports.open_by_region(on)
    return [(total.region.ljust(REGION_WIDTH), *astuple(total)[1:]) for total in totals]


@pytest.mark.characterize(
    legacy=Query(
        """
        SELECT p.descr AS product, count(*) AS lines, sum(round_money(x.qty * x.price)) AS revenue
          FROM invoice i JOIN invoice_line x ON x.inv_no = i.inv_no JOIN product p ON p.code = x.code
         WHERE i.issued BETWEEN %(first)s AND %(last)s AND i.status <> 'C'
         GROUP BY p.descr
        """,
        source="billing",
    ),
    cases=[
        {"first": date(2020, 1, 1), "last": date(2021, 12, 31)},
        {"first": date(2023, 10, 1), "last": date(2023, 12, 31)},
        {"first": date(2024, 1, 1), "last": date(2024, 1, 31)},
        {"first": date(2025, 1, 1), "last": date(2025, 12, 31)},
    ],
)
def test_revenue_by_product(first: date, last: date) -> list[tuple[str, int, Decimal]]:
    return reports.revenue_by_product(first, last)


@pytest.mark.characterize(
    legacy=Procedure("aging_report", source="billing"),
    args={"p_on": "on", "p_region": "region"},
    cases=[
        *({"on": date(2024, 3, 1), "region": region} for region in ("*", "N", "W", "S", "NO", "X")),
        *(
            {"on": on, "region": region}
            for on in (
                date(2020, 1, 1),
                date(2023, 12, 15),
                date(2024, 2, 10),
                date(2024, 2, 22),
                date(2024, 6, 30),
            )
            for region in ("N", "NO", "W", "S")
        ),
    ],
)
def test_aging_report(on: date, region: str) -> list[tuple[Any, ...]]:
    return [
        (
            line.customer.number.ljust(NUMBER_WIDTH),
            line.customer.name,
            line.not_due,
            line.up_to_30_days,
            line.older,
            line.total,
        )
        for line in reports.aging(on, region)
    ]
