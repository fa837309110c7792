"""The legacy rule behind a drift, first approximation: which rule do its cases hit, and others not?

Ochiai's coefficient over rule hits (Abreu, Zoeteweij and van Gemund, On the Accuracy of Spectrum-based Fault
Localization, TAICPART 2007): ``a11 / sqrt((a11 + a01) * (a11 + a10))``, where of the cases that hit the
rule ``a11`` drift and ``a10`` do not, and ``a01`` drift without hitting it.

Four things are added, because the reader wants one rule and no rule is better than a wrong one:

- Rules that exactly the same cases hit are one suspect, named by the decision among them.
- Where a decision has several arms, "this condition did not hold" is evidence too, though no single arm
  says it: legacy's ``> 5`` ported as ``>= 5`` drifts in whatever arms come after it.
- Cases that drift for another cause, and for no cause that they share with this drift, count among those
  without this drift: they were compared there, and the rule's fault did not show.
- Silence, unless the evidence separates. A drift has one cause, so its rule must be hit by all its cases
  (or nearly: another cause may look the same), and that must hardly be chance, by the hypergeometric
  distribution, as if drifting cases were drawn from all. Where other cases hit the rule as well, chance
  must be smaller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import comb, sqrt
from typing import Final

from pytest_characterize.model import CaseResult, DriftGroup, Verdict
from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleStatus, Suspect

MOST: Final = 3
"""So many suspects are named at the most; more that score the same are no evidence."""

CHANCE: Final = 0.05
CHANCE_OF_SOLE: Final = 0.25
"""How likely a coincidence may be, and for a rule that no case without the drift hits."""

MIXED: Final = 0.9
"""What a rule must score that some cases of the drift do not hit."""

NEAR: Final = 0.75
"""What a further suspect must score, as a share of the best."""

_ARMS: Final = ("branch", "case")
_COMPARED: Final = (Verdict.MATCHED, Verdict.DRIFTED, Verdict.EXPIRED, Verdict.WAIVED)
_CIRCUMSTANCES: Final = {"rows": 2, "return": 3, "entry": 4}
"""Kinds that follow from a decision rather than being one; they are named only if there is no other."""


@dataclass(frozen=True, slots=True)
class _Spectrum:
    """A rule and its cases, as sets of bits; ``drifting`` and ``others`` together are all."""

    routine: RoutineStatus
    rule: RuleStatus
    arm: str
    drifting: int
    others: int
    derived: bool = False

    def score(self, of_drifting: int) -> float:
        """Ochiai's coefficient."""
        hits = self.drifting.bit_count()
        return hits / sqrt(of_drifting * (hits + self.others.bit_count())) if hits else 0.0


def with_suspects(
    groups: Sequence[DriftGroup], results: Sequence[CaseResult], rules: RuleBook
) -> tuple[DriftGroup, ...]:
    """Each drift with the legacy rules that may be behind it."""
    by_test: dict[str, list[CaseResult]] = {}
    for result in results:
        by_test.setdefault(result.test, []).append(result)
    related = _related(groups)
    return tuple(
        replace(
            drift,
            suspects=suspects(
                drift.cases,
                [one for one in by_test.get(drift.test, ()) if one.label not in related[drift.name]],
                rules,
            ),
        )
        for drift in groups
    )


def suspects(
    drifting: Sequence[CaseResult], others: Sequence[CaseResult], rules: RuleBook
) -> tuple[Suspect, ...]:
    """The likeliest rules, best first; empty where the numbers do not separate them.

    Args:
        drifting: the cases of one drift.
        others: cases of the same test without that drift; those that were not compared are passed over.
        rules: where the rules are; hits of stale cases do not count.
    """
    stale = {(note.test, note.label) for note in rules.stale}
    drifting = [case for case in drifting if (case.test, case.label) not in stale]
    others = [case for case in others if case.verdict in _COMPARED and (case.test, case.label) not in stale]
    if not drifting:
        return ()
    best = sorted(
        (_named(alike, drifting, others) for alike in _alike(_spectra(drifting, others, rules))),
        key=lambda suspect: (-suspect.score, suspect.routine, suspect.line),
    )
    first = [suspect for suspect in best if suspect.score == best[0].score]
    if len(first) > MOST:
        return ()
    likely = [suspect for suspect in best if _separates(suspect)]
    return tuple(suspect for suspect in likely if suspect.score >= NEAR * likely[0].score)[:MOST]


def _related(groups: Sequence[DriftGroup]) -> dict[str, set[str]]:
    """By drift: the labels of its cases, and of all cases of drifts that it shares a case with."""
    labels = {drift.name: {case.label for case in drift.cases} for drift in groups}
    return {
        drift.name: set().union(
            *(
                labels[other.name]
                for other in groups
                if other.test == drift.test and labels[other.name] & labels[drift.name]
            )
        )
        for drift in groups
    }


def _separates(suspect: Suspect) -> bool:
    if suspect.drifting < suspect.of_drifting and suspect.score < MIXED:
        return False
    return _chance(suspect) <= (CHANCE if suspect.others else CHANCE_OF_SOLE)


def _chance(suspect: Suspect) -> float:
    """How likely a drift of so many cases, drawn at random, would have at least as many hits."""
    hits, drifting = suspect.drifting + suspect.others, suspect.of_drifting
    cases = drifting + suspect.of_others
    ways = sum(
        comb(hits, several) * comb(cases - hits, drifting - several)
        for several in range(suspect.drifting, min(hits, drifting) + 1)
    )
    return ways / comb(cases, drifting)


def _spectra(
    drifting: Sequence[CaseResult], others: Sequence[CaseResult], rules: RuleBook
) -> Iterator[_Spectrum]:
    hit_by_drifting, hit_by_others = _bits(drifting), _bits(others)
    source = drifting[0].source
    for routine in rules.routines:
        if routine.source != source:
            continue
        spectra = {
            rule.id: _Spectrum(
                routine, rule, rule.arm, hit_by_drifting.get(rule.id, 0), hit_by_others.get(rule.id, 0)
            )
            for rule in routine.rules
        }
        yield from spectra.values()
        for arms in _decisions(routine):
            yield from _not_taken([spectra[rule.id] for rule in arms])


def _decisions(routine: RoutineStatus) -> Iterator[list[RuleStatus]]:
    """The arms of each decision that has more than two, in the order in which they are tried."""
    found: dict[str, list[RuleStatus]] = {}
    for rule in routine.rules:
        if rule.kind in _ARMS and rule.decision:
            found.setdefault(rule.decision, []).append(rule)
    return (arms for arms in found.values() if len(arms) > 2)


def _not_taken(arms: Sequence[_Spectrum]) -> Iterator[_Spectrum]:
    """That the condition of an arm did not hold: one of those after it was taken."""
    for place, arm in enumerate(arms[:-2]):
        drifting = others = 0
        for later in arms[place + 1 :]:
            drifting, others = drifting | later.drifting, others | later.others
        yield replace(arm, arm="not taken", drifting=drifting, others=others, derived=True)


def _alike(spectra: Iterable[_Spectrum]) -> Iterator[list[_Spectrum]]:
    """The rules that at least one drifting case hit, those together that the same cases hit."""

    def cases(one: _Spectrum) -> tuple[int, int]:
        return one.drifting, one.others

    hit = sorted((one for one in spectra if one.drifting), key=cases)
    return (list(group) for _, group in groupby(hit, key=cases))


def _named(
    alike: Sequence[_Spectrum], drifting: Sequence[CaseResult], others: Sequence[CaseResult]
) -> Suspect:
    called = drifting[0].provenance.get("routine", "")
    one = min(alike, key=lambda one: _rank(one, called))
    return Suspect(
        one.routine.name,
        one.rule.line,
        one.rule.text,
        one.arm,
        round(one.score(len(drifting)), 4),
        one.drifting.bit_count(),
        len(drifting),
        one.others.bit_count(),
        len(others),
        all(case.verdict is Verdict.MATCHED for case in others),
        sum(not other.derived for other in alike) - (not one.derived),
    )


def _rank(one: _Spectrum, called: str) -> tuple[int, bool, bool, bool, int]:
    """Which of several rules that say the same names them best: a decision, as far up as it goes."""
    return (
        _CIRCUMSTANCES.get(one.rule.kind, 1),
        one.derived,
        not one.rule.written,
        one.routine.routine != called,
        one.rule.line,
    )


def _bits(cases: Sequence[CaseResult]) -> dict[str, int]:
    """Rule -> the places of the cases that hit it."""
    found: dict[str, int] = {}
    for place, case in enumerate(cases):
        for hit in case.hits:
            found[hit.rule] = found.get(hit.rule, 0) | 1 << place
    return found
