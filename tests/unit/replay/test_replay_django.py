"""Django is configured once a process, so what needs it runs in one of its own: ``django_checks/``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize.replay import django
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

CHECKS = Path(__file__).parent / "django_checks"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[dict[str, object]]:
    with PostgresServer() as server:
        parts = conninfo_to_dict(server.dsn())
        yield {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "checks",
            "HOST": parts.get("host", ""),
            "PORT": parts.get("port", ""),
            "USER": parts.get("user", ""),
            "PASSWORD": parts.get("password", ""),
        }


def _checked(database: dict[str, object], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", CHECKS / "pytest.ini", CHECKS, "-q", *arguments],
        env={**os.environ, "CHECKED_DATABASE": json.dumps(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def test_on_sqlite() -> None:
    summary = _checked({"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"})
    assert "passed" in summary
    assert "skipped" not in summary


def test_on_postgresql(postgresql: dict[str, object]) -> None:
    summary = _checked(postgresql)
    assert "passed" in summary
    assert "skipped" not in summary


def test_without_django_nothing_is_asked_of_it() -> None:
    script = """
import sys
from pytest_characterize.replay import django
assert not django.in_use() and django.database_addresses() == ()
assert "django" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("vendor", "database", "addresses"),
    [
        ("postgresql", {"HOST": "db", "PORT": 6543}, ["db:6543"]),
        ("postgresql", {"HOST": "/run/pg"}, ["/run/pg/.s.PGSQL.5432"]),
        ("postgresql", {"OPTIONS": {"service": "billing"}}, ["service=billing"]),
        ("mysql", {"HOST": "/run/m.sock"}, ["/run/m.sock"]),
        ("mysql", {}, ["localhost:3306"]),
        ("mysql", {"OPTIONS": {"read_default_file": "/etc/my.cnf"}}, ["file=/etc/my.cnf"]),
        ("oracle", {"NAME": "db:1/x"}, ["db:1"]),
        ("oracle", {"NAME": "x", "HOST": "db", "PORT": "1"}, ["db:1"]),
        ("microsoft", {"HOST": "db"}, ["db:1433"]),
        ("sqlite", {"NAME": "db.sqlite3"}, []),
    ],
)
def test_where_a_database_of_the_settings_is(
    vendor: str, database: dict[str, object], addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    settings = {"NAME": "", "HOST": "", "PORT": "", "OPTIONS": {}} | database
    assert django._addresses(vendor, settings) == addresses
