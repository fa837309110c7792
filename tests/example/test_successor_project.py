"""The successor as a Django project: its checks, its migrations, its import command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.example.sides import ROOT, SUCCESSOR

DUMP = ROOT / "example_legacy" / "legacy" / "data.sql"


def manage(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` with a database of its own."""
    settings = "from config.settings import *\nDATABASES['default']['NAME'] = 'billing.sqlite3'\n"
    (tmp_path / "own_settings.py").write_text(settings)
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "own_settings",
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-W", "error", str(SUCCESSOR / "manage.py"), *arguments]
    return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [("check",), ("makemigrations", "--check", "--dry-run")], ids="-".join)
def test_the_project_is_in_order(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = manage(tmp_path, *command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_initial_import_says_what_came_in(tmp_path: Path) -> None:
    assert manage(tmp_path, "migrate", "--verbosity=0").returncode == 0
    done = manage(tmp_path, "import_legacy", str(DUMP))
    assert done.stdout.splitlines() == [
        "customer: 12 rows",
        "product: 8 rows",
        "invoice: 24 rows",
        "invoice_line: 50 rows",
        "payment: 4 rows",
        "ledger: 21 rows",
        "credit_log: 2 rows",
        "counters: 2 rows",
        "dunning_letter: 7 rows",
        "period: 3 rows",
    ]


def test_an_import_is_all_or_nothing(tmp_path: Path) -> None:
    assert manage(tmp_path, "migrate", "--verbosity=0").returncode == 0
    broken = tmp_path / "broken.sql"
    broken.write_text(DUMP.read_text("utf-8").replace("LEDGER\t7021", "LEDGER\tmany"), "utf-8")
    assert manage(tmp_path, "import_legacy", str(broken)).returncode != 0
    assert manage(tmp_path, "import_legacy", str(DUMP)).returncode == 0
