"""Processes that are watched: they get no more time and output than they were given, and leave none behind.

A program may start others, and these may outlive it or move to a session of their own. Each is known by
its process group and by a variable that it inherits, and all end with the program that was asked for.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import IO, Final, Self
from uuid import uuid4

MARK: Final = "CHARACTERIZE_FAMILY"
"""The variable by which a process of ours and all its descendants are known."""

_PROCESSES: Final = Path("/proc")
_SLICE: Final = 0.05
_BLINK: Final = 0.001
_CHUNK: Final = 65_536
_ROUNDS: Final = 20


class Interrupted(Exception):  # noqa: N818 - no error of ours: whoever asked tells what it means
    """A program cannot be let run on to its end; the text says why."""


class OutOfTime(Interrupted):
    """It took longer than it was given."""


class TooMuchOutput(Interrupted):
    """It printed more than anybody would review."""


class Family:
    """A program and whatever it starts, in a session of their own.

    Raises:
        OSError: the program cannot be started.
    """

    def __init__(self, argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._mark = f"{MARK}={uuid4().hex}"
        self.process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**environment, MARK: self._mark.partition("=")[2]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        _leave_no_core(self.process.pid)

    @property
    def ended(self) -> bool:
        """Whether the program has come to its end; its number is not given to others before :meth:`end`."""
        if self.process.returncode is not None:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, options) is not None

    def end(self) -> int:
        """Kill what is still there of the family, and give how the program ended (as ``Popen`` says it)."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self._kill_strays()
        return self.process.wait()

    def close(self) -> None:
        """As :meth:`end`, and the pipes are closed."""
        self.end()
        for pipe in self.pipes():
            with suppress(OSError):
                pipe.close()

    def pipes(self) -> Iterator[IO[bytes]]:
        """The pipes to and from the program."""
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                yield pipe

    def _kill_strays(self) -> None:
        """Those that left the process group; each round may find what was started meanwhile."""
        for _ in range(_ROUNDS):
            strays = [pid for pid in _marked(self._mark.encode()) if pid != self.process.pid]
            if not strays:
                return
            for pid in strays:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def family(argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Family]:
    """A family that has ended when the block is left, however that happens."""
    found = Family(argv, folder, environment)
    try:
        yield found
    finally:
        found.close()


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended by itself.

    Attributes:
        exit: its status; negative if a signal killed it, as in :mod:`subprocess`.
    """

    exit: int
    stdout: bytes
    stderr: bytes


def finish(found: Family, stdin: bytes, seconds: float, limit: int) -> Finished:
    """Feed the program, and read what it prints until it has come to its end.

    What it leaves running in the background is ended with it.

    Args:
        limit: bytes that it may print.

    Raises:
        OutOfTime, TooMuchOutput: whoever holds the family ends it.
    """
    deadline = perf_counter() + seconds
    with _Conversation(found, stdin, limit) as conversation:
        while not found.ended:
            if perf_counter() > deadline:
                raise OutOfTime(f"it had not come to its end after {seconds:g} s")
            conversation.turn(_SLICE)
        exit_status = found.end()
        conversation.drain()
    return Finished(exit_status, *conversation.read)


class _Conversation:
    """What goes into a program and comes out of it, without either side waiting for the other."""

    def __init__(self, found: Family, stdin: bytes, limit: int) -> None:
        self._found, self._rest, self._limit = found, memoryview(stdin), limit
        self._selector = selectors.DefaultSelector()
        self._parts: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        self._size = 0
        process = found.process
        assert process.stdin is not None
        if stdin:
            self._watch(process.stdin, selectors.EVENT_WRITE, self._feed)
        else:
            process.stdin.close()
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            assert pipe is not None
            self._watch(pipe, selectors.EVENT_READ, partial(self._take, name, pipe))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    @property
    def read(self) -> tuple[bytes, bytes]:
        """Everything that came from the program, by pipe."""
        return b"".join(self._parts["stdout"]), b"".join(self._parts["stderr"])

    def turn(self, seconds: float) -> bool:
        """Do what can be done within these seconds; whether there was anything."""
        if not self._selector.get_map():  # its pipes are closed: most often it is just ending
            sleep(min(seconds, _BLINK))
            return False
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def drain(self) -> None:
        """Read what the program left in its pipes: nobody writes to them any more."""
        while self.turn(0):
            pass

    def _watch(self, pipe: IO[bytes], event: int, act: Callable[[], None]) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, event, act)

    def _drop(self, pipe: IO[bytes]) -> None:
        self._selector.unregister(pipe)
        pipe.close()

    def _feed(self) -> None:
        pipe = self._found.process.stdin
        assert pipe is not None
        try:
            self._rest = self._rest[os.write(pipe.fileno(), self._rest[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # it does not want to read it
            self._rest = self._rest[:0]
        if not self._rest:
            self._drop(pipe)

    def _take(self, name: str, pipe: IO[bytes]) -> None:
        try:
            part = os.read(pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not part:
            self._drop(pipe)
            return
        self._parts[name].append(part)
        self._size += len(part)
        if self._size > self._limit:
            raise TooMuchOutput(f"it printed more than {self._limit / 2**20:g} MiB")


def _marked(mark: bytes) -> list[int]:
    """The living processes that carry the mark; none where the system does not tell."""
    found = []
    for entry in _PROCESSES.iterdir() if _PROCESSES.is_dir() else ():
        if entry.name.isdigit():
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


def _leave_no_core(pid: int) -> None:
    """A program that crashes writes no image of its memory into the project."""
    with suppress(ImportError, OSError):  # not every system has it
        from resource import RLIMIT_CORE, prlimit

        prlimit(pid, RLIMIT_CORE, (0, 0))
