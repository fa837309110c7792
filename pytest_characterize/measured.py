"""The words for coverage of legacy that another tool has measured, whatever language legacy is written in.

A tool says of a source file which **arms** were reached: branches of a line, functions, lines. It was run
over one case, or over many at once; in a run over many nobody knows which case reached what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

KIND: Final = "measured"
"""The kind under which the texts of measured source files are kept."""

Format: TypeAlias = Literal["lcov", "cobertura", "jacoco", "clover", "opencover"]

ArmKind: TypeAlias = Literal["branch", "entry", "line"]


@dataclass(frozen=True, slots=True)
class Arm:
    """One way that measured code can go.

    Attributes:
        line: in its file; 0 where the tool does not say.
        key: what tells it from the others of its kind on the line: ``<decision>.<arm>`` for a branch.
        hits: how often it was reached, as far as the tool says.
        told: the arm in words; the function's name for an entry.
    """

    line: int
    kind: ArmKind
    key: str
    hits: int
    told: str


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """What was measured of one source file.

    Attributes:
        name: its path below the legacy source's folder, or as the tool has it, with ``/`` between folders.
        unknown: what the tool could not place, a clause each.
        sha256: hash of its text at that time; ``""`` where the text was not at hand.
    """

    name: str
    arms: tuple[Arm, ...]
    unknown: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one report of a coverage tool says.

    Attributes:
        source: name of the configured legacy source, ``""`` for legacy code of the project.
        run: the name of a run over many cases; ``""`` if the report is of one case.
        test, case, label: the case that it is of, as its golden names it.
    """

    source: str
    format: Format
    files: tuple[MeasuredFile, ...]
    run: str = ""
    test: str = ""
    case: str = ""
    label: str = ""
