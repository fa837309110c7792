"""The legacy rule behind a drift, by its hits: which rule do the drifting cases hit, and others not?

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

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import sqrt
from typing import Final, NamedTuple, TypeAlias

from pytest_characterize.explain.bits import bits
from pytest_characterize.explain.chance import chance
from pytest_characterize.model import CaseResult, Verdict
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

DRIFTS: Final = frozenset({Verdict.DRIFTED, Verdict.EXPIRED})
"""Verdicts of cases whose differences are explained."""

COMPARED: Final = frozenset({Verdict.MATCHED, Verdict.DRIFTED, Verdict.EXPIRED, Verdict.WAIVED})
"""Verdicts of cases that say whether the candidate does what legacy does."""

ARMS: Final = ("branch", "case")
"""Kinds of rules that are an arm of a decision."""

CIRCUMSTANCES: Final = {"rows": 2, "return": 3, "entry": 4}
"""Kinds that follow from a decision rather than being one; they are named only if there is no other."""


class _Spectrum(NamedTuple):
    """A rule and the cases that hit it."""

    routine: RoutineStatus
    rule: RuleStatus
    arm: str
    hit: int
    derived: bool = False


_Alike: TypeAlias = list[_Spectrum]
"""Rules that the same cases hit."""


class Spectra:
    """Which cases hit which rules. Sets of cases are sets of bits, by position among the cases.

    Args:
        cases: all of a run; hits of stale cases do not count, nor do those that could not be seen, and a test
            none of whose cases hits any rule has nothing to say, nor has one that does not drift.
        rules: where the rules are.
    """

    def __init__(self, cases: Sequence[CaseResult], rules: RuleBook) -> None:
        doubtful = {(note.test, note.label) for note in (*rules.stale, *rules.unseen)}
        telling = {case.test for case in cases if case.hits}
        self._counting = bits(
            at
            for at, case in enumerate(cases)
            if case.verdict in COMPARED and case.test in telling and (case.test, case.label) not in doubtful
        )
        self._matched = bits(at for at, case in enumerate(cases) if case.verdict is Verdict.MATCHED)
        self._called: dict[str, int] = {}
        for at, case in enumerate(cases):
            routine = case.provenance.get("routine", "")
            self._called[routine] = self._called.get(routine, 0) | 1 << at
        self._hits = _hits(cases)
        self._spectra = tuple(_spectra(self._hits, rules))

    def suspects(self, drifting: int, others: int) -> tuple[Suspect, ...]:
        """The likeliest rules, best first; empty where the numbers do not separate them.

        Args:
            drifting: the cases of one drift.
            others: cases without that drift; those that were not compared are passed over.
        """
        drifting, others = drifting & self._counting, others & self._counting
        if not drifting:
            return ()
        rated: dict[float, list[_Alike]] = {}
        for alike in _alike(self._spectra, drifting, others):
            rated.setdefault(round(_ochiai(alike[0].hit, drifting, others), 4), []).append(alike)
        best = sorted(rated, reverse=True)
        if best and len(rated[best[0]]) > MOST:
            return ()
        likely: list[Suspect] = []
        for score in best:
            if likely and (len(likely) >= MOST or score < NEAR * likely[0].score):
                break
            named = (self._named(alike, drifting, others) for alike in rated[score])
            likely += filter(_separates, sorted(named, key=_where))
        return tuple(likely[:MOST])

    def hit(self, source: str, rules: Iterable[str]) -> int:
        """The cases that hit any of a source's rules."""
        found = 0
        for rule in rules:
            found |= self._hits.get((source, rule), 0)
        return found

    def score(self, rules: Iterable[tuple[str, str]], drifting: int, others: int) -> float:
        """Ochiai's coefficient of the best of some rules, each by its source and its id."""
        drifting, others = drifting & self._counting, others & self._counting
        return max((_ochiai(self._hits.get(rule, 0), drifting, others) for rule in rules), default=0.0)

    def told(self, routine: RoutineStatus, rule: RuleStatus, drifting: int, others: int) -> Suspect | None:
        """A certain rule with the numbers of its hits; ``None`` if no drifting case is known to hit it."""
        hit = self._hits.get((routine.source, rule.id), 0)
        drifting, others = drifting & self._counting, others & self._counting
        if not hit & drifting:
            return None
        return self._named([_Spectrum(routine, rule, rule.arm, hit)], drifting, others)

    def _named(self, alike: Sequence[_Spectrum], drifting: int, others: int) -> Suspect:
        one = min(alike, key=lambda one: self._rank(one, drifting))
        hits, more = (one.hit & drifting).bit_count(), (one.hit & others).bit_count()
        return Suspect(
            one.routine.name,
            one.rule.line,
            one.rule.text,
            one.arm,
            round(_ochiai(one.hit, drifting, others), 4),
            hits,
            drifting.bit_count(),
            more,
            others.bit_count(),
            not others & ~self._matched,
            sum(not other.derived for other in alike) - (not one.derived),
        )

    def _rank(self, one: _Spectrum, drifting: int) -> tuple[int, bool, bool, bool, int]:
        """Which of several rules that say the same names them best: a decision, as far up as it goes."""
        return (
            CIRCUMSTANCES.get(one.rule.kind, 1),
            one.derived,
            not one.rule.written,
            not self._called.get(one.routine.routine, 0) & drifting,
            one.rule.line,
        )


def _ochiai(hit: int, drifting: int, others: int) -> float:
    hits = (hit & drifting).bit_count()
    return hits / sqrt(drifting.bit_count() * (hits + (hit & others).bit_count())) if hits else 0.0


def _where(suspect: Suspect) -> tuple[str, int, str, str]:
    return suspect.routine, suspect.line, suspect.arm, suspect.text


def _separates(suspect: Suspect) -> bool:
    if suspect.drifting < suspect.of_drifting and suspect.score < MIXED:
        return False
    coincidence = chance(
        suspect.drifting,
        suspect.of_drifting,
        suspect.drifting + suspect.others,
        suspect.of_drifting + suspect.of_others,
    )
    return coincidence <= (CHANCE if suspect.others else CHANCE_OF_SOLE)


def _hits(cases: Sequence[CaseResult]) -> dict[tuple[str, str], int]:
    """Source and rule -> the cases that hit it, of the tests that drift."""
    tests = {case.test for case in cases if case.verdict in DRIFTS}
    found: dict[str, defaultdict[str, list[int]]] = {}
    for at, case in enumerate(cases):
        if case.test not in tests:
            continue
        rules = found.setdefault(case.source, defaultdict(list))
        for hit in case.hits:
            rules[hit.rule].append(at)
    return {(source, rule): bits(hit) for source, rules in found.items() for rule, hit in rules.items()}


def _spectra(hits: dict[tuple[str, str], int], rules: RuleBook) -> Iterator[_Spectrum]:
    sources = {source for source, _ in hits}
    for routine in rules.routines:
        if routine.source not in sources:
            continue
        spectra = {
            rule.id: _Spectrum(routine, rule, rule.arm, hits.get((routine.source, rule.id), 0))
            for rule in routine.rules
        }
        yield from (one for one in spectra.values() if one.hit)
        for arms in _decisions(routine):
            yield from _not_taken([spectra[rule.id] for rule in arms])


def _decisions(routine: RoutineStatus) -> Iterator[list[RuleStatus]]:
    """The arms of each decision that has more than two, in the order in which they are tried."""
    found: dict[str, list[RuleStatus]] = {}
    for rule in routine.rules:
        if rule.kind in ARMS and rule.decision:
            found.setdefault(rule.decision, []).append(rule)
    return (arms for arms in found.values() if len(arms) > 2)


def _not_taken(arms: Sequence[_Spectrum]) -> Iterator[_Spectrum]:
    """That the condition of an arm did not hold: one of those after it was taken."""
    for place, arm in enumerate(arms[:-2]):
        hit = 0
        for later in arms[place + 1 :]:
            hit |= later.hit
        yield arm._replace(arm="not taken", hit=hit, derived=True)


def _alike(spectra: Iterable[_Spectrum], drifting: int, others: int) -> list[_Alike]:
    """The rules that at least one drifting case hit, those together that the same cases hit."""
    found: dict[tuple[int, int], _Alike] = {}
    for one in spectra:
        if hit := one.hit & drifting:
            found.setdefault((hit, one.hit & others), []).append(one)
    return [found[cases] for cases in sorted(found)]
