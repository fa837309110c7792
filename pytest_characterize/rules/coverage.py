"""Rule coverage: hits of cases against the rules that the stored sources have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pytest_characterize.model import CaseResult, Verdict
from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleStatus
from pytest_characterize.rules.catalogue import Instrumented, Rule, Unknown

UNSEEN = "rules not seen"
"""The name under which a golden's provenance says why its case's rules could not be seen."""


def cover(
    known: Mapping[tuple[str, str], Instrumented], results: Iterable[CaseResult], stale: Iterable[str]
) -> RuleBook:
    """The rule book of a run.

    Args:
        known: (source name, routine) -> its source with probes.
        results: every case of the run; hits of rules that no known source has are not counted.
        stale: labels of cases whose hits do not count, because the routine's source has changed.
    """
    left_out = frozenset(stale)
    hitting: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for result in results:
        if result.label not in left_out:
            for hit in result.hits:
                hitting[result.source, hit.rule].append(result)
    routines = [
        RoutineStatus(
            source,
            routine,
            source,
            tuple(_status(rule, hitting.get((source, rule.id), [])) for rule in one.rules),
            tuple(map(_told, one.unknown)),
        )
        for (source, routine), one in known.items()
    ]
    return RuleBook(
        tuple(sorted(routines, key=lambda routine: (routine.context, routine.source, routine.routine))),
        tuple(sorted(left_out)),
    )


def _status(rule: Rule, cases: list[CaseResult]) -> RuleStatus:
    return RuleStatus(
        rule.id,
        rule.line,
        str(rule.kind),
        rule.text,
        rule.arm,
        rule.written,
        cases=len(cases),
        matched=sum(case.verdict is Verdict.MATCHED for case in cases),
        raised=sum(case.raised for case in cases),
    )


def _told(unknown: Unknown) -> str:
    where = f"line {unknown.line}: {unknown.text}: " if unknown.line else ""
    return f"{where}{unknown.reason}"
