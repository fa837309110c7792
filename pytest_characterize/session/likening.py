"""How what a rule mutant does stands to what the candidate did, by what each of the two has instead of the golden.

Both are differences from one golden. Where they are the same ones, mutant and candidate do the same; where both alter
one place, what they have there is compared; where one of the two alters a place alone, they differ there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_characterize.codec import canonical_tree, from_tagged
from pytest_characterize.compare.comparing import compare, compare_part
from pytest_characterize.compare.policies import Policies, compiled
from pytest_characterize.deeds import Alteration, Deed, Tree
from pytest_characterize.descriptors import Policy, Tolerance
from pytest_characterize.explain.changes import pattern
from pytest_characterize.explain.directions import RAISED, inside, within
from pytest_characterize.model import Difference, Kind, Observation, Outcome
from pytest_characterize.paths import show_part
from pytest_characterize.replay.outcome import meant
from pytest_characterize.session.altering import added_to, altered
from pytest_characterize.values import ABSENT, Raised, Value

_PLAIN: Final = frozenset({type(None), bool, int, str})
_TAGS: Final = frozenset({"$decimal", "$date", "$absent"})
"""Types and tags of trees whose values are equal if, and only if, they are."""
_PART: Final = re.compile(r"[.\[]")
_RETURNED: Final = "$"


@dataclass(frozen=True, slots=True)
class Likened:
    """What is to be told of a mutant: as :class:`~pytest_characterize.model.Likeness` has it."""

    explains: tuple[int, ...]
    complete: bool
    touches: tuple[int, ...]
    beyond: bool


@dataclass(slots=True)
class Likening:
    """Holds mutants against the differences of one drifting case.

    Args:
        alterations: as deeds number them.
        differences: what the candidate has against the golden.
        policies: the loosenings under which both have been told.
        headers: response headers that are behaviour.
        raises: legacy error -> name of the candidate's exception class.
    """

    alterations: Sequence[Alteration]
    differences: Sequence[Difference]
    policies: tuple[Policy, ...]
    headers: Sequence[str]
    raises: Mapping[str, str]
    _policies: Policies = field(init=False)
    _mine: tuple[Alteration, ...] = field(init=False)
    _places: dict[str, list[int]] = field(init=False)
    _paths: dict[str, list[int]] = field(init=False)
    _patterns: frozenset[str] = field(init=False)
    _strict: bool = field(init=False)
    _inner: dict[str, list[int]] = field(default_factory=dict)
    _texts: dict[int, bytes] = field(default_factory=dict)
    _fields: dict[int, frozenset[str]] = field(default_factory=dict)
    _known: dict[int, int] = field(default_factory=dict)
    _alone: dict[tuple[str, bool], int] = field(default_factory=dict)
    _told: dict[int, Likened] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._policies = compiled(self.policies)
        self._mine = altered(self.differences, self._policies)
        self._places, self._paths = {}, {}
        for at, (one, found) in enumerate(zip(self._mine, self.differences, strict=True)):
            outer = added_to(one.path)
            self._places.setdefault(f"{outer}[+]" if outer else one.path, []).append(at)
            if outer:
                self._texts[at] = canonical_tree(one.tree)
                self._fields[at] = _fields(one.tree)
            self._paths.setdefault(found.path, []).append(at)
            for outer in _outer(found.path):
                self._inner.setdefault(outer, []).append(at)
        self._patterns = frozenset(map(pattern, self._paths))
        self._strict = not any(isinstance(policy, Tolerance) for policy in self.policies)

    def of(self, deed: Deed) -> Likened:
        """A mutant that did so. One that makes further differences explains none: the candidate does not do it.

        Raises:
            CharacterizeError: an alteration cannot be read.
        """
        held, known = 0, self._known
        for number in deed:
            if number not in known:
                known[number] = self._held(self.alterations[number])
            held |= known[number]
        if held not in self._told:
            self._told[held] = self._likened(held)
        return self._told[held]

    # Sets of the candidate's differences are sets of bits: those that are gone, above them those that are touched;
    # then whether anything is left, whether that is at other places, and whether these are of other sorts.

    def _likened(self, held: int) -> Likened:
        count = len(self.differences)
        gone = [at for at in range(count) if held >> at & 1]
        touched = [at for at in range(count) if held >> count + at & 1 and at not in gone]
        left, stray, beyond = (bool(held >> 2 * count + place & 1) for place in range(3))
        if stray:
            return Likened((), False, tuple(sorted(gone + touched)), beyond)
        return Likened(tuple(gone), len(gone) == count and not left, tuple(touched), False)

    def _gone(self, at: int) -> int:
        return 1 << at

    def _left(self, *touched: int) -> int:
        """Something is left, and these differences are touched."""
        count = len(self.differences)
        return sum((1 << count + at for at in touched), 1 << 2 * count)

    def _further(self, path: str) -> int:
        """That the two differ at a path, if the candidate has what the golden has there."""
        if path in self._paths:
            return self._left()
        known = pattern(path) in self._patterns or any(outer in self._paths for outer in _outer(path))
        return (3 if known else 7) << 2 * len(self.differences)

    def _held(self, one: Alteration) -> int:
        where = one.path, one.moved
        alone = self._alone.get(where)
        if alone is not None:
            return alone
        outer = added_to(one.path)
        places = self._places.get(f"{outer}[+]" if outer else one.path)
        if not places:
            self._alone[where] = self._held_alone(f"{outer}[*]" if outer else one.path, one.moved)
            return self._alone[where]
        if outer:
            return self._added(one, places)
        held = 0
        for at in places:  # keys that are not equal may read the same
            both = self._both(one, at)
            if both == self._gone(at):
                return both
            held |= both
        return held

    def _held_alone(self, path: str, moved: bool) -> int:
        """The candidate has what the golden has at the path, but maybe not below or above it."""
        below = self._inner.get(path)
        if below and not moved:
            return self._left(*below) | self._further(path)
        above = [at for outer in _outer(path) for at in self._paths.get(outer, ())]
        found = [self.differences[at] for at in above]
        held = self._left(
            *(at for at, one in zip(above, found, strict=True) if inside(one.legacy, one.candidate))
        )
        if not above or any(one.kind is Kind.ORDER for one in found):
            held |= self._further(path)
        return held

    def _added(self, one: Alteration, places: Sequence[int]) -> int:
        """Both have items that the golden has not: this one is the candidate's equal one, or its most similar one."""
        mine, others = canonical_tree(one.tree), []
        for at in places:
            theirs = self._mine[at]
            if self._texts[at] != mine:
                others.append(at)
            elif theirs.path == one.path:
                return self._gone(at)
        if others:
            fields = _fields(one.tree)
            nearest = max(others, key=lambda at: len(fields & self._fields[at]))
            held = self._both(one, nearest)
            if held != self._gone(nearest) or self._mine[nearest].path == one.path:
                return held
        return self._further(f"{added_to(one.path)}[*]")

    def _both(self, one: Alteration, at: int) -> int:
        """Both have something else at a place than the golden."""
        theirs, found = self._mine[at], self.differences[at]
        same_way = one.direction == theirs.direction
        if not same_way and RAISED in (one.direction, theirs.direction):
            return self._left()
        if self._strict and _is_plain(one.tree) and _is_plain(theirs.tree):
            if type(one.tree) is type(theirs.tree) and one.tree == theirs.tree:
                return self._gone(at)
            return self._left(at) if same_way else self._left()
        if self._strict and _is_flat(one.tree) and _is_flat(theirs.tree):
            left = self._fieldwise(found.path, one.tree, theirs.tree)
        else:
            left = [other.path for other in self._compared(one, found)]
        if not left:
            return self._gone(at)
        held = 0
        for path in left:
            held |= self._further(path)
        if found.path in left:
            return held | self._left(at) if same_way else held
        return held | (self._left(at) if any(within(path, found.path) for path in left) else self._gone(at))

    def _fieldwise(self, path: str, mine: Mapping[str, Tree], theirs: Mapping[str, Tree]) -> list[str]:
        """Where two dictionaries of plain values differ."""
        left = [
            f"{path}{show_part(key)}"
            for key in {**mine, **theirs}
            if key not in mine
            or key not in theirs
            or type(mine[key]) is not type(theirs[key])
            or mine[key] != theirs[key]
        ]
        return [one for one in left if not self._policies.ignore(one)] if self._policies.ignore_some else left

    def _compared(self, one: Alteration, found: Difference) -> Sequence[Difference]:
        """What the candidate has there, against what the mutant has."""
        mine = from_tagged(one.tree, one.path)
        theirs = found.candidate
        if one.path != _RETURNED or mine is ABSENT or theirs is ABSENT:
            return compare_part(found.path, mine, theirs, self.policies, self.headers)
        golden = _observation(mine)
        observed = meant(_observation(theirs), self.raises, golden)
        return compare(golden, observed, self.policies, self.headers).differences


def _outer(path: str) -> Iterator[str]:
    """Everything that a path leads through; more than there is, if keys have punctuation."""
    return (path[: found.start()] for found in _PART.finditer(path))


def _fields(tree: Tree) -> frozenset[str]:
    """What two trees have in common if they are similar."""
    if isinstance(tree, dict):
        return frozenset(f"{key} {value!r}" for key, value in tree.items())
    return frozenset((repr(tree),))


def _is_plain(tree: Tree) -> bool:
    if type(tree) is dict:
        return len(tree) == 1 and not _TAGS.isdisjoint(tree)
    return type(tree) in _PLAIN


def _is_flat(tree: Tree) -> bool:
    """Whether it is of a dictionary that holds plain values only."""
    if type(tree) is not dict or not tree or any(key[:1] == "$" for key in tree):
        return False
    return all(map(_is_plain, tree.values()))


def _observation(value: Value) -> Observation:
    return Observation(Outcome("raised" if isinstance(value, Raised) else "returned", value))
