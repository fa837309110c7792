"""Goldens read some cases ahead: many in a row take less time than one at a time between two cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final

from pytest_characterize.model import Golden
from pytest_characterize.session.planning import PlannedCase

_MOST: Final = 32
_SECONDS: Final = 0.02
"""Large goldens take long to read: what is kept ahead of its time stays small."""


class Ahead:
    """Loads goldens in the order in which the cases are going to run, as long as they do run in it.

    Each is loaded, and checked, once. One that cannot be loaded is left to its own turn.

    Args:
        load: loads the golden of one case.
        order: the cases as they are going to run; others may come in between, and some may not come at all.
    """

    def __init__(self, load: Callable[[PlannedCase], Golden], order: Iterable[PlannedCase]) -> None:
        self._load, self._order = load, tuple(order)
        self._places = {one.entry.file: place for place, one in enumerate(self._order)}
        self._ready: dict[str, Golden] = {}
        self._next, self._count = 0, 1

    def load(self, planned: PlannedCase) -> Golden:
        """The golden of a case.

        Raises:
            CharacterizeError: what ``load`` raises.
        """
        golden = self._ready.pop(planned.entry.file, None)
        if golden is None:
            golden = self._load(planned)
            self._look_ahead(planned)
        return golden

    def _look_ahead(self, planned: PlannedCase) -> None:
        self._ready.clear()
        place = self._places.get(planned.entry.file)
        if place is None:
            return
        in_order = place == self._next
        self._count = min(2 * self._count, _MOST) if in_order else 1
        until = perf_counter() + _SECONDS
        for following in self._order[place + 1 : place + self._count]:
            try:
                self._ready[following.entry.file] = self._load(following)
            except Exception:  # whatever it is, it is met again, and told, with the case that it belongs to
                break
            if perf_counter() > until:
                break
        self._next = place + 1 + len(self._ready)
