"""From a legacy rule to the candidate's lines and back."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.plugin.project import Project, Run

LEGACY = """
def price(quantity):
    if quantity >= 10:
        return quantity * 9
    return quantity * 10
"""

SHOP = """
from rebates import rebate

def price(quantity):
    total = quantity * 10
    if quantity >= 10:
        total = rebate(total)
    return total
"""

REBATES = """
def rebate(total):
    for _ in range(3):
        pass
    return total * 9 // 10
"""


@pytest.fixture
def traced(pytester: pytest.Pytester) -> Project:
    project = Project.make(pytester, legacy=LEGACY, shop=SHOP)
    return project.write("rebates.py", REBATES).recorded()


def case_of(run: Run, place: int) -> str:
    return str(run.report["cases"][place]["label"].rpartition("-")[0])


def lines(places: list[dict[str, Any]]) -> dict[str, list[int]]:
    return {one["file"]: one["lines"] for one in places}


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_both_ways(traced: Project, workers: list[str]) -> None:
    run = traced.replay("--characterize-trace", *workers).exits(0)
    told = run.report["traceability"]
    assert told["untraced"] == []
    rules = {rule["rule"]: rule for rule in told["rules"]}
    rebate = rules["legacy_shop:3.branch1"]
    assert [case_of(run, place) for place in rebate["cases"]] == ["quantity-10"]
    assert rebate["verdicts"] == {"matched": 1}
    assert lines(rebate["lines"]) == {
        "rebates.py": [3, 4, 5], "shop.py": [5, 6, 7, 8], "tests/test_shop.py": [12],
    }  # fmt: skip
    assert lines(rebate["own_lines"]) == {"rebates.py": [3, 4, 5], "shop.py": [7]}
    full = rules["legacy_shop:3.branch2"]
    assert full["verdicts"] == {"matched": 2}
    assert lines(full["lines"])["shop.py"] == [5, 6, 8]
    blocks = {one["file"]: one["blocks"] for one in told["candidate"]}
    ((block,), shop) = blocks["rebates.py"], blocks["shop.py"]
    assert [told["rules"][place]["rule"] for place in block["rules"]] == [
        "legacy_shop:2.entry1", "legacy_shop:3.branch1", "legacy_shop:4.return1",
    ]  # fmt: skip
    assert [(one["lines"], len(one["cases"])) for one in shop] == [([5, 6], 3), ([7], 1), ([8], 3)]


def test_a_drift_leads_from_the_rule_to_what_the_candidate_ran(traced: Project) -> None:
    run = traced.edit("rebates.py", "* 9", "* 8").replay("--characterize-trace").exits(1)
    told = run.report["traceability"]
    drifting = [rule for rule in told["rules"] if set(rule["verdicts"]) == {"drifted"}]
    assert [rule["rule"] for rule in drifting] == ["legacy_shop:3.branch1", "legacy_shop:4.return1"]
    assert {file for rule in drifting for file in lines(rule["own_lines"])} == {"rebates.py", "shop.py"}


def test_nothing_is_traced_unless_asked(traced: Project) -> None:
    assert traced.replay().exits(0).report["traceability"] is None


def test_it_belongs_to_a_replay(pytester: pytest.Pytester) -> None:
    Project.make(pytester).pytest("--characterize-trace").exits(4).has("needs --characterize").no_traceback()


def covered(project: Project, *arguments: str) -> tuple[str, str]:
    """A replay under coverage measurement: what it prints, and what was measured of the candidate."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}

    def coverage(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *words],
            cwd=project.root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    out = coverage("run", "--branch", "--include=*.py", "-m", "pytest", "--characterize", *arguments)
    return out, coverage("report", "-m", "--include=shop.py,rebates.py")


def test_coverage_measurement_is_not_disturbed(traced: Project) -> None:
    _, bare = covered(traced)
    out, measured = covered(traced, "--characterize-trace")
    assert measured == bare
    assert "rebates.py" in measured
    assert ("candidate lines of 3 cases not traced" in out) is (sys.version_info < (3, 12))
