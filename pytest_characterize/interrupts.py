"""Interrupts (Ctrl-C) that are met while C calls a function of Python: what that raises is lost, and what it was told.

Drivers of databases call back: for a notice, to allow an action, to ask whether to go on. Python meets an interrupt
wherever it runs its next instruction, and while C waits for a server that is the first one of such a function, before
it could catch anything.
"""

from __future__ import annotations

import signal
import threading
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Final

_SOON: Final = 0.01
"""Seconds until an interrupt that was met in a callback is tried again."""


@contextmanager
def never_within(*callbacks: Callable[..., Any]) -> Iterator[Callable[[], bool]]:
    """In the block, interrupts are met as usual, but not in functions that C calls: soon after, or when it is left.

    Gives a function that tells whether one waits, for callbacks that can stop what C does.

    Args:
        callbacks: functions of Python; what they call belongs to them.
    """
    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    postponed = _Postponed(usual, frozenset(one.__code__ for one in callbacks))
    signal.signal(signal.SIGINT, postponed)
    try:
        yield postponed.waits
    finally:
        if (
            signal.getsignal(signal.SIGINT) is postponed
        ):  # whoever has set another one meanwhile wants that one
            signal.signal(signal.SIGINT, usual)
        if postponed.waits():
            postponed.meet(None)


class _Postponed:
    """Handles interrupts."""

    def __init__(self, usual: Callable[[int, FrameType | None], Any], callbacks: frozenset[CodeType]) -> None:
        self._usual, self._callbacks = usual, callbacks
        self._again: threading.Timer | None = None

    def __call__(self, _: int, frame: FrameType | None) -> None:
        if self._is_callback(frame):
            self._stop()
            self._again = threading.Timer(_SOON, _interrupt)
            self._again.daemon = True
            self._again.start()
        else:
            self.meet(frame)

    def waits(self) -> bool:
        """Whether an interrupt was met where it could not be raised."""
        return self._again is not None

    def meet(self, frame: FrameType | None) -> None:
        """Do what is usually done."""
        self._stop()
        self._usual(signal.SIGINT, frame)

    def _stop(self) -> None:
        again, self._again = self._again, None
        if again is not None:
            again.cancel()

    def _is_callback(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code in self._callbacks:
                return True
            frame = frame.f_back
        return False


def _interrupt() -> None:
    """Interrupt the main thread, also where it waits for something."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        interrupt_main()
