"""What every report says of the legacy rules, worked out once: which are missing, in words, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from pytest_characterize.model import CaseResult, DriftGroup, RunResult, Verdict
from pytest_characterize.report.words import count
from pytest_characterize.rulebook import (
    CRITICALITIES,
    Anchored,
    DeclaredStatus,
    RoutineStatus,
    RuleBook,
    RuleCount,
    RuleStatus,
    Suspect,
)
from pytest_characterize.rulemutants import Reproduction

Cases: TypeAlias = Mapping[tuple[str, str], Sequence[CaseResult]]
"""Source and id of a rule -> the cases that hit it."""

STALE: Final = "recorded before legacy changed, so they prove nothing"
REFRESH: Final = "record again with --characterize-record=rewrite, or restore characterization/legacy/"
"""What a stale golden means, and what to do about it."""

_HAPPENS: Final = frozenset({"taken", "not taken", "reached", "entered", "caught"})
"""Arms that a case does; any other is something that is so in a case."""

_DECISIONS_LAST: Final = {"rows": 1, "return": 2, "entry": 2, "line": 3}
"""Kinds that follow from decisions, which are told first."""


def is_known(book: RuleBook) -> bool:
    """Whether there is anything to tell."""
    return bool(book.routines or book.declared or book.problems or book.unseen)


def exercising(book: RuleBook, results: Iterable[CaseResult]) -> int:
    """How many cases exercised any rule, as far as their hits count."""
    stale = {(note.test, note.label) for note in book.stale}
    return sum(bool(case.hits) and (case.test, case.label) not in stale for case in results)


def cases_by_rule(result: RunResult) -> Cases:
    """The cases whose hits count, by the source and the id of each rule that they hit."""
    stale = {(note.test, note.label) for note in result.rules.stale}
    found: dict[tuple[str, str], list[CaseResult]] = {}
    for case in result.results:
        if (case.test, case.label) not in stale:
            for hit in case.hits:
                found.setdefault((case.source, hit.rule), []).append(case)
    return found


def cases_of(declared: DeclaredStatus, cases: Cases) -> tuple[CaseResult, ...]:
    """The cases that exercised any decision of a business rule, each once."""
    found = {
        (case.test, case.label, case.case): case
        for one in declared.anchored
        for case in cases.get((one.routine.source, one.rule.id), ())
    }
    return tuple(found.values())


def matching(cases: Iterable[CaseResult]) -> int:
    """How many of the cases matched."""
    return sum(case.verdict is Verdict.MATCHED for case in cases)


def percent(counted: RuleCount) -> str:
    """Rule coverage as a text; it says 100 % only of everything.

    >>> percent(RuleCount(known=3, exercised=2)), percent(RuleCount())
    ('66.6 %', 'no rule known')
    """
    return "no rule known" if counted.percent is None else f"{counted.percent:.1f} %"


def parity(counted: RuleCount | RuleStatus) -> str:
    """Of what was exercised, how much is at parity: rules of a part of legacy, or cases of a rule."""
    if isinstance(counted, RuleStatus):
        return f"{counted.matched} of {counted.cases}"
    return f"{counted.at_parity} of {counted.exercised}"


def place(routine: RoutineStatus, rule: RuleStatus) -> str:
    """Where a rule is, as anchors and people name it: ``invoice_total:41``."""
    return f"{routine.name}:{rule.line}"


def never_entered(book: RuleBook) -> tuple[RoutineStatus, ...]:
    """The routines none of whose rules was exercised, those with most rules first."""
    found = [routine for routine in book.routines if routine.rules and not routine.count.exercised]
    return tuple(sorted(found, key=lambda routine: (-len(routine.rules), routine.name)))


def never_exercised(book: RuleBook) -> tuple[Anchored, ...]:
    """The rules that no case hit, worst first.

    Those of critical business rules come first, then what stands in the source before what nobody wrote,
    decisions before what follows from them, badly covered routines before others.
    """
    weight = _criticality(book)
    shares = {(routine.source, routine.routine): routine.count.percent or 0.0 for routine in book.routines}

    def badness(one: Anchored) -> tuple[int, bool, int, float, str, int]:
        """What puts a rule before others, the smallest first."""
        routine, rule = one.routine, one.rule
        return (
            weight.get((routine.source, rule.id), len(CRITICALITIES)),
            not rule.written,
            _DECISIONS_LAST.get(rule.kind, 0),
            shares[routine.source, routine.routine],
            routine.name,
            rule.line,
        )

    return tuple(sorted((one for one in book.rules() if not one.rule.exercised), key=badness))


def only_by_errors(book: RuleBook) -> tuple[Anchored, ...]:
    """The rules all of whose cases ended in an error on legacy; most cases first."""
    found = [one for one in book.rules() if one.rule.only_by_errors]
    return tuple(sorted(found, key=lambda one: -one.rule.cases))


def by_one_case(book: RuleBook) -> tuple[Anchored, ...]:
    """The rules that a single case exercises, in the order of the book."""
    return tuple(one for one in book.rules() if one.rule.cases == 1 and not one.rule.runs)


def only_by_runs(book: RuleBook) -> tuple[Anchored, ...]:
    """The rules of which nobody knows which cases exercised them, in the order of the book."""
    return tuple(one for one in book.rules() if one.rule.only_by_runs)


def measured_runs(book: RuleBook) -> str:
    """The measured runs over many cases, as a further part of who exercised the rules; ``""`` without any."""
    return f" and {count(len(book.runs), 'measured run')}" if book.runs else ""


def unknown(book: RuleBook) -> tuple[tuple[RoutineStatus, str], ...]:
    """What could not be instrumented, and in which routine."""
    return tuple((routine, why) for routine in book.routines for why in routine.unknown)


def not_pinned(book: RuleBook) -> tuple[DeclaredStatus, ...]:
    """The declared business rules that are not exercised in full, the most critical first."""
    found = [one for one in book.declared if one.count.never or not one.anchored]
    return tuple(sorted(found, key=lambda one: (CRITICALITIES.index(one.criticality), one.id)))


def missing(rule: RuleStatus) -> str:
    """That no case exercised a rule, in words.

    >>> missing(RuleStatus("f:1.rows1", 1, "rows", "UPDATE t", "no row", written=False))
    'never: no row'
    """
    return f"never {rule.arm}" if rule.arm in _HAPPENS else f"never: {rule.arm}"


def evidence(suspect: Suspect) -> str:
    """The numbers that speak for a suspect.

    >>> evidence(Suspect("f", 3, "IF x", "taken", 0.5, 3, 3, 9, 31))
    'taken by 3/3 drifting and 9/31 matching cases'
    """
    if suspect.found == "resembles":
        return f"a mutant changes {_shares(suspect)}"
    if not suspect.arm:
        return f"reproduced with {change(suspect.was, suspect.becomes)}"
    joined = "by" if suspect.arm in _HAPPENS else "in"
    return f"{suspect.arm} {joined} {_shares(suspect)}"


def _shares(suspect: Suspect) -> str:
    who = "matching" if suspect.others_matched else "other"
    return f"{suspect.drifting}/{suspect.of_drifting} drifting and {suspect.others}/{suspect.of_others} {who} cases"


def weight(suspect: Suspect) -> str:
    """How much the numbers say: the score, and how many rules have the same ones; nothing beside an explanation."""
    if suspect.found == "reproduces":
        return ""
    if suspect.found == "resembles":
        return f" (similarity {suspect.score:.2f}: {change(suspect.was, suspect.becomes)})"
    alike = f", as {count(suspect.alike, 'other rule')}" if suspect.alike else ""
    return f" (score {suspect.score:.2f}{alike})"


def change(was: str, becomes: str) -> str:
    """A mutant in words.

    >>> change("a > 5", "a >= 5"), change("f(a)", "")
    ('a >= 5 in place of a > 5', 'without f(a)')
    """
    return f"{becomes} in place of {was}" if becomes else f"without {was}"


def joint(group: DriftGroup) -> bool:
    """Whether its suspects are behind it together, rather than one or the other."""
    return group.explanation is not None and len(group.explanation.mutants) > 1


def behaving(told: Reproduction, first: Suspect | None) -> str:
    """What legacy would have to say to do what the candidate does, and where, if that is not the rule's line."""
    return " and ".join(
        text if first is not None and mutant.line == first.line else f"{text} (line {mutant.line})"
        for mutant, text in zip(told.mutants, told.text, strict=True)
    )


def reproducing(told: Reproduction) -> str:
    """The numbers that speak for an explanation.

    >>> reproducing(Reproduction((), (), 14, 14, 306, 306, alike=2))
    'reproduces 14/14 drifting and 306/306 matching cases (as 2 other mutants)'
    """
    alike = f" (as {count(told.alike, 'other mutant')})" if told.alike else ""
    unknown = f", {told.of_matching - told.matching} unknown" if told.matching < told.of_matching else ""
    drifting, matching = f"{told.drifting}/{told.of_drifting}", f"{told.matching}/{told.of_matching}"
    return f"reproduces {drifting} drifting and {matching} matching cases{unknown}{alike}"


def _criticality(book: RuleBook) -> dict[tuple[str, str], int]:
    """The rank of the most critical business rule that each rule belongs to."""
    found: dict[tuple[str, str], int] = {}
    for declared in book.declared:
        rank = CRITICALITIES.index(declared.criticality)
        for one in declared.anchored:
            key = (one.routine.source, one.rule.id)
            found[key] = min(rank, found.get(key, rank))
    return found


def names(several: Iterable[RoutineStatus]) -> str:
    """Routines by name."""
    return ", ".join(routine.name for routine in several)
