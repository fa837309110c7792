"""What rule mutants do, told by where it differs from what the golden holds: each such difference once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from itertools import groupby
from typing import Any, Final, NamedTuple, TypeAlias

Tree: TypeAlias = Any
"""A value as :func:`pytest_characterize.codec.to_tagged` writes it."""

Deed: TypeAlias = tuple[int, ...]
"""Everything in which one behaviour differs from a golden: positions in :attr:`Deeds.alterations`, ascending."""


_PLAIN: Final = frozenset({type(None), bool, int, str})
_TAGS: Final = frozenset({"$decimal", "$date", "$absent"})


class Alteration(NamedTuple):
    """One difference of a mutant's behaviour from a golden.

    Attributes:
        path: as :attr:`Difference.path <pytest_characterize.model.Difference.path>`.
        direction: which way the mutant's value differs from the golden's.
        tree: the mutant's value as a tagged tree.
        moved: whether items of a sequence only stand at other places; ``tree`` are all of them.
    """

    path: str
    direction: str
    tree: Tree
    moved: bool = False


PlainKey: TypeAlias = tuple[Hashable, Hashable]
"""The type or the tag of a plain tree, and what it holds."""


def plain_key(tree: Tree) -> PlainKey | None:
    """What equal plain trees have in common, and others have not; ``None`` for a tree that is not plain.

    Plain are those whose values are equal if, and only if, they are.

    >>> plain_key(1) == plain_key(True), plain_key({"$decimal": "1.0"}) == plain_key({"$decimal": "1.00"})
    (False, False)
    """
    if type(tree) is dict:
        tag, text = next(iter(tree.items()), ("", None))
        return (tag, text) if tag in _TAGS and len(tree) == 1 else None
    sort: type = type(tree)
    return (sort, tree) if sort in _PLAIN else None


class Site:
    """Alterations that stand side by side, and that only their trees tell apart.

    Attributes:
        path, direction, moved: as those of an alteration.
        count: how many alterations these are.

    Args:
        read: gives their trees, or what they hold under a tag that all of them have, and this tag, else ``""``;
            called once at the most.
    """

    def __init__(
        self,
        path: str,
        direction: str,
        moved: bool,
        count: int,
        read: Callable[[], tuple[str, Sequence[Tree]]],
    ) -> None:
        self.path, self.direction, self.moved, self.count = path, direction, moved, count
        self._read = read

    @cached_property
    def contents(self) -> tuple[str, Sequence[Tree]]:
        """A tag and what is under it, for trees that are plain and have one tag; else ``""`` and the trees.

        Raises:
            CharacterizeError: they are in a file, and cannot be read.
        """
        return self._read()

    @property
    def trees(self) -> Sequence[Tree]:
        """What mutants have there.

        Raises:
            CharacterizeError: as for ``contents``.
        """
        tag, several = self.contents
        return [{tag: one} for one in several] if tag else several

    @cached_property
    def others(self) -> Sequence[int]:
        """Where those stand that are not plain.

        Raises:
            CharacterizeError: as for ``contents``.
        """
        tag, several = self.contents
        return [] if tag else [at for at, tree in enumerate(several) if plain_key(tree) is None]

    @cached_property
    def _plain(self) -> Mapping[Hashable, int]:
        tag, several = self.contents
        if tag:
            return dict(zip(several, range(self.count), strict=True))
        return {key: at for at, tree in enumerate(several) if (key := plain_key(tree)) is not None}

    def find(self, key: PlainKey) -> int:
        """Where a plain tree stands, by its key; -1 if it is not among them.

        Raises:
            CharacterizeError: as for ``contents``.
        """
        tag = self.contents[0]
        if not tag:
            return self._plain.get(key, -1)
        return self._plain.get(key[1], -1) if tag == key[0] else -1

    def tree(self, place: int) -> Tree:
        """One of the trees.

        Raises:
            CharacterizeError: as for ``contents``.
        """
        tag, several = self.contents
        return {tag: several[place]} if tag else several[place]


def columnar(trees: Sequence[Tree]) -> tuple[str, Sequence[Tree]]:
    """The trees as :attr:`Site.contents`."""
    if all(type(tree) is dict and len(tree) == 1 for tree in trees):
        tags = {tag for tree in trees for tag in tree}
        if len(tags) == 1 and tags <= _TAGS:
            (tag,) = tags
            return tag, [tree[tag] for tree in trees]
    return "", trees


class Place(NamedTuple):
    """The sites of one path.

    Attributes:
        path, moved: as those of the sites.
        first: number of the first alteration; ``size``: how many there are.
    """

    path: str
    moved: bool
    sites: Sequence[Site]
    first: int
    size: int


class Deeds:
    """What mutants did, by number; what is kept in a file is read when somebody asks for it.

    Args:
        read: gives the sites of all alterations, in their order, and the deeds; called once at the most.
    """

    def __init__(self, read: Callable[[], tuple[Sequence[Site], Sequence[Deed]]] = lambda: ((), ())) -> None:
        self._read = read

    @classmethod
    def of(cls, alterations: Sequence[Alteration], deeds: Sequence[Deed]) -> Deeds:
        """Deeds that are at hand."""
        parts = [*_sites(alterations)], deeds
        return cls(lambda: parts)

    @cached_property
    def _parts(self) -> tuple[Sequence[Site], Sequence[Deed]]:
        return self._read()

    @property
    def sites(self) -> Sequence[Site]:
        """Where mutants alter something."""
        return self._parts[0]

    @property
    def all(self) -> Sequence[Deed]:
        """All deeds, each once."""
        return self._parts[1]

    @cached_property
    def places(self) -> Sequence[Place]:
        """The sites, in their order, by their paths and by whether items only moved there."""
        found: list[Place] = []
        first = 0
        for (path, moved), several in groupby(self.sites, lambda site: (site.path, site.moved)):
            sites = list(several)
            size = sum(site.count for site in sites)
            found.append(Place(path, moved, sites, first, size))
            first += size
        return found

    @cached_property
    def _firsts(self) -> Sequence[int]:
        return [place.first for place in self.places]

    def place(self, number: int) -> Place:
        """Where an alteration is, by its number."""
        return self.places[bisect_right(self._firsts, number) - 1]

    @property
    def alterations(self) -> Sequence[Alteration]:
        """All alterations, each once.

        Raises:
            CharacterizeError: they are in a file, and cannot be read.
        """
        return [
            Alteration(site.path, site.direction, tree, site.moved)
            for site in self.sites
            for tree in site.trees
        ]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Deeds):
            return NotImplemented
        return self is other or (self.alterations == other.alterations and [*self.all] == [*other.all])

    __hash__ = None  # type: ignore[assignment]


def _sites(alterations: Sequence[Alteration]) -> Iterable[Site]:
    for (path, direction, moved), several in groupby(
        alterations, lambda one: (one.path, one.direction, one.moved)
    ):
        trees = [one.tree for one in several]
        yield Site(path, direction, moved, len(trees), partial(columnar, trees))
