"""LCOV's tracefiles, of geninfo, coverage.py, istanbul, llvm-cov and many others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final

from pytest_characterize.importing.coverage.gathering import Gathering, WrongError, damaged, number

_LONGEST: Final = 1 << 20
_NO_MEANING: Final = frozenset(
    ("TN", "BRF", "BRH", "LF", "LH", "FNF", "FNH", "VER", "MCDC", "MCF", "MCH", "MRF", "MRH", "CTF")
)
"""Totals, and what says nothing about one line."""


def read_lcov(stream: BinaryIO, where: str) -> Gathering:
    """What a tracefile says.

    Raises:
        UsageError: ``coverage-damaged``.
    """
    found, record = Gathering(), None
    line = 0
    for line, text in _lines(stream, where):
        try:
            if text.startswith("SF:"):
                if record is not None:
                    raise WrongError("a record begins before end_of_record of the one before")
                record = _Record(found, text[3:])
            elif text == "end_of_record":
                if record is None:
                    raise WrongError("end_of_record without a record")
                record.end()
                record = None
            elif text and not text.startswith("#"):
                _take(record, *text.split(":", 1))
        except WrongError as error:
            raise damaged(where, line, str(error)) from None
    if record is not None:
        raise damaged(where, line, "it ends within a record, so it was cut")
    return found


def _lines(stream: BinaryIO, where: str) -> Iterator[tuple[int, str]]:
    place = 0
    while raw := stream.readline(_LONGEST):
        place += 1
        if len(raw) == _LONGEST:
            raise damaged(where, place, f"a line of more than {_LONGEST} bytes")
        yield place, raw.decode("utf-8", "replace").strip().lstrip("\ufeff")


def _take(record: _Record | None, keyword: str, rest: str | None = None) -> None:
    if keyword in _NO_MEANING and rest is not None:
        return
    take = _KEYWORDS.get(keyword)
    if take is None or rest is None:
        raise WrongError(f"is not of an LCOV tracefile: {keyword[:40]!r}")
    if record is None:
        raise WrongError(f"{keyword} stands before any SF")
    take(record, rest)


class _Record:
    """What stands between ``SF`` and ``end_of_record``."""

    def __init__(self, found: Gathering, name: str) -> None:
        found.file(name)
        self._found, self._name = found, name
        self._lines: dict[str, int] = {}
        self._hits: dict[str, int] = {}
        self._starts: dict[str, int] = {}

    def line(self, rest: str) -> None:
        """``DA:<line>,<hits>[,<checksum>]``."""
        line, hits = (*rest.split(",", 2), "")[:2]
        self._found.line(self._name, number(line, "a line"), number(hits, "a count"))

    def branch(self, rest: str) -> None:
        """``BRDA:<line>,<block>,<branch>,<taken>``; the branch is a number or words."""
        line, _, others = rest.partition(",")
        block, _, others = others.partition(",")
        branch, comma, taken = others.rpartition(",")
        if not comma:
            raise WrongError(f"BRDA has four parts, not {rest[:40]!r}")
        hits = 0 if taken == "-" else number(taken, "a count")
        told = f"branch {branch} taken" if branch.isdigit() else branch
        self._found.branch(self._name, number(line, "a line"), block, branch, hits, told)

    def function(self, rest: str) -> None:
        """``FN:<line>[,<last line>],<name>``; a name may have commas."""
        line, _, name = rest.partition(",")
        last, comma, others = name.partition(",")
        name = others if comma and last.isdigit() else name
        self._lines[name] = number(line, "a line")

    def entered(self, rest: str) -> None:
        """``FNDA:<hits>,<name>``."""
        hits, _, name = rest.partition(",")
        self._hits[name] = self._hits.get(name, 0) + number(hits, "a count")

    def place(self, rest: str) -> None:
        """``FNL:<index>,<line>[,<last line>]``, of LCOV 2.2 and later."""
        index, line = (*rest.split(",", 2), "")[:2]
        self._starts[index] = number(line, "a line")

    def named(self, rest: str) -> None:
        """``FNA:<index>,<hits>,<name>``: one of the names of the function of that index."""
        index, _, others = rest.partition(",")
        hits, _, name = others.partition(",")
        if index in self._starts:
            self._lines[name] = self._starts[index]
        self._hits[name] = self._hits.get(name, 0) + number(hits, "a count")

    def end(self) -> None:
        """The record is complete."""
        for name in dict.fromkeys((*self._lines, *self._hits)):
            if name in self._lines:
                self._found.entry(self._name, self._lines[name], name, self._hits.get(name, 0))
            else:
                self._found.unknown(self._name, f"function {name}: the report does not say where it is")


_KEYWORDS: Final[Mapping[str, Callable[[_Record, str], None]]] = {
    "DA": _Record.line,
    "BRDA": _Record.branch,
    "FN": _Record.function,
    "FNDA": _Record.entered,
    "FNL": _Record.place,
    "FNA": _Record.named,
}
