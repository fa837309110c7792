"""The process between us and an embedded server: whatever happens to us, it stops the server in order.

Run as a script, with the standard library only. One JSON line on the standard input says what to run; from
then on the standard input is a life line that ends when the owner closes it or dies, however it dies. The
keeper lives in a session of its own, so that Ctrl-C in the terminal reaches the owner only.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Final

TICK: Final = 0.1
GRACE: Final = 10.0
TAIL: Final = 2000


class Keeper:
    """Runs one command until its owner is gone, it is told to stop, or the command ends by itself."""

    def __init__(self, owner: int) -> None:
        self._owner = owner
        self._told = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._tell)

    def run(self, order: dict[str, Any]) -> str:
        """Run the command to its end; gives the tail of what it printed."""
        log = Path(order["log"])
        with log.open("wb") as output:
            child = subprocess.Popen(
                order["command"], env=order["env"], stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        while child.poll() is None and not self._told and not self._owner_gone():
            pass
        _stop(child, signal.Signals(order["stop_signal"]))
        return log.read_bytes()[-TAIL:].decode("utf-8", "replace")

    def _owner_gone(self) -> bool:
        # A forked child of the owner may hold the pipe's other end open, hence the second condition.
        readable, _, _ = select.select([sys.stdin], [], [], TICK)
        return bool(readable) or os.getppid() != self._owner

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True


def _stop(child: subprocess.Popen[bytes], politely: signal.Signals) -> None:
    for number in (politely, signal.SIGQUIT, signal.SIGKILL):
        if child.poll() is None:
            child.send_signal(number)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue
        return


def main(owner: int, folder: str) -> None:
    """Read the order and carry it out; the folder is gone at the end in any case."""
    keeper = Keeper(owner)
    try:
        line = sys.stdin.readline()
        output = keeper.run(json.loads(line)) if line else ""
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    # The owner may be dead and the pipe closed; then nobody wants to know.
    with contextlib.suppress(BrokenPipeError):
        os.write(1, output.encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
