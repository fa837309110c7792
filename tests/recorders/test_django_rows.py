"""Django is configured once a process, so what needs it runs in one of its own: ``django_row_checks/``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from pytest_characterize_recorders.embedded.postgresql import PostgresServer

CHECKS = Path(__file__).parent / "django_row_checks"


def _check(database: dict[str, object]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", CHECKS / "pytest.ini", CHECKS, "-q"],
        env={**os.environ, "CHECKED_DATABASE": json.dumps(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


def test_on_sqlite() -> None:
    _check({"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"})


def test_on_postgresql(postgres_server: PostgresServer) -> None:
    parts = conninfo_to_dict(postgres_server.dsn())
    _check(
        {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": f"rows_{os.getpid()}",
            "HOST": parts["host"],
            "PORT": parts["port"],
            "USER": parts["user"],
        }
    )


def test_the_probe_is_found_by_its_entry_point() -> None:
    script = (
        "from pytest_characterize.recording.loading import effect_probe\n"
        "from pytest_characterize_recorders.effects.django_rows import DjangoRows\n"
        "assert effect_probe('tables') is DjangoRows\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
