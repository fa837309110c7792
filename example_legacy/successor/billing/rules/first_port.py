"""The business rules as they were first ported, from the routines and the handbook."""

from datetime import date
from decimal import Decimal

from billing.models import Side, TaxClass
from billing.postings import OVERPAYMENTS, RECEIVABLES, Posting

CENT = Decimal("0.01")
TAKEOVER_OF_HANSEN = date(1998, 7, 1)
STANDARD_CREDIT_LIMIT = Decimal(500)


class Rules:
    """One method a decision."""

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
        granted = STANDARD_CREDIT_LIMIT if limit is None else limit
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
