"""Rule coverage: hits of cases against the rules that the kept sources have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from pytest_characterize.model import CaseResult, Verdict
from pytest_characterize.rulebook import CaseNote, RoutineStatus, RuleBook, RuleProblem, RuleStatus
from pytest_characterize.rules.catalogue import Rule, Unknown
from pytest_characterize.rules.kept import KeptSource, called
from pytest_characterize.rules.versions import KEY, changed, lost

UNSEEN = "rules not seen"
"""The name under which a golden's provenance says why its case's rules could not be seen."""

PROJECT = "project"
"""The context of legacy code that belongs to no configured source."""

Context: TypeAlias = Callable[[str, str], str]
"""(source, routine) -> the bounded context that it belongs to."""


def cover(
    kept: Sequence[KeptSource],
    results: Sequence[CaseResult],
    context_of: Context = lambda source, routine: source,
    runs: Mapping[tuple[str, str], int] = MappingProxyType({}),
) -> RuleBook:
    """The rule book of a run, without declared rules.

    Args:
        kept: the routines whose rules are known; hits of others are not counted.
        results: every case of the run. Hits seen in another version of a routine do not count either.
        runs: source and id of a rule -> how many measured runs over unknown cases reached it.
    """
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for one in kept:
        texts[one.source][one.name] = one.text
    stale = tuple(_stale(texts, results))
    left_out = {(note.test, note.label) for note in stale}
    hitting: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for result in results:
        if (result.test, result.label) not in left_out:
            for hit in result.hits:
                hitting[result.source, hit.rule].append(result)
    names = called([(one.source, one.name) for one in kept])
    routines = [
        RoutineStatus(
            one.source,
            one.name,
            context_of(one.source, one.name) or PROJECT,
            tuple(
                _status(rule, hitting.get(key, []), runs.get(key, 0))
                for rule in one.probed.rules
                for key in [(one.source, rule.id)]
            ),
            tuple(map(_told, one.probed.unknown)),
            names[one.source, one.name],
        )
        for one in kept
    ]
    return RuleBook(
        tuple(sorted(routines, key=lambda routine: (routine.context, routine.source, routine.routine))),
        stale,
        tuple(_unseen(results)),
        problems=tuple(_lost(texts, results)),
    )


def _lost(texts: Mapping[str, Mapping[str, str]], results: Iterable[CaseResult]) -> Iterable[RuleProblem]:
    """Routines that goldens ran through, and whose rules nobody knows any more: they must not look covered."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for result in results:
        if UNSEEN not in result.provenance:  # a source that could not be kept was told while recording
            for routine in lost(result.provenance.get(KEY, ""), texts.get(result.source, {})):
                found[result.source, routine] += 1
    for (source, routine), number in sorted(found.items()):
        cases = "1 golden" if number == 1 else f"{number} goldens"
        yield RuleProblem(
            "rules-source-lost",
            f"{routine}: its source is not kept{f' for {source!r}' if source else ''}, "
            f"so the rules that {cases} ran through there are not known",
            "restore characterization/legacy/ with git checkout, or record with --characterize-record=rewrite",
        )


def _stale(texts: Mapping[str, Mapping[str, str]], results: Iterable[CaseResult]) -> Iterable[CaseNote]:
    """Cases that were recorded from other texts than those that are kept."""
    for result in results:
        told = result.provenance.get(KEY)
        if told and (routines := changed(told, texts.get(result.source, {}))):
            verb = "has" if len(routines) == 1 else "have"
            yield CaseNote(result.test, result.label, f"{', '.join(routines)} {verb} changed since")


def _unseen(results: Iterable[CaseResult]) -> Iterable[CaseNote]:
    for result in results:
        if reason := result.provenance.get(UNSEEN):
            yield CaseNote(result.test, result.label, reason)


def _status(rule: Rule, cases: Sequence[CaseResult], runs: int) -> RuleStatus:
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
        decision=rule.decision,
        runs=runs,
    )


def _told(unknown: Unknown) -> str:
    where = f"line {unknown.line}: {unknown.text}: " if unknown.line else ""
    return f"{where}{unknown.reason}"
