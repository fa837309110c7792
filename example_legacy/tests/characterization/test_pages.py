"""The clerks' pages: HTML in ISO-8859-1, forms, redirects."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from billsys import AS_CLERK
from django.http import HttpResponse
from django.test import Client

from pytest_characterize import Http


def post(client: Client, path: str, form: dict[str, str]) -> HttpResponse:
    """Post a form as a browser does; the test client would make it multipart."""
    return client.post(path, urlencode(form), content_type="application/x-www-form-urlencoded")


@pytest.mark.characterize(legacy=Http("GET", "/menu", source="web", login=AS_CLERK), cases=[{}])
def test_menu(clerk: Client) -> HttpResponse:
    return clerk.get("/menu")


@pytest.mark.characterize(
    legacy=Http("GET", "/{page}", source="web"), cases=[{"page": ""}, {"page": "menu"}, {"page": "login"}]
)
@pytest.mark.django_db
def test_strangers(client: Client, page: str) -> HttpResponse:
    return client.get(f"/{page}")


@pytest.mark.characterize(
    legacy=Http("GET", "/customers", query={"region": "{region}"}, source="web", login=AS_CLERK),
    cases=[{"region": ""}, {"region": "no"}, {"region": "N"}, {"region": "X"}],
)
def test_customers(clerk: Client, region: str) -> HttpResponse:
    return clerk.get("/customers", {"region": region})


@pytest.mark.characterize(
    legacy=Http("GET", "/customer", query={"no": "{number}", "on": "{on}"}, source="web", login=AS_CLERK),
    cases=[
        {"number": number, "on": "01/03/2024"}
        for number in ("c0002", "C0003", "C0004", "C0005", "C0006", "C0008", "C0009", "C0012", "C0099", "")
    ],
)
def test_customer(clerk: Client, number: str, on: str) -> HttpResponse:
    return clerk.get("/customer", {"no": number, "on": on})


@pytest.mark.characterize(
    legacy=Http("GET", "/invoice", query={"no": "{number}", "on": "{on}"}, source="web", login=AS_CLERK),
    cases=[
        {"number": number, "on": on}
        for number, on in [
            ("1004", "01/03/2024"),
            ("1008", "01/03/2024"),
            ("1013", "1.3.24"),
            ("1016", "01/03/2024"),
            ("1024", "01/03/2024"),
            ("7", "01/03/2024"),
            ("seven", "01/03/2024"),
            ("1016", "31/02/2024"),
        ]
    ],
)
def test_invoice(clerk: Client, number: str, on: str) -> HttpResponse:
    return clerk.get("/invoice", {"no": number, "on": on})


@pytest.mark.characterize(
    legacy=Http(
        "POST",
        "/payment",
        form={"inv_no": "{invoice}", "amount": "{amount}", "on": "{on}", "method": "CSH"},
        source="web",
        login=AS_CLERK,
    ),
    cases=[
        {"invoice": invoice, "amount": amount, "on": on}
        for invoice, amount, on in [
            ("1016", "254,69", "04/03/2024"),
            ("1016", "50", "04/03/2024"),
            ("1016", "1.000,00", "4.3.24"),
            ("1016", "5-", "04/03/2024"),
            ("1004", "5", "04/03/2024"),
            ("7", "5", "04/03/2024"),
            ("1016", "five", "04/03/2024"),
            ("1016", "5", "yesterday"),
            ("1016", "", "04/03/2024"),
        ]
    ],
)
def test_payment(clerk: Client, invoice: str, amount: str, on: str) -> HttpResponse:
    return post(clerk, "/payment", {"inv_no": invoice, "amount": amount, "on": on, "method": "CSH"})


@pytest.mark.characterize(
    legacy=Http(
        "POST", "/customer/note", form={"no": "{number}", "note": "{note}"}, source="web", login=AS_CLERK
    ),
    cases=[{"number": "c0003", "note": "wants a call"}, {"number": "C0099", "note": "nobody"}],
)
def test_note(clerk: Client, number: str, note: str) -> HttpResponse:
    return post(clerk, "/customer/note", {"no": number, "note": note})
