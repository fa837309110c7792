"""The example's two sides, each started for real and asked directly, without the plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[2]
SUCCESSOR = ROOT / "example_legacy" / "successor"
SIDES = {"D": "debit", "C": "credit"}


@dataclass
class Legacy:
    """The routines of the legacy database; whatever they change is rolled back."""

    connection: psycopg.Connection[tuple[Any, ...]]

    def call(self, statement: str, *values: Any) -> dict[str, Any]:
        """Run one statement; its rows as texts, or its error, and what it booked."""
        last = self.value("SELECT coalesce(max(entry_no), 0) FROM ledger")
        try:
            rows = self.connection.execute(statement.encode(), values).fetchall()
            answer: dict[str, Any] = {"rows": [[_plain(value) for value in row] for row in rows]}
        except psycopg.Error as error:
            self.connection.rollback()
            answer = {"raised": error.sqlstate, "message": error.diag.message_primary}
        booked = self.connection.execute(
            "SELECT booked, account, cust_no, inv_no, side, amount, text FROM ledger "
            "WHERE entry_no > %s ORDER BY entry_no",
            [last],
        ).fetchall()
        self.connection.rollback()
        return answer | {"booked": [_entry(row) for row in booked]}

    def value(self, query: str) -> Any:
        """The one value that a query gives."""
        row = self.connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


@dataclass
class Successor:
    """The successor's process."""

    process: subprocess.Popen[str]

    def call(self, target: str, *args: Any, **named: Any) -> dict[str, Any]:
        """Call ``module:function``."""
        return self.ask({"call": target, "args": [_marked(arg) for arg in args], "named": named})

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Send an order as the driver describes it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the successor ended early"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def successor(*, fixed: bool) -> Iterator[Successor]:
    """Start the successor over an SQLite database in memory."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(SUCCESSOR),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CHARACTERIZE_DEMO_FIXED": "1" if fixed else "0",
    }
    driver = Path(__file__).with_name("successor_driver.py")
    with subprocess.Popen(
        [sys.executable, str(driver)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        yield Successor(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


@contextmanager
def legacy_web(dsn: str, *options: str) -> Iterator[str]:
    """Start the legacy front end; its address."""
    command = [sys.executable, "-m", "example_legacy.legacy.app", "--dsn", dsn, "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()
        assert process.wait(10) == 0


def _marked(value: Any) -> Any:
    match value:
        case datetime():
            return f"moment:{value.isoformat()}"
        case date():
            return f"date:{value}"
        case Decimal():
            return f"decimal:{value}"
    return value


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def _entry(row: tuple[Any, ...]) -> list[Any]:
    booked, account, cust_no, inv_no, side, amount, text = row
    values = [booked, account.strip(), cust_no.strip(), inv_no, SIDES[side], amount, text]
    return [_plain(value) for value in values]
