"""Legacy rules in a run: recorded from a real PostgreSQL, told by every report."""

from __future__ import annotations

from tests.plugin.project import Project
from tests.plugin.rule_projects import (
    BOUNDARY,
    CATALOGUE,
    Legacy,
    declare,
    rule,
    rules,
)


def test_what_the_cases_exercised_and_what_not(legacy: Legacy) -> None:
    run = legacy.recorded().replay("--characterize-report=md:out/drift.md").exits(0)
    run.says("PASS", matched=11).complete()
    counts = rules(run)["counts"]
    assert counts["known"] == counts["exercised"] + counts["never"]
    assert counts == {
        "known": 14,
        "exercised": 10,
        "never": 4,
        "at_parity": 10,
        "unknown": 0,
        "percent": 71.4,
    }
    assert [one["name"] for one in rules(run)["routines"]] == ["discount", "percent"]
    assert len(rule(run, "ELSIF years > 5", "taken")["cases"]) == 4
    assert rule(run, "IF years > 10", "taken")["cases"] == []
    assert rule(run, "IF total < 0", "taken")["only_by_errors"]
    run.has(
        "RULES  71.4 %   10 of 14 legacy rules exercised by 11 of 11 cases",
        "discount:6  IF years > 10   never taken",
        "only errors   discount:3  IF total < 0   taken",
        "1 of 1 business rule exercised in full",
    )
    markdown = (legacy.project.root / "out/drift.md").read_text()
    assert "### Never exercised: 4 rules" in markdown
    assert "| `percent:3` | `IF rate IS NULL` | never taken |" in markdown


def test_cases_name_their_rules_and_rules_their_cases(legacy: Legacy) -> None:
    run = legacy.recorded().replay("-n2")
    by_case = {case["label"]: {hit["rule"] for hit in case["hits"]} for case in run.report["cases"]}
    by_rule = {
        one["id"]: {case["label"] for case in one["cases"]}
        for routine in rules(run)["routines"]
        for one in routine["rules"]
    }
    assert {label for labels in by_rule.values() for label in labels} == set(by_case)
    for label, hits in by_case.items():
        assert hits == {id_ for id_, labels in by_rule.items() if label in labels}


def test_the_rule_behind_a_drift(legacy: Legacy) -> None:
    run = legacy.recorded().edit("shop.py", *BOUNDARY).replay().exits(1).says("DRIFT", matched=7, drifted=4)
    run.has(
        "legacy rule   discount:9  ELSIF years > 5",
        "taken by 4/4 drifting and 0/7 matching cases (score 1.00",
    )
    (drift,) = run.report["drifts"]
    assert drift["suspects"][0]["text"] == "ELSIF years > 5"
    assert rule(run, "ELSIF years > 5", "taken")["matched"] == 0
    assert rules(run)["counts"]["at_parity"] < rules(run)["counts"]["exercised"]


def test_stopping_at_the_first_drift_still_works(legacy: Legacy) -> None:
    run = legacy.recorded().edit("shop.py", *BOUNDARY).replay("-x").exits(1).complete(False)
    run.has("of this incomplete run").no_traceback()
    assert "never " not in run.out


def test_a_run_that_selects_cases_does_not_call_other_rules_missed(legacy: Legacy) -> None:
    run = legacy.recorded().replay("-k", "years-9").exits(0).complete(False)
    run.has("7 of 14 legacy rules exercised", "by 2 of 2 cases of this incomplete run")
    assert "never taken" not in run.out


def test_projects_without_legacy_sources_hear_nothing_of_rules(opaque: Project) -> None:
    run = opaque.recorded().replay().exits(0)
    assert "RULES" not in run.out
    assert rules(run)["counts"]["percent"] is None


def test_declared_rules_and_contexts(legacy: Legacy) -> None:
    run = declare(legacy.recorded(), CATALOGUE).replay().exits(0).says("PASS", matched=11)
    assert [one["context"] for one in rules(run)["contexts"]] == ["billing", "pricing"]
    whole = rules(run)["counts"]
    assert whole["known"] == sum(one["counts"]["known"] for one in rules(run)["contexts"])
    declared = {one["id"]: one for one in rules(run)["declared"]}
    assert declared["BILL-003"]["counts"]["exercised"] == 0
    assert declared["BILL-003"]["context"] == "pricing"
    assert declared["BILL-007"]["counts"]["exercised"] == 1
    run.has(
        "1 of 2 business rules exercised in full", "(critical) BILL-003 more than ten years   0 of 1 decision"
    )


def test_recording_and_plain_runs_do_not_mind_the_catalogue(legacy: Legacy) -> None:
    declare(legacy.project, "nonsense")
    legacy.record().exits(0)
    legacy.project.pytest().exits(0)


def test_a_legacy_that_always_fails_is_told(legacy: Legacy) -> None:
    legacy.run("DROP FUNCTION percent(integer, integer)")
    legacy.project.edit("tests/test_shop.py", "(0, 3, 5, 6, 9)", "(6, 9)")
    run = legacy.record().exits(0)
    run.has(
        "legacy ended in an error in every case, e.g. ",
        "42883 function percent(integer, integer) does not exist",
    )
