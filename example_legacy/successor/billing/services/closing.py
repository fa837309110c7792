"""The month close."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db import transaction

from billing.errors import InvalidRequest, PeriodNotOpen
from billing.models import Invoice, InvoiceStatus, LedgerEntry, Period, Side
from billing.postings import RECEIVABLES, SMALL_DIFFERENCES, Posting
from billing.rules import rules
from billing.services.ledger import book
from billing.services.pricing import ZERO, open_amount


class Mode(StrEnum):
    """How a month is closed."""

    TRIAL = "T"
    FINAL = "F"
    FORCED = "X"


@dataclass(frozen=True)
class Turnover:
    """What was booked on the customers' accounts."""

    entries: int
    debit: Decimal
    credit: Decimal


@transaction.atomic
def close_month(year: int, month: int, mode: Mode) -> str:
    """Close a month: trifles are written off, and the sums of the accounts are kept. What was done, in words.

    A trial changes nothing; a forced close does not mind an earlier month that is open.

    Raises:
        InvalidRequest: there is no such month.
        PeriodNotOpen: the month is closed, or an earlier one is open.
    """
    if not 1 <= month <= 12:
        raise InvalidRequest(f"there is no month {month}")
    if Period.objects.filter(year=year, month=month).exists():
        return rules.second_close(year, month)
    first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if mode != Mode.FORCED and first > _first_open_day(first):
        raise PeriodNotOpen("an earlier month is open")
    if mode == Mode.TRIAL:
        trial = _turnover(first, last)
        return f"TRIAL {trial.entries} entries, balance {trial.debit - trial.credit}"
    written_off = _write_off_trifles(last)
    turnover = _turnover(first, last)
    Period.objects.create(
        year=year,
        month=month,
        closed_on=last,
        entries=turnover.entries,
        debit=turnover.debit,
        credit=turnover.credit,
    )
    if turnover.entries == 0:
        return "EMPTY"
    return f"CLOSED, {written_off} written off" if written_off else "CLOSED"


def _first_open_day(default: date) -> date:
    """The day after the last month that is closed."""
    last = Period.objects.last()
    return default if last is None else last.closed_on + timedelta(days=1)


def _write_off_trifles(on: date) -> int:
    """Write off what is too old and too small to be chased; the number of invoices."""
    written_off = 0
    for invoice in Invoice.objects.filter(status=InvoiceStatus.OPEN, issued_on__lt=rules.trifles_before(on)):
        owed = open_amount(invoice)
        if not rules.is_trifle(owed):
            continue
        book(on, invoice, Posting(SMALL_DIFFERENCES, Side.DEBIT, owed, "Written off"))
        book(on, invoice, Posting(RECEIVABLES, Side.CREDIT, owed, "Written off"))
        invoice.status, invoice.paid_on = InvoiceStatus.PAID, on
        invoice.save()
        written_off += 1
    return written_off


def _turnover(first: date, last: date) -> Turnover:
    entries = LedgerEntry.objects.filter(account=RECEIVABLES, booked_on__range=(first, last))
    sums = {
        side: sum((entry.amount for entry in entries.filter(side=side)), ZERO)
        for side in (Side.DEBIT, Side.CREDIT)
    }
    return Turnover(entries.count(), sums[Side.DEBIT], sums[Side.CREDIT])
