"""``manage.py import_legacy DUMP``: the initial import."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from billing.importing import import_dump


class Command(BaseCommand):
    """Import a legacy dump into an empty database."""

    help = "Import a dump of the legacy database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The dump's path."""
        parser.add_argument("dump", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it and say what came in."""
        for table, rows in import_dump(options["dump"]).items():
            self.stdout.write(f"{table}: {rows} rows")
