"""What is known of the legacy rules after a run: which were exercised, by how many cases, at what parity.

The rules room makes a :class:`RuleBook` of the stored sources, the goldens' hits and the declared business
rules; reports only read it. Numbers are values that add up::

    RuleBook.count == sum of its routines' counts == sum of its contexts' counts
    known == exercised + never exercised; what is unknown stands beside them, in neither
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Criticality: TypeAlias = Literal["critical", "high", "medium", "low", ""]
CRITICALITIES: Final[tuple[Criticality, ...]] = ("critical", "high", "medium", "low", "")
"""How much depends on a declared rule, worst first; ``""`` where nobody said."""


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rules of some part of legacy are known, and what became of them.

    >>> RuleCount(known=3, exercised=2) + RuleCount(known=1, unknown=2)
    RuleCount(known=4, exercised=2, at_parity=0, unknown=2)

    Attributes:
        exercised: those that at least one case hit.
        at_parity: those that were exercised and all of whose cases matched; that needs to know the cases.
        unknown: places that could not be instrumented, so that nobody knows how many rules they hold.
    """

    known: int = 0
    exercised: int = 0
    at_parity: int = 0
    unknown: int = 0

    def __add__(self, other: RuleCount) -> RuleCount:
        return RuleCount(
            self.known + other.known,
            self.exercised + other.exercised,
            self.at_parity + other.at_parity,
            self.unknown + other.unknown,
        )

    @property
    def never(self) -> int:
        """How many known rules no case exercised."""
        return self.known - self.exercised

    @property
    def percent(self) -> float | None:
        """Rule coverage, 0 to 100, cut to a tenth so that 100 means all; ``None`` if no rule is known."""
        return 1000 * self.exercised // self.known / 10 if self.known else None


def total(counts: Iterable[RuleCount]) -> RuleCount:
    """Counts added up."""
    return sum(counts, RuleCount())


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """One rule and the cases that exercised it.

    Attributes:
        id: the rule's id within its source.
        line: line within the routine's body.
        kind: sort of decision, a word.
        text: the decision as the source has it, in one line.
        arm: what a hit says, in words (``taken``, ``no row``).
        written: whether the arm stands in the source; an ``ELSE`` that nobody wrote does not.
        cases: how many cases hit it; ``matched`` of them matched in this run, ``raised`` of them ended in an
            error on legacy.
        decision: id of the first rule of the same decision.
        runs: how many measured runs over many cases reached it. Which cases those were is not known, so such a
            rule is exercised, and nothing is said of its parity.
    """

    id: str
    line: int
    kind: str
    text: str
    arm: str
    written: bool
    cases: int = 0
    matched: int = 0
    raised: int = 0
    decision: str = ""
    runs: int = 0

    @property
    def exercised(self) -> bool:
        """Whether any case hit the rule, a known or an unknown one."""
        return self.cases > 0 or self.runs > 0

    @property
    def only_by_runs(self) -> bool:
        """Whether no case is known to have hit it, though some must have."""
        return self.cases == 0 < self.runs

    @property
    def only_by_errors(self) -> bool:
        """Whether every case that hit the rule ended in an error."""
        return 0 < self.cases == self.raised and not self.runs

    @property
    def at_parity(self) -> bool:
        """Whether it was exercised and every case that hit it matched."""
        return 0 < self.cases == self.matched and not self.runs


@dataclass(frozen=True, slots=True)
class RoutineStatus:
    """A routine's rules in the order of its source.

    Attributes:
        source: name of the configured legacy source.
        context: the bounded context that it belongs to; the source's name where none is declared.
        unknown: what could not be instrumented: neither covered nor uncovered, one clause each.
        called: its name as short as it can be without being another routine's, for people.
    """

    source: str
    routine: str
    context: str
    rules: tuple[RuleStatus, ...]
    unknown: tuple[str, ...] = ()
    called: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.called or self.routine

    @property
    def count(self) -> RuleCount:
        """Its rules in numbers."""
        return counted(self.rules, len(self.unknown))


def counted(rules: Iterable[RuleStatus], unknown: int = 0) -> RuleCount:
    """Rules in numbers."""
    several = tuple(rules)
    return RuleCount(
        len(several),
        sum(rule.exercised for rule in several),
        sum(rule.at_parity for rule in several),
        unknown,
    )


@dataclass(frozen=True, slots=True)
class Anchored:
    """A rule that a declared business rule stands for, and where it is."""

    routine: RoutineStatus
    rule: RuleStatus


@dataclass(frozen=True, slots=True)
class DeclaredStatus:
    """A business rule that people know by a name, and the decisions of the source that it stands for.

    Attributes:
        id: the name that people use: ``BILL-007``.
        context: as declared, else that of the first routine it is anchored in.
        anchored: its decisions, by source, routine and line; empty if no anchor matches.
        problems: anchors that match nothing, a clause each.
    """

    id: str
    title: str = ""
    context: str = ""
    owner: str = ""
    criticality: Criticality = ""
    anchored: tuple[Anchored, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def count(self) -> RuleCount:
        """What it stands for in numbers; an anchor that matches nothing is unknown."""
        return counted((one.rule for one in self.anchored), len(self.problems))


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something that keeps the rules from being known: an error of ours, told in text."""

    slug: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class CaseNote:
    """Something about one case's rules, and why it is so, in a clause."""

    test: str
    label: str
    because: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rule coverage of a run.

    Attributes:
        routines: sorted by context, source and routine.
        stale: cases whose golden was recorded from other legacy sources than those that are kept: legacy may
            do something else by now. Their hits do not count, and a run that has any is not green.
        unseen: cases in which rules could not be seen while they were recorded, and why.
        declared: the business rules, by context, criticality (the worst first) and id.
        problems: what is wrong with kept sources, or with the catalogue of declared rules.
        runs: names of the measured runs over many cases that were imported.
    """

    routines: tuple[RoutineStatus, ...] = ()
    stale: tuple[CaseNote, ...] = ()
    unseen: tuple[CaseNote, ...] = ()
    declared: tuple[DeclaredStatus, ...] = ()
    problems: tuple[RuleProblem, ...] = ()
    runs: tuple[str, ...] = ()

    @property
    def in_doubt(self) -> bool:
        """Whether something keeps the cases from proving what they seem to prove."""
        return bool(self.problems or self.stale)

    @property
    def count(self) -> RuleCount:
        """All rules in numbers."""
        return total(routine.count for routine in self.routines)

    def contexts(self) -> dict[str, tuple[RoutineStatus, ...]]:
        """The routines by context."""
        found: dict[str, list[RoutineStatus]] = {}
        for routine in self.routines:
            found.setdefault(routine.context, []).append(routine)
        return {context: tuple(routines) for context, routines in found.items()}

    def rules(self) -> Iterable[Anchored]:
        """Every rule and where it is, in the order of the book."""
        return (Anchored(routine, rule) for routine in self.routines for rule in routine.rules)


Found: TypeAlias = Literal["reproduces", "resembles", "hits"]
"""How a suspect was found: a mutant of the rule does what the candidate does; a mutant of the rule changes the cases
that drift; the cases that drift hit the rule."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A legacy rule that may be behind a drift, with the numbers that say so.

    Attributes:
        arm: which way the decision goes in the drifting cases; ``""`` where the rule is no decision.
        score: Ochiai coefficient, 0 to 1 (Abreu et al., On the accuracy of spectrum-based fault
            localization, 2007), of the cases that hit the rule, or that its mutant changes (Papadakis and Le
            Traon, Metallaxis-FL, 2015).
        drifting: cases of the drift that hit the rule, or that its mutant changes, ``of_drifting`` in all.
        others: cases of the same tests without that drift that do, ``of_others`` in all.
        others_matched: whether all of those others matched; else some drift for another cause.
        alike: further rules, or mutants, with exactly the same cases, so that nothing tells them apart from this one.
        was: the piece of legacy that the mutant changes; ``""`` where only hits speak for the rule.
        becomes: what stands there instead; ``""`` where it is left out.
    """

    routine: str
    line: int
    text: str
    arm: str
    score: float
    drifting: int
    of_drifting: int
    others: int
    of_others: int
    others_matched: bool = True
    alike: int = 0
    found: Found = "hits"
    was: str = ""
    becomes: str = ""
