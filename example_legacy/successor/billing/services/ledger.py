"""Posting to the ledger, and numbers without gaps."""

from datetime import date

from billing.models import Counter, Invoice, LedgerEntry
from billing.postings import Posting


def next_number(series: str) -> int:
    """The next number of a gapless series; call it in a transaction."""
    counter, _ = Counter.objects.select_for_update().get_or_create(name=series, defaults={"last": 0})
    counter.last += 1
    counter.save()
    return counter.last


def book(on: date, invoice: Invoice, posting: Posting) -> None:
    """Write a posting for an invoice."""
    LedgerEntry.objects.create(
        number=next_number("LEDGER"),
        booked_on=on,
        account=posting.account,
        customer_id=invoice.customer_id,
        invoice=invoice,
        side=posting.side,
        amount=posting.amount,
        text=posting.text,
    )
