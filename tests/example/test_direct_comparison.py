"""The example's premise, asked of both sides directly: the corrected successor does what the legacy does."""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from example_legacy.legacy import helpers
from tests.example.sides import Legacy, Successor

INVOICES = [*range(1001, 1025), 7]
CUSTOMERS = [f"C{number:04}" for number in range(1, 13)] + ["C0099"]
DAYS = [date(2024, 2, 20) + timedelta(days=step) for step in (0, 8, 9, 10, 11, 12, 14, 15, 30, 61, 90)]
SOME_DAYS = [date(2020, 10, 1), date(2023, 12, 31), date(2024, 2, 29), date(2024, 3, 1), date(2024, 4, 1)]
REGIONS = ["*", "N", "W", "S", "NO", "X"]
SERVICES = "billing.services."
ERRORS = {
    "P0001": "CreditLimitExceeded",
    "P0002": "UnknownCustomer",
    "22023": "InvalidRequest",
    "55000": "PeriodNotOpen",
}


def rows_of(answer: dict[str, Any]) -> list[Any]:
    """The successor's answer in the shape of the legacy's."""
    returned = answer["returned"]
    if isinstance(returned, list):
        return returned if not returned or isinstance(returned[0], list) else [returned]
    return [[returned]]


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_totals_and_their_postings(legacy: Legacy, corrected: Successor, on: date) -> None:
    for number in INVOICES:
        old = legacy.call("SELECT invoice_total(%s, %s)", number, on)
        new = corrected.call(SERVICES + "pricing:invoice_total", number, on)
        assert (number, rows_of(new), new["booked"]) == (number, old["rows"], old["booked"])


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_dunning_and_fees(legacy: Legacy, corrected: Successor, on: date) -> None:
    for number in INVOICES:
        for routine in ("dunning_level", "late_fee"):
            old = legacy.call(f"SELECT {routine}(%s, %s)", number, on)
            new = corrected.call(SERVICES + "dunning:" + routine, number, on)
            assert (number, rows_of(new)) == (number, old["rows"])


@pytest.mark.parametrize("on", SOME_DAYS, ids=str)
def test_tenure_and_card(legacy: Legacy, corrected: Successor, on: date) -> None:
    for customer in CUSTOMERS:
        old = legacy.call("SELECT tenure_years(%s, %s)", customer, on)
        assert rows_of(corrected.call(SERVICES + "pricing:tenure_years", customer, on)) == old["rows"]
        old = legacy.call("CALL customer_card(%s, %s, NULL, NULL, NULL, NULL)", customer, on)
        assert rows_of(corrected.call(SERVICES + "statements:customer_card", customer, on)) == old["rows"]


@pytest.mark.parametrize(
    "amount", ["0.01", "100", "341.51", "391.52", "500", "938", "2203.81", "2703.80", "9000"]
)
def test_releases(legacy: Legacy, corrected: Successor, amount: str) -> None:
    for customer in CUSTOMERS:
        values = (customer, Decimal(amount), date(2024, 3, 1))
        old = legacy.call("SELECT release_order(%s, %s, %s)", *values)
        new = corrected.call(SERVICES + "credit:release_order", *values)
        if "raised" in old:
            assert (new["raised"], new["message"]) == (ERRORS[old["raised"]], old["message"])
        else:
            assert rows_of(new) == old["rows"]


@pytest.mark.parametrize("method", ["CSH", "CRD", "BNK", "XXX", "TOO LONG"])
def test_payments_and_their_postings(legacy: Legacy, corrected: Successor, method: str) -> None:
    for number in (1001, 1002, 1004, 1005, 1008, 1017, 1019, 1024, 7):
        row = legacy.call("SELECT open_amount(%s)", number)["rows"][0][0]
        for less in ("0", "0.05", "0.06", "-0.01", "20"):
            values = (number, Decimal(row) - Decimal(less), date(2024, 3, 4), method)
            old = legacy.call("SELECT post_payment(%s, %s, %s, %s)", *values)
            new = corrected.call(SERVICES + "payments:post_payment", *values)
            assert (number, less, rows_of(new), new["booked"]) == (number, less, old["rows"], old["booked"])


@pytest.mark.parametrize("first", SOME_DAYS, ids=str)
def test_statements(legacy: Legacy, corrected: Successor, first: date) -> None:
    for customer in CUSTOMERS:
        values = (customer, first, date(2024, 3, 31))
        old = legacy.call("SELECT * FROM account_statement(%s, %s, %s)", *values)
        assert rows_of(corrected.call(SERVICES + "statements:account_statement", *values)) == old["rows"]


@pytest.mark.parametrize("hour", [0, 8, 16, 17, 18, 21, 22, 23])
@pytest.mark.parametrize(
    "day", [date(2024, 2, 28), date(2024, 3, 1), date(2024, 6, 28), date(2023, 12, 31)], ids=str
)
def test_value_dates(legacy: Legacy, corrected: Successor, day: date, hour: int) -> None:
    for minute in (0, 30):
        received = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
        for method in ("CSH", "BNK", "CRD", "XXX"):
            old = legacy.call("SELECT value_date(%s, %s)", received, method)
            new = corrected.call(SERVICES + "banking:value_date", received, method)
            assert (received, method, rows_of(new)) == (received, method, old["rows"])


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_letters_and_their_fees(legacy: Legacy, corrected: Successor, on: date, region: str) -> None:
    old = legacy.call("SELECT dunning_run(%s, %s)", on, region)
    new = corrected.call(SERVICES + "dunning:dunning_run", on, region)
    assert (rows_of(new), new["booked"]) == (old["rows"], old["booked"])


@pytest.mark.parametrize("kind", ["L", "R"])
def test_labels(legacy: Legacy, corrected: Successor, kind: str) -> None:
    for customer in CUSTOMERS:
        old = legacy.call("SELECT * FROM address_label(%s, %s)", customer, kind)
        new = corrected.call(SERVICES + "letters:address_label", customer, registered=kind == "R")
        if "raised" in old:
            assert (new["raised"], new["message"]) == (ERRORS[old["raised"]], old["message"])
        else:
            assert rows_of(new) == old["rows"]


@pytest.mark.parametrize("mode", ["T", "F", "X"])
def test_month_closes(legacy: Legacy, corrected: Successor, mode: str) -> None:
    for year, month in [
        (2020, 12),
        (2021, 2),
        (2023, 12),
        (2024, 1),
        (2024, 2),
        (2024, 5),
        (2024, 12),
        (2024, 13),
    ]:
        old = legacy.call("SELECT month_close(%s, %s, %s)", year, month, mode)
        new = corrected.call(SERVICES + "closing:close_month", year, month, mode)
        if "raised" in old:
            assert (new["raised"], new["message"]) == (ERRORS[old["raised"]], old["message"])
        else:
            assert (year, month, rows_of(new)) == (year, month, old["rows"])
            assert new["booked"] == old["booked"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/logout",
        "/menu",
        "/customers",
        "/customers?region=no",
        "/customers?region=X",
        *(f"/customer?no={number}&on=01/03/2024" for number in CUSTOMERS),
        "/customer?no=%20c0001",
        "/customer",
        *(f"/invoice?no={number}&on=1.3.24" for number in INVOICES),
        "/invoice?no=1001&msg=OVER&on=01/03/2024",
        "/invoice?no=1001&msg=WHAT&on=01/03/2024",
        "/invoice?no=one",
        "/invoice?no=1001&on=31/02/2024",
        *(f"/api/customer/{number}" for number in CUSTOMERS),
        "/api/customer/",
        *(f"/api/invoice/{number}?on=01/03/2024" for number in INVOICES),
        "/api/invoices?cust=C0009",
        "/api/invoices?cust=C0009&status=O",
        "/api/invoices?cust=C0009&status=Z",
        "/api/invoices",
        *(f"/edi/invoice/{number}" for number in INVOICES),
        "/edi/invoice/seven",
        *(f"/edi/openitems?cust={number}" for number in CUSTOMERS),
        "/edi/openitems",
        "/export/openitems.txt?on=01/03/2024",
        "/export/openitems.txt?on=01/01/2020",
        "/nothing/here",
        "/payment",
    ],
)
def test_pages(legacy_url: str, corrected: Successor, path: str) -> None:
    with logged_in(legacy_url) as client:
        assert corrected.ask({"get": path}) == seen(client.get(path)) | {"booked": []}


def test_strangers_get_the_login_page(legacy_url: str, corrected: Successor) -> None:
    for path in ("/", "/menu", "/login", "/api/invoice/1001", "/nothing/here"):
        new = corrected.ask({"get": path, "login": False})
        assert new == seen(httpx.get(legacy_url + path)) | {"booked": []}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/payment", {"inv_no": "1001", "amount": "110,58", "on": "04/03/2024", "method": "CSH"}),
        ("/payment", {"inv_no": "1001", "amount": "1.000,00", "on": "04/03/2024"}),
        ("/payment", {"inv_no": "1001", "amount": "5-", "on": "04/03/2024"}),
        ("/payment", {"inv_no": "1004", "amount": "5", "on": "04/03/2024"}),
        ("/payment", {"inv_no": "1", "amount": "5", "on": "04/03/2024"}),
        ("/payment", {"inv_no": "1001", "amount": "five"}),
        ("/payment", {"inv_no": "1001", "amount": "5", "on": "yesterday"}),
        ("/payment", {"inv_no": "", "amount": "5"}),
        ("/payment", {"inv_no": "1001", "amount": ""}),
        ("/customer/note", {"no": "c0003", "note": "möchte Rückruf"}),
        ("/customer/note", {"no": "C0099", "note": "nobody"}),
        ("/login", {"user": "clerk", "password": "wrong"}),
        ("/login", {"user": "clerk", "password": "demo-only"}),
    ],
)
def test_forms(legacy_url: str, corrected: Successor, path: str, form: dict[str, str]) -> None:
    with logged_in(legacy_url) as client:
        body = urlencode(form, encoding="ISO-8859-1")
        old = client.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    new = corrected.ask({"post": path, "form": form})
    assert new | {"booked": []} == seen(old) | {"booked": []}


def test_training_mode_saves_nothing(legacy: Legacy, legacy_url: str) -> None:
    queries = ("SELECT max(entry_no) FROM ledger", "SELECT max(pay_no) FROM payment")
    before = [legacy.value(query) for query in queries]
    with logged_in(legacy_url) as client:
        form = {"inv_no": "1001", "amount": "110,58", "on": "04/03/2024", "method": "CSH"}
        assert client.post("/payment", data=form).headers["Location"] == "/invoice?no=1001&msg=OK"
    legacy.connection.rollback()
    assert [legacy.value(query) for query in queries] == before


@pytest.mark.parametrize(
    "text", ["", " ", "1", "12,5", "1.234", "1.234,56", "1.23", "12,5-", "-3", "1 000,00"]
)
def test_amounts_on_paper(corrected: Successor, text: str) -> None:
    old = helpers.parse_amount(text)
    new = corrected.call("billing.references:parse_amount", text)["returned"]
    assert new == (None if old is None else str(old))


@pytest.mark.parametrize("text", ["five", "1,2,3", "1.2.3", "--", "12-5", "1e3"])
def test_unreadable_amounts_on_paper(corrected: Successor, text: str) -> None:
    with pytest.raises(ValueError, match="bad amount") as old:
        helpers.parse_amount(text)
    new = corrected.call("billing.references:parse_amount", text)
    assert new["raised"] == "UnreadableAmount"
    assert new["message"] == str(old.value)


@pytest.mark.parametrize(
    "number", [str(number) for number in (0, 1, 2, 5, 7, 12, 34, 79, 1001, 99999, 123456789)]
)
def test_check_digits(corrected: Successor, number: str) -> None:
    assert corrected.call("billing.references:check_digit", number)["returned"] == helpers.check_digit(number)


@pytest.mark.parametrize("terms", ["", " 30 ", "now", "EOM", "0"])
@pytest.mark.parametrize("issued", [date(2023, 12, 31), date(2024, 2, 1), date(2024, 2, 29)], ids=str)
def test_terms(corrected: Successor, issued: date, terms: str) -> None:
    new = corrected.call("billing.references:due_date", issued, terms)["returned"]
    assert new == str(helpers.due_date(issued, terms))


@contextmanager
def logged_in(url: str) -> Iterator[httpx.Client]:
    """A client of the legacy front end with an open session."""
    with httpx.Client(base_url=url) as client:
        answer = client.post("/login", data={"user": "clerk", "password": "demo-only"})
        assert answer.headers["Location"] == "/menu"
        yield client


def seen(response: httpx.Response) -> dict[str, Any]:
    """What a browser sees."""
    return {
        "status": response.status_code,
        "type": response.headers.get("Content-Type", ""),
        "location": response.headers.get("Location", ""),
        "body": response.content.decode("ISO-8859-1"),
    }
