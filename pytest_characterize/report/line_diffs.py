"""Two large values of one difference, line by line: what a line diff gets, and what is shown of its answer.

Comparing lines takes a time that grows with the cube of the changed ones. A line diff therefore sees a
small window only: from shortly before the first line that differs, a few changed lines of each side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Final, TypeAlias

from pytest_characterize.report.showing import common_prefix, show, show_apart
from pytest_characterize.report.unfolding import has_lines, unfold
from pytest_characterize.report.visible import ELLIPSIS, columns, shorten
from pytest_characterize.values import ABSENT, Value

LineDiff: TypeAlias = Callable[[Sequence[str], Sequence[str]], Sequence[str]]
"""Lines of legacy and candidate to lines that begin with ``- ``, ``+ `` or, in both, with two blanks."""

_FAR: Final = 40
"""Lines in which the first difference is looked for."""
_SPAN: Final = 1_000
"""Characters of a text that are looked at."""
_BEFORE: Final = 100
"""Characters of those that may come before the first difference."""
_LONG: Final = 240
"""Characters of one line that are compared."""
_CONTEXT: Final = 2
_WINDOW: Final = 12
_REPLACED: Final = 2
"""Lines of one side, without counterpart on the other, that are compared with each other."""


def show_lines(legacy: Value, candidate: Value, line_diff: LineDiff, width: int) -> list[str]:
    """The lines in which two values differ, each in at most ``width`` columns.

    Empty where one line of each says as much, or where they differ in nothing that lines show.
    """
    if legacy is ABSENT or candidate is ABSENT or not (has_lines(legacy) and has_lines(candidate)):
        return []
    if type(legacy) is type(candidate) and isinstance(legacy, str | bytes):
        legacy, candidate = _from_difference(legacy, candidate)
    elif all(columns(show(value, width + 1)) <= width for value in (legacy, candidate)):
        return []
    window = _window(unfold(legacy), unfold(candidate))
    shown = line_diff(window.legacy, window.candidate) if window else ()
    if window is None or not any(line.startswith(("- ", "+ ")) for line in shown):
        return []
    lines = list(_fitted(shown, width))
    return [*lines, f"  {ELLIPSIS}"] if window.more else lines


@dataclass(frozen=True, slots=True)
class _Window:
    legacy: list[str]
    candidate: list[str]
    more: bool
    """Whether there are lines behind it that may differ as well."""


def _window(legacy: Iterator[str], candidate: Iterator[str]) -> _Window | None:
    """The lines around the first difference, ``None`` if there is none within sight."""
    same: deque[str] = deque(maxlen=_CONTEXT)
    for old, new in islice(zip_longest(legacy, candidate), _FAR):
        if old != new:
            break
        same.append(old)
    else:
        return None
    left, right = (
        [shorten(line, _LONG) for line in (*same, first, *islice(rest, _WINDOW)) if line is not None]
        for first, rest in ((old, legacy), (new, candidate))
    )
    more = any(next(rest, None) is not None for rest in (legacy, candidate))
    return _with_few_changes(left, right, more)


def _with_few_changes(legacy: list[str], candidate: list[str], more: bool) -> _Window:
    room = _REPLACED
    for how, old, old_end, new, new_end in SequenceMatcher(None, legacy, candidate, False).get_opcodes():
        if how == "replace":
            changed = max(old_end - old, new_end - new)
            if changed > room:
                legacy, candidate = legacy[: min(old + room, old_end)], candidate[: min(new + room, new_end)]
                return _Window(legacy, candidate, True)
            room -= changed
    return _Window(legacy, candidate, more)


def _from_difference(legacy: Value, candidate: Value) -> tuple[Value, Value]:
    """Two texts (or two byte strings) from a few lines before the first character that differs."""
    line_end = "\n" if isinstance(legacy, str) else b"\n"
    same = start = common_prefix(legacy, candidate)
    for _ in range(_CONTEXT + 1):
        start = max(legacy.rfind(line_end, 0, start), 0)
    start = max(start and start + 1, same - _BEFORE)
    return legacy[start : start + _SPAN], candidate[start : start + _SPAN]


def _fitted(lines: Sequence[str], width: int) -> Iterator[str]:
    """The lines cut to the width, where two stand for one so that the difference can be seen."""
    waiting = deque(lines)
    while waiting:
        line = waiting.popleft()
        if line.startswith("- ") and waiting and waiting[0].startswith("+ "):
            left, right = show_apart(line[2:], waiting.popleft()[2:], width - 2)
            yield from (f"- {left}", f"+ {right}")
        else:
            yield shorten(line, width)
