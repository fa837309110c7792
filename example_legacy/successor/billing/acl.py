"""The anti-corruption layer: old payloads at the edge, the clean model inside.

Nothing but this module knows ``Y`` and ``N``, ``DD/MM/YYYY``, blank-padded codes and ISO-8859-1.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from billing.models import Channel, Customer, Invoice, InvoiceLine, InvoiceStatus, Side, TaxClass
from billing.references import payment_reference
from billing.rules import rules
from billing.services.pricing import PricedInvoice
from billing.services.reports import OpenItem

CHARSET = "ISO-8859-1"
LOGIN = "/login"
NUMBER_WIDTH, POSTCODE_WIDTH, REGION_WIDTH = 8, 8, 4

STATUS_OF_LETTER = {"O": InvoiceStatus.OPEN, "P": InvoiceStatus.PAID, "C": InvoiceStatus.CANCELLED}
LETTER_OF_STATUS = {str(status): letter for letter, status in STATUS_OF_LETTER.items()}
SIDE_OF_LETTER = {"D": Side.DEBIT, "C": Side.CREDIT}
TAX_CLASS_OF_CODE = {"N": TaxClass.STANDARD, "R": TaxClass.REDUCED, "Z": TaxClass.ZERO}
CODE_OF_TAX_CLASS = {str(tax_class): code for code, tax_class in TAX_CLASS_OF_CODE.items()}
CHANNEL_OF_LETTER = {"P": Channel.POST, "E": Channel.EMAIL}


def flag(value: bool) -> str:
    """A flag as the old terminal shows it."""
    return "Y" if value else "N"


def is_set(text: str) -> bool:
    """The other way round."""
    return text == "Y"


def day(value: date | None) -> str:
    """A date as the old terminal shows it."""
    return value.strftime("%d/%m/%Y") if value else ""


def parse_day(text: str) -> date | None:
    """A date as people type it; years of two digits are from paper forms.

    Raises:
        ValueError: it is none.
    """
    parts = text.strip().replace(".", "/").split("/")
    if parts == [""]:
        return None
    if len(parts) == 3 and len(parts[2]) == 2:
        parts[2] = ("19" if int(parts[2]) > 70 else "20") + parts[2]
    return datetime.strptime("/".join(parts), "%d/%m/%Y").date()


def amount(value: Decimal) -> str:
    """An amount as people read it."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def customer_payload(customer: Customer) -> dict[str, Any]:
    """A customer as partners read it."""
    return {
        "cust_no": customer.number.ljust(NUMBER_WIDTH),
        "name": customer.name,
        "street": customer.street,
        "zip": customer.postcode.ljust(POSTCODE_WIDTH),
        "city": customer.city,
        "region": customer.region.ljust(REGION_WIDTH),
        "email": customer.email,
        "since": day(customer.customer_since),
        "credit_limit": "" if customer.credit_limit is None else str(customer.credit_limit),
        "vip": flag(customer.is_vip),
        "active": flag(customer.is_active),
        "dunning_stop": flag(customer.dunning_stopped),
        "note": customer.note,
    }


def invoice_payload(priced: PricedInvoice) -> dict[str, Any]:
    """An invoice with its lines as partners read it."""
    invoice = priced.invoice
    return {
        "inv_no": invoice.number,
        "cust_no": invoice.customer_id.ljust(NUMBER_WIDTH),
        "issued": day(invoice.issued_on),
        "due": day(invoice.due_on),
        "status": LETTER_OF_STATUS[invoice.status],
        "paid_on": day(invoice.paid_on),
        "total": str(priced.total),
        "reference": payment_reference(invoice.number, invoice.customer_id),
        "lines": [
            {
                "code": rules.product_code(line.product_id),
                "descr": line.product.description,
                "qty": float(line.quantity),
                "amount": str(net),
            }
            for line, net in priced.lines
        ],
    }


def invoice_row(invoice: Invoice, open_amount: Decimal) -> dict[str, Any]:
    """An invoice in a list."""
    return {
        "inv_no": invoice.number,
        "issued": day(invoice.issued_on),
        "due": day(invoice.due_on),
        "status": LETTER_OF_STATUS[invoice.status],
        "open": str(open_amount),
    }


def open_items_file(items: Iterable[OpenItem]) -> str:
    """Overdue invoices in the columns of the old file; names are cut."""
    lines, total = [], Decimal("0.00")
    for item in items:
        invoice = item.invoice
        lines.append(
            f"{invoice.number:07d}{invoice.customer_id:8}{invoice.customer.name:20.20}"
            f"{day(invoice.due_on):10}{item.open_amount:>10}{item.level}\r\n"
        )
        total += item.open_amount
    return "".join(lines) + f"TOTAL {len(lines):6d} {total:>12}\r\n"


def edi_invoice(
    invoice: Invoice, lines: Iterable[tuple[InvoiceLine, Decimal]], open_amount: Decimal
) -> dict[str, Any]:
    """What stands in the XML document of an invoice; unknown is empty there."""
    return {
        "invoice": invoice,
        "number": _edi_number(invoice),
        "status": LETTER_OF_STATUS[invoice.status],
        "customer_number": invoice.customer_id.ljust(NUMBER_WIDTH),
        "issued": day(invoice.issued_on),
        "paid": day(invoice.paid_on),
        "items": [(line, CODE_OF_TAX_CLASS[line.product.tax_class], str(net)) for line, net in lines],
        "open_amount": str(open_amount),
    }


def edi_open_items(customer_number: str, items: Iterable[tuple[Invoice, Decimal]]) -> dict[str, Any]:
    """What stands in the XML document of a customer's open invoices."""
    rows = [(_edi_number(invoice), day(invoice.due_on), str(owed)) for invoice, owed in items]
    return {"customer_number": customer_number, "items": rows}


def flags_in_words(customer: Customer) -> list[str]:
    """What the customer's page says about the flags."""
    words = {
        "VIP": customer.is_vip,
        "no dunning": customer.dunning_stopped,
        "INACTIVE": not customer.is_active,
    }
    return [word for word, holds in words.items() if holds]


def form_of(request: HttpRequest) -> dict[str, str]:
    """Query string and posted form in the old character set; the form wins, and so does the last value."""
    query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True, encoding=CHARSET)
    posted = parse_qsl(request.body.decode("ascii"), keep_blank_values=True, encoding=CHARSET)
    return dict(query) | dict(posted)


def html(template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page in the old character set."""
    return _response("text/html", render_to_string(f"billing/{template}.html", dict(context)), status)


def xml(template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A document for partners' programs in the old character set."""
    return _response("text/xml", render_to_string(f"billing/{template}.xml", dict(context)), status)


def plain(text: str) -> HttpResponse:
    """A text file in the old character set."""
    return _response("text/plain", text)


def as_json(data: Any) -> HttpResponse:
    """A JSON answer in the old character set."""
    return _response("application/json", json.dumps(data, ensure_ascii=False))


def redirect(location: str) -> HttpResponse:
    """The way to another page; the old front end sends nothing else along."""
    response = HttpResponseRedirect(location)
    del response.headers["Content-Type"]
    return response


def error_page(code: int, text: str, status: int = 200) -> HttpResponse:
    """What the old front end shows instead of a page; as a rule with status 200."""
    return html("error", {"title": "Error", "code": f"{code:02d}", "text": text}, status)


def error_json(code: int, text: str) -> HttpResponse:
    """What the old interface answers instead of data, with status 200."""
    return as_json({"error": code, "text": text})


def error_xml(code: int, text: str, status: int) -> HttpResponse:
    """What the XML interface answers instead of a document."""
    return xml("edi_error", {"code": f"{code:02d}", "text": text}, status)


class LegacyEdge:
    """Middleware: strangers, unknown pages and crashes are answered as the old front end does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Strangers see the login page only; what is found nowhere is error 4."""
        if not request.user.is_authenticated and request.path != LOGIN:
            return redirect(LOGIN)
        response = self.get_response(request)
        nowhere = request.resolver_match is None or response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        return error_page(4, "no such page", 404) if nowhere else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        """Whatever goes wrong is error 99."""
        return error_page(99, "system error, call the hotline", 500)


def _edi_number(invoice: Invoice) -> str:
    return f"{invoice.number:07d}"


def _response(content_type: str, text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        text.encode(CHARSET, "replace"), status=status, content_type=f"{content_type}; charset={CHARSET}"
    )
