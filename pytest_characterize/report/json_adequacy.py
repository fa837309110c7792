"""Adequacy in the report for machines: every mutant and what became of it."""

from __future__ import annotations

from typing import Any, TypeAlias

from pytest_characterize.codec import to_tagged
from pytest_characterize.model import RunResult
from pytest_characterize.report.adequacy import by_context
from pytest_characterize.report.visible import sound
from pytest_characterize.rulemutants import AdequacyCount, MutantStatus

Json: TypeAlias = dict[str, Any]


def adequacy(result: RunResult) -> Json:
    """Whether the goldens would notice a changed rule."""
    found = result.adequacy
    return {
        "counts": _counts(found.count),
        "contexts": [
            {"context": sound(name), "counts": _counts(one)}
            for name, one in by_context(found, result.rules).items()
        ],
        "mutants": [_mutant(one) for one in found.statuses],
        "notes": [sound(note) for note in (*found.notes, *found.limits)],
    }


def _counts(one: AdequacyCount) -> Json:
    return {
        "made": one.made,
        "noticed": one.noticed,
        "survived": one.survived,
        "unreached": one.unreached,
        "pending": one.pending,
        "percent": one.percent,
    }


def _mutant(one: MutantStatus) -> Json:
    mutant = one.mutant
    return {
        "id": sound(mutant.id),
        "source": sound(one.source),
        "routine": sound(mutant.routine),
        "line": mutant.line,
        "operator": str(mutant.operator),
        "was": sound(mutant.was),
        "becomes": sound(mutant.becomes),
        "fate": one.fate,
        "reached": one.reached,
        "noticed": one.noticed,
        "equivalent": sound(one.equivalent),
        "telling": [
            {"test": sound(test), "input": to_tagged(dict(given))} for test, given in one.telling.items()
        ],
    }
