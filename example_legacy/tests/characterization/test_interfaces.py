"""The partners' interfaces: JSON with ``Y``/``N``, ``DD/MM/YYYY`` and padded codes, XML, and a text file."""

from __future__ import annotations

import pytest
from billsys import AS_CLERK
from django.http import HttpResponse
from django.test import Client

from pytest_characterize import Http


@pytest.mark.characterize(
    legacy=Http("GET", "/api/customer/{number}", source="web", login=AS_CLERK),
    cases=[{"number": f"C{number:04}"} for number in (1, 3, 4, 5, 6, 8, 12, 99)],
)
def test_customer(clerk: Client, number: str) -> HttpResponse:
    return clerk.get(f"/api/customer/{number}")


@pytest.mark.characterize(
    legacy=Http("GET", "/api/invoice/{number}", query={"on": "{on}"}, source="web", login=AS_CLERK),
    cases=[
        {"number": number, "on": "01/03/2024"}
        for number in (1001, 1004, 1008, 1013, 1014, 1016, 1022, 1024, 7)
    ],
)
def test_invoice(clerk: Client, number: int, on: str) -> HttpResponse:
    return clerk.get(f"/api/invoice/{number}", {"on": on})


@pytest.mark.characterize(
    legacy=Http(
        "GET",
        "/api/invoices",
        query={"cust": "{customer}", "status": "{status}"},
        source="web",
        login=AS_CLERK,
    ),
    cases=[
        {"customer": customer, "status": status}
        for customer, status in [
            ("C0009", ""),
            ("C0009", "O"),
            ("C0004", "C"),
            ("C0012", "P"),
            ("C0012", "Z"),
            ("C0099", ""),
        ]
    ],
)
def test_invoices(clerk: Client, customer: str, status: str) -> HttpResponse:
    return clerk.get("/api/invoices", {"cust": customer, "status": status})


@pytest.mark.characterize(
    legacy=Http("GET", "/export/openitems.txt", query={"on": "{on}"}, source="web", login=AS_CLERK),
    cases=[{"on": "01/01/2020"}, {"on": "01/02/2024"}, {"on": "01/03/2024"}],
)
def test_open_items_file(clerk: Client, on: str) -> HttpResponse:
    return clerk.get("/export/openitems.txt", {"on": on})


@pytest.mark.characterize(
    legacy=Http("GET", "/edi/invoice/{number}", source="web", login=AS_CLERK),
    cases=[
        {"number": number} for number in ("1001", "1004", "1005", "1008", "1011", "1022", "1024", "7", "x")
    ],
)
def test_edi_invoice(clerk: Client, number: str) -> HttpResponse:
    return clerk.get(f"/edi/invoice/{number}")


@pytest.mark.characterize(
    legacy=Http("GET", "/edi/openitems", query={"cust": "{customer}"}, source="web", login=AS_CLERK),
    cases=[{"customer": customer} for customer in ("C0001", "C0005", "C0009", "C0010", "C0099", "<C>")],
)
def test_edi_open_items(clerk: Client, customer: str) -> HttpResponse:
    return clerk.get("/edi/openitems", {"cust": customer})
