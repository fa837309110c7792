"""Small helpers of BILLSYS, collected since 2004. Used by the pages and by the import of paper forms."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

WEIGHTS = (7, 3, 1)


def dmy(day):
    """01/03/2024, or nothing."""
    return day.strftime("%d/%m/%Y") if day else ""


def parse_dmy(text):
    """The other way round. Two-digit years are from the old forms."""
    text = text.strip()
    if not text:
        return None
    parts = re.split(r"[/.]", text)
    if len(parts) == 3 and len(parts[2]) == 2:
        parts[2] = ("19" if int(parts[2]) > 70 else "20") + parts[2]
    return datetime.strptime("/".join(parts), "%d/%m/%Y").date()


def parse_amount(text):
    """Amounts as people write them: 1.234,56 or 12,5- (minus behind, from the mainframe)."""
    text = text.strip().replace(" ", "")
    if not text:
        return None
    sign = -1 if text.endswith("-") or text.startswith("-") else 1
    digits = text.strip("-")
    if "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", digits):
        digits = digits.replace(".", "")
    if not re.fullmatch(r"\d+(\.\d+)?", digits):
        raise ValueError("bad amount: " + text)
    return sign * Decimal(digits)


def format_amount(amount):
    """1.234,56"""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def check_digit(number):
    """Check digit of a payment reference. 10 becomes X."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        total += int(digit) * WEIGHTS[position % len(WEIGHTS)]
    rest = 11 - total % 11
    if rest == 10:
        return "X"
    if rest == 11:
        return "0"
    return str(rest)


def reference(inv_no, cust_no):
    """Payment reference: invoice, customer, check digit."""
    digits = f"{inv_no:07d}" + re.sub(r"\D", "", cust_no).rjust(5, "0")
    return digits[:7] + " " + digits[7:] + "-" + check_digit(digits)


def due_date(issued, terms):
    """Terms are days ('14'), 'EOM' (end of month) or 'NOW'."""
    terms = terms.strip().upper()
    if terms == "NOW":
        return issued
    if terms == "EOM":
        first_of_next = date(issued.year + issued.month // 12, issued.month % 12 + 1, 1)
        return first_of_next - timedelta(days=1)
    if not terms:
        terms = "14"
    return issued + timedelta(days=int(terms))
