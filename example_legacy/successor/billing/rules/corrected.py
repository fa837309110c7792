"""The business rules after the drifts of the first port were found and mended."""

from decimal import ROUND_FLOOR, Decimal

from billing.models import Side
from billing.postings import SMALL_DIFFERENCES, Posting
from billing.rules.first_port import CENT, Rules

HALF_A_CENT = Decimal("0.005")
CODE_WIDTH = 8


class CorrectedRules(Rules):
    """What the legacy routines really do, where the first port did something else."""

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

    def product_code(self, code: str) -> str:
        """Partners read fixed columns."""
        return code.ljust(CODE_WIDTH)
