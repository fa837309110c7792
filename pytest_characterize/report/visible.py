"""Foreign text made harmless and readable: everything that a report takes from outside passes here.

Recorded values, messages and names may hold anything. What a reader cannot see (control characters,
ANSI escapes, bidirectional overrides, zero-width characters, lone surrogates) is written as an escape,
so that it can neither act on a terminal nor hide; neither can it speak to a CI runner, which reads
commands (``::error::``, ``##vso[...]``) out of a job's output.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"

_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS: Final = re.compile("[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_RUNNER_COMMAND: Final = re.compile(r"#(?=#[A-Za-z]*\[)")
_LINE_COMMAND: Final = re.compile(r"^(\s*):(?=:)")
_BLANKS: Final = re.compile(r"^ +| +$| {2,}")


def visible(text: str) -> str:
    """The text on one line, with an escape for every character that shows nothing.

    >>> visible("red \\x1b[31m, two\\nlines, \\u202ereversed")
    'red \\\\x1b[31m, two\\\\nlines, \\\\u202ereversed'
    """
    if not text.isascii() or not text.isprintable():
        text = text.translate(_SHOWN)
    return unspoken(text)


def quoted(text: str) -> str:
    r"""A string value in quotes, unambiguous: blanks at its ends and double blanks show as ``·``.

    >>> quoted("AB   ")
    "'AB···'"
    """
    quote = '"' if "'" in text and '"' not in text else "'"
    body = text.replace("\\", "\\\\").replace("·", "\\xb7").replace(quote, "\\" + quote)
    return quote + visible(_BLANKS.sub(lambda blanks: "·" * len(blanks[0]), body)) + quote


def unspoken(line: str) -> str:
    """The line with an escape in place of what would make a CI runner take it for a command."""
    if "::" in line:
        line = _LINE_COMMAND.sub(r"\1\\x3a", line)
    return _RUNNER_COMMAND.sub(r"\\x23", line) if "##" in line else line


def ascii_only(text: str) -> str:
    """The text with an escape for every character that looks may deceive about."""
    parts = text.split(ELLIPSIS)
    return ELLIPSIS.join(part.encode("ascii", "backslashreplace").decode("ascii") for part in parts)


def sound(text: str) -> str:
    """Text that every JSON reader takes: lone surrogates, which many refuse, become visible escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def look_alike(one: str, other: str) -> bool:
    """Whether a reader would take the two texts for the same one."""
    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def shorten(text: str, width: int) -> str:
    """The text cut to at most ``width`` columns, with an ellipsis where something is missing.

    >>> shorten("characterization", 8)
    'charact…'
    """
    if len(text) <= width and columns(text) <= width:
        return text
    if text[:width].isascii():
        return text[: width - 1] + ELLIPSIS
    kept, room = [], width - 1
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + ELLIPSIS


def pad(text: str, width: int) -> str:
    """The text filled up with blanks to ``width`` columns."""
    return text + " " * (width - columns(text))


def _shows(character: str) -> bool:
    return character.isprintable() and character not in _INVISIBLE and not _SELECTORS.match(character)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class _Shown(dict[int, str]):
    """What to write for a character, found out once: texts are long, and their letters few."""

    _MOST = 4_096

    def __missing__(self, code: int) -> str:
        character = chr(code)
        shown = character if _shows(character) else _escaped(character)
        if len(self) < self._MOST:
            self[code] = shown
        return shown


_SHOWN: Final = _Shown()


@lru_cache(maxsize=4_096)
def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
