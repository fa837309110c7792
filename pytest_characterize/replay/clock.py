"""Time and chance during replay: the clock stands at the case's time, and random generators are seeded.

Frozen are ``datetime``, ``time.time`` and its kin; ``time.monotonic`` and ``time.perf_counter`` run on,
so that timeouts, ``asyncio.sleep`` and durations work. The time zone stays the candidate's own.

Seeded are ``random``, and ``numpy.random`` and Faker if they are imported. Not seeded: ``secrets``,
``os.urandom``, ``uuid.uuid4`` (they promise to be unpredictable), generators that the candidate makes
itself, and the order of sets of strings (``PYTHONHASHSEED`` is fixed when Python starts).
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import time_machine

_NEITHER_UTC_NOR_NAMED: Final = timezone(timedelta(hours=1))
"""time-machine makes a named zone or UTC the process's own zone; a mere offset leaves that alone."""


@contextmanager
def frozen(at: datetime, seed: int) -> Iterator[None]:
    """Let it be ``at`` during the block, and chance start from ``seed``; afterwards both are as before.

    Args:
        at: a naive time is one of the candidate's local clock, so that ``datetime.now()`` gives it back.
    """
    restores = [_seeded(generator, seed) for generator in _generators()]
    try:
        with time_machine.travel(at.astimezone(_NEITHER_UTC_NOR_NAMED), tick=False):
            yield
    finally:
        for restore in restores:
            restore()


def _generators() -> Iterator[Any]:
    """The shared random generators of this process."""
    yield random
    if faker := sys.modules.get("faker.generator"):
        yield faker.random
    if numpy := sys.modules.get("numpy.random"):
        yield numpy


def _seeded(generator: Any, seed: int) -> Callable[[], None]:
    """Seed a generator, and give what brings its state back."""
    suffix = "_state" if hasattr(generator, "get_state") else "state"
    state = getattr(generator, f"get{suffix}")()
    generator.seed(seed)
    restore: Callable[[Any], None] = getattr(generator, f"set{suffix}")
    return lambda: restore(state)
