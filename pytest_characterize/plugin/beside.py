"""Mutants of functions, tried in a process of its own while this one waits for a database to try others.

What is forked and confined for each case, as a function of this interpreter is, reaches nothing outside of its
process. So it meets nothing of what is tried at the same time, and both come to what they would come to alone.
"""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, Pipe
from typing import Any, Final, NoReturn

from pytest_characterize.descriptors import Descriptor, Function
from pytest_characterize.errors import CharacterizeError, StoreError
from pytest_characterize.session import Session
from pytest_characterize.session.mutating import Tried
from pytest_characterize.specs import TestSpec

_TOLD_EVERY: Final = 0.2
_PATIENCE: Final = 30.0
"""Seconds that the other process has to keep what it knows, once it is interrupted."""
_LOOK: Final = 0.02

Told = Tried | CharacterizeError | None
"""How far the mutants of a test are, why they cannot be tried, and ``None`` when they are done."""


def is_confined(legacy: Descriptor) -> bool:
    """Whether nothing that is tried of it can reach out of its process."""
    return isinstance(legacy, Function) and not legacy.interpreter


class Beside:
    """The mutants of a run, those of some tests in another process.

    Args:
        until: when to stop, by :func:`time.monotonic`.
    """

    def __init__(self, session: Session, until: float) -> None:
        self._session, self._until = session, until
        self._there: list[TestSpec] = []
        self._told: defaultdict[str, deque[Told]] = defaultdict(deque)
        self._recording = ExitStack()
        self._ear: Connection[Any, Any] | None = None
        self._process = 0

    def divide(self, specs: Sequence[TestSpec]) -> frozenset[str]:
        """Decide which tests the other process is for; their paths. It starts with the first test that is tried."""
        there = [spec for spec in specs if is_confined(spec.legacy)]
        if 0 < len(there) < len(specs) and hasattr(os, "fork") and (os.cpu_count() or 1) > 1:
            self._there = there
        return frozenset(spec.test for spec in self._there)

    def tried(self, spec: TestSpec) -> Iterator[Tried]:
        """As :meth:`~pytest_characterize.session.Session.mutate`, whoever does it."""
        if self._there and not self._process:
            self._start()
        if any(spec.test == there.test for there in self._there):
            yield from self._tried_there(spec)
            return
        for tried in self._session.mutate(spec, self._until):
            while self._ear and self._ear.poll() and self._hear():
                pass  # it must not wait for us
            yield tried

    def close(self) -> None:
        """End the other process, which keeps what it knows; may be called again."""
        process, self._process, self._there = self._process, 0, []
        try:
            if process:
                _end(process)
        finally:
            self._deafen()
            self._recording.close()

    def _start(self) -> None:
        """Fork the other process, within a recording that both belong to."""
        tests = [spec.test for spec in self._there]
        try:
            self._recording.enter_context(self._session.store.recording(tests))
        except StoreError:  # every test tells it for itself
            self._there = []
            return
        self._ear, mouth = Pipe(duplex=False)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", DeprecationWarning
                )  # of threads, none of which is needed there
                self._process = os.fork()
            if not self._process:
                self._be_beside(self._ear, mouth)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            mouth.close()

    def _tried_there(self, spec: TestSpec) -> Iterator[Tried]:
        """What the other process tells of a test; what it does not come to any more is done here."""
        said = self._told[spec.test]
        while said or self._hear():
            while said:
                match said.popleft():
                    case None:
                        return
                    case CharacterizeError() as error:
                        raise error
                    case Tried() as tried:
                        yield tried
        yield from self._session.mutate(spec, self._until)

    def _hear(self) -> bool:
        """Wait for what is told next; false where nothing will be."""
        if self._ear is None:
            return False
        try:
            test, told = self._ear.recv()
        except (EOFError, OSError):
            self._deafen()
            return False
        self._told[test].append(told)
        return True

    def _deafen(self) -> None:
        if self._ear is not None:
            self._ear.close()
            self._ear = None

    # In the other process

    def _be_beside(self, ear: Connection[Any, Any], mouth: Connection[Any, Any]) -> NoReturn:
        """Try all mutants that are for this process, and end; what is no error of ours is met again elsewhere."""
        with suppress(BaseException):
            ear.close()
            signal.signal(signal.SIGINT, _interrupt_once)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            for spec in self._there:
                try:
                    self._tell(mouth, spec)
                except CharacterizeError as error:
                    mouth.send((spec.test, error))
        os._exit(0)

    def _tell(self, mouth: Connection[Any, Any], spec: TestSpec) -> None:
        last, at = None, 0.0
        for last in self._session.mutate(spec, self._until):
            if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
                raise KeyboardInterrupt  # it was met where nothing can be raised
            if time.monotonic() - at > _TOLD_EVERY:
                at = time.monotonic()
                mouth.send((spec.test, last))
        mouth.send((spec.test, last))
        if last is not None:
            mouth.send((spec.test, None))


def _interrupt_once(*_: object) -> NoReturn:
    """As usual, but not again while what is known is being kept."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end(process: int) -> None:
    os.kill(process, signal.SIGINT)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(_LOOK)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
