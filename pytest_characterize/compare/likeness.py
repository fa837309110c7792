"""How alike two values look: for aligning items only, never for deciding that they are equal."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import islice
from typing import Final

from pytest_characterize.compare.natural import natural
from pytest_characterize.values import Cell, Member, Raised, Record, Response, Rows, Value

_CONTAINERS: Final = frozenset({dict, list, tuple, set, frozenset})
_IN_ORDER: Final = frozenset({list, tuple})
_HASHED: Final = frozenset({type(None), bool, int, str})
"""Types whose values can always be hashed, and fast."""


class Marked:
    """A class of ours whose objects know their fingerprint and features (markup elements do)."""

    __slots__ = ()
    mark: int

    def features(self) -> Iterable[Hashable]:
        """What makes it recognisable."""
        raise NotImplementedError


class Fingerprints:
    """Hashes of values, a container hashed once only. Equal values have equal ones, NaN apart."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Value]] = {}

    def of(self, value: Value) -> int:
        """The fingerprint of any value."""
        kind = type(value)
        if kind in _CONTAINERS:
            known = self._known.get(id(value))
            if known is None:
                # the value is kept as well: its id must not be given to another one
                known = self._known[id(value)] = (self._container(value), value)
            return known[0]
        if kind is Record:
            return self.of(value.fields)
        if kind is Cell:
            return self.of(natural(value))
        if isinstance(value, Marked):
            return value.mark
        try:
            return hash(value)
        except TypeError:  # a signalling NaN, a value of ours that holds a dictionary
            return hash(kind)

    def features(self, value: Value) -> Iterable[Hashable]:
        """What makes a value recognisable among its siblings: its fields, items or words."""
        match value:
            case Marked():
                return value.features()
            case dict():
                return [(key, self.of(item)) for key, item in value.items()]
            case Record():
                return self.features(value.fields)
            case list() | tuple() | set() | frozenset():
                return map(self.of, value)
            case str():
                return value.split()
            case _:
                return ()

    def _container(self, value: Value) -> int:
        items = value.values() if type(value) is dict else value
        collect = tuple if type(value) in _IN_ORDER else frozenset
        try:
            return hash(collect(items))
        except TypeError:
            pass
        try:
            return hash(collect([hash(item) if type(item) in _HASHED else self.of(item) for item in items]))
        except RecursionError:  # the caller left little stack; a weak hash will do
            return hash(type(value))


class Glimpses:
    """Hashes of a small part of each of several values. Equal values have equal ones, NaN apart.

    Args:
        like: one of the values; if it is (or begins with) a dictionary, its first keys are looked at.
    """

    def __init__(self, like: Value) -> None:
        first = _first(like)
        self._keys = [*islice(first, 4)] if type(first) is dict else []

    def of(self, value: Value) -> int:
        """The glimpse of any value."""
        value = _first(value)
        if isinstance(value, Marked):
            return value.mark
        if type(value) is dict:
            value = tuple([value.get(key) for key in self._keys])
        try:
            return hash(value)
        except TypeError:
            return hash(type(value))


def _first(value: Value) -> Value:
    """What a nested list begins with."""
    while type(value) in _IN_ORDER and value:
        value = value[0]
    return value.fields if type(value) is Record else value


def shape(value: Value) -> object:
    """What must agree for two items to be versions of each other at all."""
    match value:
        case Marked():
            return next(iter(value.features()), None)
        case Record():
            return dict
        case Cell() | Member() | Raised() | Response() | Rows():
            return None
        case _:
            return type(value)
