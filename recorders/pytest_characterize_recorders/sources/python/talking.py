"""A conversation with an interpreter that runs :mod:`.worker`."""

from __future__ import annotations

import json
import os
import selectors
import signal
from collections.abc import Mapping
from pathlib import Path
from struct import Struct
from time import perf_counter
from typing import Any, Final

from pytest_characterize.processes import Family, OutOfTime

_FOLDER: Final = Path(__file__).parent
_START: Final = (
    "import sys; sys.dont_write_bytecode = True; del sys.path[0]; import types;"
    " ours = sys.modules['_characterize'] = types.ModuleType('_characterize'); ours.__path__ = sys.argv[1:];"
    " from _characterize.worker.conversation import main; main()"
)
"""This folder is a package there, of a name that no module of legacy has, and nothing on the import path."""
_HEAD: Final = Struct(">Q")
_SLICE: Final = 0.1
_CHUNK: Final = 65_536
_KEPT: Final = 2_000
_GRACE: Final = 2.0
_OURS: Final = ("PYTHON", "CHARACTERIZE_")


class GoneError(Exception):
    """The interpreter ended where an answer was due; the text says how."""


class Worker:
    """An interpreter that has been started, and waits for requests.

    What legacy prints is read as it comes and thrown away, but for its end: it may say why legacy died.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, python: Path, root: Path) -> None:
        self._family = Family([str(python), "-c", _START, str(_FOLDER)], root, _environment())
        self._answers, self._noise = bytearray(), bytearray()
        self._rest, self._open = b"", True
        self._selector = selectors.DefaultSelector()
        self._stdin, *outputs = self._family.pipes()
        for pipe in (self._stdin, *outputs):
            os.set_blocking(pipe.fileno(), False)
        for pipe, kept in zip(outputs, (self._answers, self._noise), strict=True):
            self._selector.register(pipe, selectors.EVENT_READ, kept)

    def ask(self, request: Mapping[str, Any], seconds: float) -> bytes:
        """The answer to a request, as JSON.

        Raises:
            GoneError, OutOfTime: there is none, and this worker is of no more use.
        """
        body = json.dumps(request).encode("ascii")
        self._rest = _HEAD.pack(len(body)) + body
        self._selector.register(self._stdin, selectors.EVENT_WRITE)
        return self.answer(seconds)

    def answer(self, seconds: float) -> bytes:
        """The next answer, as JSON; the first is a greeting.

        Raises:
            GoneError, OutOfTime: there is none, and this worker is of no more use.
        """
        deadline = perf_counter() + seconds
        while (answer := self._whole_answer()) is None:
            ready = self._selector.select(_SLICE)
            for key, _ in ready:
                self._write() if key.data is None else self._read(key)
            if not self._open or (not ready and self._family.ended):
                raise self._gone()
            if perf_counter() > deadline:
                raise OutOfTime(f"it had given no answer after {seconds:g} s")
        return answer

    def close(self) -> None:
        """End the interpreter, and whatever legacy has started."""
        self._selector.close()
        self._family.close()

    def _whole_answer(self) -> bytes | None:
        if len(self._answers) < _HEAD.size:
            return None
        end = _HEAD.size + int(_HEAD.unpack_from(self._answers)[0])
        if len(self._answers) < end:
            return None
        answer = bytes(self._answers[_HEAD.size : end])
        del self._answers[:end]
        return answer

    def _write(self) -> None:
        try:
            self._rest = self._rest[os.write(self._stdin.fileno(), self._rest[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the other pipe will say that it has gone
            self._rest = b""
        if not self._rest:
            self._selector.unregister(self._stdin)

    def _read(self, key: selectors.SelectorKey) -> None:
        try:
            part = os.read(key.fd, _CHUNK)
        except BlockingIOError:  # readiness is a hint: another holder of the pipe may change it
            return
        kept: bytearray = key.data
        if part:
            kept += part
            if kept is self._noise:
                del kept[:-_KEPT]
            return
        self._selector.unregister(key.fileobj)
        if kept is self._answers:
            self._open = False

    def _gone(self) -> GoneError:
        """What happened, once the interpreter has had the time to say it."""
        deadline = perf_counter() + _GRACE
        while not self._family.ended and perf_counter() < deadline:
            for key, _ in self._selector.select(_SLICE):
                self._read(key)
        status = self._family.end()
        for key in list(self._selector.get_map().values()):
            self._read(key)
        *_, line = self._noise.decode("utf-8", "replace").strip().splitlines() or [""]
        told = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return GoneError(f"{told}; the last that it printed: {line.strip()}" if line else told)


def _environment() -> dict[str, str]:
    """Ours, without what is meant for our own interpreter or not meant for legacy."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
    # sets come in the same order in every recording, and printing a text is no error for want of a terminal
    return kept | {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
