"""Items that one side has more often than the other: doubled rows, and doubles that are gone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_characterize.model import Difference, Kind

_COUNTS: Final = re.compile(r"(?:\w+; )?legacy has it (\d+) times?, the candidate (\d+)")
"""What a comparison notes of an item that both sides have."""
_SEVERAL: Final = 2
_PRESENCE: Final = frozenset({Kind.MISSING, Kind.EXTRA, Kind.EFFECT})


def repeats(differences: Sequence[Difference]) -> str:
    """What all missing or extra items are: further ones like others that both sides have."""
    found = [_COUNTS.fullmatch(one.note) for one in differences if one.kind in _PRESENCE]
    known = [(int(counts[1]), int(counts[2])) for counts in found if counts]
    number = len(differences)
    if number < _SEVERAL or len(known) < number:
        return ""
    told = f"{number} of {number}"
    for old, new in set(known) if len(set(known)) == 1 else ():
        return f"the same item {_times(old)} in legacy and {_times(new)} in the candidate: {told}"
    if all(new == 2 * old for old, new in known):
        return f"the candidate has items twice as often as legacy: {told}"
    if all(old < new for old, new in known):
        return f"the candidate repeats items that legacy has less often: {told}"
    if all(new == 1 for _, new in known):
        return f"the candidate has once what legacy repeats: {told}"
    return f"legacy repeats items that the candidate has less often: {told}" if _less(known) else ""


def _less(known: Sequence[tuple[int, int]]) -> bool:
    """Whether the candidate has every item less often."""
    return all(old > new for old, new in known)


def _times(number: int) -> str:
    """So many times, in a word where there is one."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
