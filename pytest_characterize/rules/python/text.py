r"""The text of probes, and how it is woven into a module.

Instrumented text is the module with code of ours within its lines, and with some lines of ours between them. Its
last line is a comment that tells what is what, so that the text can travel alone, also to another
interpreter: whoever loads it gives every piece of the module its old line and column again, and finds out
which rules a probe stands for.

    #~characterize {"version": 1, "probe": "_characterize__5d5b01b5", "every": false, ...}

=============  ====================================================================================
``probe``      a built-in function to be provided, called with the number of a probe
``every``      whether each call counts; otherwise the first one of a case does
``rules``      for each probe, the ids of the rules that it reports
``lines``      lines of ours: ``[line, start, end, column]``; what begins on such a line counts as being on
               line ``start`` of the module, what ends there as ending at line ``end``, ``column``
``columns``    code of ours within other lines: ``line -> [[column, length], ...]``
=============  ====================================================================================

Lines count from 1, columns are offsets in UTF-8 from 0, both as in syntax trees; ``line`` is a line of the
instrumented text.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from pytest_characterize.rules.python.source import line_starts

MARK: Final = "_characterize__"
"""What no legacy source may contain; every name of ours begins with it."""

TRAILER: Final = "#~characterize "
"""How the last line of an instrumented text begins."""


def probe_name(module: str) -> str:
    """The function that a module's probes call; another one for each module."""
    return f"{MARK}{zlib.crc32(module.encode('utf-8', 'surrogatepass')):08x}"


def flag_name(number: int) -> str:
    """A variable that tells whether a loop has yet to be entered."""
    return f"{MARK}f{number}"


class Place(NamedTuple):
    """Where in the module a line of ours counts as being: begins on ``start``, ends at ``end``, ``column``."""

    start: int
    end: int
    column: int


class _Line(NamedTuple):
    offset: int
    rank: tuple[int, int]
    text: str
    place: Place


class _Piece(NamedTuple):
    offset: int
    rank: tuple[int, int]
    text: str


class Weaver:
    """Collects what is inserted, and weaves it in.

    Lines that follow something come before lines that precede something; within a line what closes comes
    before what opens. An inner pair stays within an outer one if the outer one was added first.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: list[_Line] = []
        self._pieces: list[_Piece] = []

    def line_after(self, offset: int, text: str, place: Place) -> None:
        """A line behind the line break that ends at ``offset``."""
        self._lines.append(_Line(offset, (0, len(self._lines)), text, place))

    def line_before(self, offset: int, text: str, place: Place) -> None:
        """A line before the line that begins at ``offset``."""
        self._lines.append(_Line(offset, (1, len(self._lines)), text, place))

    def around(self, start: int, end: int, opening: str, closing: str) -> None:
        """Put a pair around ``start`` to ``end``."""
        serial = len(self._pieces)
        self._pieces.append(_Piece(start, (1, serial), opening))
        self._pieces.append(_Piece(end, (0, -serial), closing))

    def at(self, offset: int, text: str) -> None:
        """Insert within a line."""
        self._pieces.append(_Piece(offset, (1, len(self._pieces)), text))

    def woven(self, probe: str, rules: Sequence[Sequence[str]], *, every: bool) -> str:
        """The instrumented text with its last line."""
        written, lines, columns = self._weave()
        told = {
            "version": 1,
            "probe": probe,
            "every": every,
            "rules": rules,
            "lines": lines,
            "columns": columns,
        }
        written.append(TRAILER + json.dumps(told, separators=(",", ":")) + "\n")
        return "".join(written)

    def _weave(self) -> tuple[list[str], list[list[int]], dict[int, list[list[int]]]]:
        starts = line_starts(self._text)
        ours: dict[int, list[_Line]] = defaultdict(list)
        for line in sorted(self._lines):
            ours[bisect_left(starts, line.offset)].append(line)
        within: dict[int, list[_Piece]] = defaultdict(list)
        for piece in sorted(self._pieces):
            within[bisect_right(starts, piece.offset) - 1].append(piece)
        written: list[str] = []
        lines: list[list[int]] = []
        columns: dict[int, list[list[int]]] = {}
        for number, (start, end) in enumerate(pairwise([*starts, len(self._text), len(self._text)])):
            for line in ours[number]:
                written.append(line.text + "\n")
                lines.append([len(written), *line.place])
            if start < end:
                woven, moved = _woven_line(self._text, start, end, within[number])
                written.append(woven if woven.endswith(("\n", "\r")) else woven + "\n")
                if moved:
                    columns[len(written)] = moved
        return written, lines, columns


def _woven_line(text: str, start: int, end: int, pieces: Sequence[_Piece]) -> tuple[str, list[list[int]]]:
    """A line with its pieces, and where they are in it."""
    written, moved, column = "", [], 0
    for piece in pieces:
        original = text[start : piece.offset]
        column += _bytes(original)
        moved.append([column, _bytes(piece.text)])
        column += _bytes(piece.text)
        written += original + piece.text
        start = piece.offset
    return written + text[start:end], moved


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
