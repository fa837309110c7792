"""Dunning levels and fees."""

from datetime import date, timedelta
from decimal import Decimal

from billing.models import Invoice
from billing.rules import rules
from billing.services.pricing import open_amount

SATURDAY = 5


def dunning_level(number: int, on: date) -> int | None:
    """How far the dunning of an invoice has gone on a day; ``None`` if there is no such invoice."""
    invoice = Invoice.objects.select_related("customer").filter(pk=number).first()
    return None if invoice is None else level_of(invoice, on)


def level_of(invoice: Invoice, on: date) -> int:
    """As :func:`dunning_level`, of an invoice at hand."""
    owed = open_amount(invoice)
    if owed == 0 or invoice.customer.dunning_stopped:
        return 0
    return rules.dunning_level((on - _working_day(invoice.due_on)).days, owed)


def late_fee(number: int, on: date) -> Decimal:
    """The fee for the dunning letter of a day; a bare nought if there is no such invoice."""
    invoice = Invoice.objects.select_related("customer").filter(pk=number).first()
    if invoice is None:
        return Decimal(0)
    return rules.to_cents(rules.late_fee(level_of(invoice, on), open_amount(invoice)))


def _working_day(due_on: date) -> date:
    while due_on.weekday() >= SATURDAY:
        due_on += timedelta(days=1)
    return due_on
