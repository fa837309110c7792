"""What stands before the body of a routine or a trigger: its settings, its name, where the body begins.

A routine is kept as a client would make it anew: one line that sets the ``sql_mode`` that it was stored with,
then its ``CREATE`` statement as ``SHOW CREATE`` gives it. Lines are counted from ``CREATE``, as the server does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords

BEGINNING: Final = "SET sql_mode = '"
"""How every kept source of this dialect begins, and none of PostgreSQL's."""

_SETTINGS: Final = re.compile(r"SET sql_mode = '(?P<modes>[^']*)'[^;\n]*;(?: -- (?P<unseen>[^\n]*))?\n")
_NAMES: Final = (TokenKind.WORD, TokenKind.QUOTED)
_KINDS: Final = keywords("function procedure trigger event")
_BEHAVIOUR: Final = {
    "language": 2,
    "deterministic": 1,
    "not": 2,
    "contains": 2,
    "no": 2,
    "reads": 3,
    "modifies": 3,
    "sql": 3,
    "comment": 2,
    "aggregate": 1,
}
"""First words of characteristics, and of how many tokens they are."""
_TYPE_WORDS: Final = keywords(
    "unsigned signed zerofill character charset set collate binary precision varying ascii unicode byte "
    "national varchar char"
)


class HeaderError(ValueError):
    """The text does not begin as a routine does."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The first line of a kept source.

    Attributes:
        modes: the words of its ``sql_mode``.
        offset: where its ``CREATE`` begins.
        unseen: why its rules cannot be seen, ``""`` if they can.
    """

    modes: frozenset[str]
    offset: int
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The tokens before a body.

    Attributes:
        kind: ``function``, ``procedure``, ``trigger`` or ``event``.
        name: as written.
        parameters: what stands between the brackets; empty for triggers.
        body: the first token of the body.
    """

    kind: str
    name: str
    parameters: tuple[int, int]
    body: int


def read_settings(text: str) -> Settings:
    """The settings of a kept source; the server's defaults where a text begins with its ``CREATE``.

    >>> read_settings("SET sql_mode = 'ANSI_QUOTES', collation_connection = x;\\nCREATE ...").offset
    55
    """
    found = _SETTINGS.match(text)
    if found is None:
        return Settings(frozenset(), 0)
    return Settings(frozenset(found["modes"].split(",")), found.end(), found["unseen"] or "")


def read_head(tokens: Sequence[Token]) -> Head:
    """The tokens of a ``CREATE`` statement up to its body.

    Raises:
        HeaderError: they are no routine, trigger or event, or have no body.
    """
    words = [token.word for token in tokens]
    at = next((index for index, word in enumerate(words[:40]) if word in _KINDS), -1)
    if words[:1] != ["create"] or at < 0:
        raise HeaderError("it is no CREATE FUNCTION, CREATE PROCEDURE or CREATE TRIGGER")
    kind = words[at]
    at += 1
    if words[at : at + 3] == ["if", "not", "exists"]:
        at += 3
    name, at = _name(tokens, at)
    if kind == "event":
        raise HeaderError("events are not called by anybody")
    if kind == "trigger":
        return Head(kind, name, (at, at), _trigger_body(words, at))
    closing = _closing(words, at)
    parameters, at = (at + 1, closing), closing + 1
    if kind == "function":
        at = _after_type(words, at)
    body = _after_characteristics(words, at)
    if not any(token.text for token in tokens[body:]):
        raise HeaderError("it has no body")
    return Head(kind, name, parameters, body)


def _name(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    end = at
    while end < len(tokens) and (tokens[end].word == "." or tokens[end].kind in _NAMES):
        end += 1
        if tokens[end - 1].word != "." and not (end < len(tokens) and tokens[end].word == "."):
            break
    if end == at:
        raise HeaderError("it has no name")
    return "".join(token.text for token in tokens[at:end]), end


def _closing(words: Sequence[str], at: int) -> int:
    depth = 0
    for index in range(at, len(words)):
        depth += (words[index] == "(") - (words[index] == ")")
        if depth == 0 and words[index] == ")":
            return index
        if depth == 0:
            break
    raise HeaderError("it has no list of parameters")


def _after_type(words: Sequence[str], at: int) -> int:
    """Where the type of a function's value ends, which begins after ``RETURNS``."""
    if at >= len(words) or words[at] != "returns":
        raise HeaderError("it returns nothing")
    at += 2
    while at < len(words):
        if words[at] == "(":
            at = _closing(words, at) + 1
        elif words[at] in ("charset", "collate") or words[at : at + 2] == ["character", "set"]:
            at += 3 if words[at] == "character" else 2
        elif words[at] in _TYPE_WORDS:
            at += 1
        else:
            return at
    return at


def _after_characteristics(words: Sequence[str], at: int) -> int:
    while at < len(words) and words[at] in _BEHAVIOUR:
        at += _BEHAVIOUR[words[at]]
    return at


def _trigger_body(words: Sequence[str], at: int) -> int:
    for index in range(at, len(words) - 3):
        if words[index : index + 3] == ["for", "each", "row"]:
            body = index + 3
            return body + 2 if words[body] in ("follows", "precedes") else body
    raise HeaderError("it is for no rows")
