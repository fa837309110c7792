"""Payment references, amounts and terms as they stand on paper forms."""

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from billing.errors import UnreadableAmount

WEIGHTS = (7, 3, 1)
STANDARD_TERMS = 14
THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")
NUMBER = re.compile(r"\d+(\.\d+)?")


def parse_amount(text: str) -> Decimal | None:
    """An amount as people write it: ``1.234,56``, or ``12,5-`` with the minus sign behind.

    Raises:
        UnreadableAmount: it is none.
    """
    compact = text.strip().replace(" ", "")
    if not compact:
        return None
    digits = compact.strip("-")
    if "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    elif THOUSANDS.fullmatch(digits):
        digits = digits.replace(".", "")
    if not NUMBER.fullmatch(digits):
        raise UnreadableAmount(f"bad amount: {compact}")
    value = Decimal(digits)
    return -value if compact.startswith("-") or compact.endswith("-") else value


def check_digit(number: str) -> str:
    """The check digit, modulo 11 from the right; ten is written ``X``."""
    weighted = sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(reversed(number)))
    return "0X987654321"[weighted % 11]


def payment_reference(invoice_number: int, customer_number: str) -> str:
    """What the customer writes on the transfer."""
    digits = f"{invoice_number:07d}" + re.sub(r"\D", "", customer_number).rjust(5, "0")
    return f"{digits[:7]} {digits[7:]}-{check_digit(digits)}"


def due_date(issued_on: date, terms: str) -> date:
    """When an invoice is due: after some days, at the end of the month (``EOM``) or at once (``NOW``)."""
    match terms.strip().upper():
        case "NOW":
            return issued_on
        case "EOM":
            return issued_on.replace(day=monthrange(issued_on.year, issued_on.month)[1])
        case days:
            return issued_on + timedelta(days=int(days) if days else STANDARD_TERMS)
