"""Which item of one sequence is which of another, by fingerprints; fast on long sequences.

Equal beginnings and ends are cut off; what occurs once on both sides anchors the rest (patience
diff, Bram Cohen); the longest increasing run of anchors keeps the order. What is left between two
anchors is paired by likeness. All of it is O(n log n).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Pairs: TypeAlias = list[tuple[int, int]]
Gap: TypeAlias = tuple[Sequence[int], Sequence[int]]
Marks: TypeAlias = Mapping[int, Hashable] | Sequence[Hashable]
"""What is equal in equal items, by index."""
PairGap: TypeAlias = Callable[[Sequence[int], Sequence[int]], Pairs]
"""Pairs items (given by index) of a gap that no equal items fill."""


@dataclass(slots=True)
class Alignment:
    """How two sequences belong together, by index.

    Attributes:
        pairs: items that are the same, or versions of each other, in an order that both sides keep.
        moved: further such items, at another place.
        missing: old items without a counterpart.
        extra: new items without a counterpart.
    """

    pairs: Pairs = field(default_factory=list)
    moved: Pairs = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)


def align(old: Sequence[int], new: Sequence[int], pair_gap: PairGap) -> Alignment:
    """Align two sequences whose order matters.

    Args:
        old: fingerprints of the legacy's items.
        new: fingerprints of the candidate's items.
    """
    alignment = Alignment(_common(old, new))
    gaps = _gaps(alignment.pairs, len(old), len(new))
    alignment.moved = by_rank(
        [i for gap in gaps for i in gap[0]], [j for gap in gaps for j in gap[1]], old, new
    )
    for olds, news in gaps:
        _fill(alignment, *unpaired(alignment.moved, olds, news), pair_gap)
    alignment.pairs.sort()
    return alignment


def match(
    old: Sequence[int], new: Sequence[int], same: Callable[[int, int], bool], pair_gap: PairGap
) -> Alignment:
    """Pair the items of two multisets: equal ones first, the rest by likeness.

    Args:
        same: whether two items with one fingerprint (by index) really are the same.
    """
    places: defaultdict[int, list[int]] = defaultdict(list)
    for j, mark in enumerate(new):
        places[mark].append(j)
    alignment = Alignment()
    for i, mark in enumerate(old):
        found = next((at for at, j in enumerate(places.get(mark, ())) if same(i, j)), None)
        if found is not None:
            alignment.pairs.append((i, places[mark].pop(found)))
    _fill(alignment, *unpaired(alignment.pairs, range(len(old)), range(len(new))), pair_gap)
    together = sorted(alignment.pairs)
    alignment.pairs = increasing(together)
    alignment.moved = sorted(set(together).difference(alignment.pairs))
    return alignment


def increasing(pairs: Pairs) -> Pairs:
    """The longest run of pairs that keeps the order on both sides; ``pairs`` ascend on the left."""
    ends: list[int] = []
    chain: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(chain[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        chain[place : place + 1] = [index]
    run, index = [], chain[-1] if chain else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def by_rank(olds: Sequence[int], news: Sequence[int], old: Marks, new: Marks) -> Pairs:
    """Items with equal marks, the n-th occurrence with the n-th, in the left's order."""
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for j in reversed(news):
        places[new[j]].append(j)
    return [(i, places[old[i]].pop()) for i in olds if places.get(old[i])]


def between(pairs: Pairs, olds: Sequence[int], news: Sequence[int]) -> list[Gap]:
    """What lies before, between and after pairs that keep the order; only gaps that hold something."""
    found: list[Gap] = []
    start, begin = 0, 0
    position_old = {i: at for at, i in enumerate(olds)}
    position_new = {j: at for at, j in enumerate(news)}
    ends = [(position_old[i], position_new[j]) for i, j in pairs] + [(len(olds), len(news))]
    for stop, end in ends:
        if start < stop or begin < end:
            found.append((olds[start:stop], news[begin:end]))
        start, begin = stop + 1, end + 1
    return found


def _gaps(pairs: Pairs, old: int, new: int) -> list[Gap]:
    return between(pairs, range(old), range(new))


def _fill(alignment: Alignment, olds: Sequence[int], news: Sequence[int], pair_gap: PairGap) -> None:
    pairs = pair_gap(olds, news) if olds and news else []
    missing, extra = unpaired(pairs, olds, news)
    alignment.pairs += pairs
    alignment.missing += missing
    alignment.extra += extra


def unpaired(pairs: Pairs, olds: Sequence[int], news: Sequence[int]) -> tuple[list[int], list[int]]:
    """The items that are in no pair."""
    old, new = {i for i, _ in pairs}, {j for _, j in pairs}
    return [i for i in olds if i not in old], [j for j in news if j not in new]


def _common(old: Sequence[int], new: Sequence[int]) -> Pairs:
    """Equal items that keep the order: ends, unique anchors, then repeated items between them."""
    pairs = _ends(range(len(old)), range(len(new)), old, new)
    for olds, news in _gaps(pairs, len(old), len(new)):
        anchors = increasing(_unique(olds, news, old, new))
        pairs += anchors
        for left, right in between(anchors, olds, news):
            ends = _ends(left, right, old, new)
            pairs += ends
            for inner_left, inner_right in between(ends, left, right):
                pairs += increasing(by_rank(inner_left, inner_right, old, new))
    return sorted(pairs)


def _ends(olds: Sequence[int], news: Sequence[int], old: Sequence[int], new: Sequence[int]) -> Pairs:
    """Equal items at the beginning and at the end."""
    shorter = min(len(olds), len(news))
    head = 0
    while head < shorter and old[olds[head]] == new[news[head]]:
        head += 1
    tail = 0
    while tail < shorter - head and old[olds[-1 - tail]] == new[news[-1 - tail]]:
        tail += 1
    pairs = [(olds[at], news[at]) for at in range(head)]
    return pairs + [(olds[-at], news[-at]) for at in range(tail, 0, -1)]


def _unique(olds: Sequence[int], news: Sequence[int], old: Sequence[int], new: Sequence[int]) -> Pairs:
    """Equal items that occur once on each side, in the left's order."""
    left, right = Counter(old[i] for i in olds), Counter(new[j] for j in news)
    place = {new[j]: j for j in news if right[new[j]] == 1}
    return [(i, place[old[i]]) for i in olds if left[old[i]] == 1 and old[i] in place]
