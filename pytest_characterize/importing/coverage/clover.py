"""Clover's XML, of OpenClover, PHPUnit and istanbul."""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO, Final

from pytest_characterize.importing.coverage.gathering import Gathering, WrongError, number
from pytest_characterize.importing.coverage.xml_reports import Attributes, read_xml

_ISTANBUL: Final = "3.2.0"
"""The version that istanbul's reports give themselves. In them ``truecount`` says how many branches were
taken and ``falsecount`` how many were not, while Clover's say how often a condition was true and false."""


def read_clover(stream: BinaryIO, where: str) -> Gathering:
    """What a report says of legacy; what it says of legacy's tests is left out.

    Raises:
        UsageError: ``coverage-damaged``.
    """
    report = _Report()
    read_xml(stream, where, report)
    return report.found


class _Report:
    """``coverage > project > package* > file > class*, line*``."""

    def __init__(self) -> None:
        self.found = Gathering()
        self._open: list[str] = []
        self._counts_branches = False
        self._file = ""
        self._on_line: Counter[int] = Counter()

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if not self._open:
            if name != "coverage" or "generated" not in attributes:
                raise WrongError(f"is no Clover report: it begins with <{name[:40]}>")
            self._counts_branches = attributes.get("clover") == _ISTANBUL
        self._open.append(name)
        if "testproject" in self._open:
            return
        if name == "file":
            self._file = attributes.get("path") or attributes.get("name", "")
            self.found.file(self._file)
            self._on_line.clear()
        elif name == "line":
            self._line(attributes)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._open.pop()

    def _line(self, attributes: Attributes) -> None:
        line = number(attributes.get("num"), "a line's num")
        kind = attributes.get("type", "stmt")
        if kind == "cond":
            self._condition(line, attributes)
            return
        hits = number(attributes.get("count"), "a line's count")
        if kind == "method":
            called = attributes.get("name") or attributes.get("signature") or f"line {line}"
            self.found.entry(self._file, line, called, hits)
        else:
            self.found.line(self._file, line, hits)

    def _condition(self, line: int, attributes: Attributes) -> None:
        true = number(attributes.get("truecount"), "a condition's truecount")
        false = number(attributes.get("falsecount"), "a condition's falsecount")
        if self._counts_branches:
            self.found.counted(self._file, line, true, true + false)
            return
        self._on_line[line] += 1
        decision = str(self._on_line[line])
        self.found.branch(self._file, line, decision, "true", true, "condition true")
        self.found.branch(self._file, line, decision, "false", false, "condition false")
