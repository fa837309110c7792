"""The legacy rules in the report for machines: every rule with its cases, and every drift with its suspects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from pytest_characterize.model import CaseResult, RunResult
from pytest_characterize.report.rules import Cases, cases_by_rule, cases_of, exercising, matching
from pytest_characterize.report.visible import sound
from pytest_characterize.rulebook import (
    CaseNote,
    DeclaredStatus,
    RoutineStatus,
    RuleCount,
    RuleProblem,
    RuleStatus,
    Suspect,
    total,
)
from pytest_characterize.rulemutants import Reproduction

Json: TypeAlias = dict[str, Any]


def rules(result: RunResult) -> Json:
    """Rule coverage of the run."""
    book = result.rules
    cases = cases_by_rule(result)
    return {
        "counts": _counts(book.count),
        "cases_with_hits": exercising(book, result.results),
        "contexts": [
            {"context": sound(name), "counts": _counts(total(one.count for one in several))}
            for name, several in book.contexts().items()
        ],
        "routines": [_routine(routine, cases) for routine in book.routines],
        "declared": [_declared(one, cases_of(one, cases)) for one in book.declared],
        "stale": [_note(note) for note in book.stale],
        "unseen": [_note(note) for note in book.unseen],
        "problems": [_problem(problem) for problem in book.problems],
        "runs": [sound(name) for name in book.runs],
    }


def suspects(several: Iterable[Suspect]) -> list[Json]:
    """The legacy rules that may be behind a drift."""
    return [
        {
            "routine": sound(one.routine),
            "line": one.line,
            "text": sound(one.text),
            "arm": sound(one.arm),
            "score": one.score,
            "drifting": one.drifting,
            "of_drifting": one.of_drifting,
            "others": one.others,
            "of_others": one.of_others,
            "others_matched": one.others_matched,
            "alike": one.alike,
            "found": one.found,
            "was": sound(one.was),
            "becomes": sound(one.becomes),
        }
        for one in several
    ]


def explanation(told: Reproduction | None) -> Json | None:
    """The mutants that do what the candidate does."""
    if told is None:
        return None
    return {
        "mutants": [
            {
                "id": sound(mutant.id),
                "routine": sound(mutant.routine),
                "line": mutant.line,
                "operator": str(mutant.operator),
                "was": sound(mutant.was),
                "becomes": sound(mutant.becomes),
                "text": sound(text),
            }
            for mutant, text in zip(told.mutants, told.text, strict=True)
        ],
        "drifting": told.drifting,
        "of_drifting": told.of_drifting,
        "matching": told.matching,
        "of_matching": told.of_matching,
        "alike": told.alike,
    }


def hits(case: CaseResult) -> list[Json]:
    """The rules that a case exercised."""
    return [{"rule": sound(hit.rule), "count": hit.count} for hit in case.hits]


def _routine(routine: RoutineStatus, cases: Cases) -> Json:
    return {
        "source": sound(routine.source),
        "routine": sound(routine.routine),
        "name": sound(routine.name),
        "context": sound(routine.context),
        "counts": _counts(routine.count),
        "unknown": [sound(why) for why in routine.unknown],
        "rules": [_rule(rule, cases.get((routine.source, rule.id), ())) for rule in routine.rules],
    }


def _rule(rule: RuleStatus, cases: Sequence[CaseResult]) -> Json:
    return {
        "id": sound(rule.id),
        "line": rule.line,
        "kind": sound(rule.kind),
        "text": sound(rule.text),
        "arm": sound(rule.arm),
        "written": rule.written,
        "decision": sound(rule.decision),
        "exercised": rule.exercised,
        "only_by_errors": rule.only_by_errors,
        "matched": rule.matched,
        "raised": rule.raised,
        "runs": rule.runs,
        "cases": [{"test": sound(case.test), "label": sound(case.label)} for case in cases],
    }


def _declared(one: DeclaredStatus, cases: Sequence[CaseResult]) -> Json:
    return {
        "id": sound(one.id),
        "title": sound(one.title),
        "context": sound(one.context),
        "owner": sound(one.owner),
        "criticality": one.criticality,
        "counts": _counts(one.count),
        "rules": [
            {"source": sound(place.routine.source), "rule": sound(place.rule.id)} for place in one.anchored
        ],
        "cases": len(cases),
        "matched": matching(cases),
        "problems": [sound(problem) for problem in one.problems],
    }


def _counts(counted: RuleCount) -> Json:
    return {
        "known": counted.known,
        "exercised": counted.exercised,
        "never": counted.never,
        "at_parity": counted.at_parity,
        "unknown": counted.unknown,
        "percent": counted.percent,
    }


def _note(note: CaseNote) -> Json:
    return {"test": sound(note.test), "label": sound(note.label), "because": sound(note.because)}


def _problem(problem: RuleProblem) -> Json:
    return {"slug": sound(problem.slug), "message": sound(problem.message), "hint": sound(problem.hint)}
