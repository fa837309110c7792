"""The morning's batch job: the bank's file against a management command, compared column by column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_characterize import Command, FixedWidth
from pytest_characterize.candidates import run_management_command

FILES = {
    "POSTINGS.TXT": FixedWidth(
        [("invoice", 7), ("customer", 8), ("day", 8), ("key", 2), ("amount", 10), ("payer", 20)],
        encoding="latin-1",
        newline="\r\n",
        records={"T": [("kind", 1), ("count", 6)]},
    ),
    "REJECTS.TXT": FixedWidth(
        [("reason", 2), ("reference", 15), ("amount", 11), ("payer", 28)],
        encoding="latin-1",
        newline="\r\n",
    ),
}


def bank_file(day: str, *receipts: tuple[str, int, str], count: int | None = None, total: int = 0) -> str:
    """A file as the bank sends it; ``count`` and ``total`` say what a damaged trailer has."""
    lines = [f"1{day}DE00 1234"]
    lines += [
        f"2{reference:15}{abs(cents):010d}{'-' if cents < 0 else ' '}{payer}"
        for reference, cents, payer in receipts
    ]
    total = total or abs(sum(cents for _, cents, _ in receipts))
    return "\n".join([*lines, f"9{len(receipts) if count is None else count:05d}{total:013d}"]) + "\n"


MUELLER = ("0001001 00001-2", 11072, "Müller & Söhne OHG")
KOELSCH = ("0001016 00009-0", 25469, "Ingenieurbüro Kölsch Hausverwaltung")
PETERSEN = ("0001005000036", 3085, "petersen")
RETURNED = ("0001003 00002-4", -10508, "Jörg Strauß")
ADVANCE = ("0000000 00004-5", 50000, "Hansen Nachf.")


@pytest.mark.characterize(
    legacy=Command(
        ["python", Path("legacy/bankin.py"), "BANK.TXT"],
        input_files={"BANK.TXT": "{content}"},
        files=FILES,
        encoding="latin-1",
    ),
    cases=[
        {"content": content}
        for content in [
            bank_file("01032024", MUELLER, KOELSCH, PETERSEN),
            bank_file("01032024", MUELLER, RETURNED),
            bank_file("02032024", KOELSCH, KOELSCH, KOELSCH),
            bank_file("03032024", MUELLER, ADVANCE),
            bank_file("04032024", ("0001001 00001-3", 100, "Müller"), ("thank you", 250, "Zoë")),
            bank_file("04032024", ("0001001 00001-2", 0, "nothing"), ("?", 0, "nobody")),
            bank_file(
                "04032024", ("0001019 00011-6", 5, "Łódź".encode("latin-1", "replace").decode("latin-1"))
            ),
            bank_file("04032024"),
            bank_file("04032024", MUELLER, count=2),
            bank_file("04032024", MUELLER, total=1),
            bank_file("04032024", MUELLER) + "5buy our funds\n",
            "5buy our funds\n" + bank_file("04032024", MUELLER),
            "104032024\n",
            "",
        ]
    ],
)
@pytest.mark.django_db
def test_bank_file(content: str) -> dict[str, Any]:
    return run_management_command(
        "import_bank_file", "BANK.TXT", input_files={"BANK.TXT": content}, files=FILES, encoding="latin-1"
    )
