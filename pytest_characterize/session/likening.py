"""How what a rule mutant does stands to what the candidate did, by what each of the two has instead of the golden.

Both are differences from one golden. Where they are the same ones, mutant and candidate do the same; where both alter
one place, what they have there is compared; where one of the two alters a place alone, they differ there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from itertools import chain
from operator import or_
from typing import Final, NamedTuple, TypeAlias, TypeVar

from pytest_characterize.codec import canonical_tree, from_tagged
from pytest_characterize.compare.comparing import compare, compare_part
from pytest_characterize.compare.policies import Policies, compiled
from pytest_characterize.deeds import Alteration, Deed, Deeds, Place, Site, Tree, plain_key
from pytest_characterize.descriptors import Policy, Tolerance
from pytest_characterize.explain.changes import pattern
from pytest_characterize.explain.directions import RAISED, inside, within
from pytest_characterize.model import Difference, Kind, Observation, Outcome
from pytest_characterize.paths import show_part
from pytest_characterize.replay.outcome import meant
from pytest_characterize.session.altering import ORDER, added_to, altered
from pytest_characterize.values import ABSENT, Raised, Value

_PART: Final = re.compile(r"[.\[]")
_RETURNED: Final = "$"
_ALONE: Final = frozenset({RAISED, ORDER})
"""Directions that have nothing in common with another one."""
_SEVERAL: Final = 4096
"""So much is remembered: the cases of a test have the same paths, and mostly few differences."""

Held: TypeAlias = int
"""How a mutant stands to a candidate, as bits: the candidate's differences that are gone, above them those that are
touched; then whether anything is left, whether that is at other places, and whether these are of other sorts; and
whether nobody has looked yet."""


_Some = TypeVar("_Some")


class Likened(NamedTuple):
    """What is to be told of a mutant: as :class:`~pytest_characterize.model.Likeness` has it."""

    explains: tuple[int, ...]
    complete: bool
    touches: tuple[int, ...]
    beyond: bool


Errors: TypeAlias = tuple[str, bool, str, tuple[tuple[str, str], ...]]
"""A path, whether two errors have one message, all else that they are, and which are declared to mean the same."""


@dataclass(slots=True)
class Likening:
    """Holds mutants against the differences of one drifting case.

    Args:
        deeds: what mutants do.
        differences: what the candidate has against the golden.
        policies: the loosenings under which both have been told.
        headers: response headers that are behaviour.
        raises: legacy error -> name of the candidate's exception class.
        errors: what is known of errors already; for other cases of the test as well.
    """

    deeds: Deeds
    differences: Sequence[Difference]
    policies: tuple[Policy, ...]
    headers: Sequence[str]
    raises: Mapping[str, str]
    errors: dict[Errors, list[str]] = field(default_factory=dict)
    _policies: Policies = field(init=False)
    _mine: tuple[Alteration, ...] = field(init=False)
    _patterns: frozenset[str] = field(init=False)
    _strict: bool = field(init=False)
    _look: Held = field(init=False)
    _known: list[Held] = field(init=False)
    _met: set[int] = field(default_factory=set)
    _places: dict[str, list[int]] = field(default_factory=dict)
    _paths: set[str] = field(default_factory=set)
    _around: dict[str, list[int]] = field(default_factory=dict)
    _inner: dict[str, list[int]] = field(default_factory=dict)
    _texts: dict[int, bytes] = field(default_factory=dict)
    _fields: dict[int, frozenset[str]] = field(default_factory=dict)
    _insides: dict[int, bool] = field(default_factory=dict)
    _flats: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._policies = compiled(self.policies)
        self._mine = altered(self.differences, self._policies)
        for at, (one, found) in enumerate(zip(self._mine, self.differences, strict=True)):
            outer = added_to(one.path)
            self._places.setdefault(f"{outer}[+]" if outer else one.path, []).append(at)
            if outer:
                self._texts[at] = canonical_tree(one.tree)
                self._fields[at] = _fields(one.tree)
            self._paths.add(found.path)
            if found.kind is not Kind.ORDER:  # what items are is told for itself
                self._around.setdefault(found.path, []).append(at)
            for outer in _outer(found.path):
                self._inner.setdefault(outer, []).append(at)
        self._patterns = frozenset(map(pattern, self._paths))
        self._strict = not any(isinstance(policy, Tolerance) for policy in self.policies)
        self._look = 8 << 2 * len(self.differences)
        self._known = [self._look] * sum(place.size for place in self.deeds.places)

    def by_held(self, several: Iterable[tuple[int, _Some]]) -> Mapping[Held, list[_Some]]:
        """Some mutants, each with the number of its deed, by how they stand to the candidate.

        Those that neither explain nor touch any of its differences are left out.

        Raises:
            CharacterizeError: an alteration cannot be read.
        """
        found: dict[Held, list[_Some]] = {}
        by_number: dict[int, list[_Some]] = {}
        deeds, known, look = self.deeds.all, self._known.__getitem__, self._look
        for number, one in several:
            if number not in by_number:
                deed = deeds[number]
                held = reduce(or_, map(known, deed), 0)
                by_number[number] = found.setdefault(self.held(deed) if held & look else held, [])
            by_number[number].append(one)
        any_of_them = (1 << 2 * len(self.differences)) - 1
        return {held: some for held, some in found.items() if held & any_of_them}

    def held(self, deed: Deed) -> Held:
        """How a mutant that did so stands to the candidate; equal ones are told alike.

        Raises:
            CharacterizeError: an alteration cannot be read.
        """
        held = 0
        for number in deed:
            if self._known[number] == self._look:
                self._known[number] = self._find(number)
            held |= self._known[number]
        return held

    def told(self, held: Held) -> Likened:
        """The same in words. A mutant that makes further differences explains none: the candidate does not do it."""
        count = len(self.differences)
        every = (1 << count) - 1
        gone, touched = held & every, held >> count & every & ~held
        left, stray, beyond = (bool(held >> 2 * count + place & 1) for place in range(3))
        if stray:
            return Likened((), False, _positions(gone | touched), beyond)
        return Likened(_positions(gone), gone == every and not left, _positions(touched), False)

    def _gone(self, at: int) -> Held:
        return 1 << at

    def _left(self, *touched: int) -> Held:
        """Something is left, and these differences are touched."""
        count = len(self.differences)
        held = 1 << 2 * count
        for at in touched:
            held |= 1 << count + at
        return held

    def _further(self, path: str) -> Held:
        """That the two differ at a path, if the candidate has what the golden has there."""
        if path in self._paths:
            return self._left()
        known = pattern(path) in self._patterns or not self._around.keys().isdisjoint(_outer(path))
        return (3 if known else 7) << 2 * len(self.differences)

    def _find(self, number: int) -> Held:
        """How an alteration stands to the candidate; with it, all of its place that need not be looked at."""
        place = self.deeds.place(number)
        if place.first not in self._met:
            self._met.add(place.first)
            self._known[place.first : place.first + place.size] = self._most(place)
        held = self._known[number]
        if held != self._look:
            return held
        first = place.first
        for site in place.sites:
            if number < first + site.count:
                return self._at(site, site.tree(number - first))
            first += site.count
        raise AssertionError(number)

    def _most(self, place: Place) -> list[Held]:
        """How the alterations of a place stand to the candidate: all alike, if it has nothing else there."""
        path, moved, sites, _, size = place
        outer = added_to(path)
        places = self._places.get(f"{outer}[+]" if outer else path)
        if not places:
            return [self._held_alone(f"{outer}[*]" if outer else path, moved)] * size
        if outer or len(places) > 1:
            return [self._look] * size
        return list(chain.from_iterable(self._by_site(site, places[0]) for site in sites))

    def _by_site(self, site: Site, at: int) -> list[Held]:
        """The same of a site, where the candidate has one difference."""
        mine = self._mine[at]
        same_way = site.direction == mine.direction
        if not same_way and not _ALONE.isdisjoint((site.direction, mine.direction)):
            return [self._left(at) if site.moved and mine.moved else self._left()] * site.count
        key = plain_key(mine.tree) if self._strict else None
        if key is None:
            return [self._look] * site.count
        found = [self._left(at) if same_way else self._left()] * site.count
        for other in site.others:
            found[other] = self._look
        equal = site.find(key)
        if equal >= 0:
            found[equal] = self._gone(at)
        return found

    def _at(self, site: Site, tree: Tree) -> Held:
        """How one alteration stands to the candidate, which has something else there as well."""
        outer = added_to(site.path)
        if outer:
            return self._added(site, self._places[f"{outer}[+]"], tree)
        return self._any(site, self._places[site.path], tree)

    def _any(self, site: Site, places: Sequence[int], tree: Tree) -> Held:
        """The candidate has several differences there: keys that are not equal may read the same."""
        held = 0
        for at in places:
            both = self._both(site, at, tree)
            if both == self._gone(at):
                return both
            held |= both
        return held

    def _held_alone(self, path: str, moved: bool) -> Held:
        """The candidate has what the golden has at the path, but maybe not below or above it."""
        below = self._inner.get(path)
        if below and not moved:
            return self._left(*below) | self._further(path)
        above = [at for outer in _outer(path) if outer in self._around for at in self._around[outer]]
        if not above:
            return self._further(path)
        return self._left(*(at for at in above if self._inside(at)))

    def _inside(self, at: int) -> bool:
        """Whether the candidate may differ only somewhere inside of what it has there."""
        if at not in self._insides:
            self._insides[at] = inside(self.differences[at].legacy, self.differences[at].candidate)
        return self._insides[at]

    def _added(self, site: Site, places: Sequence[int], tree: Tree) -> Held:
        """Both have items that the golden has not: this one is the candidate's equal one, or its most similar one."""
        mine = canonical_tree(tree)
        others = [at for at in places if self._texts[at] != mine]
        if len(others) < len(places):
            for at in places:
                if self._mine[at].path == site.path and self._texts[at] == mine:
                    return self._gone(at)
        if others:
            fields = _fields(tree)
            alike = [len(fields & self._fields[at]) for at in others]
            nearest = others[alike.index(max(alike))]
            held = self._both(site, nearest, tree)
            if held != self._gone(nearest) or self._mine[nearest].path == site.path:
                return held
        return self._further(f"{added_to(site.path)}[*]")

    def _both(self, site: Site, at: int, tree: Tree) -> Held:
        """Both have something else at a place than the golden."""
        theirs = self._mine[at]
        same_way = site.direction == theirs.direction
        if not same_way and not _ALONE.isdisjoint((site.direction, theirs.direction)):
            return self._left(at) if site.moved and theirs.moved else self._left()
        if site.direction == ORDER:
            return self._gone(at) if tree == theirs.tree else self._left(at)
        found = self.differences[at]
        if site.direction == RAISED and self._strict:
            left = self._raised(site, at, tree)
        elif self._strict and self._flat(at) and _is_flat(tree):
            left = self._fieldwise(found.path, tree, theirs.tree)
        else:
            left = self._compared(site, at, tree)
        if not left:
            return self._gone(at)
        held = 0
        for path in left:
            held |= self._further(path)
        if found.path in left:
            return held | self._left(at) if same_way else held
        return held | (self._left(at) if any(within(path, found.path) for path in left) else self._gone(at))

    def _flat(self, at: int) -> bool:
        if at not in self._flats:
            self._flats[at] = _is_flat(self._mine[at].tree)
        return self._flats[at]

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

    def _raised(self, site: Site, at: int, tree: Tree) -> list[str]:
        """Where two errors differ: whatever their messages are, if these are equal or not."""
        both = tree["$raised"], self._mine[at].tree["$raised"]
        classes = [(one["types"], one["code"]) for one in both]
        alike = both[0]["types"][:1] == both[1]["types"][:1]
        details = [one["details"] for one in both if alike]  # those of another class say nothing
        same = both[0]["message"] == both[1]["message"]
        sort = self.differences[at].path, same, repr((classes, details)), tuple(self.raises.items())
        if sort not in self.errors:
            self.errors[sort] = self._compared(site, at, tree)
        return self.errors[sort]

    def _compared(self, site: Site, at: int, tree: Tree) -> list[str]:
        """Where what the candidate has there differs from what the mutant has."""
        found = self.differences[at]
        mine = from_tagged(tree, site.path)
        theirs = found.candidate
        if site.path != _RETURNED or mine is ABSENT or theirs is ABSENT:
            left = compare_part(found.path, mine, theirs, self.policies, self.headers)
        else:
            golden = _observation(mine)
            observed = meant(_observation(theirs), self.raises, golden)
            left = compare(golden, observed, self.policies, self.headers).differences
        return [one.path for one in left]


@lru_cache(maxsize=_SEVERAL)
def _positions(differences: int) -> tuple[int, ...]:
    """A set of bits as their positions."""
    return tuple(at for at in range(differences.bit_length()) if differences >> at & 1)


@lru_cache(maxsize=_SEVERAL)
def _outer(path: str) -> Sequence[str]:
    """Everything that a path leads through; more than there is, if keys have punctuation."""
    return [path[: found.start()] for found in _PART.finditer(path)]


def _fields(tree: Tree) -> frozenset[str]:
    """What two trees have in common if they are similar."""
    if isinstance(tree, dict):
        return frozenset(f"{key} {value!r}" for key, value in tree.items())
    return frozenset((repr(tree),))


def _is_flat(tree: Tree) -> bool:
    """Whether it is of a dictionary that holds plain values only."""
    if type(tree) is not dict or not tree or any(key[:1] == "$" for key in tree):
        return False
    return None not in map(plain_key, tree.values())


def _observation(value: Value) -> Observation:
    return Observation(Outcome("raised" if isinstance(value, Raised) else "returned", value))
