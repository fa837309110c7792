"""JaCoCo's XML, of JaCoCo itself and of what writes its format: Kover, Pester."""

from __future__ import annotations

from typing import BinaryIO

from pytest_characterize.importing.coverage.gathering import Gathering, WrongError, number
from pytest_characterize.importing.coverage.xml_reports import Attributes, read_xml


def read_jacoco(stream: BinaryIO, where: str) -> Gathering:
    """What a report says.

    Raises:
        UsageError: ``coverage-damaged``.
    """
    report = _Report()
    read_xml(stream, where, report)
    return report.found


class _Report:
    """``report > group* > package > class > method > counter``, and ``package > sourcefile > line``."""

    def __init__(self) -> None:
        self.found = Gathering()
        self._open: list[str] = []
        self._package = self._class = self._file = ""
        self._method: Attributes = {}
        self._entered = False

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if not self._open and name != "report":
            raise WrongError(f"is no JaCoCo report: it begins with <{name[:40]}>")
        self._open.append(name)
        if name == "package":
            self._package = attributes.get("name", "")
        elif name == "class":
            self._class = attributes.get("name", "").rpartition("/")[2]
            self._file = self._within(attributes.get("sourcefilename") or self._class)
        elif name == "sourcefile":
            self._file = self._within(attributes.get("name", ""))
            self.found.file(self._file)
        elif name == "method":
            self._method, self._entered = attributes, False
        elif name == "counter" and self._open[-2:-1] == ["method"] and attributes.get("type") == "METHOD":
            self._entered = number(attributes.get("covered"), "a counter") > 0
        elif name == "line":
            self._line(attributes)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._open.pop()
        if name == "method":
            called = f"{self._class}.{self._method.get('name', '')}{self._method.get('desc', '')}"
            if "line" in self._method:
                line = number(self._method["line"], "a method's line")
                self.found.entry(self._file, line, called, int(self._entered))
            else:
                self.found.unknown(self._file, f"{called}: it was compiled without line numbers")

    def _within(self, name: str) -> str:
        return f"{self._package}/{name}" if self._package else name

    def _line(self, attributes: Attributes) -> None:
        line = number(attributes.get("nr"), "a line's nr")
        counts = {key: number(attributes.get(key, "0"), key) for key in ("ci", "mb", "cb")}
        self.found.line(self._file, line, int(counts["ci"] > 0))
        self.found.counted(self._file, line, counts["cb"], counts["cb"] + counts["mb"])
