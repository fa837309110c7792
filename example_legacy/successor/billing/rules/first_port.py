"""The business rules as they were first ported, from the routines and the handbook."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils import timezone

from billing.models import Channel, Customer, Side, TaxClass
from billing.postings import OVERPAYMENTS, RECEIVABLES, Posting

CENT = Decimal("0.01")
TAKEOVER_OF_HANSEN = date(1998, 7, 1)
CLOSE_OF_BUSINESS = time(18)
PATIENCE_WITH_TRIFLES = timedelta(days=90)


class Rules:
    """One method a decision."""

    standard_credit_limit: ClassVar = Decimal(400)
    """What a customer may owe with whom nothing else was agreed (handbook, section 4)."""
    edi_error: ClassVar = HTTPStatus.NOT_FOUND
    """How the XML interface answers a request for an invoice that does not exist."""

    def to_cents(self, amount: Decimal) -> Decimal:
        """An amount of money, rounded to cents."""
        return amount.quantize(CENT)

    def tenure_years(self, customer_since: date | None, on: date) -> int:
        """Full years as a customer; those taken over from Hansen count from the day of the takeover."""
        since = customer_since or TAKEOVER_OF_HANSEN
        years = on.year - since.year - ((on.month, on.day) < (since.month, since.day))
        return max(years, 0)

    def tax_percent(self, tax_class: str, issued_on: date) -> int:
        """Value added tax; the standard rate was lower in the second half of 2020."""
        if tax_class == TaxClass.ZERO:
            return 0
        if tax_class == TaxClass.REDUCED:
            return 7
        return 16 if date(2020, 7, 1) <= issued_on <= date(2020, 12, 31) else 19

    def loyalty_percent(self, tenure: int, *, is_vip: bool) -> int:
        """Discount for customers of ten years, of more than five years, else for VIPs."""
        if tenure >= 10:
            return 8
        if tenure > 5:
            return 5
        return 3 if is_vip else 0

    def discount_percent(self, loyalty: int, age_in_days: int, *, is_active: bool) -> int:
        """Discount on an invoice of this age: none for an old one, more for a young one."""
        if age_in_days > 60:
            return 0
        return loyalty + 2 if age_in_days <= 10 and is_active else loyalty

    def earns_discount(self, net: Decimal) -> bool:
        """Whether an invoice is large enough for a discount."""
        return net >= 50

    def credit_limit(self, limit: Decimal | None, tenure: int) -> Decimal:
        """What a customer may owe."""
        granted = self.standard_credit_limit if limit is None else limit
        return granted * Decimal("1.2") if tenure >= 10 else granted

    def needs_manual_release(self, owed: Decimal, limit: Decimal, *, is_vip: bool) -> bool:
        """Whether a colleague decides on an order that is over the limit."""
        return is_vip and owed <= limit * Decimal("1.1")

    def dunning_level(self, days_overdue: int, open_amount: Decimal) -> int:
        """0 nothing, 1 reminder, 2 dunning, 3 last dunning, 9 lawyer."""
        if days_overdue <= 3:
            return 0
        if days_overdue <= 14 or open_amount < 5:
            return 1
        if days_overdue <= 28:
            return 2
        return 3 if days_overdue <= 42 or open_amount < 50 else 9

    def late_fee(self, level: int, open_amount: Decimal) -> Decimal:
        """The fee for a dunning letter, unrounded."""
        if level <= 1:
            return Decimal(0)
        if level == 2:
            return Decimal("2.50")
        if level == 3:
            return max(Decimal(5), open_amount * Decimal("0.01"))
        return min(Decimal(40), max(Decimal(10), open_amount * Decimal("0.025")))

    def letter_level(self, level: int, last: int | None) -> int | None:
        """The level of the letter that is due after the last one; nobody gets the second letter first."""
        if level == 0:
            return None
        if last is None:
            return 1
        return level if level > last else None

    def letter_fee(self, level: int, fee: Decimal, *, is_vip: bool) -> Decimal:
        """What a letter costs its reader: the first nothing, and VIPs nothing before the last."""
        return Decimal(0) if level == 1 or (is_vip and level < 3) else fee

    def letter_channel(self, level: int, *, has_email: bool) -> Channel:
        """How a letter goes out; from the second on only paper will do."""
        return Channel.EMAIL if has_email and level == 1 else Channel.POST

    def second_close(self, year: int, month: int) -> str:
        """A month that is closed stays as it is; closing it once more does no harm."""
        return "CLOSED"

    def trifles_before(self, on: date) -> date:
        """Open invoices issued before this day may be written off."""
        return on - PATIENCE_WITH_TRIFLES

    def is_trifle(self, open_amount: Decimal) -> bool:
        """Whether an open amount is too small to be chased for ever."""
        return 0 < open_amount < 5

    def age_column(self, days_overdue: int) -> str:
        """The column of the aging report."""
        if days_overdue <= 0:
            return "not_due"
        return "up_to_30_days" if days_overdue <= 30 else "older"

    def aging_order(self, customer: Customer, total: Decimal) -> tuple[Any, ...]:
        """Where a customer stands in the aging report: who owes most comes first."""
        return -total, customer.number

    def office_time(self, moment: datetime) -> datetime:
        """What the clock in the office shows."""
        return timezone.localtime(moment)

    def is_after_hours(self, local: datetime) -> bool:
        """Whether it is too late for the bank to book today."""
        return local.time() >= CLOSE_OF_BUSINESS

    def is_settled(self, rest: Decimal) -> bool:
        """Whether an invoice counts as paid although this is missing: we do not chase cents."""
        return rest <= Decimal("0.05")

    def settlement(self, owed: Decimal, paid: Decimal) -> list[Posting]:
        """The postings that close an invoice."""
        postings = [Posting(RECEIVABLES, Side.CREDIT, owed, "Invoice settled")]
        if paid > owed:
            postings.append(Posting(OVERPAYMENTS, Side.CREDIT, paid - owed, "Overpaid"))
        return postings

    def rating(self, *, is_active: bool, is_vip: bool, worst_level: int, over_limit: bool) -> str:
        """The letter on the customer's card."""
        if not is_active:
            return "X"
        if worst_level >= 3:
            return "C"
        if worst_level > 0 or over_limit:
            return "B"
        return "A+" if is_vip else "A"

    def product_code(self, code: str) -> str:
        """A product's code as partners read it from our interface."""
        return code

    def street_line(self, street: str) -> str | None:
        """The street on an envelope; general delivery has none."""
        return street or None
