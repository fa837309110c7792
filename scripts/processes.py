"""Child processes that never outlive us, whatever signal ends us."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 15.0
"""Seconds between asking a child to end and making it."""


class Interrupted(BaseException):
    """A signal asks us to end."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


class Interruptions:
    """The first signal that asks us to end raises :class:`Interrupted`; later ones wait for the cleaning up.

    A signal that comes while a child is being started counts once we know the child.
    """

    def __init__(self) -> None:
        self._held = False
        self._pending: int | None = None
        self._raised = False

    def install(self) -> None:
        """Take the signals over."""
        for signum in ENDINGS:
            signal.signal(signum, self._received)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put the signals off to the end of the block."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self._raise_pending()

    def _received(self, signum: int, frame: FrameType | None) -> None:
        if self._pending is None:
            self._pending = signum
        if not self._held:
            self._raise_pending()

    def _raise_pending(self) -> None:
        if self._pending is not None and not self._raised:
            self._raised = True
            raise Interrupted(self._pending)


interruptions = Interruptions()


@contextmanager
def child(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], output: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A child with a process group of its own, all of which has ended after the block."""
    process = None
    try:
        with interruptions.held():
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=None if output is None else subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        yield process
    finally:
        if process is not None:
            _end(process)


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a child to its end; a quiet one's output is kept instead of shown."""
    with child(command, cwd=cwd, env=env, output=subprocess.PIPE if quiet else None) as process:
        output, _ = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output)


def _end(process: subprocess.Popen[str]) -> None:
    with interruptions.held():
        for signum in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None:
                break
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signum)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever it has left behind
        if process.stdout is not None:
            process.stdout.close()
