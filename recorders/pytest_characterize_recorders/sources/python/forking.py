"""Trying a function on many inputs in processes of their own, so that nothing of it stays in this one.

A first child installs what is to be tried. From it one process is forked for each input, which tells what the
function did there, and ends. So each input meets the same state, and what a function does to itself, to its module or
to the interpreter is gone with its process. What would reach further, to files, other processes or the network, is
refused, and told.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from time import perf_counter
from typing import Any, Final, NoReturn

from pytest_characterize.codec import from_tagged, to_tagged
from pytest_characterize.errors import CharacterizeError, RecordingError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.processes import OutOfTime
from pytest_characterize.recording.protocols import Trial
from pytest_characterize.values import Raised
from pytest_characterize_recorders.sources.python import confining

POSSIBLE: Final = hasattr(os, "fork")
"""Whether this system can do so."""

_GREETING: Final = 60.0
_CHUNK: Final = 65_536
_WORTH_HALVING: Final = 4
"""Fewer inputs are tried sooner by one nursery, as each has to install what is tried."""
_END: Final = b"\0"

Run = Callable[[int], Observation]


def tried(install: Callable[[], None], run: Run, count: int, seconds: float) -> Iterator[Trial]:
    """Try a function on inputs; what it did is told in their order.

    Where there are several processors, half of them is tried while the other half is: most of what it takes is to
    fork this process, which may be large.

    Args:
        install: makes the function what is to be tried, in the process that it is called in.
        run: observes it on the input of that number, ``0`` to ``count - 1``.
        seconds: how long one input may take.

    Raises:
        RecordingError: what ``install`` raises, or ``variant-broken``.
    """
    half = (count + 1) // 2 if count >= _WORTH_HALVING and (os.cpu_count() or 1) > 1 else count
    with ExitStack() as stack:
        parts: list[tuple[range, _Nursery]] = []
        for part in filter(None, (range(half), range(half, count))):
            nursery = _Nursery(install, run, part, seconds)
            stack.callback(nursery.close)
            parts.append((part, nursery))
        for part, nursery in parts:
            yield from _all_of(part, nursery)


def _all_of(numbers: range, nursery: _Nursery) -> Iterator[Trial]:
    """Trials of all numbers, of which a nursery is the first to try."""
    while True:
        try:
            nursery.greet()
            while numbers and nursery.lives:
                numbers = numbers[1:]
                yield nursery.next_trial()
        finally:
            nursery.close()
        if not numbers:
            return
        nursery = nursery.another(numbers)


class _Nursery:
    """The first child, seen from this process."""

    def __init__(self, install: Callable[[], None], run: Run, numbers: Sequence[int], seconds: float) -> None:
        self._install, self._run, self._seconds = install, run, seconds
        self._told = bytearray()
        self.lives = self._is_open = True
        self._pipe, theirs = os.pipe()
        with _uninterrupted(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, none of which is needed there
            self._process = os.fork()
            if not self._process:
                _be_nursery(theirs, install, run, numbers, seconds)
        os.close(theirs)
        os.set_blocking(self._pipe, False)
        with suppress(OSError):
            os.setpgid(self._process, self._process)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pipe, selectors.EVENT_READ)

    def another(self, numbers: Sequence[int]) -> _Nursery:
        """One like it."""
        return _Nursery(self._install, self._run, numbers, self._seconds)

    def greet(self) -> None:
        """Wait until everything is installed.

        Raises:
            RecordingError: it could not be.
        """
        try:
            told, _ = self._answer(_GREETING)
            greeting: dict[str, str] = json.loads(told)
        except (OutOfTime, EOFError, ValueError) as error:
            raise RecordingError(
                f"the process in which changed legacy was to be tried does not work: {error}",
                slug="variant-broken",
                hint="record it without a variant",
            ) from None
        if greeting:
            raise RecordingError(greeting["message"], slug=greeting["slug"], hint=greeting["hint"])

    def next_trial(self) -> Trial:
        """What the function did with the next input."""
        try:
            told, status = self._answer(self._seconds)
        except OutOfTime as error:
            return Trial(None, str(error))
        except EOFError:
            return Trial(None, "its process was ended")
        if status:
            return Trial(None, _end_of(status))
        try:
            return _trial(json.loads(told))
        except (ValueError, KeyError):
            return Trial(None, "it ended its process")

    def close(self) -> None:
        """End it and all that it has forked; may be called again."""
        if not self._is_open:
            return
        self._is_open = False
        self._selector.close()
        os.close(self._pipe)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)

    def _answer(self, seconds: float) -> tuple[bytes, int]:
        """What was told, and how the process ended that did."""
        deadline = perf_counter() + seconds
        while (whole := self._whole()) is None:
            if not self._selector.select(max(0.0, deadline - perf_counter())):
                self.lives = False
                raise OutOfTime(f"it had not come to its end after {seconds:g} s")
            part = os.read(self._pipe, _CHUNK)
            if not part:
                self.lives = False
                raise EOFError("it has ended")
            self._told += part
        return whole

    def _whole(self) -> tuple[bytes, int] | None:
        told, end, rest = bytes(self._told).partition(_END) if _END in self._told else (b"", b"", b"")
        status, newline, rest = rest.partition(b"\n")
        if not end or not newline:
            return None
        self._told[:] = rest
        return told, int(status)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let interrupts wait: one that is met while forking is lost, or ends a child that is then taken for broken."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_of(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"its process was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"it ended its process with status {os.WEXITSTATUS(status)}"


def _trial(told: dict[str, Any]) -> Trial:
    if "why" in told:
        return Trial(None, str(told["why"]))
    outcome = Outcome(told["how"], from_tagged(told["value"], where="a trial"))
    return Trial(Observation(outcome, queries=told["queries"]))


# In the children


def _be_nursery(
    pipe: int, install: Callable[[], None], run: Run, numbers: Sequence[int], seconds: float
) -> NoReturn:
    """Install what is to be tried, and fork a process for each input."""
    try:
        os.setpgid(0, 0)
        _forget_interrupts()
        confining.let_go(pipe)
        _write(pipe, _installed(install), 0)
        gc.freeze()  # what is there already is not to be collected, and so copied, by each of them
        for number in numbers:
            process = os.fork()
            if not process:
                _be_tried(pipe, run, number, seconds)
            _, status = os.waitpid(process, 0)
            _write(pipe, b"", status)
    finally:
        os._exit(0)


def _forget_interrupts() -> None:
    """Those that came before this process had a group of its own are its parent's."""
    handler = signal.getsignal(signal.SIGINT) or signal.SIG_DFL
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGINT, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _installed(install: Callable[[], None]) -> bytes:
    try:
        install()
    except RecordingError as error:
        told = {"slug": error.slug, "message": error.message, "hint": error.hint}
        return json.dumps(told).encode("ascii")
    return b"{}"


def _be_tried(pipe: int, run: Run, number: int, seconds: float) -> NoReturn:
    """Call the function, and tell what it did."""
    status = 1
    try:
        refused = confining.confine(seconds)
        told = _told(run, number)
        if refused:
            told = {"why": refused[0]}
        _write_all(pipe, json.dumps(told).encode("ascii"))
        status = 0
    finally:
        os._exit(status)


def _told(run: Run, number: int) -> dict[str, Any]:
    try:
        observation = run(number)
        outcome = observation.outcome
        if isinstance(outcome.value, Raised) and "builtins.MemoryError" in outcome.value.types:
            return {"why": "it took more memory than it was given"}
        return {"how": outcome.how, "value": to_tagged(outcome.value), "queries": observation.queries}
    except CharacterizeError as error:
        return {"why": error.message}
    except BaseException as error:
        return {"why": f"{type(error).__name__} ended it"}


def _write(pipe: int, told: bytes, status: int) -> None:
    _write_all(pipe, told + _END + b"%d\n" % status)


def _write_all(pipe: int, told: bytes) -> None:
    while told:
        told = told[os.write(pipe, told) :]
