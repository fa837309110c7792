"""Statements of account and the customer's card."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Customer, InvoiceStatus, LedgerEntry, Side
from billing.postings import RECEIVABLES
from billing.rules import rules
from billing.services.credit import total_open
from billing.services.dunning import level_of
from billing.services.pricing import ZERO


@dataclass(frozen=True)
class StatementLine:
    """One line of a statement: what was booked, and the balance after it."""

    booked_on: date
    text: str
    debit: Decimal | None
    credit: Decimal | None
    balance: Decimal


@dataclass(frozen=True)
class CustomerCard:
    """A customer at a glance; ``rating`` is ``None`` for one whom nobody knows."""

    line: str
    open_amount: Decimal
    overdue: int
    rating: str | None


def account_statement(customer_number: str, first: date, last: date) -> list[StatementLine]:
    """What was booked on a customer's account between two days, with the running balance."""
    entries = LedgerEntry.objects.filter(customer=customer_number, account=RECEIVABLES)
    balance = sum((_signed(entry) for entry in entries.filter(booked_on__lt=first)), ZERO)
    lines = []
    if balance != 0:
        lines.append(StatementLine(first, "Brought forward", None, None, balance))
    for entry in entries.filter(booked_on__range=(first, last)).order_by("booked_on", "-side", "number"):
        balance += _signed(entry)
        is_debit = entry.side == Side.DEBIT
        lines.append(
            StatementLine(
                entry.booked_on,
                "-" if entry.text is None else entry.text,
                entry.amount if is_debit else None,
                None if is_debit else entry.amount,
                balance,
            )
        )
    return lines


def customer_card(number: str, on: date) -> CustomerCard:
    """A customer at a glance on a day."""
    customer = Customer.objects.filter(pk=number).first()
    if customer is None:
        return CustomerCard(f"*** {number} ***", ZERO, 0, None)
    invoices = customer.invoices.select_related("customer")
    owed = total_open(customer)
    rating = rules.rating(
        is_active=customer.is_active,
        is_vip=customer.is_vip,
        worst_level=max((level_of(invoice, on) for invoice in invoices), default=0),
        over_limit=owed > rules.credit_limit(customer.credit_limit, tenure=0),
    )
    overdue = invoices.filter(due_on__lt=on, status=InvoiceStatus.OPEN).count()
    return CustomerCard(_heading(customer), owed, overdue, rating)


def _heading(customer: Customer) -> str:
    name = "".join(letter if letter == "ß" else letter.upper() for letter in customer.name)
    return f"{name}, {customer.city}" if customer.city else name


def _signed(entry: LedgerEntry) -> Decimal:
    return entry.amount if entry.side == Side.DEBIT else -entry.amount
