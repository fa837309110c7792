"""Which lines of the candidate run, a case at a time, beside whatever else watches.

From Python 3.12 on the interpreter tells several watchers at once (PEP 669), so a debugger and coverage
measurement go on as they were. Before, there is room for one: where another one is at work, nothing is traced
and the reason is told.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, Protocol

OWN: Final = str(Path(__file__).parents[1]) + os.sep
_NAME: Final = "pytest-characterize"


class Files:
    """The files whose lines count: those below the project's root that are neither installed nor ours."""

    def __init__(self, root: Path) -> None:
        self._root = str(root) + os.sep
        installed = (sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages())
        self._foreign = tuple(path + os.sep for path in installed if path + os.sep != self._root)
        self._names: dict[str, str] = {}

    def name(self, filename: str) -> str:
        """The file's path from the root, with ``/``; ``""`` if its lines do not count."""
        found = self._names.get(filename)
        if found is None:
            found = self._names[filename] = self._named(filename)
        return found

    def _named(self, filename: str) -> str:
        path = os.path.abspath(filename)  # noqa: PTH100 - as it was imported, links and all
        inside = path.startswith(self._root) and not filename.startswith("<")
        foreign = path.startswith((*self._foreign, OWN)) or f"{os.sep}site-packages{os.sep}" in path
        return path.removeprefix(self._root).replace(os.sep, "/") if inside and not foreign else ""


class Lines:
    """What was seen of one case.

    Attributes:
        because: why nothing was traced; ``""`` if it was.
    """

    def __init__(self, because: str = "") -> None:
        self.because = because
        self._seen: set[tuple[str, int]] = set()
        self.add = self._seen.add

    def by_file(self, files: Files) -> dict[str, tuple[int, ...]]:
        """The lines that ran, sorted, by file."""
        found: dict[str, list[int]] = {}
        for filename, line in sorted(self._seen):
            found.setdefault(files.name(filename), []).append(line)
        return {name: tuple(lines) for name, lines in found.items()}


class Tracer(Protocol):
    """Sees lines while a block runs."""

    def watching(self) -> AbstractContextManager[Lines]:
        """The lines of the block."""

    def close(self) -> None:
        """Stop seeing anything."""


def tracer(files: Files) -> Tracer:
    """The tracer that disturbs least on this interpreter."""
    if sys.version_info >= (3, 12):
        return MonitoringTracer(files)
    return SettraceTracer(files)


class SettraceTracer:
    """Sees lines by :func:`sys.settrace`, in the thread that runs the block."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._lines = Lines()

    @contextmanager
    def watching(self) -> Iterator[Lines]:
        """The lines of the block; none if something else traces already."""
        other = sys.gettrace()
        if other is not None:
            yield Lines(
                f"{type(other).__module__}.{type(other).__qualname__} traces already; see Python 3.12"
            )
            return
        self._lines = Lines()
        sys.settrace(self._called)
        try:
            yield self._lines
        finally:
            if sys.gettrace() == self._called:
                sys.settrace(None)

    def close(self) -> None:
        """Nothing is left behind a block."""

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        return self._stepped if self._files.name(frame.f_code.co_filename) else None

    def _stepped(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self._lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._stepped


if sys.version_info >= (3, 12):
    _monitoring = sys.monitoring
    _TOOLS: Final = (4, 3)
    """Numbers of tools that nobody has a claim on."""

    class MonitoringTracer:
        """Sees lines by :mod:`sys.monitoring`, in every thread."""

        def __init__(self, files: Files) -> None:
            self._files = files
            self._lines: Lines | None = None
            self._tool = next((tool for tool in _TOOLS if _monitoring.get_tool(tool) is None), None)
            if self._tool is not None:
                events = _monitoring.events
                _monitoring.use_tool_id(self._tool, _NAME)
                _monitoring.register_callback(self._tool, events.PY_START, self._started)
                _monitoring.register_callback(self._tool, events.LINE, self._stepped)
                _monitoring.set_events(self._tool, events.PY_START)

        @contextmanager
        def watching(self) -> Iterator[Lines]:
            """The lines of the block; none if there is no place for one more watcher."""
            if self._tool is None:
                yield Lines("other tools monitor already, and there is no place for one more")
                return
            self._lines = lines = Lines()
            try:
                yield lines
            finally:
                self._lines = None

        def close(self) -> None:
            """Give the place back."""
            if self._tool is not None:
                _monitoring.set_events(self._tool, 0)
                for event in (_monitoring.events.PY_START, _monitoring.events.LINE):
                    _monitoring.register_callback(self._tool, event, None)
                _monitoring.free_tool_id(self._tool)
                self._tool = None

        def _started(self, code: CodeType, offset: int) -> Any:
            if self._tool is not None and self._files.name(code.co_filename):
                _monitoring.set_local_events(self._tool, code, _monitoring.events.LINE)
            return _monitoring.DISABLE

        def _stepped(self, code: CodeType, line: int) -> Any:
            if self._lines is not None:
                self._lines.add((code.co_filename, line))
