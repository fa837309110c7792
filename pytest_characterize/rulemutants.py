"""The words for rule mutants: legacy rules changed in one place, to see whether the goldens would notice.

A **mutant** is a legacy source with one small change. Its outcomes on the recorded inputs say two things: if
they equal the goldens' on every case, nothing pins what was changed; and if a candidate does just what the
mutant does, the change tells what the candidate does differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from pytest_characterize.values import Value


class Operator(StrEnum):
    """What sort of change; closed, and part of a mutant's id."""

    BOUNDARY = "boundary"
    """``>`` for ``>=``, the ends of ``BETWEEN``."""
    RELATION = "relation"
    """Another comparison: ``=`` for ``<>``, ``IS NULL`` for ``IS NOT NULL``."""
    ARITHMETIC = "arithmetic"
    """``+`` for ``-``, ``*`` for ``/``, an operand left out."""
    CONSTANT = "constant"
    """A literal one unit more or less, an empty text, another literal of the same routine."""
    SCALE = "scale"
    """A number of decimal places, in ``round`` or in a type."""
    ROUNDING = "rounding"
    """``trunc`` for ``round``, half to even for half away from zero, ``ceil`` for ``floor``."""
    CALL = "call"
    """What a routine is given in place of what it makes of that; a call that reaches further or less far."""
    NEGATION = "negation"
    """A condition that holds where it did not."""
    OPERAND = "operand"
    """One side of ``AND`` or ``OR`` left out."""
    BRANCH = "branch"
    """An arm that is never, or always, taken; a handler that does not catch."""
    SWAP = "swap"
    """Two neighbouring arms with each other's statements; two arguments exchanged."""
    ORDER = "order"
    """``ORDER BY`` turned round or left out."""
    LIMIT = "limit"
    """``LIMIT``, ``OFFSET`` or ``DISTINCT`` changed or left out."""
    STATEMENT = "statement"
    """A statement, an effect or one of its columns left out."""
    DEFAULT = "default"
    """What stands in for a missing value: ``COALESCE``, ``DEFAULT``, an initial value."""
    TEXT = "text"
    """``trim``, padding, upper and lower case left out."""
    TIME = "time"
    """A zone, a unit or a day of a date changed or left out."""


Fate: TypeAlias = Literal["run", "invalid", "unreached", "pending"]
"""``run`` on every case that reaches it; ``invalid``: legacy does not take it; ``unreached``: no case reaches
it; ``pending``: it was not run on all of them yet."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one legacy source.

    Attributes:
        id: ``<routine>:<line>.<operator><number on that line>``, the same for the same source text; the
            routine is percent-encoded as in the ids of rules.
        routine: the source's name as its recorder gave it.
        line: line within the routine's body, as that of rules.
        operator: what sort of change.
        was: the piece of source that is changed, in one line (``v_tenure > 5``).
        becomes: what stands there instead; ``""`` where it is left out.
        rules: ids of rules; a case that hits none of them does not get to the place. Empty where nobody knows, and
            every case may.
    """

    id: str
    routine: str
    line: int
    operator: Operator
    was: str
    becomes: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MutantStatus:
    """What the goldens say about one mutant.

    Attributes:
        source: name of the configured legacy source.
        reached: how many cases, of all tests, it was run on.
        noticed: on how many of them it does something else than the golden holds.
        fate: how far its runs got, over all tests.
        equivalent: why somebody declared that no input can tell it apart; ``""`` if nobody did.
        telling: an input that tells it apart from legacy where none of the goldens does, by test; empty
            where none is known.
    """

    mutant: Mutant
    source: str
    fate: Fate
    reached: int = 0
    noticed: int = 0
    equivalent: str = ""
    telling: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether it says anything about the goldens."""
        return self.fate != "invalid" and not self.equivalent

    @property
    def survives(self) -> bool:
        """Whether the goldens would not notice it."""
        return self.counts and not self.noticed


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Legacy with a mutant does what the candidate does: the explanation of a drift.

    Attributes:
        mutants: one; or two, that only together do so.
        text: what legacy would have to say (``ELSIF v_tenure > 6``), one text a mutant.
        drifting: cases of the drift on which it does so, of ``of_drifting`` on which mutants were run.
        matching: cases of the same tests that match, and that it is known to leave as they are, of ``of_matching``.
        alike: further mutants that do the same on all cases.
    """

    mutants: tuple[Mutant, ...]
    text: tuple[str, ...]
    drifting: int
    of_drifting: int
    matching: int
    of_matching: int
    alike: int = 0


@dataclass(frozen=True, slots=True)
class AdequacyCount:
    """Mutants in numbers: ``made == noticed + survived + unreached + pending``.

    Attributes:
        made: those that legacy takes and that nobody declared equivalent.
        noticed: by at least one golden.
        survived: reached, and no golden notices them.
        unreached: no case gets to the place.
        pending: not run on every case that gets there, and not noticed so far.
    """

    made: int = 0
    noticed: int = 0
    survived: int = 0
    unreached: int = 0
    pending: int = 0

    def __add__(self, other: AdequacyCount) -> AdequacyCount:
        return AdequacyCount(
            self.made + other.made,
            self.noticed + other.noticed,
            self.survived + other.survived,
            self.unreached + other.unreached,
            self.pending + other.pending,
        )

    @property
    def percent(self) -> float | None:
        """Adequacy, 0 to 100, cut to a tenth so that 100 means all; ``None`` if there is no mutant."""
        return 1000 * self.noticed // self.made / 10 if self.made else None


def adequacy(statuses: Iterable[MutantStatus]) -> AdequacyCount:
    """Mutants in numbers."""
    counted = [status for status in statuses if status.counts]
    unnoticed = [status.fate for status in counted if not status.noticed]
    return AdequacyCount(
        len(counted),
        len(counted) - len(unnoticed),
        unnoticed.count("run"),
        unnoticed.count("unreached"),
        unnoticed.count("pending"),
    )


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Whether the goldens would notice a changed rule.

    Attributes:
        statuses: every mutant that was made, by source, routine and line; empty if nobody has run any.
        notes: what keeps a part of them from being known, a clause each.
        limits: what was left out on purpose, a clause each.
    """

    statuses: tuple[MutantStatus, ...] = ()
    notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    @property
    def count(self) -> AdequacyCount:
        """All mutants in numbers."""
        return adequacy(self.statuses)

    @property
    def survivors(self) -> tuple[MutantStatus, ...]:
        """The mutants that cases reach and no golden notices."""
        return tuple(one for one in self.statuses if one.survives and one.fate == "run")
