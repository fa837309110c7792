"""``manage.py import_bank_file BANK.TXT``: the bank's receipts become postings for the accounting system."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from billing.bank_formats import postings_file, read_bank_file, rejects_file
from billing.errors import BrokenFile
from billing.services.bank_files import sort_receipts

SOMETHING_TO_LOOK_AT, BROKEN = 1, 8


class Command(BaseCommand):
    help = "Writes POSTINGS.TXT, and REJECTS.TXT if there is something to look at (then the status is 1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The bank's file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, sort and write."""
        try:
            day, receipts = read_bank_file(options["file"].read_bytes())
        except BrokenFile as error:
            self.stdout.write(f"BROKEN {error}")
            sys.exit(BROKEN)
        found = sort_receipts(day, receipts)
        Path("POSTINGS.TXT").write_bytes(postings_file(found.postings))
        if found.rejected:
            Path("REJECTS.TXT").write_bytes(rejects_file(found.rejected))
        self.stdout.write(f"{len(found.postings)} booked, {len(found.rejected)} rejected")
        if found.rejected:
            sys.exit(SOMETHING_TO_LOOK_AT)
