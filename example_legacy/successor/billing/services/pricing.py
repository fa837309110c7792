"""What an invoice comes to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from billing.models import Customer, Invoice, InvoiceLine, InvoiceStatus, Side
from billing.postings import DISCOUNTS, Posting
from billing.rules import rules
from billing.services.ledger import book

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class PricedInvoice:
    """An invoice, its lines with their net amounts, and what has to be paid on a day."""

    invoice: Invoice
    lines: tuple[tuple[InvoiceLine, Decimal], ...]
    total: Decimal


def net_lines(invoice: Invoice) -> tuple[tuple[InvoiceLine, Decimal], ...]:
    """The lines with their net amounts; each is rounded for itself."""
    lines = invoice.lines.select_related("product")
    return tuple((line, rules.to_cents(line.quantity * line.unit_price)) for line in lines)


def tenure_years(customer_number: str, on: date) -> int:
    """Full years as a customer."""
    since = Customer.objects.filter(pk=customer_number).values_list("customer_since", flat=True).first()
    return rules.tenure_years(since, on)


@transaction.atomic
def invoice_total(number: int, on: date) -> Decimal | None:
    """What the customer has to pay on a day; a discount is posted to the ledger."""
    invoice = Invoice.objects.select_related("customer").filter(pk=number).first()
    if invoice is None:
        return None
    if invoice.status == InvoiceStatus.CANCELLED:
        return ZERO
    lines = net_lines(invoice)
    net = sum((amount for _, amount in lines), ZERO)
    tax = sum((amount * _tax_percent(line, invoice) / 100 for line, amount in lines), Decimal(0))
    percent = _discount_percent(invoice, on)
    discount = ZERO
    if percent > 0 and rules.earns_discount(net):
        discount = rules.to_cents(net * percent / 100)
        tax = tax * (100 - percent) / 100
        book(on, invoice, Posting(DISCOUNTS, Side.DEBIT, discount, f"Discount {percent}%"))
    return net - discount + rules.to_cents(tax)


def priced_invoice(number: int, on: date) -> PricedInvoice | None:
    """An invoice as it is shown on a day; showing it posts nothing."""
    with transaction.atomic():
        total = invoice_total(number, on)
        transaction.set_rollback(True)
    if total is None:
        return None
    invoice = Invoice.objects.get(pk=number)
    return PricedInvoice(invoice, net_lines(invoice), total)


def open_amount(invoice: Invoice) -> Decimal:
    """What is still to be paid, without any discount: dunning and credit limit go by it."""
    if invoice.status != InvoiceStatus.OPEN:
        return ZERO
    gross = sum(
        (
            rules.to_cents(amount * (100 + _tax_percent(line, invoice)) / 100)
            for line, amount in net_lines(invoice)
        ),
        ZERO,
    )
    paid = sum((payment.amount for payment in invoice.payments.all()), ZERO)
    return max(gross - paid, ZERO)


def _tax_percent(line: InvoiceLine, invoice: Invoice) -> int:
    return rules.tax_percent(line.product.tax_class, invoice.issued_on)


def _discount_percent(invoice: Invoice, on: date) -> int:
    customer = invoice.customer
    tenure = rules.tenure_years(customer.customer_since, on)
    loyalty = rules.loyalty_percent(tenure, is_vip=customer.is_vip)
    return rules.discount_percent(loyalty, (on - invoice.issued_on).days, is_active=customer.is_active)
