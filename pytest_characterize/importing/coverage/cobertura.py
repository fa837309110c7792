"""Cobertura's XML, of Cobertura itself, coverage.py, gcovr, coverlet and many others."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from pytest_characterize.importing.coverage.gathering import Gathering, WrongError, number
from pytest_characterize.importing.coverage.xml_reports import Attributes, read_xml

_SHARE: Final = re.compile(r"[0-9.]+ *% *\(([0-9]+)/([0-9]+)\)")


def read_cobertura(stream: BinaryIO, where: str) -> tuple[Gathering, tuple[str, ...]]:
    """What a report says, and the folders that its names may be relative to.

    Raises:
        UsageError: ``coverage-damaged``.
    """
    report = _Report()
    read_xml(stream, where, report)
    return report.found, tuple(report.folders)


class _Report:
    """``coverage > packages > package > classes > class > lines > line``; methods have lines of their own."""

    def __init__(self) -> None:
        self.found = Gathering()
        self.folders: list[str] = []
        self._open: list[str] = []
        self._file = self._class = self._method = ""
        self._entry: tuple[int, int] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if not self._open and (name != "coverage" or "generated" in attributes or "clover" in attributes):
            raise WrongError(f"is no Cobertura report: it begins with <{name[:40]}>")
        self._open.append(name)
        if name == "class":
            self._file, self._class = attributes.get("filename", ""), attributes.get("name", "")
            self.found.file(self._file)
        elif name == "method":
            self._method = f"{attributes.get('name', '')}{attributes.get('signature', '')}"
            self._entry = None
        elif name == "line":
            self._line(attributes)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._open.pop()
        if name == "source" and text:
            self.folders.append(text)
        elif name == "method" and self._method:
            called = f"{self._class}.{self._method}" if self._class else self._method
            if self._entry is None:
                self.found.unknown(self._file, f"{called}: the report does not say where it is")
            else:
                self.found.entry(self._file, self._entry[0], called, self._entry[1])
            self._method = ""

    def _line(self, attributes: Attributes) -> None:
        line = number(attributes.get("number"), "a line's number")
        hits = number(attributes.get("hits"), "a line's hits")
        if not self._file:
            raise WrongError("a line stands outside a class")
        if self._method:
            if self._entry is None or line < self._entry[0]:
                self._entry = line, hits
            return
        self.found.line(self._file, line, hits)
        if attributes.get("branch", "false").lower() == "true":
            share = _SHARE.match(attributes.get("condition-coverage", "").strip())
            if share is None:
                raise WrongError(
                    f"condition-coverage says no share: {attributes.get('condition-coverage', '')[:40]!r}"
                )
            self.found.counted(self._file, line, int(share[1]), int(share[2]))
