"""Splits a psql script into its statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = re.compile(
    r"""
      --[^\n]* | [eE]'(?:[^'\\]|\\.|'')*' | '[^']*' | "[^"]*"
    | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
    | (?P<comment>/\*)
    | (?P<command>\\[^\n]*)
    | (?P<end>;)
    | (?P<bracket>[()\[\]])
    | (?P<word>[A-Za-z_][\w$]*)
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_COPY = re.compile(r"^(?:\s|--[^\n]*\n)*copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ScriptStatement:
    """A statement, and the data that follow a ``COPY FROM stdin``."""

    text: str
    copied: str | None = None


def statements(script: str) -> Iterator[ScriptStatement]:
    """The SQL statements of a psql script; commands of psql itself are left out."""
    start = position = depth = nested = 0
    words: list[str] = []
    while position < len(script):
        piece = _PIECE.match(script, position)
        assert piece is not None
        position = piece.end()
        if piece["comment"]:
            position = _after_comment(script, piece.start())
        elif piece["bracket"]:
            depth += 1 if piece["bracket"] in "([" else -1
        elif piece["word"]:
            words.append(piece["word"].lower())
            nested += _nesting(words, nested)
        elif piece["command"] or (piece["end"] and depth <= 0 and nested <= 0):
            text = script[start : piece.start()].strip()
            if words:
                copied = None
                if _COPY.match(text):
                    data, _, _ = script[position:].partition("\n\\.\n")
                    position += len(data) + 4
                    copied = data.removeprefix("\n") + "\n"
                yield ScriptStatement(text, copied)
            start, depth, nested, words = position, 0, 0, []


def _nesting(words: list[str], nested: int) -> int:
    """How a word changes the nesting of an SQL-standard body."""
    if words[-1] == "atomic" and "create" in words[:1]:
        return 1
    return (words[-1] == "case") - (words[-1] == "end") if nested else 0


def _after_comment(text: str, start: int) -> int:
    depth = 0
    for edge in re.finditer(r"/\*|\*/", text[start:]):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return start + edge.end()
    return len(text)
