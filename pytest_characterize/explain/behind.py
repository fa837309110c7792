"""What is behind a cause: a mutant that reproduces it; else rules whose mutants resemble it, or that its cases hit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_characterize.explain.clusters import Spot
from pytest_characterize.explain.mutations import Mutations, Variation
from pytest_characterize.explain.resembling import Resemblance, Resembling
from pytest_characterize.explain.suspects import ARMS, CIRCUMSTANCES, MOST, Spectra
from pytest_characterize.rulebook import Found, RuleBook, RuleStatus, Suspect
from pytest_characterize.rulemutants import Reproduction

FEW: Final = 4
"""That a mutant does just what so many cases show may be a coincidence."""


@dataclass(frozen=True, slots=True)
class Question:
    """A cause whose rule is looked for; sets of cases are bits.

    Attributes:
        spots: its differences.
        cases: its cases; ``others``: cases of its tests without it.
        tests: all cases of its tests.
    """

    spots: Collection[Spot]
    cases: int
    others: int
    tests: int


class Evidence:
    """All that a run says of its legacy rules."""

    def __init__(
        self, spectra: Spectra, mutations: Mutations, resembling: Resembling, rules: RuleBook
    ) -> None:
        self._spectra, self._mutations, self._like = spectra, mutations, resembling
        self._routines = {(one.source, one.routine): one for one in rules.routines}
        self._entered = {
            place: spectra.hit(place[0], (rule.id for rule in one.rules))
            for place, one in self._routines.items()
        }

    def behind(self, asked: Question) -> tuple[Reproduction | None, tuple[Suspect, ...]]:
        """The explanation of a cause if there is one, and the likeliest rules, best first."""
        several = self._mutations.reproducing(asked.spots, asked.tests)
        if several:
            several.sort(key=lambda one: self._likelihood(one, asked))
            return self._explanation(several[:1], len(several) - 1, asked), self._by_line(several, asked)
        pair = self._mutations.pair(asked.spots, asked.tests)
        if pair is not None:
            return self._explanation(pair, 0, asked), self._by_line(pair, asked)
        masked = self._mutations.masked(asked.spots, asked.tests)
        if masked:
            masked.sort(key=lambda one: self._likelihood(one, asked))
            told = self._explanation(masked[:1], len(masked) - 1, asked)
            done = (masked[0].complete & asked.cases).bit_count()
            return replace(told, drifting=done), self._by_line(masked, asked)
        return None, _first([*self._resembling(asked), *self._by_hits(asked)])

    def conditions(self, cases: int) -> frozenset[str]:
        """The decisions of all routines that the cases got into, as legacy has them."""
        return frozenset(
            rule.text
            for place, routine in self._routines.items()
            if self._entered[place] & cases
            for rule in routine.rules
            if rule.kind in ARMS
        )

    def _by_hits(self, asked: Question) -> list[Suspect]:
        """By hits; a rule is none that has mutants, if none of them changes a drifting case."""
        found = self._spectra.suspects(asked.cases, asked.others)
        covered = self._mutations.covered & asked.cases
        return [one for one in found if not covered or not self._silent(one, covered)]

    def _silent(self, one: Suspect, covered: int) -> bool:
        changed = [
            self._mutations.changed_at(source, routine, one.line)
            for (source, routine), status in self._routines.items()
            if status.name == one.routine
        ]
        return any(some is not None and not some & covered for some in changed)

    def _explanation(self, several: Sequence[Variation], alike: int, asked: Question) -> Reproduction:
        drifting = self._mutations.covered & asked.cases
        matching = self._mutations.matched & asked.tests
        agreeing = self._mutations.agreeing(several, matching)
        return Reproduction(
            tuple(one.mutant for one in several),
            tuple(self._becoming(one, asked) for one in several),
            drifting.bit_count(),
            drifting.bit_count(),
            agreeing.bit_count(),
            matching.bit_count(),
            alike,
        )

    def _becoming(self, one: Variation, asked: Question) -> str:
        """The rule as it would have to stand in legacy."""
        mutant, text = one.mutant, self._text(one, asked)
        if mutant.was and text.count(mutant.was) == 1:
            return " ".join(text.replace(mutant.was, mutant.becomes).split())
        return f"{mutant.becomes} in place of {mutant.was}" if mutant.becomes else f"without {mutant.was}"

    def _text(self, one: Variation, asked: Question) -> str:
        rule = self._rule(one, asked)
        return rule.text if rule is not None else one.mutant.was

    def _by_line(self, several: Sequence[Variation], asked: Question) -> tuple[Suspect, ...]:
        """Each line once; of few cases much may do the same, so what resembles them is told as well."""
        found = [self._suspect(one, asked, "reproduces") for one in several]
        if (asked.cases & self._mutations.covered).bit_count() > FEW:
            return _first(found)
        return _first([*found, *self._resembling(asked, {one.line for one in several})])

    def _resembling(self, asked: Question, lines: Collection[tuple[str, int]] = ()) -> list[Suspect]:
        """What resembles the drift in other lines than those; beside those, only what changes nothing else."""
        found = self._like.of(asked.spots, asked.cases, asked.others, without=lines)
        return [
            self._suspect(one.variation, asked, "resembles", one)
            for one in found
            if not lines or (one.alone and not one.others)
        ]

    def _suspect(
        self, one: Variation, asked: Question, found: Found, like: Resemblance | None = None
    ) -> Suspect:
        """A mutant's rule; counted by the rule's hits if the mutant reproduces, else by what the mutant changes."""
        routine, rule = self._routines.get((one.source, one.mutant.routine)), self._rule(one, asked)
        if rule is not None and like is None:
            told = self._spectra.told(routine, rule, asked.cases, asked.others) if routine else None
            if told is not None:
                return replace(told, score=1.0, found=found, was=one.mutant.was, becomes=one.mutant.becomes)
        drifting, others = (self._mutations.covered & cases for cases in (asked.cases, asked.others))
        return Suspect(
            routine.name if routine else one.mutant.routine,
            rule.line if rule else one.mutant.line,
            rule.text if rule else one.mutant.was,
            rule.arm if rule else "",
            like.score if like else 1.0,
            (one.changed & drifting).bit_count(),
            drifting.bit_count(),
            (one.changed & others).bit_count(),
            others.bit_count(),
            not others & ~self._mutations.matched,
            found=found,
            was=one.mutant.was,
            becomes=one.mutant.becomes,
        )

    def _rule(self, one: Variation, asked: Question) -> RuleStatus | None:
        """The decision that the mutant changes, or that guards it, by the arm that the drifting cases take."""
        rules = self._rules(one)
        return max(
            rules,
            key=lambda rule: (
                -CIRCUMSTANCES.get(rule.kind, 1),
                self._spectra.score([(one.source, rule.id)], asked.cases, asked.others),
            ),
            default=None,
        )

    def _rules(self, one: Variation) -> list[RuleStatus]:
        """The rules at the mutant's line; where there is none, the arm that leads to it."""
        routine = self._routines.get((one.source, one.mutant.routine))
        if routine is None:
            return []
        here = [rule for rule in routine.rules if rule.line == one.mutant.line]
        guards = [
            rule
            for rule in routine.rules
            if rule.id in one.mutant.rules and rule.kind in ARMS and rule.line < one.mutant.line
        ]
        return here or guards[-1:]

    def _likelihood(self, one: Variation, asked: Question) -> tuple[object, ...]:
        """Which of several that do the same is likeliest: fewest false alarms, then what the evidence is nearest to."""
        return (
            self._mutations.alarms(one),
            -self._hits(one, asked),
            one.changed.bit_count(),
            one.simplicity,
        )

    def _hits(self, one: Variation, asked: Question) -> float:
        """How well the hits of the mutant's rule fit the drift."""
        ids = [(one.source, rule.id) for rule in self._rules(one)]
        return self._spectra.score(ids, asked.cases, asked.others)


def _first(several: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """The first few, each line once."""
    found: dict[tuple[str, int], Suspect] = {}
    for one in several:
        found.setdefault((one.routine, one.line), one)
    return tuple(found.values())[:MOST]
