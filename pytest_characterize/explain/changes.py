"""What sort of change a difference is, as far as that says which others have the same origin.

Three natures, because the cases of a difference mean something else in each:

- a **manner** (rounded, padded, in another zone) shows wherever a value is given in that manner, so it is one
  change wherever it shows, and the cases that show it say nothing about decisions;
- **structure** (a key, a header, an order) is there or not whatever the case; that two of them show in the same
  cases is no news where these are all cases;
- **logic** (another value, error, effect) follows from what a case does: one fault shows in several
  places of the same cases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pytest_characterize.explain.numbers import as_number
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import ABSENT, Raised, Value

_INDEX: Final = re.compile(r"\[\d+\]")
_WHERE: Final = re.compile(r"(?:; )?under '.*", re.DOTALL)
"""What a note about a page says of the place."""
_REPEATED: Final = re.compile("; legacy has it .*")
"""What the note of a row says of how often it stands."""
_NUMBERS: Final = re.compile(r"\d+")


class Nature(StrEnum):
    """What may be concluded from the cases that show a change."""

    MANNER = "manner"
    STRUCTURE = "structure"
    LOGIC = "logic"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """A sort of change.

    Attributes:
        name: changes of one nature with other names have different origins, as far as they alone can tell.
    """

    nature: Nature
    kind: Kind
    name: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a test's values, and what sort of change."""

    pattern: str
    change: Change


_MANNERS: Final = frozenset(
    {
        Kind.TYPE,
        Kind.EMPTY,
        Kind.ROUNDING,
        Kind.SCALE,
        Kind.PADDING,
        Kind.WHITESPACE,
        Kind.CASE,
        Kind.ENCODING,
        Kind.TIMEZONE,
    }
)
_STRUCTURES: Final = frozenset({Kind.HEADER, Kind.ORDER, Kind.MISSING, Kind.EXTRA})


def place(difference: Difference) -> Place:
    """Where a difference is, and what sort of change it is."""
    where = pattern(difference.path)
    nature = Nature.LOGIC
    if difference.kind in _MANNERS:
        nature = Nature.MANNER
    elif difference.kind in _STRUCTURES and not _is_item(where, difference):
        nature = Nature.STRUCTURE
    return Place(where, Change(nature, difference.kind, _name(difference)))


@lru_cache(maxsize=4096)
def pattern(path: str) -> str:
    """The path with every index as ``[*]``.

    >>> pattern("$.lines[2].price")
    '$.lines[*].price'
    """
    return _INDEX.sub("[*]", path)


def is_effect(where: str) -> bool:
    """Whether a path is that of an effect, rather than of what came back."""
    return where.startswith("$effects")


def _is_item(where: str, difference: Difference) -> bool:
    """Whether an item of a list is missing or extra: how many there are depends on the case."""
    return difference.kind in (Kind.MISSING, Kind.EXTRA) and where.endswith("[*]")


def _name(difference: Difference) -> str:
    match difference.kind:
        case Kind.ROUNDING:
            return f"{_rounding(difference.note)} {_larger(difference)}".rstrip()
        case Kind.STATUS:
            return f"{difference.legacy} {difference.candidate}"
        case Kind.ERROR | Kind.NULL | Kind.EMPTY:
            return f"{_sort(difference.legacy)} {_sort(difference.candidate)}"
        case Kind.TYPE | Kind.PADDING | Kind.WHITESPACE | Kind.CASE | Kind.ENCODING | Kind.EFFECT:
            note = _REPEATED.sub("", _WHERE.sub("", difference.note))
            return _NUMBERS.sub("#", note).replace("blanks", "blank")
        case _:
            return ""


def _rounding(note: str) -> str:
    """Which mode fits depends on the digits of each pair, so the modes themselves are not told apart."""
    return " ".join(note.split()[:2]) if note.startswith(("floating", "equal")) else "units"


def _larger(difference: Difference) -> str:
    """Which side is further from zero: a mode of rounding moves all numbers the same way."""
    old, new = as_number(difference.legacy), as_number(difference.candidate)
    if old is None or new is None or old.copy_abs() == new.copy_abs():
        return ""
    return "legacy" if old.copy_abs() > new.copy_abs() else "candidate"


def _sort(value: Value) -> str:
    """What sort of thing came back."""
    if value is None or value is ABSENT:
        return "nothing"
    if isinstance(value, Raised):
        return value.code or next(iter(value.types), "raised")
    return "something"
