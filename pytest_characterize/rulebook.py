"""What is known of the legacy rules after a run: which were exercised, by how many cases, at what parity.

The rules room makes a :class:`RuleBook` of the stored sources and the goldens' hits; reports only read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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

    @property
    def exercised(self) -> bool:
        """Whether any case hit the rule."""
        return self.cases > 0

    @property
    def only_by_errors(self) -> bool:
        """Whether every case that hit the rule ended in an error."""
        return 0 < self.cases == self.raised


@dataclass(frozen=True, slots=True)
class RoutineStatus:
    """A routine's rules in the order of its source.

    Attributes:
        source: name of the configured legacy source.
        context: the bounded context that it belongs to; the source's name where none is declared.
        unknown: what could not be instrumented: neither covered nor uncovered, one clause each.
    """

    source: str
    routine: str
    context: str
    rules: tuple[RuleStatus, ...]
    unknown: tuple[str, ...] = ()

    @property
    def exercised(self) -> int:
        """How many of the rules were exercised."""
        return sum(rule.exercised for rule in self.rules)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rule coverage of a run.

    Attributes:
        routines: sorted by context, source and routine.
        stale: cases whose golden was recorded from another version of a routine than the stored source;
            their hits do not count.
    """

    routines: tuple[RoutineStatus, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def known(self) -> int:
        """How many rules are known."""
        return sum(len(routine.rules) for routine in self.routines)

    @property
    def exercised(self) -> int:
        """How many of them were exercised."""
        return sum(routine.exercised for routine in self.routines)

    @property
    def percent(self) -> float:
        """Rule coverage, 0 to 100; 100 where no rule is known."""
        return 100.0 * self.exercised / self.known if self.known else 100.0

    def contexts(self) -> dict[str, tuple[RoutineStatus, ...]]:
        """The routines by context."""
        found: dict[str, list[RoutineStatus]] = {}
        for routine in self.routines:
            found.setdefault(routine.context, []).append(routine)
        return {context: tuple(routines) for context, routines in found.items()}


@dataclass(frozen=True, slots=True)
class Suspect:
    """A legacy rule that may be behind a drift, with the numbers that say so.

    Attributes:
        score: Ochiai coefficient, 0 to 1 (Abreu et al., On the accuracy of spectrum-based fault
            localization, 2007).
        drifting, of_drifting: cases of the drift that hit the rule, of all its cases.
        matching, of_matching: matching cases of the same test that hit it, of all of them.
    """

    routine: str
    line: int
    text: str
    arm: str
    score: float
    drifting: int
    of_drifting: int
    matching: int
    of_matching: int


def percent_of(routines: Iterable[RoutineStatus]) -> float:
    """Rule coverage of some routines, 0 to 100."""
    return RuleBook(tuple(routines)).percent
