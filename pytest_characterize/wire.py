"""Case results between processes: one ASCII text each, so that nothing in a value can break a pipe.

A worker's report may only carry builtins, and a lone surrogate in one kills the worker and loses the
verdict; tagged, ASCII-only JSON has neither problem.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pytest_characterize.codec import from_tagged, to_tagged
from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.model import (
    CaseResult,
    Difference,
    Kind,
    Likeness,
    PolicyHit,
    Problem,
    RuleHit,
    Verdict,
)
from pytest_characterize.sql.counting import StatementCount, StatementGroup
from pytest_characterize.sql.fingerprints import Fingerprint

_POLICIES = {kind.__name__: kind for kind in (Ignore, Tolerance, Unordered)}


def pack(result: CaseResult) -> str:
    """The result as one line of ASCII text."""
    tree = {
        "test": result.test,
        "case": result.case,
        "label": result.label,
        "verdict": result.verdict.value,
        "legacy": result.legacy,
        "input": to_tagged(dict(result.input)),
        "golden": result.golden,
        "differences": [
            [d.path, d.kind.value, to_tagged(d.legacy), to_tagged(d.candidate), d.note]
            for d in result.differences
        ],
        "policy_hits": [
            [type(hit.policy).__name__, to_tagged(asdict(hit.policy)), hit.count]
            for hit in result.policy_hits
        ],
        "problem": asdict(result.problem) if result.problem else None,
        "provenance": dict(result.provenance),
        "recorded_at": result.recorded_at,
        "duration": result.duration,
        "source": result.source,
        "raised": result.raised,
        "hits": [[hit.rule, hit.count] for hit in result.hits],
        "lines": None if result.lines is None else dict(result.lines),
        "statements": None if result.statements is None else _packed_count(result.statements),
        "likenesses": [
            [like.mutants, like.explains, like.complete, like.touches, like.beyond]
            for like in result.likenesses
        ],
        "flow": result.flow,
    }
    return json.dumps(tree, ensure_ascii=True, separators=(",", ":"))


def unpack(text: str) -> CaseResult:
    """The inverse of :func:`pack`."""
    tree = json.loads(text)
    return CaseResult(
        test=tree["test"],
        case=tree["case"],
        label=tree["label"],
        verdict=Verdict(tree["verdict"]),
        legacy=tree["legacy"],
        input=from_tagged(tree["input"], "result"),
        golden=tree["golden"],
        differences=tuple(_difference(item) for item in tree["differences"]),
        policy_hits=tuple(
            PolicyHit(_policy(name, given), count) for name, given, count in tree["policy_hits"]
        ),
        problem=Problem(**tree["problem"]) if tree["problem"] else None,
        provenance=tree["provenance"],
        recorded_at=tree["recorded_at"],
        duration=tree["duration"],
        source=tree["source"],
        raised=tree["raised"],
        hits=tuple(RuleHit(rule, count) for rule, count in tree["hits"]),
        lines=None
        if tree["lines"] is None
        else {file: tuple(lines) for file, lines in tree["lines"].items()},
        statements=None if tree["statements"] is None else _count(*tree["statements"]),
        likenesses=tuple(
            Likeness(tuple(mutants), tuple(explains), complete, tuple(touches), beyond)
            for mutants, explains, complete, touches, beyond in tree["likenesses"]
        ),
        flow=tree["flow"],
    )


def _difference(item: list[Any]) -> Difference:
    path, kind, legacy, candidate, note = item
    return Difference(path, Kind(kind), from_tagged(legacy, path), from_tagged(candidate, path), note)


def _packed_count(count: StatementCount) -> list[Any]:
    groups = [[group.fingerprint.text, group.fingerprint.digest, group.times] for group in count.groups]
    return [count.candidate, count.legacy, groups]


def _count(candidate: int, legacy: int | None, groups: list[Any]) -> StatementCount:
    found = (StatementGroup(Fingerprint(text, digest), times) for text, digest, times in groups)
    return StatementCount(candidate, legacy, tuple(found))


def _policy(name: str, given: Any) -> Policy:
    return _POLICIES[name](**from_tagged(given, name))
