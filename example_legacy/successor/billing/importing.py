"""The initial import: rows of a legacy dump become clean models."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from billing import models
from billing.acl import CHANNEL_OF_LETTER, SIDE_OF_LETTER, STATUS_OF_LETTER, TAX_CLASS_OF_CODE, is_set
from billing.dump import Row, read_dump

T = TypeVar("T")


@transaction.atomic
def import_dump(path: Path) -> dict[str, int]:
    """Import every known table of a dump into an empty database; the number of rows by legacy table."""
    dump = read_dump(path)
    for table, build in BUILDERS.items():
        rows = [build(LegacyRow(row)) for row in dump[table]]
        type(rows[0])._default_manager.bulk_create(rows)
    return {table: len(dump[table]) for table in BUILDERS}


class LegacyRow:
    """A row of the dump, read column by column as what it means."""

    def __init__(self, row: Row) -> None:
        self._row = row

    def optional(self, column: str, read: Callable[[str], T]) -> T | None:
        """What one of the other methods reads there, ``None`` for NULL."""
        return None if self._row[column] is None else read(column)

    def text(self, column: str) -> str:
        """A text; there is no difference between empty and unknown."""
        return self._row[column] or ""

    def code(self, column: str) -> str:
        """A code without its padding."""
        return self.text(column).rstrip(" ")

    def flag(self, column: str) -> bool:
        """``Y`` or ``N``."""
        return is_set(self.text(column))

    def number(self, column: str) -> int:
        """A whole number."""
        return int(self.text(column))

    def decimal(self, column: str) -> Decimal:
        """An amount, a price or a quantity."""
        return Decimal(self.text(column))

    def day(self, column: str) -> date:
        """A date."""
        return date.fromisoformat(self.text(column))


def _customer(row: LegacyRow) -> models.Customer:
    return models.Customer(
        number=row.code("cust_no"),
        name=row.text("name"),
        street=row.text("street"),
        postcode=row.code("zip"),
        city=row.text("city"),
        region=row.code("region"),
        email=row.text("email"),
        customer_since=row.optional("since", row.day),
        credit_limit=row.optional("credit_limit", row.decimal),
        is_vip=row.flag("vip"),
        is_active=row.flag("active"),
        dunning_stopped=row.flag("dunning_stop"),
        note=row.text("note"),
    )


def _product(row: LegacyRow) -> models.Product:
    return models.Product(
        code=row.code("code"),
        description=row.text("descr"),
        unit_price=row.decimal("price"),
        tax_class=TAX_CLASS_OF_CODE[row.code("tax_code")],
    )


def _invoice(row: LegacyRow) -> models.Invoice:
    return models.Invoice(
        number=row.number("inv_no"),
        customer_id=row.code("cust_no"),
        issued_on=row.day("issued"),
        due_on=row.day("due"),
        status=STATUS_OF_LETTER[row.text("status")],
        paid_on=row.optional("paid_on", row.day),
        remark=row.text("remark"),
    )


def _line(row: LegacyRow) -> models.InvoiceLine:
    return models.InvoiceLine(
        invoice_id=row.number("inv_no"),
        position=row.number("line_no"),
        product_id=row.code("code"),
        quantity=row.decimal("qty"),
        unit_price=row.decimal("price"),
    )


def _payment(row: LegacyRow) -> models.Payment:
    return models.Payment(
        number=row.number("pay_no"),
        invoice_id=row.number("inv_no"),
        received_on=row.day("paid_on"),
        amount=row.decimal("amount"),
        method=row.code("method"),
    )


def _entry(row: LegacyRow) -> models.LedgerEntry:
    return models.LedgerEntry(
        number=row.number("entry_no"),
        booked_on=row.day("booked"),
        account=row.code("account"),
        customer_id=row.code("cust_no"),
        invoice_id=row.optional("inv_no", row.number),
        side=SIDE_OF_LETTER[row.text("side")],
        amount=row.decimal("amount"),
        text=row.optional("text", row.text),
    )


def _decision(row: LegacyRow) -> models.CreditDecision:
    return models.CreditDecision(
        customer_id=row.code("cust_no"), amount=row.decimal("amount"), answer=row.code("answer")
    )


def _counter(row: LegacyRow) -> models.Counter:
    return models.Counter(name=row.code("name"), last=row.number("last_no"))


def _letter(row: LegacyRow) -> models.DunningLetter:
    return models.DunningLetter(
        invoice_id=row.number("inv_no"),
        level=row.number("level"),
        printed_on=row.day("printed"),
        fee=row.decimal("fee"),
        channel=CHANNEL_OF_LETTER[row.text("sent_by")],
    )


def _period(row: LegacyRow) -> models.Period:
    return models.Period(
        year=row.number("year"),
        month=row.number("month"),
        closed_on=row.day("closed"),
        entries=row.number("entries"),
        debit=row.decimal("debit"),
        credit=row.decimal("credit"),
    )


BUILDERS: Mapping[str, Callable[[LegacyRow], Model]] = {
    "customer": _customer,
    "product": _product,
    "invoice": _invoice,
    "invoice_line": _line,
    "payment": _payment,
    "ledger": _entry,
    "credit_log": _decision,
    "counters": _counter,
    "dunning_letter": _letter,
    "period": _period,
}
"""By legacy table, in the order of their foreign keys."""
