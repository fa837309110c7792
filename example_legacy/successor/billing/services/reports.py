"""Lists for the management."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.errors import InvalidRequest
from billing.models import Customer, Invoice, InvoiceStatus
from billing.rules import rules
from billing.services.dunning import EVERYWHERE, level_of
from billing.services.pricing import ZERO, net_lines, open_amount


@dataclass(frozen=True)
class OpenItem:
    """An open invoice that is due."""

    invoice: Invoice
    open_amount: Decimal
    level: int


@dataclass(frozen=True)
class RegionTotal:
    """The open items of a region."""

    region: str
    items: int
    amount: Decimal
    latest_due: date
    average: Decimal


@dataclass(frozen=True)
class AgingLine:
    """What a customer owes, by how long it has been due."""

    customer: Customer
    not_due: Decimal
    up_to_30_days: Decimal
    older: Decimal
    total: Decimal


def overdue_items(on: date) -> list[OpenItem]:
    """Open invoices due before a day, the oldest first."""
    invoices = Invoice.objects.filter(status=InvoiceStatus.OPEN, due_on__lt=on).select_related("customer")
    return [
        OpenItem(invoice, open_amount(invoice), level_of(invoice, on))
        for invoice in invoices.order_by("due_on", "number")
    ]


def open_items(customer_number: str) -> list[tuple[Invoice, Decimal]]:
    """A customer's invoices on which something is open, the oldest first."""
    invoices = Invoice.objects.filter(status=InvoiceStatus.OPEN, customer=customer_number)
    found = [(invoice, open_amount(invoice)) for invoice in invoices.order_by("due_on", "number")]
    return [(invoice, owed) for invoice, owed in found if owed > 0]


def open_by_region(on: date) -> list[RegionTotal]:
    """Open invoices due before a day, added up by region."""
    by_region = defaultdict(list)
    for item in overdue_items(on):
        by_region[item.invoice.customer.region].append(item)
    return [_region_total(region, items) for region, items in sorted(by_region.items())]


def _region_total(region: str, items: list[OpenItem]) -> RegionTotal:
    amount = sum((item.open_amount for item in items), Decimal("0.00"))
    average = rules.to_cents(amount / len(items))
    return RegionTotal(region, len(items), amount, max(item.invoice.due_on for item in items), average)


def revenue_by_product(first: date, last: date) -> list[tuple[str, int, Decimal]]:
    """Product, number of lines and net revenue of the invoices issued between two days."""
    lines: dict[str, list[Decimal]] = defaultdict(list)
    invoices = Invoice.objects.filter(issued_on__range=(first, last)).exclude(status=InvoiceStatus.CANCELLED)
    for invoice in invoices:
        for line, net in net_lines(invoice):
            lines[line.product.description].append(net)
    totals = ((name, len(nets), sum(nets, Decimal("0.00"))) for name, nets in lines.items())
    return sorted(totals, key=lambda total: (-total[2], total[0]))


def aging(on: date, region: str) -> list[AgingLine]:
    """Customers of a region (``*``: of all) with open invoices of this day or earlier.

    Raises:
        InvalidRequest: nobody lives in this region.
    """
    if region != EVERYWHERE and not Customer.objects.filter(region=region).exists():
        raise InvalidRequest(f"unknown region {region}")
    invoices = Invoice.objects.filter(status=InvoiceStatus.OPEN, issued_on__lte=on)
    if region != EVERYWHERE:
        invoices = invoices.filter(customer__region=region)
    by_customer: dict[Customer, list[Invoice]] = defaultdict(list)
    for invoice in invoices.select_related("customer"):
        by_customer[invoice.customer].append(invoice)
    lines = [_aging_line(customer, found, on) for customer, found in by_customer.items()]
    return sorted(lines, key=lambda line: rules.aging_order(line.customer, line.total))


def _aging_line(customer: Customer, invoices: list[Invoice], on: date) -> AgingLine:
    columns = {"not_due": ZERO, "up_to_30_days": ZERO, "older": ZERO}
    for invoice in invoices:
        columns[rules.age_column((on - invoice.due_on).days)] += open_amount(invoice)
    return AgingLine(customer, **columns, total=sum(columns.values(), ZERO))
