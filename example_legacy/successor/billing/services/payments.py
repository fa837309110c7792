"""Money that comes in."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from billing.models import Invoice, InvoiceStatus, Payment, Side
from billing.postings import ACCOUNT_OF_METHOD, BANK, RECEIVABLES, Posting
from billing.rules import rules
from billing.services.ledger import book, next_number
from billing.services.pricing import open_amount


def post_payment(number: int, amount: Decimal, on: date, method: str) -> str:
    """Take a payment for an invoice.

    Returns:
        ``OK``, ``PART`` or ``OVER`` when it is booked, ``CLOSED`` or ``NOINV`` when there is nothing to
        pay, ``ERR`` when the payment itself is impossible; then nothing is booked.
    """
    invoice = Invoice.objects.filter(pk=number).first()
    if invoice is None:
        return "NOINV"
    if invoice.status != InvoiceStatus.OPEN:
        return "CLOSED"
    try:
        with transaction.atomic():
            return _take(invoice, amount, on, method)
    except ValidationError:
        return "ERR"


def _take(invoice: Invoice, amount: Decimal, on: date, method: str) -> str:
    owed = open_amount(invoice)
    payment = Payment(
        number=next_number("PAYMENT"), invoice=invoice, received_on=on, amount=amount, method=method
    )
    payment.full_clean()
    payment.save()
    book(on, invoice, Posting(ACCOUNT_OF_METHOD.get(method, BANK), Side.DEBIT, amount, "Payment"))
    if not rules.is_settled(owed - amount):
        book(on, invoice, Posting(RECEIVABLES, Side.CREDIT, amount, "Part payment"))
        return "PART"
    for posting in rules.settlement(owed, amount):
        book(on, invoice, posting)
    invoice.status, invoice.paid_on = InvoiceStatus.PAID, on
    invoice.save()
    return "OVER" if amount > owed else "OK"
