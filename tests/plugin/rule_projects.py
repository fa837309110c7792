"""Projects with legacy rules: a database of two routines, and legacy whose source nobody can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.plugin.project import Project, Run

DISCOUNT = """
CREATE OR REPLACE FUNCTION discount(years integer, total integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF total < 0 THEN
        RAISE EXCEPTION 'total %', total;
    END IF;
    IF years > 10 THEN
        RETURN total * 8 / 100;
    -- rule: BILL-007 more than five years
    ELSIF years > 5 THEN
        RETURN percent(total, 5);
    END IF;
    RETURN 0;
END $$
"""
PERCENT = """
CREATE OR REPLACE FUNCTION percent(amount integer, rate integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF rate IS NULL THEN
        RETURN 0;
    END IF;
    RETURN amount * rate / 100;
END $$
"""
SHOP = """
def discount(years, total):
    if total < 0:
        raise ValueError(f"total {total}")
    if years > 10:
        return total * 8 // 100
    return total * 5 // 100 if years > 5 else 0
"""
TESTS = """
import pytest
import shop
from pytest_characterize import Procedure

@pytest.mark.characterize(
    legacy=Procedure("discount", source="billing"),
    cases=[{"years": years, "total": total} for years in (0, 3, 5, 6, 9) for total in (100, 1000)]
    + [{"years": 0, "total": -1}],
    raises={"P0001": "builtins.ValueError"},
)
def test_discount(years, total):
    return shop.discount(years, total)
"""
BOUNDARY = ("years > 5", "years > 9")


@dataclass(frozen=True)
class Legacy:
    """A legacy database, and a project that records it."""

    project: Project
    dsn: str

    def run(self, statement: str) -> Legacy:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement.encode())
        return self

    def record(self, how: str = "new") -> Run:
        return self.project.record(how=how, env={"CHARACTERIZE_SOURCE_BILLING_DSN": self.dsn})

    def recorded(self) -> Project:
        self.record().exits(0)
        return self.project

    def mutate(self, *args: str) -> Run:
        """Try the mutants of the rules."""
        env = {"CHARACTERIZE_SOURCE_BILLING_DSN": self.dsn}
        return self.project.pytest("--characterize-mutants", *args, env=env)


OPAQUE = """
import pytest
from pytest_characterize import Function

@pytest.mark.characterize(legacy=Function("_operator:add"), cases=[{"a": 1, "b": 2}])
def test_add(a, b):
    return a + b
"""


def rules(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = run.report["rules"]
    return found


def rule(run: Run, text: str, arm: str) -> dict[str, Any]:
    (found,) = [
        one
        for routine in rules(run)["routines"]
        for one in routine["rules"]
        if (one["text"], one["arm"]) == (text, arm)
    ]
    return found


def declare(project: Project, text: str) -> Project:
    return project.write("characterization/rules.toml", text)


CATALOGUE = """
[[context]]
name = "pricing"
routines = ["discount"]

[[rule]]
id = "BILL-003"
title = "more than ten years"
owner = "accounting"
criticality = "critical"
anchors = [{ routine = "discount", text = "years > 10", arm = "taken" }]

[[rule]]
id = "BILL-007"
title = "more than five years"
"""


def console(project: Project, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    from pytest_characterize.cli import main

    capsys.readouterr()
    code = main(["--root", str(project.root), "rules", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err
