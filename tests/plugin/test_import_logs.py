"""What a real server has logged becomes cases, and those are recorded and replayed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from tests.plugin.project import Project

SQL = """
CREATE SCHEMA billing;
CREATE TABLE billing.rate (country text, percent numeric);
INSERT INTO billing.rate VALUES ('DE', 19), ('AT', 20);
CREATE FUNCTION billing.fee(p_days integer, p_on date, p_note text) RETURNS numeric LANGUAGE sql AS
$$ SELECT p_days * 1.5 $$;
CREATE PROCEDURE billing.close_month(p_month integer) LANGUAGE sql AS $$ SELECT 1 $$;
"""

TESTS = """
import pytest
from decimal import Decimal
from pytest_characterize import Procedure, cases_from

@pytest.mark.characterize(
    legacy=Procedure("billing.fee", source="billing"),
    cases=cases_from("cases/billing.json", "billing.fee"),
    args={"p_days": "days", "p_on": "on", "p_note": "note"},
)
def test_fee(days, on, note):
    return days * Decimal("1.5")
"""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, list[Path]]]:
    """A database that was in use, and the server's logs, both kinds."""
    settings = {"logging_collector": "on", "log_destination": "csvlog,jsonlog", "log_statement": "all"}
    with PostgresServer(settings=settings) as server:
        dsn = server.create_database("billing")
        with psycopg.connect(dsn, autocommit=True) as legacy:
            legacy.execute(SQL)
            for days in (3, 3, 14, -1):
                legacy.execute(
                    "SELECT billing.fee(%s::int, %s, %s)",
                    (days, date(2024, 3, days % 28 + 1), "it's, $1 = 'x'"),
                )
            legacy.execute(
                "SELECT * FROM billing.fee(p_days => 5, p_on => DATE '2024-02-29', p_note => NULL) AS f"
            )
            legacy.execute("CALL billing.close_month(%s)", ("7",))
            legacy.execute("SELECT percent FROM billing.rate WHERE country = %s -- 100%%", ("DE",))
            legacy.execute("SELECT percent FROM billing.rate WHERE country = 'secret'")
            legacy.execute("UPDATE billing.rate SET percent = 20 WHERE country = 'AT'")
            legacy.execute("SELECT now()")
            legacy.execute("SELECT billing.fee(1 + 1, current_date, 'x')")
            legacy.execute("SELECT 1; SELECT 2")
            row = legacy.execute("SHOW data_directory").fetchone()
        assert row is not None
        logs = Path(row[0]) / "log"
        yield dsn, [*logs.glob("*.csv"), *logs.glob("*.json")]


def imported(project: Project, *arguments: object, code: int = 0) -> str:
    done = project.pytester.run(
        sys.executable, "-m", "pytest_characterize.cli", "import", "postgresql-log", *map(str, arguments)
    )
    told = done.stdout.str() + done.stderr.str()
    assert done.ret == code, told
    assert "Traceback" not in told
    return told


@pytest.mark.parametrize("kind", [".csv", ".json"])
def test_a_servers_log_becomes_cases(served: tuple[str, list[Path]], project: Project, kind: str) -> None:
    log = next(path for path in served[1] if path.suffix == kind)
    told = imported(project, log, "--output", "cases/billing.json", "--inputs", "billing.fee=days,on,note")
    lists = json.loads((project.root / "cases/billing.json").read_text("utf-8"))["lists"]
    query = next(name for name in lists if name.startswith("query "))
    assert set(lists) == {"billing.fee", "billing.close_month", query}
    fee = lists["billing.fee"]
    assert fee["types"] == {"days": "int", "on": "date", "note": "text"}
    assert [case["seen"] for case in fee["cases"]] == [2, 1, 1, 1]
    assert fee["cases"][0]["input"] == {"days": "3", "on": "2024-03-04", "note": "it's, $1 = 'x'"}
    assert {"days": "5", "on": "2024-02-29", "note": None} in [case["input"] for case in fee["cases"]]
    assert lists[query]["legacy"] == "SELECT percent FROM billing.rate WHERE country = %(p1)s -- 100%%"
    assert lists[query]["cases"] == [{"seen": 1, "input": {"p1": "DE"}}]
    for line in (
        "used      7 of ",
        "1  functions of PostgreSQL itself",
        "1  calls whose arguments are no plain values",
        "1  queries with values in their text, not in parameters",
        "1  no call and no query: UPDATE",
        "2  several statements in one",
    ):
        assert line in told, told
    assert "secret" not in (project.root / "cases/billing.json").read_text("utf-8")


def test_imported_cases_are_recorded_and_replayed(
    served: tuple[str, list[Path]], pytester: pytest.Pytester
) -> None:
    dsn, logs = served
    host = json.dumps(conninfo_to_dict(dsn)["host"])
    source = f'[tool.characterize.sources.billing]\nkind = "postgresql"\nhosts = [{host}]\n'
    project = Project.make(pytester, tests=TESTS, extra=source)
    imported(project, *logs, "--output", "cases/billing.json", "--inputs", "billing.fee=days,on,note")
    project.record(env={"CHARACTERIZE_SOURCE_BILLING_DSN": dsn}).exits(0)
    project.replay().exits(0).says("PASS", matched=4)
