"""What the legacy rules say of a run: stale goldens, lost anchors, too little coverage. Never a false green."""

from __future__ import annotations

import pytest

from tests.plugin.project import Project
from tests.plugin.rule_projects import (
    BOUNDARY,
    CATALOGUE,
    DISCOUNT,
    PERCENT,
    Legacy,
    declare,
    rule,
    rules,
)


def test_a_replaced_routine_makes_its_goldens_stale(legacy: Legacy) -> None:
    """Ten cases are recorded, the routine is replaced, another case is recorded: old hits do not count."""
    project = legacy.project.edit("tests/test_shop.py", "(0, 3, 5, 6, 9)", "(0, 3, 5, 6)")
    legacy.recorded()
    legacy.run(DISCOUNT.replace("years > 5 THEN", "years >= 6 THEN"))
    project.edit("tests/test_shop.py", "(0, 3, 5, 6)", "(0, 3, 5, 6, 9)")
    legacy.record().exits(0).has("2 recorded")
    run = project.replay().exits(1).says("INCOMPLETE", matched=11).complete()
    assert len(rules(run)["stale"]) == 9
    assert {note["because"] for note in rules(run)["stale"]} == {
        "public.discount(integer, integer) has changed since"
    }
    assert len(rule(run, "ELSIF years >= 6", "taken")["cases"]) == 2
    assert rule(run, "IF total < 0", "taken")["cases"] == []
    run.has(
        "STALE  9 goldens   recorded before legacy changed",
        "discount(integer, integer) has changed since (9 cases)",
        "9 stale goldens (legacy rules)",
    )
    legacy.record("rewrite").exits(0).has("9 same behaviour of another legacy version")
    project.replay("-n2").exits(1).says("INCOMPLETE", matched=11)
    from pytest_characterize.cli import main

    assert main(["--root", str(project.root), "accept", "--all"]) == 0
    fresh = project.replay().exits(0).says("PASS", matched=11)
    assert rules(fresh)["stale"] == []
    assert len(rule(fresh, "ELSIF years >= 6", "taken")["cases"]) == 4


def test_a_replaced_routine_behind_the_called_one(legacy: Legacy) -> None:
    """Only those cases are stale that ran through it."""
    project = legacy.project.edit("tests/test_shop.py", "(0, 3, 5, 6, 9)", "(0, 3, 5, 6)")
    legacy.recorded()
    legacy.run(PERCENT.replace("RETURN 0", "RETURN -0"))
    project.edit("tests/test_shop.py", "(0, 3, 5, 6)", "(0, 3, 5, 6, 9)")
    legacy.record().exits(0)
    run = project.replay().exits(1)
    stale = rules(run)["stale"]
    assert {note["because"] for note in stale} == {"public.percent(integer, integer) has changed since"}
    assert {note["label"].rpartition("-")[0] for note in stale} == {"total-100-years-6", "total-1000-years-6"}


def test_a_damaged_source_is_named_and_the_run_is_not_green(legacy: Legacy) -> None:
    project = legacy.recorded()
    (file,) = project.root.glob("characterization/legacy/billing/*percent*.json")
    file.write_text(file.read_text().replace("IS NULL", "IS NOT NULL"))
    run = project.replay().exits(1).says("INCOMPLETE", matched=11).no_traceback()
    run.has("BROKEN  1 problem with the legacy rules", "source-text-damaged")
    assert [one["name"] for one in rules(run)["routines"]] == ["discount"]
    (problem,) = rules(run)["problems"]
    assert problem["slug"] == "source-text-damaged"
    assert file.name in problem["message"]


def test_a_lost_source_does_not_raise_the_coverage(legacy: Legacy) -> None:
    project = legacy.recorded()
    (file,) = project.root.glob("characterization/legacy/billing/*percent*.json")
    file.unlink()
    run = project.replay("--characterize-fail-under=1").exits(1).says("INCOMPLETE", matched=11)
    run.has("BROKEN  1 problem with the legacy rules", "rules that 4 goldens ran through", "cannot be judged")
    assert [one["slug"] for one in rules(run)["problems"]] == ["rules-source-lost"]


def test_an_anchor_that_no_longer_matches_fails_the_run(legacy: Legacy) -> None:
    project = declare(legacy.recorded(), CATALOGUE.replace("years > 10", "years > 12"))
    run = project.replay("--characterize-report=md:out/drift.md").exits(1).says("INCOMPLETE", matched=11)
    run.complete().has("1 problem with the legacy rules", "BILL-003", "the nearest is 'IF years > 10'")
    assert [one["slug"] for one in rules(run)["problems"]] == ["rule-anchor-lost"]
    assert "rule-anchor-lost" in (project.root / "out/drift.md").read_text()


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_catalogue_that_makes_no_sense_is_told_before_anything_runs(
    legacy: Legacy, workers: list[str]
) -> None:
    run = declare(legacy.recorded(), "[[rule]]\nname = 'x'\n").replay(*workers).exits(4).no_traceback()
    run.has("characterization/rules.toml: [rule[0]] lacks 'id'")
    assert "passed" not in run.out


@pytest.mark.parametrize(("percent", "code"), [("71", 0), ("71.4", 0), ("71.5", 1), ("100", 1), ("0", 0)])
def test_a_gate_at_a_percentage(legacy: Legacy, percent: str, code: int) -> None:
    run = (
        legacy.recorded().replay(f"--characterize-fail-under={percent}").exits(code).says("PASS", matched=11)
    )
    if code:
        run.has(f"FAIL --characterize-fail-under={percent}: rule coverage is 71.4 % (10 of 14)")
    else:
        run.has(f"rule coverage is at least {percent} %, as required")


def test_the_gate_holds_under_xdist(legacy: Legacy) -> None:
    project = legacy.recorded()
    project.replay("-n2", "--characterize-fail-under=80").exits(1).has("rule coverage is 71.4 %")
    project.replay("-n2", "--characterize-fail-under=60").exits(0)


def test_the_gate_does_not_judge_a_part(legacy: Legacy) -> None:
    run = legacy.recorded().replay("-k", "years", "--characterize-fail-under=1").exits(1)
    run.has("cannot be judged, the run is incomplete")


def test_the_gate_does_not_judge_a_run_without_evidence_for_a_case(legacy: Legacy) -> None:
    project = legacy.recorded().edit("tests/test_shop.py", "(0, 3, 5, 6, 9)", "(0, 3, 5, 6, 9, 12)")
    run = project.replay("--characterize-fail-under=1").exits(1)
    run.has("cannot be judged, 2 cases gave no evidence")


def test_the_gate_does_not_judge_without_rules(opaque: Project) -> None:
    opaque.recorded().replay("--characterize-fail-under=0").exits(1).has("no legacy rule is known")


def test_the_gate_does_not_judge_a_broken_catalogue(legacy: Legacy) -> None:
    project = declare(legacy.recorded(), CATALOGUE.replace("years > 10", "years > 12"))
    project.replay("--characterize-fail-under=1").exits(1).has("the legacy rules are in doubt")


def test_what_is_unknown_counts_against_the_gate(legacy: Legacy) -> None:
    """A simple CASE without ELSE: nobody can see that no arm holds."""
    unknown = "CASE rate WHEN 5 THEN RETURN amount / 20; END CASE;"
    legacy.run(PERCENT.replace("RETURN amount * rate / 100;", unknown))
    project = legacy.recorded()
    counts = rules(project.replay())["counts"]
    assert counts["unknown"] == 1
    share = 100 * counts["exercised"] / counts["known"]
    strict = 100 * counts["exercised"] / (counts["known"] + 1)
    between = round((share + strict) / 2, 2)
    project.replay(f"--characterize-fail-under={between}").exits(1).has(
        "1 unknown place taken as never exercised"
    )
    project.replay(f"--characterize-fail-under={strict - 0.1:.2f}").exits(0)


def test_a_drift_is_told_before_the_gate(legacy: Legacy) -> None:
    run = legacy.recorded().edit("shop.py", *BOUNDARY).replay("--characterize-fail-under=60").exits(1)
    run.says("DRIFT", matched=7, drifted=4).has("rule coverage is at least 60 %")


@pytest.mark.parametrize("percent", ["", "many", "-1", "100.1", "nan", "inf", "85%"])
def test_nonsense_is_a_usage_error(project: Project, percent: str) -> None:
    run = project.recorded().replay(f"--characterize-fail-under={percent}").exits(4).no_traceback()
    run.has("must be a number from 0 to 100")


@pytest.mark.parametrize("mode", [[], ["--characterize-record=new"]], ids=["off", "record"])
def test_the_gate_needs_a_replay(project: Project, mode: list[str]) -> None:
    project.pytest("--characterize-fail-under=85", *mode).exits(4).has("needs --characterize")
