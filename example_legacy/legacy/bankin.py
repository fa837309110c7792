"""BANKIN: turns the bank's file of receipts into postings. Runs at 5:30, before the clerks come.

    python bankin.py BANK.TXT       writes POSTINGS.TXT, and REJECTS.TXT if there are any

Exit 0 all right, 1 something to look at, 8 the file is broken and nothing is written.
"""

import sys
from datetime import datetime, timedelta

from helpers import check_digit

CHARSET = "ISO-8859-1"
UMLAUTS = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS"}


class Broken(Exception):
    """The bank has to send it again."""


def payer_name(text):
    """The accounting system knows 26 letters."""
    for letter, letters in UMLAUTS.items():
        text = text.replace(letter, letters).replace(letter.lower(), letters)
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text.upper())


def booking_day(text):
    day = datetime.strptime(text, "%d%m%Y").date()
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


def reject_reason(digits):
    if len(digits) != 13 or not digits[:12].isdigit():
        return "R1"
    if check_digit(digits[:12]) != digits[12].upper():
        return "R2"
    if digits[:7] == "0000000":
        # advance payments
        return "R3"
    return ""


def read_items(lines):
    """(day, [(cents, reference, payer)])"""
    day, items, total, closed = None, [], 0, False
    for number, line in enumerate(lines, 1):
        kind = line[:1]
        if closed:
            raise Broken("line %d: after the trailer" % number)
        if kind == "1":
            day = booking_day(line[1:9])
        elif kind == "2":
            cents = int(line[16:26])
            if line[26:27] == "-":
                cents = -cents
            total += cents
            items.append((cents, line[1:16].strip(), line[27:54].strip()))
        elif kind == "9":
            if int(line[1:6]) != len(items):
                raise Broken("line %d: %d items announced, %d found" % (number, int(line[1:6]), len(items)))
            if int(line[6:19]) != abs(total):
                raise Broken("line %d: wrong total" % number)
            closed = True
        # other kinds: advertisements of the bank
    if day is None or not closed:
        raise Broken("header or trailer is missing")
    return day, items


def main(name):
    with open(name, encoding=CHARSET) as source:
        lines = source.read().splitlines()
    try:
        day, items = read_items(lines)
    except Broken as error:
        print("BROKEN %s" % error)
        return 8
    postings, rejects, seen = [], [], set()
    for cents, reference, payer in items:
        if cents == 0:
            continue
        digits = reference.replace(" ", "").replace("-", "")
        why = reject_reason(digits)
        if why:
            rejects.append("%-2s%-15s%11.2f %s" % (why, reference, cents / 100, payer))
            continue
        key = "ZE"
        if cents < 0:
            # returned debit
            key = "RL"
        elif digits in seen:
            # paid twice, or by instalments
            key = "DU"
        seen.add(digits)
        postings.append(
            "%s%-8s%s%-2s%10.2f%-20.20s"
            % (digits[:7], "C" + digits[8:12], day.strftime("%Y%m%d"), key, cents / 100, payer_name(payer))
        )
    with open("POSTINGS.TXT", "w", encoding=CHARSET, newline="\r\n") as target:
        target.writelines(line + "\n" for line in postings)
        target.write("T%06d\n" % len(postings))
    if rejects:
        with open("REJECTS.TXT", "w", encoding=CHARSET, newline="\r\n") as target:
            target.writelines(line + "\n" for line in rejects)
    print("%d booked, %d rejected" % (len(postings), len(rejects)))
    return 1 if rejects else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
