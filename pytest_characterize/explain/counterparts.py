"""Two places of one mapping that are one change: a key that has another name, two fields whose values are exchanged.

Claimed only if it holds wherever either place differs, and of more than one trivial value: that a flag is gone and
another one has come, says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from pytest_characterize.codec import canonical, values_equal
from pytest_characterize.explain.changes import Nature, pattern
from pytest_characterize.explain.clusters import Spot
from pytest_characterize.model import CaseResult, Difference
from pytest_characterize.values import ABSENT

_KEY: Final = re.compile(r'(?P<parent>.*)(?:\.(?P<name>[\w-]+)|\["(?P<odd>(?:[^"\\]|\\.)*)"\])', re.DOTALL)
_SEPARATORS: Final = re.compile(r"[\W_]+")
_NAMED: Final = 2
"""So many different values are the same under two names hardly by chance; of names that are alike, one is enough."""
_SWAPPED: Final = 3
"""So many different values are not exchanged by turning flags round."""
_MANY: Final = 60
"""More places of one mapping that differ in the same cases are not held against each other."""

_Where: TypeAlias = tuple[int, str]
"""A mapping: its case, and its path."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Two places that are one change.

    Attributes:
        names: the two keys; of a renamed one legacy's first.
        patterns: the two places.
        spots: all their differences.
    """

    renamed: bool
    names: tuple[str, str]
    patterns: tuple[str, str]
    spots: frozenset[Spot]

    @property
    def nature(self) -> Nature:
        """A name is structure, whatever the case; values that are exchanged are what the case came to."""
        return Nature.STRUCTURE if self.renamed else Nature.LOGIC

    def __str__(self) -> str:
        one, other = self.names
        number = len({case for case, _ in self.spots})
        told = f"calls `{one}` `{other}`" if self.renamed else f"has `{one}` and `{other}` exchanged"
        return f"the candidate {told}: {number} of {number}"


@dataclass(frozen=True, slots=True)
class _Field:
    """A key of mappings that differ in it, each with the difference and its spot.

    Attributes:
        missing: whether only legacy ever has it; ``extra``: whether only the candidate ever has it.
    """

    name: str
    pattern: str
    found: Mapping[_Where, tuple[Difference, Spot]]
    missing: bool
    extra: bool


def counterparts(results: Sequence[CaseResult], spots: Iterable[Spot]) -> list[Counterpart]:
    """All pairs of places among differences of one test that are one change; no place is in two of them."""
    several = []
    for fields in _siblings(results, spots):
        pairs = [*_pairs(fields)]
        named = Counter(it.name for pair in pairs for it in pair)
        for one, other in pairs:
            if named[one.name] == named[other.name] == 1:
                both = frozenset(spot for it in (one, other) for _, spot in it.found.values())
                names, patterns = (one.name, other.name), (one.pattern, other.pattern)
                several.append(Counterpart(one.missing, names, patterns, both))
    return several


def _siblings(results: Sequence[CaseResult], spots: Iterable[Spot]) -> Iterator[list[_Field]]:
    """The fields of one sort of mapping that differ in the very same mappings."""
    found: dict[tuple[str, str], dict[_Where, tuple[Difference, Spot]]] = {}
    for spot in sorted(spots):
        difference = results[spot[0]].differences[spot[1]]
        key = _KEY.fullmatch(difference.path)
        if key is not None:
            name = key["name"] or key["odd"] or ""
            found.setdefault((pattern(key["parent"]), name), {})[spot[0], key["parent"]] = difference, spot
    together: dict[tuple[str, frozenset[_Where]], list[_Field]] = {}
    for (parent, name), several in found.items():
        differences = [one for one, _ in several.values()]
        field = _Field(
            name,
            pattern(differences[0].path),
            several,
            missing=all(one.candidate is ABSENT for one in differences),
            extra=all(one.legacy is ABSENT for one in differences),
        )
        together.setdefault((parent, frozenset(several)), []).append(field)
    return (fields for fields in together.values() if 1 < len(fields) <= _MANY)


def _pairs(fields: Sequence[_Field]) -> Iterator[tuple[_Field, _Field]]:
    """Those that hold as one change: legacy's name first, or the first one in the mapping."""
    for one, other in combinations(fields, 2):
        if one.missing and other.extra and _renamed(one, other):
            yield one, other
        elif other.missing and one.extra and _renamed(other, one):
            yield other, one
        elif _exchanged(one, other):
            yield one, other


def _renamed(old: _Field, new: _Field) -> bool:
    """Whether the candidate has under another name what legacy has."""
    if not all(
        values_equal(one.legacy, new.found[where][0].candidate) for where, (one, _) in old.found.items()
    ):
        return False
    alike = _letters(old.name) == _letters(new.name)
    return alike or len({canonical(one.legacy) for one, _ in old.found.values()}) >= _NAMED


def _exchanged(one: _Field, other: _Field) -> bool:
    """Whether either has in the candidate what the other has in legacy."""
    known: set[bytes] = set()
    for where, (first, _) in one.found.items():
        last = other.found[where][0]
        if any(side is ABSENT for side in (first.legacy, first.candidate, last.legacy, last.candidate)):
            return False
        if not values_equal(first.legacy, last.candidate) or not values_equal(first.candidate, last.legacy):
            return False
        known |= {canonical(first.legacy), canonical(first.candidate)}
    return len(known) >= _SWAPPED and len(one.found) > 1


def _letters(name: str) -> str:
    """A name without what only styles of writing differ in.

    >>> _letters("customer_no") == _letters("customerNo")
    True
    """
    return _SEPARATORS.sub("", name).casefold()
