"""OpenCover's XML, of OpenCover itself, coverlet and AltCover."""

from __future__ import annotations

from typing import BinaryIO, Final

from pytest_characterize.importing.coverage.gathering import Gathering, WrongError, number
from pytest_characterize.importing.coverage.xml_reports import Attributes, read_xml

_HIDDEN: Final = 0xFEEFEE
"""The line of what a compiler has added, which is nowhere in the source."""


def read_opencover(stream: BinaryIO, where: str) -> Gathering:
    """What a report says.

    Raises:
        UsageError: ``coverage-damaged``.
    """
    report = _Report()
    read_xml(stream, where, report)
    return report.found


class _Report:
    """``CoverageSession > Modules > Module > Files > File``, and ``Classes > Class > Methods > Method``.

    A method's points refer to its file by a number, which may come after them: they wait for its end.
    """

    def __init__(self) -> None:
        self.found = Gathering()
        self._open: list[str] = []
        self._files: dict[str, str] = {}
        self._method, self._file = "", ""
        self._points: list[tuple[str, Attributes]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if not self._open and name != "CoverageSession":
            raise WrongError(f"is no OpenCover report: it begins with <{name[:40]}>")
        self._open.append(name)
        match name:
            case "Module":
                self._files = {}
            case "File":
                self._files[attributes.get("uid", "")] = attributes.get("fullPath", "")
            case "Method":
                self._method, self._file, self._points = "", "", []
            case "FileRef":
                self._file = attributes.get("uid", "")
            case "SequencePoint" | "BranchPoint":
                self._points.append((name, attributes))

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._open.pop()
        if name == "Name" and self._open[-1:] == ["Method"]:
            self._method = text
        elif name == "Method":
            self._take()

    def _take(self) -> None:
        lines: list[tuple[int, int, str]] = []
        for name, point in self._points:
            uid = point.get("fileid") or self._file
            if uid not in self._files:
                raise WrongError(f"{self._method[:80]} is in file {uid!r}, which the module does not name")
            file, hits = self._files[uid], number(point.get("vc"), "a point's vc")
            line = number(point.get("sl"), "a point's sl")
            if line == _HIDDEN:
                continue
            if name == "SequencePoint":
                lines.append((line, hits, file))
                self.found.line(file, line, hits)
            else:
                self._branch(file, line, hits, point)
        if lines and self._method:
            line, hits, file = lines[0]
            self.found.entry(file, line, self._method, hits)

    def _branch(self, file: str, line: int, hits: int, point: Attributes) -> None:
        path = point.get("path") or point.get("ordinal") or "0"
        decision = f"{self._method} {point.get('offset', '')}"
        self.found.branch(file, line, decision, path, hits, f"branch {path} taken")
