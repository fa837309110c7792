"""What differs of two result sets, found out once: many observations are held against one, and share most of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from pytest_characterize.compare.equality import EXACT
from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.walking import Comparator, Dispatch, Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import Rows, Value

_NUMBERS: Final = frozenset({float, Decimal})
_SOON_FULL: Final = 4096
"""So many answers are kept; more are not worth their memory."""


class Memory:
    """Remembers what differs, for comparisons of several observations with the same one.

    Such comparisons tell where numbers differ, but not in which manner: theirs are all of the kind "value".
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[Value, tuple[Difference, ...]]] = {}

    def remembering(self, dispatch: Dispatch) -> Dispatch:
        """The dispatcher, with the comparators of legacy's result sets looking into the memory first."""

        def briefly(legacy: Value, candidate: Value) -> Comparator:
            """As the dispatcher chooses, but for numbers."""
            kind = type(legacy)
            if kind in _NUMBERS and kind is type(candidate):
                return _compare_numbers
            return dispatch(legacy, candidate)

        def remembered(walk: Walk, path: Path, legacy: Rows, candidate: Any) -> Iterator[Difference | Pair]:
            """What differs of a result set, all that is below it included."""
            # the candidate is kept with the answer: its id must not be given to another one
            key = walk.unordered, path, id(candidate), legacy
            known = self._known.get(key)
            if known is None:
                known = candidate, tuple(walk.nested(briefly).differences(path, legacy, candidate))
                if len(self._known) < _SOON_FULL:
                    self._known[key] = known
            return iter(known[1])

        def chosen(legacy: Value, candidate: Value) -> Comparator:
            """As the dispatcher chooses, but for result sets and numbers."""
            return remembered if type(legacy) is Rows else briefly(legacy, candidate)

        return chosen


def _compare_numbers(_walk: Walk, path: Path, legacy: Value, candidate: Value) -> Iterator[Difference | Pair]:
    """Two numbers of one type; in which manner they differ is looked for nowhere, as no policy depends on it."""
    if not EXACT[type(legacy)](legacy, candidate):
        yield difference(path, Kind.VALUE, legacy, candidate)
