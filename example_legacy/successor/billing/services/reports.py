"""Lists for the management."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Invoice, InvoiceStatus
from billing.rules import rules
from billing.services.dunning import level_of
from billing.services.pricing import net_lines, open_amount


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


def overdue_items(on: date) -> list[OpenItem]:
    """Open invoices due before a day, the oldest first."""
    invoices = Invoice.objects.filter(status=InvoiceStatus.OPEN, due_on__lt=on).select_related("customer")
    return [
        OpenItem(invoice, open_amount(invoice), level_of(invoice, on))
        for invoice in invoices.order_by("due_on", "number")
    ]


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
