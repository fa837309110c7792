"""The pages and interfaces of the old front end, answered by the new services."""

from datetime import date

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from billing import acl
from billing.errors import UnreadableAmount
from billing.models import Customer, Invoice, InvoiceStatus
from billing.references import parse_amount, payment_reference
from billing.rules import rules
from billing.services.payments import post_payment
from billing.services.pricing import PricedInvoice, net_lines, open_amount, priced_invoice
from billing.services.reports import open_items, overdue_items
from billing.services.statements import customer_card

PAYMENT_MESSAGES = {
    "OK": "Payment booked",
    "PART": "Part payment booked",
    "OVER": "Payment booked, customer has paid too much",
    "CLOSED": "Invoice is already closed",
    "NOINV": "Invoice does not exist",
    "ERR": "Payment could not be booked, call the hotline",
}


def login(request: HttpRequest) -> HttpResponse:
    """The only page for strangers."""
    if request.method == "GET":
        return acl.html("login", {"title": "Login"})
    form = acl.form_of(request)
    user = auth.authenticate(request, username=form.get("user", ""), password=form.get("password", ""))
    if user is None:
        return acl.html("login", {"title": "Login", "message": "Login failed"})
    auth.login(request, user)
    return acl.redirect("/menu")


def logout(request: HttpRequest) -> HttpResponse:
    """Back to the login page."""
    auth.logout(request)
    return acl.redirect(acl.LOGIN)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The menu is the first page."""
    return acl.redirect("/menu")


@require_GET
def menu(request: HttpRequest) -> HttpResponse:
    """Today, and how much is open."""
    open_invoices = Invoice.objects.filter(status=InvoiceStatus.OPEN).count()
    return acl.html("menu", {"title": "Menu", "today": acl.day(_today()), "open_invoices": open_invoices})


@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """Active customers, perhaps of one region."""
    found = Customer.objects.filter(is_active=True)
    if region := acl.form_of(request).get("region", "").upper():
        found = found.filter(region=region)
    return acl.html("customers", {"title": "Customers", "customers": found})


@require_GET
def customer(request: HttpRequest) -> HttpResponse:
    """One customer, with the card and the invoices."""
    form = acl.form_of(request)
    number = form.get("no", "").strip().upper()
    found = Customer.objects.filter(pk=number).first()
    if found is None:
        return acl.error_page(12, f"no customer {number}")
    card = customer_card(number, _day_asked_for(form))
    context = {
        "title": f"Customer {found.number} {found.name}",
        "customer": found,
        "address": [part for part in (found.street, found.postcode, found.city) if part],
        "since": acl.day(found.customer_since) or "unknown",
        "flags": acl.flags_in_words(found),
        "open_amount": acl.amount(card.open_amount),
        "rating": card.rating,
        "invoices": [(invoice, acl.day(invoice.issued_on)) for invoice in found.invoices.all()],
    }
    return acl.html("customer", context)


@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Change the note on a customer."""
    form = acl.form_of(request)
    number = form.get("no", "").strip().upper()
    if not Customer.objects.filter(pk=number).update(note=form.get("note", "")[:80]):
        return acl.error_page(12, f"no customer {number}")
    return acl.redirect(f"/customer?no={number}")


@require_GET
def invoice(request: HttpRequest) -> HttpResponse:
    """One invoice, and what has to be paid on a day."""
    form = acl.form_of(request)
    number = form.get("no", "")
    priced = _priced(number, form)
    if priced is None:
        return acl.error_page(17, f"no invoice {number}")
    found = priced.invoice
    context = {
        "title": f"Invoice {found.number}",
        "message": PAYMENT_MESSAGES.get(form.get("msg", "")),
        "invoice": found,
        "issued": acl.day(found.issued_on),
        "due": acl.day(found.due_on),
        "paid": acl.day(found.paid_on),
        "lines": [
            (line.product.description, f"{line.quantity.normalize():f}", acl.amount(net))
            for line, net in priced.lines
        ],
        "total": acl.amount(priced.total),
        "reference": payment_reference(found.number, found.customer_id),
    }
    return acl.html("invoice", context)


@require_POST
def payment(request: HttpRequest) -> HttpResponse:
    """Take a payment and show the invoice again."""
    form = acl.form_of(request)
    try:
        amount, on = parse_amount(form.get("amount", "")), acl.parse_day(form.get("on", ""))
    except (UnreadableAmount, ValueError):
        return acl.error_page(21, "amount or date not readable")
    number = form.get("inv_no", "")
    if amount is None or not number.isdigit():
        return acl.error_page(20, "fields are missing")
    answer = post_payment(int(number), amount, on or _today(), form.get("method", "BNK"))
    return acl.redirect(f"/invoice?no={number}&msg={answer}")


@require_GET
def api_customer(request: HttpRequest, number: str) -> HttpResponse:
    """One customer for partners."""
    found = Customer.objects.filter(pk=number).first()
    if found is None:
        return acl.error_json(12, f"no customer {number}")
    return acl.as_json(acl.customer_payload(found))


@require_GET
def api_invoice(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice for partners."""
    priced = _priced(number, acl.form_of(request))
    if priced is None:
        return acl.error_json(17, f"no invoice {number}")
    return acl.as_json(acl.invoice_payload(priced))


@require_GET
def api_invoices(request: HttpRequest) -> HttpResponse:
    """A customer's invoices for partners, the latest first."""
    form = acl.form_of(request)
    found = Invoice.objects.filter(customer=form.get("cust", "")).order_by("-issued_on", "-number")
    if letter := form.get("status", ""):
        found = found.filter(status=acl.STATUS_OF_LETTER.get(letter, ""))
    return acl.as_json([acl.invoice_row(invoice, open_amount(invoice)) for invoice in found])


@require_GET
def edi_invoice(request: HttpRequest, number: str) -> HttpResponse:
    """One invoice as XML."""
    found = Invoice.objects.filter(pk=number).first() if number.isdigit() else None
    if found is None:
        return acl.error_xml(17, f"no invoice {number}", rules.edi_error)
    return acl.xml("edi_invoice", acl.edi_invoice(found, net_lines(found), open_amount(found)))


@require_GET
def edi_open_items(request: HttpRequest) -> HttpResponse:
    """A customer's open invoices as XML."""
    number = acl.form_of(request).get("cust", "")
    return acl.xml("edi_open_items", acl.edi_open_items(number, open_items(number)))


@require_GET
def export_open_items(request: HttpRequest) -> HttpResponse:
    """Overdue invoices as a file of fixed columns."""
    return acl.plain(acl.open_items_file(overdue_items(_day_asked_for(acl.form_of(request)))))


def _priced(number: str, form: dict[str, str]) -> PricedInvoice | None:
    return priced_invoice(int(number), _day_asked_for(form)) if number.isdigit() else None


def _day_asked_for(form: dict[str, str]) -> date:
    return acl.parse_day(form.get("on", "")) or _today()


def _today() -> date:
    return timezone.localdate()
