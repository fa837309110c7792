"""The demo's judge: every difference is planted, every plant is found, nothing is left out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
EXAMPLE = Path(__file__).parents[2] / "example_legacy"

PLANTED = """
[[plant]]
name = "rounding"
kind = "rounding"
rule = "half a cent goes up"
shows = [
    { test = "*::test_total", path = "$", kinds = ["rounding"] },
    { test = "*::test_page*", path = "$.body.lines[*].amount", kinds = ["rounding", "value"] },
]

[[plant]]
name = "padding"
kind = "padding"
rule = "codes are padded"
shows = [{ test = "*::test_page", path = "$.body.*.code", kinds = ["padding"] }]
"""


def case(verdict: str, test: str = "tests/a.py::test_total", *differences: tuple[str, str]) -> dict[str, Any]:
    found = [{"path": path, "kind": kind} for path, kind in differences]
    return {"test": test, "label": "a-1", "verdict": verdict, "differences": found}


TOTAL = case("drifted", "tests/a.py::test_total", ("$", "rounding"))
LINES = case("drifted", "tests/a.py::test_pages", ("$.body.lines[0].amount", "value"))
CODES = case("drifted", "tests/a.py::test_page", ("$.body.head.code", "padding"))


def judged(tmp_path: Path, *cases: dict[str, Any]) -> tuple[int, list[str]]:
    report, planted = tmp_path / "report.json", tmp_path / "planted.toml"
    report.write_text(json.dumps({"cases": cases}), "utf-8")
    planted.write_text(PLANTED, "utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "planted.py"), str(report), str(planted)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_all_of_them_and_nothing_else(tmp_path: Path) -> None:
    assert judged(tmp_path, TOTAL, LINES, CODES, case("matched")) == (0, [])


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        (("$", "value"), "not planted: tests/a.py::test_total[a-1] at $ (value)"),
        (("$.tax", "rounding"), "not planted: tests/a.py::test_total[a-1] at $.tax (rounding)"),
    ],
)
def test_a_difference_that_nobody_planted(tmp_path: Path, extra: tuple[str, str], complaint: str) -> None:
    odd = case("drifted", "tests/a.py::test_total", ("$", "rounding"), extra)
    assert judged(tmp_path, odd, LINES, CODES) == (1, [complaint])


def test_a_predicate_that_nothing_matches(tmp_path: Path) -> None:
    status, lines = judged(tmp_path, TOTAL, CODES)
    assert status == 1
    assert lines == ["not found: rounding: *::test_page* at $.body.lines[*].amount (rounding or value)"]


def test_a_star_stands_for_one_step_only(tmp_path: Path) -> None:
    deeper = case("drifted", "tests/a.py::test_page", ("$.body.head.foot.code", "padding"))
    status, lines = judged(tmp_path, TOTAL, LINES, CODES, deeper)
    assert (status, lines) == (
        1,
        ["not planted: tests/a.py::test_page[a-1] at $.body.head.foot.code (padding)"],
    )


def test_two_predicates_for_one_difference(tmp_path: Path) -> None:
    planted = tmp_path / "twice.toml"
    planted.write_text(
        PLANTED.replace('"*::test_page*"', '"*::test_total"').replace("$.body.lines[*].amount", "$")
    )
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"cases": [TOTAL, CODES]}))
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "planted.py"), str(report), str(planted)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "planted twice: tests/a.py::test_total[a-1] at $ (rounding)" in done.stdout


@pytest.mark.parametrize("verdict", ["errored", "unrecorded", "unplayed", "skipped", "waived", "expired"])
def test_a_case_that_was_not_compared(tmp_path: Path, verdict: str) -> None:
    status, lines = judged(tmp_path, TOTAL, LINES, CODES, case(verdict))
    assert (status, lines) == (1, [f"not compared: tests/a.py::test_total[a-1] ended as {verdict}"])


def test_a_drift_without_differences(tmp_path: Path) -> None:
    status, lines = judged(tmp_path, TOTAL, LINES, CODES, case("drifted"))
    assert (status, lines) == (1, ["not compared: tests/a.py::test_total[a-1] ended as drifted"])


def test_the_example_declares_its_plants_in_full() -> None:
    from planted import read_plants

    plants = read_plants(EXAMPLE / "planted.toml")
    assert len({plant.name for plant in plants}) == len(plants) == 10
    assert {plant.kind for plant in plants} == {
        "rounding",
        "boundary",
        "missing row effect",
        "null for empty",
        "order",
        "date zone",
        "status code",
        "swallowed error",
        "lost padding",
        "stale default",
    }
    assert all(plant.rule and plant.predicates for plant in plants)
    assert all(bool(plant.breaks) != bool(plant.no_decision) for plant in plants)
