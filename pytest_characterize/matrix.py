"""The matrix of one test: what each rule mutant does on each of its cases, as far as that is not what legacy does.

Made while legacy is at hand, kept beside the goldens, and read offline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_characterize.deeds import Deeds
from pytest_characterize.rulemutants import Fate, Mutant
from pytest_characterize.values import Value


@dataclass(frozen=True, slots=True)
class MatrixCase:
    """One case of the matrix.

    Attributes:
        label: the case's label.
        behaviour: digest of the golden's id, observation and hits: if it is another one today, what mutants
            did on the case says nothing about it.
        excluded: why no mutant was run on it, ``""`` if they were: legacy itself did something else than its golden.
    """

    label: str
    behaviour: str
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class MutantRow:
    """What one mutant does.

    Attributes:
        ran: positions of the cases that it was run on, in :attr:`Matrix.cases`.
        changed: position of a case -> number of what the mutant did there instead, in :attr:`Matrix.deeds`; only
            where that differs from the golden under the test's policies. ``None`` stands for a mutant that had to
            be stopped, or that could not be observed.
        why: why it is invalid, or was stopped; ``""`` otherwise.
        telling: an input of no case on which the mutant differs from legacy; empty where none is known.
        searched: whether somebody has looked for one.
    """

    mutant: Mutant
    fate: Fate
    ran: tuple[int, ...] = ()
    changed: Mapping[int, int | None] = field(default_factory=dict)
    why: str = ""
    telling: Mapping[str, Value] = field(default_factory=dict)
    searched: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """The mutants of the routines that a test's cases reach.

    Attributes:
        test: as :attr:`~pytest_characterize.model.Case.test`.
        source: name of the configured legacy source.
        sources: sha256 of the text by routine; if one is another one today, the matrix is of another legacy.
        policies: digest of the loosenings that decided what differs.
        cases: in the order of their labels.
        rows: in the order of the mutants' ids.
        deeds: what mutants did.
        left_out: how many mutants of a routine were not made, as there would have been too many.
    """

    test: str
    source: str
    sources: Mapping[str, str]
    policies: str
    cases: tuple[MatrixCase, ...]
    rows: tuple[MutantRow, ...]
    deeds: Deeds
    left_out: Mapping[str, int] = field(default_factory=dict)
