"""The business rules after the drifts of the first port were found and mended."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from http import HTTPStatus
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from billing.errors import PeriodNotOpen
from billing.models import Customer, Side
from billing.postings import SMALL_DIFFERENCES, Posting
from billing.rules.first_port import CENT, Rules

HALF_A_CENT = Decimal("0.005")
CODE_WIDTH = 8
OFFICE = ZoneInfo("Europe/Berlin")


class CorrectedRules(Rules):
    """What the legacy routines really do, where the first port did something else."""

    standard_credit_limit: ClassVar = Decimal(500)
    """The handbook is of 2009; it was raised in 2011."""
    edi_error: ClassVar = HTTPStatus.OK
    """Partners' programs read the error in the document, and no other status."""

    def to_cents(self, amount: Decimal) -> Decimal:
        """Half a cent goes up, for negative amounts as well."""
        return (amount + HALF_A_CENT).quantize(CENT, ROUND_FLOOR)

    def loyalty_percent(self, tenure: int, *, is_vip: bool) -> int:
        """The fifth anniversary counts."""
        return 5 if tenure == 5 else super().loyalty_percent(tenure, is_vip=is_vip)

    def settlement(self, owed: Decimal, paid: Decimal) -> list[Posting]:
        """What is not chased is written off."""
        postings = super().settlement(owed, paid)
        if paid < owed:
            postings.append(Posting(SMALL_DIFFERENCES, Side.DEBIT, owed - paid, "Small difference"))
        return postings

    def second_close(self, year: int, month: int) -> str:
        """Whoever closes a month twice has mistaken the month."""
        raise PeriodNotOpen(f"month {month}/{year} is closed")

    def aging_order(self, customer: Customer, total: Decimal) -> tuple[Any, ...]:
        """Those whom nobody calls come last."""
        return customer.dunning_stopped, *super().aging_order(customer, total)

    def office_time(self, moment: datetime) -> datetime:
        """The office is not in Greenwich."""
        return moment.astimezone(OFFICE)

    def product_code(self, code: str) -> str:
        """Partners read fixed columns."""
        return code.ljust(CODE_WIDTH)

    def street_line(self, street: str) -> str:
        """The printer stops at a line that is not there."""
        return street
