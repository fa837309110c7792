"""The files of bank and accounting system: fixed columns in ISO-8859-1."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from billing.acl import CHARSET, NUMBER_WIDTH
from billing.errors import BrokenFile
from billing.services.bank_files import BankPosting, Objection, Receipt
from billing.workdays import working_day


def read_bank_file(content: bytes) -> tuple[date, list[Receipt]]:
    """The booking day of a bank's file, and its receipts.

    Raises:
        BrokenFile: header or trailer is missing, or the trailer does not fit.
    """
    day, closed = None, False
    receipts: list[Receipt] = []
    for number, line in enumerate(content.decode(CHARSET).splitlines(), 1):
        if closed:
            raise BrokenFile(f"line {number}: after the trailer")
        match line[:1]:
            case "1":
                day = working_day(datetime.strptime(line[1:9], "%d%m%Y").date())
            case "2":
                receipts.append(_receipt(line))
            case "9":
                _check_trailer(line, number, receipts)
                closed = True
    if day is None or not closed:
        raise BrokenFile("header or trailer is missing")
    return day, receipts


def postings_file(postings: Sequence[BankPosting]) -> bytes:
    """What the accounting system takes."""
    lines = [
        f"{posting.invoice_number}{posting.customer_number:{NUMBER_WIDTH}}{posting.day:%Y%m%d}{posting.key}"
        f"{posting.amount:10.2f}{posting.payer:20.20}"
        for posting in postings
    ]
    return _file([*lines, f"T{len(lines):06d}"])


def rejects_file(rejected: Sequence[tuple[Objection, Receipt]]) -> bytes:
    """What a colleague looks at."""
    return _file(
        [
            f"{objection}{receipt.reference:15}{receipt.amount:11.2f} {receipt.payer}"
            for objection, receipt in rejected
        ]
    )


def _receipt(line: str) -> Receipt:
    amount = Decimal(int(line[16:26])).scaleb(-2)
    return Receipt(line[1:16].strip(), -amount if line[26:27] == "-" else amount, line[27:54].strip())


def _check_trailer(line: str, number: int, receipts: Sequence[Receipt]) -> None:
    announced, total = int(line[1:6]), Decimal(int(line[6:19])).scaleb(-2)
    if announced != len(receipts):
        raise BrokenFile(f"line {number}: {announced} items announced, {len(receipts)} found")
    if total != abs(sum(receipt.amount for receipt in receipts)):
        raise BrokenFile(f"line {number}: wrong total")


def _file(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode(CHARSET)
