"""Receipts that the bank reports, sorted into what can be booked and what a colleague has to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.references import check_digit

ADVANCE_PAYMENTS = "0000000"
UMLAUTS = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS"}
CAPITALS = str.maketrans(UMLAUTS | {umlaut.lower(): letters for umlaut, letters in UMLAUTS.items()})


class PostingKey(StrEnum):
    """Why money moved."""

    RECEIPT = "ZE"
    REPEATED = "DU"
    RETURNED = "RL"


class Objection(StrEnum):
    """Why a receipt cannot be booked."""

    UNREADABLE = "R1"
    CHECK_DIGIT = "R2"
    ADVANCE_PAYMENT = "R3"


@dataclass(frozen=True)
class Receipt:
    """A line of the bank's file; ``amount`` is negative for a debit that came back."""

    reference: str
    amount: Decimal
    payer: str

    @property
    def digits(self) -> str:
        """The reference without blanks and hyphens: invoice, customer, check digit."""
        return self.reference.replace(" ", "").replace("-", "")


@dataclass(frozen=True)
class BankPosting:
    """A receipt as the accounting system takes it."""

    invoice_number: str
    customer_number: str
    day: date
    key: PostingKey
    amount: Decimal
    payer: str


@dataclass(frozen=True)
class Sorted:
    """What became of the receipts of a day."""

    postings: tuple[BankPosting, ...]
    rejected: tuple[tuple[Objection, Receipt], ...]


def sort_receipts(day: date, receipts: Iterable[Receipt]) -> Sorted:
    """Sort the receipts of a day; those of nothing are passed over."""
    postings, rejected = [], []
    seen: set[str] = set()
    for receipt in receipts:
        if not receipt.amount:
            continue
        if objection := _objection(receipt.digits):
            rejected.append((objection, receipt))
            continue
        postings.append(_posting(day, receipt, is_repeated=receipt.digits in seen))
        seen.add(receipt.digits)
    return Sorted(tuple(postings), tuple(rejected))


def payer_in_capitals(name: str) -> str:
    """A name in the 26 letters that the accounting system knows."""
    capitals = name.translate(CAPITALS).upper()
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in capitals)


def _posting(day: date, receipt: Receipt, *, is_repeated: bool) -> BankPosting:
    key = PostingKey.REPEATED if is_repeated else PostingKey.RECEIPT
    return BankPosting(
        receipt.digits[:7],
        f"C{receipt.digits[8:12]}",
        day,
        PostingKey.RETURNED if receipt.amount < 0 else key,
        receipt.amount,
        payer_in_capitals(receipt.payer),
    )


def _objection(digits: str) -> Objection | None:
    if len(digits) != 13 or not digits[:12].isdigit():
        return Objection.UNREADABLE
    if check_digit(digits[:12]) != digits[12].upper():
        return Objection.CHECK_DIGIT
    return Objection.ADVANCE_PAYMENT if digits.startswith(ADVANCE_PAYMENTS) else None
