"""Which functions of legacy the cases of a test get into, as far as entries are rules."""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from pytest_characterize.rulemutants import Mutant

_ENTRY: Final = re.compile(r"(.*):(\d+)\.entry\d+")


class Entered:
    """Tells mutants in functions that some case gets into from those in functions that none does.

    A text may hold many functions: a function goes from its entry to the next one.

    Args:
        rules: ids of legacy's rules, as many as are known.
        hits: those of them that some case hits.

    >>> from pytest_characterize.rulemutants import Operator
    >>> entered = Entered(["shop:3.entry1", "shop:9.entry1"], ["shop:9.entry1"])
    >>> [entered.holds(Mutant("", "shop", line, Operator.BRANCH, "", "")) for line in (5, 12)]
    [False, True]
    """

    def __init__(self, rules: Iterable[str], hits: Iterable[str]) -> None:
        hit = self._hits = set(hits)
        self._hit = {(found[1], int(found[2])) for found in map(_ENTRY.fullmatch, hit) if found}
        starts: dict[str, set[int]] = defaultdict(set)
        for found in map(_ENTRY.fullmatch, {*rules, *hit}):
            if found:
                starts[found[1]].add(int(found[2]))
        self._starts = {routine: sorted(lines) for routine, lines in starts.items()}

    def holds(self, mutant: Mutant) -> bool:
        """Whether some case gets into the mutant's function; true where nobody can tell.

        A mutant of what stands outside of functions names those that read it.
        """
        if mutant.rules and all(map(_ENTRY.fullmatch, mutant.rules)):
            return not self._hits.isdisjoint(mutant.rules)
        starts = self._starts.get(mutant.routine, [])
        at = bisect(starts, mutant.line)
        return at == 0 or (mutant.routine, starts[at - 1]) in self._hit
