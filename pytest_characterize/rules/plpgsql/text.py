r"""The text of probes: how it is made, put into a source, and taken out again.

Probes are pure insertions without line breaks, each of which can be recognised by itself, so that the source,
and every piece of it that the server quotes in a message, can be had back (:func:`restore`). The forms:

=================================  =============================================================
``/*~pc*/ ... /*pc~*/``            a statement, or the inner part of a rewritten ``CASE``
``pg_temp."~pc:if"(`` ... ``)``    around a condition; reports how it came out and passes it on
``CASE/*~pc:at*/WHEN`` ... ``END`` around the condition of ``EXIT`` or ``CONTINUE``
=================================  =============================================================

Comments at the edge of an expression are cut off when the server quotes it, therefore the two forms that may
stand there are recognised by their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from pytest_characterize.rules.plpgsql.guards import VARIABLES

MARK: Final = "~pc"
"""What no legacy source may contain; it begins every name and message of ours."""

_TEXT: Final = r"'(?:[^']|'')*'"
_PROBE: Final = re.compile(
    r"/\*~pc\*/.*?/\*pc~\*/"
    r'|(?: |\b)pg_temp\."~pc:(?:if|each)"\('
    rf"|,{_TEXT},'pc\.[^']*','pc\.[^']*'\)"
    r"|(?: |\b)CASE/\*~pc:at\*/WHEN "
    r"| THEN (?:pg_catalog\.current_setting\('pc\.[^']*',true\)='1' OR )?pg_temp\.\"~pc:(?:at|now)\""
    rf"\({_TEXT},'pc\.[^']*'\)END",
    re.DOTALL,
)


class Insertion(NamedTuple):
    """Text to be inserted at an offset; the rank orders what meets at one place."""

    offset: int
    rank: tuple[int, int]
    text: str


class Insertions:
    """Collects insertions and weaves them in.

    At one offset what closes comes before what follows a statement, that before what precedes one, and
    what opens comes last; the inner pair stays within the outer one if the outer one was added first.
    """

    def __init__(self) -> None:
        self._found: list[Insertion] = []

    def around(self, start: int, end: int, opening: str, closing: str) -> None:
        """Put a pair around ``start`` to ``end``."""
        serial = len(self._found)
        self._found.append(Insertion(start, (3, serial), opening))
        self._found.append(Insertion(end, (0, -serial), closing))

    def after(self, offset: int, text: str) -> None:
        """Insert after what ends at ``offset``."""
        self._found.append(Insertion(offset, (1, len(self._found)), text))

    def before(self, offset: int, text: str) -> None:
        """Insert before what begins at ``offset``."""
        self._found.append(Insertion(offset, (2, len(self._found)), text))

    def woven_into(self, source: str) -> str:
        """The source with everything inserted."""
        pieces, done = [], 0
        for offset, _, text in sorted(self._found):
            pieces += [source[done:offset], text]
            done = offset
        return "".join([*pieces, source[done:]])


_NUMBERED: Final = re.compile(
    r"type of parameter (\d+) (\(.*\) does not match that when preparing the plan \(.*\))"
)


def restore(text: str) -> str:
    """What the text would be without probes: for a message, its ``CONTEXT`` and its internal query.

    >>> restore("BEGIN/*~pc*/RAISE INFO '~pc:f:1.entry1';/*pc~*/ RETURN 1")
    'BEGIN RETURN 1'

    The one message that names a variable by its number can only be about a record's field, and those are
    numbered after the variables of ours.
    """
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        return f"type of parameter {int(numbered[1]) - VARIABLES} {numbered[2]}"
    return _PROBE.sub("", text) if MARK in text else text


def restore_position(text: str, position: int) -> int:
    """Where a 1-based position in the instrumented ``text`` is in ``restore(text)``."""
    removed = 0
    for probe in _PROBE.finditer(text):
        if probe.start() >= position - 1:
            break
        removed += min(probe.end(), position - 1) - probe.start()
    return position - removed


def statement(code: str) -> str:
    """Inserted statements, marked."""
    return f"/*~pc*/{code}/*pc~*/"


def reporting(routine: str, points: Sequence[str]) -> str:
    """The statement that reports points; every character of ``routine`` is harmless in a format."""
    return f"RAISE INFO '~pc:{_quoted(routine).replace('%', '%%')}:{','.join(points)}';"


class Pair(NamedTuple):
    """What is put before and behind a condition."""

    opening: str
    closing: str


def outcome(function: str, routine: str, holds: str, fails: str) -> Pair:
    """Around a condition that may stand anywhere; ``holds`` and ``fails`` are settings that remember."""
    return Pair(f' pg_temp."~pc:{function}"(', f",'{_quoted(routine)}','{holds}','{fails}')")


def taken(function: str, routine: str, holds: str) -> Pair:
    """Around the condition of ``EXIT`` or ``CONTINUE``: reports when it holds, costs nothing until then."""
    seen = f"pg_catalog.current_setting('{holds}',true)='1' OR " if function == "at" else ""
    closing = f" THEN {seen}pg_temp.\"~pc:{function}\"('{_quoted(routine)}','{holds}')END"
    return Pair(" CASE/*~pc:at*/WHEN ", closing)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
