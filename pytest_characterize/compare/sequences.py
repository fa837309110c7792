"""Lists and tuples: aligned first, so that one inserted item is one difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.compare.alignment import Alignment, Pairs, align, match
from pytest_characterize.compare.likeness import Glimpses
from pytest_characterize.compare.pairing import Pairing
from pytest_characterize.compare.paths import Path, Step
from pytest_characterize.compare.walking import Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import ABSENT, Value


@dataclass(frozen=True, slots=True)
class Naming:
    """How the items of a sequence appear in differences.

    Attributes:
        legacy: the path's step to the legacy's item at an index.
        candidate: the step to an item that only the candidate has.
        show: an item as a value.
    """

    legacy: Callable[[int], Step]
    candidate: Callable[[int], Step]
    show: Callable[[Value], Value]

    def show_all(self, items: Sequence[Value]) -> Value:
        """All items, as they are where nothing needs to be made of them."""
        return items if self.show is itself else [self.show(item) for item in items]


REPEATED: Final = "legacy has it"
"""So begins what is noted of a missing or extra item that the other side has as well."""


def itself(item: Value) -> Value:
    """An index is its own step, and an ordinary item its own value."""
    return item


BY_INDEX: Final = Naming(legacy=itself, candidate=itself, show=itself)
"""Items are named by their index: legacy's, or the candidate's where only the candidate has them."""


def compare_sequences(
    walk: Walk, path: Path, legacy: Sequence[Value], candidate: Sequence[Value]
) -> Iterator[Difference | Pair]:
    """Items in order, or as a multiset where a policy says so."""
    return compare_items(walk, path, legacy, candidate, ordered=not walk.unordered(path))


def compare_items(
    walk: Walk,
    path: Path,
    legacy: Sequence[Value],
    candidate: Sequence[Value],
    *,
    ordered: bool = True,
    order_told: bool = True,
    naming: Naming = BY_INDEX,
) -> Iterator[Difference | Pair]:
    """Items one by one, after finding out which belong together.

    Args:
        ordered: whether order is behaviour; if not, items are paired wherever they are.
        order_told: whether another order is a difference all the same (for a policy to take away).
    """
    if not legacy or not candidate:
        if legacy or candidate:
            yield difference(path, Kind.EMPTY, naming.show_all(legacy), naming.show_all(candidate))
        return
    if len(legacy) == len(candidate):
        unsettled = [*walk.equality.unsettled_places(legacy, candidate)]
        if not unsettled or (ordered and _changed_in_place(walk, legacy, candidate, unsettled)):
            for at in unsettled:
                yield (path, naming.legacy(at)), legacy[at], candidate[at]
            return
    old, new = [*map(walk.fingerprints.of, legacy)], [*map(walk.fingerprints.of, candidate)]
    pairing = Pairing(legacy, candidate, walk.fingerprints)
    if ordered:
        alignment = _in_order(old, new, pairing)
    else:
        alignment = match(old, new, lambda i, j: walk.agree(legacy[i], candidate[j]), pairing.anyhow)
    if alignment.moved and order_told:
        shown = naming.show_all(legacy), naming.show_all(candidate)
        order = _order(alignment, len(candidate))
        yield difference(path, Kind.ORDER, *shown, _moves(alignment.moved), order)
    yield from _aligned(path, legacy, candidate, alignment, naming, _repeated(old, new, alignment))


def _changed_in_place(
    walk: Walk, legacy: Sequence[Value], candidate: Sequence[Value], unsettled: list[int]
) -> bool:
    """Whether items changed where they are: none of them comes again at another place."""
    if len(unsettled) < 2:
        return True
    # the cheap look is nearly always enough
    for mark in (Glimpses(legacy[unsettled[0]]).of, walk.fingerprints.of):
        old = [mark(legacy[at]) for at in unsettled]
        new = [mark(candidate[at]) for at in unsettled]
        count = Counter(new)
        if not any(count[one] > (one == other) for one, other in zip(old, new, strict=True)):
            return True
    return False


def _in_order(old: list[int], new: list[int], pairing: Pairing) -> Alignment:
    """Aligned, unless as many items would then differ as in place."""
    alignment = align(old, new, pairing.in_order)
    if len(old) != len(new):
        return alignment
    apart = bool(alignment.moved) + len(alignment.missing) + len(alignment.extra)
    if apart + sum(old[i] != new[j] for i, j in alignment.pairs) < sum(map(int.__ne__, old, new)):
        return alignment
    return Alignment([(at, at) for at in range(len(old))])


def _aligned(
    path: Path,
    legacy: Sequence[Value],
    candidate: Sequence[Value],
    alignment: Alignment,
    naming: Naming,
    notes: tuple[Mapping[int, str], Mapping[int, str]],
) -> Iterator[Difference | Pair]:
    partners = dict(alignment.pairs + alignment.moved)
    for at, old in enumerate(legacy):
        where = (path, naming.legacy(at))
        if at not in partners:
            yield difference(where, Kind.MISSING, naming.show(old), ABSENT, notes[0].get(at, ""))
        elif (new := candidate[partners[at]]) is not old:
            yield where, old, new
    for at in alignment.extra:
        shown = naming.show(candidate[at])
        yield difference((path, naming.candidate(at)), Kind.EXTRA, ABSENT, shown, notes[1].get(at, ""))


def _repeated(
    old: Sequence[int], new: Sequence[int], alignment: Alignment
) -> tuple[dict[int, str], dict[int, str]]:
    """Of missing and of extra items that the other side has as well: how often either side has them."""
    if not alignment.missing and not alignment.extra:
        return {}, {}
    olds, news = Counter(old), Counter(new)

    def note(mark: int) -> str:
        """The clause about one item."""
        times = "time" if olds[mark] == 1 else "times"
        return f"{REPEATED} {olds[mark]} {times}, the candidate {news[mark]}"

    return (
        {at: note(old[at]) for at in alignment.missing if 0 < news[old[at]] < olds[old[at]]},
        {at: note(new[at]) for at in alignment.extra if 0 < olds[new[at]] < news[new[at]]},
    )


def _order(alignment: Alignment, count: int) -> tuple[int, ...]:
    """Where in legacy's the candidate's items stand; -1 for one that legacy has not."""
    found = [-1] * count
    for old, new in alignment.pairs + alignment.moved:
        found[new] = old
    return tuple(found)


def _moves(moved: Pairs) -> str:
    i, j = moved[0]
    more = f" and {len(moved) - 1} more" if len(moved) > 1 else ""
    return f"[{i}] is at position {j} now{more}"
