"""Dunning levels, fees and letters."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from billing.models import DunningLetter, Invoice, InvoiceStatus, Side
from billing.postings import DUNNING_FEES, RECEIVABLES, Posting
from billing.rules import rules
from billing.services.ledger import book
from billing.services.pricing import open_amount
from billing.workdays import is_weekend, working_day

EVERYWHERE = "*"


def dunning_level(number: int, on: date) -> int | None:
    """How far the dunning of an invoice has gone on a day; ``None`` if there is no such invoice."""
    invoice = Invoice.objects.select_related("customer").filter(pk=number).first()
    return None if invoice is None else level_of(invoice, on)


def level_of(invoice: Invoice, on: date) -> int:
    """As :func:`dunning_level`, of an invoice at hand."""
    owed = open_amount(invoice)
    if owed == 0 or invoice.customer.dunning_stopped:
        return 0
    return rules.dunning_level((on - working_day(invoice.due_on)).days, owed)


def late_fee(number: int, on: date) -> Decimal:
    """The fee for the dunning letter of a day; a bare nought if there is no such invoice."""
    invoice = Invoice.objects.select_related("customer").filter(pk=number).first()
    if invoice is None:
        return Decimal(0)
    return rules.to_cents(rules.late_fee(level_of(invoice, on), open_amount(invoice)))


@transaction.atomic
def dunning_run(on: date, region: str) -> int:
    """Write the letters of a day, for one region or all (``*``); how many there are."""
    if is_weekend(on):
        return 0
    invoices = Invoice.objects.filter(status=InvoiceStatus.OPEN).select_related("customer")
    if region != EVERYWHERE:
        invoices = invoices.filter(customer__region=region)
    return sum(_dun(invoice, on) for invoice in invoices.order_by("customer", "number"))


def _dun(invoice: Invoice, on: date) -> bool:
    """Write the letter that is due for an invoice, if any."""
    last = invoice.letters.aggregate(last=Max("level"))["last"]
    level = rules.letter_level(level_of(invoice, on), last)
    if level is None:
        return False
    customer = invoice.customer
    fee = rules.letter_fee(level, late_fee(invoice.number, on), is_vip=customer.is_vip)
    channel = rules.letter_channel(level, has_email=bool(customer.email))
    DunningLetter.objects.create(invoice=invoice, level=level, printed_on=on, fee=fee, channel=channel)
    if fee > 0:
        book(on, invoice, Posting(RECEIVABLES, Side.DEBIT, fee, "Dunning fee"))
        book(on, invoice, Posting(DUNNING_FEES, Side.CREDIT, fee, "Dunning fee"))
    return True
