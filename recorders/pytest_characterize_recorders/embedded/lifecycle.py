"""Running a server of our own that never outlives us: what every embedded database shares.

A server lives in one short-named runtime folder (socket, log and, as a rule, data) that disappears with it.
The process that starts it, stops it and removes the folder is the :mod:`.keeper`.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.embedded import keeper

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 3 * keeper.GRACE + 5
ROOM_NEEDED: Final = 512 * 1024 * 1024
"""Bytes that must be free in memory before data are put there (a container's share is often 64 MiB)."""
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only folders made by mkdtemp are used in it

LONGEST_FOLDER: Final = 50
"""Bytes that leave room for our folder's and the socket's name within the 107 of a socket's path."""


class KeptServer:
    """A server process and its runtime folder; both are gone after :meth:`stop`, and when we die.

    Attributes:
        name: the product, for messages.
        folder: the runtime folder; its path is short enough for unix sockets.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"characterize-{name.lower()}-", dir=_fastest_folder()))
        self._owner = os.getpid()
        try:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, str(self._owner), str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        atexit.register(self.stop)

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stop_signal: signal.Signals,
        ready: Callable[[], bool],
    ) -> None:
        """Start the server and wait until it is ready.

        Raises:
            RecordingError: ``server-not-started``, with the reason that the server printed.
        """
        order = {
            "command": list(command),
            "env": dict(env),
            "log": str(self.folder / "server.log"),
            "stop_signal": int(stop_signal),
        }
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(json.dumps(order).encode() + b"\n")
        self._keeper.stdin.flush()
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if self._keeper.poll() is not None or time.monotonic() > deadline:
                raise not_started(self.name, self._end())
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop the server in order, and wait until process and folder are gone; harmless if repeated."""
        if os.getpid() == self._owner:
            self._end()

    def _end(self) -> str:
        """Let the keeper go; what the server printed last."""
        atexit.unregister(self.stop)
        if self._keeper.stdin is None or self._keeper.stdin.closed:
            return ""
        output, _ = self._keeper.communicate(timeout=STOP_SECONDS)
        return output.decode("utf-8", "replace")


def not_started(name: str, output: str) -> RecordingError:
    """The error for a server, or a preparation of it, that ended with this output."""
    printed = [line for line in output.strip().splitlines() if not line.endswith("[ERROR] Aborting")]
    lines = printed or ["it printed nothing"]
    reasons = [line for line in lines if re.search(r"error[:\]]|fatal:", line, re.IGNORECASE)] or lines
    return RecordingError(
        f"the embedded {name} server did not start: {reasons[-1]}",
        slug="server-not-started",
        hint="correct the option that it names, or give other programs with binaries=...",
    )


def _fastest_folder() -> Path:
    """A folder in memory if there is room, else one for temporary files whose path is short."""
    temporary = Path(tempfile.gettempdir())
    if len(os.fsencode(temporary)) > LONGEST_FOLDER:
        temporary = Path("/tmp")  # noqa: S108 - as above
    try:
        space = os.statvfs(MEMORY)
    except OSError:
        return temporary
    roomy = space.f_bavail * space.f_frsize >= ROOM_NEEDED
    return MEMORY if roomy and os.access(MEMORY, os.W_OK | os.X_OK) else temporary
