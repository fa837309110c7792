"""Whether a SQL statement asks for an order of its rows: a scan, not a parser; nothing is decided for safety."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      (?P<skip> \s+ | --[^\n]* )
    | (?P<comment> /\* )
    | (?P<quoted> [eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*" )
    | (?P<dollar> \$(?:[^\W\d]\w*)?\$ )
    | (?P<word> [^\W\d][\w$]* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT: Final = re.compile(r"/\*|\*/")


def asks_for_order(statement: str) -> bool:
    """Whether ORDER BY stands outside all parentheses (those around the whole statement do not count).

    >>> asks_for_order("SELECT a, rank() OVER (ORDER BY b) FROM t")
    False
    >>> asks_for_order("(SELECT 'x -- ' AS a FROM t ORDER /* by */ BY a);")
    True
    """
    tokens = _unwrapped([word for word in _tokens(statement) if word != ";"])
    depth = 0
    for position, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and [word.upper() for word in tokens[position : position + 2]] == ["ORDER", "BY"]:
            return True
    return False


def _tokens(statement: str) -> Iterator[str]:
    """Words and signs; a quoted thing is one sign that means nothing."""
    position = 0
    while match := _TOKEN.match(statement, position):
        position = match.end()
        match match.lastgroup:
            case "comment":
                position = _after_comment(statement, position)
            case "dollar":
                end = statement.find(match[0], position)
                position = len(statement) if end < 0 else end + len(match[0])
                yield "''"
            case "quoted":
                yield "''"
            case "word" | "other":
                yield match[0]


def _after_comment(statement: str, position: int) -> int:
    """Behind a comment whose beginning has been read; PostgreSQL's comments nest."""
    depth = 1
    while depth and (mark := _COMMENT.search(statement, position)):
        depth += 1 if mark[0] == "/*" else -1
        position = mark.end()
    return len(statement) if depth else position


def _unwrapped(tokens: list[str]) -> list[str]:
    while tokens and tokens[0] == "(" and _closing(tokens) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: list[str]) -> int:
    """Where the parenthesis that opens the tokens is closed."""
    depth = 0
    for position, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0:
            return position
    return -1
