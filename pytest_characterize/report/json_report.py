"""The report for machines: everything that is known of a run, as JSON by a versioned schema.

The schema is part of the package (``report/schema/report-1.json``); ``docs/reference/reports.md`` says
what each field means. Values are tagged JSON, as in goldens, so nothing is lost.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, TypeAlias

from pytest_characterize.codec import pretty_json, to_tagged
from pytest_characterize.descriptors import Policy, Tolerance
from pytest_characterize.model import (
    CaseResult,
    Difference,
    DriftGroup,
    DriftPlace,
    DriftTest,
    PolicyHit,
    RunResult,
    Verdict,
)
from pytest_characterize.report import json_adequacy, json_rules, statements
from pytest_characterize.report.json_traceability import traceability
from pytest_characterize.report.summary import Loosening, Tally, loosenings, tallies, together
from pytest_characterize.report.visible import sound
from pytest_characterize.report.words import action

VERSION: Final = "1"
"""Grows when a field goes away or changes its meaning; new fields come without a new version."""

Json: TypeAlias = dict[str, Any]


def schema() -> Json:
    """The JSON Schema (2020-12) that every report obeys."""
    text = files("pytest_characterize.report").joinpath(f"schema/report-{VERSION}.json").read_text("utf-8")
    return dict(json.loads(text))


def render_text(result: RunResult) -> str:
    """The report as a file's text: ASCII, stable, ending with a newline."""
    return pretty_json(render(result))


def render(result: RunResult) -> Json:
    """The report as a JSON tree of builtins."""
    per_test = tallies(result.results)
    return {
        "schema": VERSION,
        "verdict": str(result.verdict),
        "complete": result.complete,
        "incomplete_because": [sound(reason) for reason in result.incomplete_because],
        "counts": _counts(together(per_test, "")),
        "started_at": sound(result.started_at),
        "duration": _seconds(result.duration),
        "provenance": _texts(result.provenance),
        "tests": [_test(tally) for tally in per_test],
        "drifts": [_drift(group) for group in result.groups],
        "rules": json_rules.rules(result),
        "adequacy": json_adequacy.adequacy(result),
        "policies": [_loosening(one) for one in loosenings(result.results)],
        "cases": [_case(case) for case in result.results],
        "traceability": traceability(result),
    }


def _test(tally: Tally) -> Json:
    return {"test": sound(tally.test), "legacy": sound(tally.legacy), "counts": _counts(tally)}


def _counts(tally: Tally) -> Json:
    return {str(verdict): tally.counts[verdict] for verdict in Verdict} | {"total": tally.total}


def _drift(group: DriftGroup) -> Json:
    return {
        "name": sound(group.name),
        "test": sound(group.test),
        "legacy": sound(group.legacy),
        "pattern": sound(group.pattern),
        "kind": str(group.kind),
        "evidence": sound(group.evidence),
        "suspects": json_rules.suspects(group.suspects),
        "explanation": json_rules.explanation(group.explanation),
        "of": group.of,
        "cases": [sound(case.label) for case in group.cases],
        "places": [_place(place) for place in group.places],
        "tests": [_drift_test(test) for test in group.tests],
        "witness": {
            "label": sound(group.witness.label),
            "id": sound(group.witness.case),
            "input": to_tagged(dict(group.witness.input)),
            "golden": sound(group.witness.golden),
            "difference": _difference(group.difference),
        },
    }


def _place(place: DriftPlace) -> Json:
    return {
        "test": sound(place.test),
        "pattern": sound(place.pattern),
        "kind": str(place.kind),
        "cases": place.cases,
        "evidence": sound(place.evidence),
        "follows": place.follows,
    }


def _drift_test(test: DriftTest) -> Json:
    return {
        "test": sound(test.test),
        "legacy": sound(test.legacy),
        "cases": [sound(label) for label in test.cases],
        "of": test.of,
    }


def _case(case: CaseResult) -> Json:
    problem = case.problem
    return {
        "test": sound(case.test),
        "id": sound(case.case),
        "label": sound(case.label),
        "verdict": str(case.verdict),
        "legacy": sound(case.legacy),
        "source": sound(case.source),
        "raised": case.raised,
        "hits": json_rules.hits(case),
        "input": to_tagged(dict(case.input)),
        "golden": sound(case.golden),
        "recorded_at": sound(case.recorded_at),
        "duration": _seconds(case.duration),
        "provenance": _texts(case.provenance),
        "differences": [_difference(difference) for difference in case.differences],
        "policies": [_hit(hit) for hit in case.policy_hits],
        "statements": statements.as_json(case),
        "problem": None
        if problem is None
        else {"slug": sound(problem.slug), "message": sound(problem.message), "hint": sound(problem.hint)},
    }


def _difference(difference: Difference) -> Json:
    return {
        "path": sound(difference.path),
        "kind": str(difference.kind),
        "legacy": to_tagged(difference.legacy),
        "candidate": to_tagged(difference.candidate),
        "note": sound(difference.note),
    }


def _hit(hit: PolicyHit) -> Json:
    return _policy(hit.policy) | {"hits": hit.count}


def _loosening(one: Loosening) -> Json:
    counted = {"hits": one.hits, "cases": one.cases}
    return _policy(one.policy) | counted | {"tests": [sound(test) for test in one.tests]}


def _policy(policy: Policy) -> Json:
    told = {"action": action(policy), "path": sound(policy.path), "reason": sound(policy.reason)}
    if isinstance(policy, Tolerance):
        told |= {"absolute": str(policy.absolute), "relative": str(policy.relative)}
    return told


def _texts(texts: Mapping[str, str]) -> Json:
    return {sound(name): sound(texts[name]) for name in sorted(texts)}


def _seconds(duration: float) -> float | None:
    return round(duration, 6) if math.isfinite(duration) else None
