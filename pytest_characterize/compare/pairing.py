"""Which of two items that are not equal are versions of each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from itertools import islice
from typing import Final

from pytest_characterize.compare.alignment import Pairs, between, by_rank, increasing, unpaired
from pytest_characterize.compare.likeness import Fingerprints, shape
from pytest_characterize.values import Value

_FEATURES: Final = 64
"""So many features of an item are looked at; more do not make it more recognisable."""
_COMMON: Final = 24
"""A feature that more items share says nothing about which belong together (and would cost their square)."""


class Pairing:
    """Pairs the items of two sequences, given by index, by what they have in common."""

    def __init__(
        self, legacy: Sequence[Value], candidate: Sequence[Value], fingerprints: Fingerprints
    ) -> None:
        self._legacy, self._candidate, self._fingerprints = legacy, candidate, fingerprints

    def in_order(self, olds: Sequence[int], news: Sequence[int]) -> Pairs:
        """Pairs that keep the order; as many items on both sides are taken to have changed in place."""
        pairs = increasing(sorted(self._alike(olds, news))) if len(olds) != len(news) else []
        for left, right in between(list(pairs), olds, news):
            pairs += self._of_one_shape(left, right)
        return pairs

    def anyhow(self, olds: Sequence[int], news: Sequence[int]) -> Pairs:
        """Pairs in whatever order: the most alike first, the rest as they come."""
        pairs = self._alike(olds, news)
        return pairs + list(zip(*unpaired(pairs, olds, news), strict=False))

    def _of_one_shape(self, olds: Sequence[int], news: Sequence[int]) -> Pairs:
        """Items that have nothing in common: those of one shape in order, then the rest in order."""
        old = {i: shape(self._legacy[i]) for i in olds}
        new = {j: shape(self._candidate[j]) for j in news}
        pairs = increasing(by_rank(olds, news, old, new))
        for left, right in between(list(pairs), olds, news):
            pairs += zip(left, right, strict=False)
        return pairs

    def _alike(self, olds: Sequence[int], news: Sequence[int]) -> Pairs:
        """Pairs of items that have most in common, each item in one pair at most; best pairs first.

        Items vote for each other by the features that they share, so only items with something in
        common are ever looked at.
        """
        holders: defaultdict[Hashable, list[int]] = defaultdict(list)
        for j in news:
            for feature in self._features(self._candidate[j]):
                holders[feature].append(j)
        votes: Counter[tuple[int, int]] = Counter()
        for i in olds:
            for feature in self._features(self._legacy[i]):
                if len(holding := holders.get(feature, ())) <= _COMMON:
                    votes.update((i, j) for j in holding)
        pairs: dict[int, int] = {}
        taken: set[int] = set()
        for i, j in sorted(votes, key=lambda pair: (-votes[pair], abs(pair[0] - pair[1]), pair)):
            if i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)
        return list(pairs.items())

    def _features(self, value: Value) -> set[Hashable]:
        return set(islice(self._fingerprints.features(value), _FEATURES))
