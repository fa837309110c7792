"""What every report says of adequacy, worked out once: which rules nothing pins, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_characterize.rulebook import RuleBook
from pytest_characterize.rulemutants import Adequacy, AdequacyCount, MutantStatus, adequacy


@dataclass(frozen=True, slots=True)
class Hole:
    """A piece of legacy source that the goldens do not pin, and what it could be instead.

    Attributes:
        routine: its name as people know it.
        survivors: the mutants at this place that nothing notices.
    """

    routine: str
    line: int
    was: str
    survivors: tuple[MutantStatus, ...]

    @property
    def place(self) -> str:
        """Where it is: ``invoice_total:41``."""
        return f"{self.routine}:{self.line}"

    @property
    def against(self) -> tuple[str, ...]:
        """What could stand there, and nobody would notice."""
        pieces = (one.mutant.becomes or f"{one.mutant.operator} left out" for one in self.survivors)
        return tuple(dict.fromkeys(pieces))

    @property
    def telling(self) -> MutantStatus | None:
        """A mutant of which an input is known that tells it apart."""
        return next((one for one in self.survivors if one.telling), None)


def is_known(found: Adequacy) -> bool:
    """Whether there is anything to tell."""
    return bool(found.statuses or found.notes)


def percent(counted: AdequacyCount) -> str:
    """Adequacy as a text; it says 100 % only of everything."""
    return "no mutant" if counted.percent is None else f"{counted.percent:.1f} %"


def by_context(found: Adequacy, book: RuleBook) -> dict[str, AdequacyCount]:
    """Adequacy of each bounded context, the worst first."""
    context_of = {(routine.source, routine.routine): routine.context for routine in book.routines}
    parts: dict[str, list[MutantStatus]] = {}
    for one in found.statuses:
        parts.setdefault(context_of.get((one.source, one.mutant.routine), one.source), []).append(one)
    counts = {name: adequacy(several) for name, several in parts.items()}
    return dict(sorted(counts.items(), key=lambda item: (item[1].percent or 0.0, item[0])))


def by_routine(found: Adequacy, book: RuleBook) -> dict[str, AdequacyCount]:
    """Adequacy of each routine, in the order of the source."""
    names = _names(book)
    parts: dict[str, list[MutantStatus]] = {}
    for one in found.statuses:
        parts.setdefault(names.get((one.source, one.mutant.routine), one.mutant.routine), []).append(one)
    return {name: adequacy(several) for name, several in parts.items()}


def holes(found: Adequacy, book: RuleBook) -> tuple[Hole, ...]:
    """The places that cases reach and nothing pins; those of which a telling input is known come first."""
    names = _names(book)
    parts: dict[tuple[str, str, int, str], list[MutantStatus]] = {}
    for one in found.survivors:
        key = one.source, one.mutant.routine, one.mutant.line, one.mutant.was
        parts.setdefault(key, []).append(one)
    every = (
        Hole(names.get((source, routine), routine), line, was, tuple(several))
        for (source, routine, line, was), several in parts.items()
    )
    return tuple(sorted(every, key=lambda hole: (hole.telling is None, -_weight(hole), hole.place)))


def equivalents(found: Adequacy) -> tuple[MutantStatus, ...]:
    """The mutants that were declared to change nothing that can be seen."""
    return tuple(one for one in found.statuses if one.equivalent)


def _weight(hole: Hole) -> int:
    """How much would go unnoticed there: by how many cases it is reached, and yet by none noticed."""
    return max(one.reached for one in hole.survivors)


def _names(book: RuleBook) -> dict[tuple[str, str], str]:
    return {(routine.source, routine.routine): routine.name for routine in book.routines}


def left_out(counted: AdequacyCount) -> Iterable[str]:
    """What became of the mutants that nothing noticed, in words."""
    if counted.survived:
        yield f"{counted.survived} survived"
    if counted.unreached:
        yield f"{counted.unreached} reached by no case"
    if counted.pending:
        yield f"{counted.pending} not run yet"
