"""Tokens of PL/pgSQL and PostgreSQL's SQL, after ``src/backend/parser/scan.l``.

White space and comments are left out. Offsets are kept, because probes are inserted by offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple


class LexicalError(ValueError):
    """The text ends within a string, a quoted name or a comment; ``offset`` is where that began."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class TokenKind(Enum):
    """What a token is; ``MARK`` covers brackets, ``;``, ``,``, ``.``, ``..``, ``:=``, ``::`` and ``:``."""

    WORD = "word"
    QUOTED = "quoted name"
    STRING = "string"
    NUMBER = "number"
    PARAMETER = "parameter"
    OPERATOR = "operator"
    MARK = "mark"


class Token(NamedTuple):
    """A token and where it stands.

    Attributes:
        word: an unquoted word in lower case; for operators and marks their text; else ``""``, so that
            comparing it with a keyword cannot be fooled by strings or quoted names.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    word: str


def keywords(text: str) -> frozenset[str]:
    """A set of words, written as a sentence."""
    return frozenset(text.split())


_LETTER: Final = r"A-Za-z_\x80-\U0010ffff"
_QUOTED_BODY: Final = r"[^']*'(?:'[^']*')*"
_PATTERN: Final = re.compile(
    rf"""
      (?P<space> [ \t\n\r\f\v]+ | --[^\n\r]* )
    | (?P<comment> /\* )
    | (?P<string> [eE]'(?:[^'\\]|\\.|'')*' | (?:[bBxXnN]|[uU]&)?'{_QUOTED_BODY} )
    | (?P<quoted> (?:[uU]&)?"[^"]*"(?:"[^"]*")* )
    | (?P<word> (?! [eEbBxXnN]' | [uU]&['"] ) [{_LETTER}][{_LETTER}0-9$]* )
    | (?P<dollar> \$(?:[{_LETTER}][{_LETTER}0-9]*)?\$ )
    | (?P<parameter> \$[0-9]+ )
    | (?P<number> 0[xX][0-9A-Fa-f_]+ | 0[oO][0-7_]+ | 0[bB][01_]+
                | (?: [0-9][0-9_]*(?:\.(?!\.)[0-9_]*)? | \.[0-9][0-9_]* )(?:[eE][+-]?[0-9]+)? )
    | (?P<mark> := | :: | \.\. | [()\[\];,.:] )
    | (?P<operator> [-+*/<>=~!@#%^&|`?]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPING_STRING: Final = re.compile(r"(?:[nN])?'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_MAY_END_IN_SIGN: Final = frozenset("~!@#%^&|`?")
_KINDS: Final = {
    "string": TokenKind.STRING,
    "quoted": TokenKind.QUOTED,
    "word": TokenKind.WORD,
    "parameter": TokenKind.PARAMETER,
    "number": TokenKind.NUMBER,
    "mark": TokenKind.MARK,
}
_UNCLOSED: Final = {"'": "a string", '"': "a quoted name", "$": "a dollar quote"}


def tokenize(text: str, *, standard_strings: bool = True) -> list[Token]:
    r"""The tokens of ``text``.

    >>> [token.text for token in tokenize("x:=a--1\n+/* y /* z */ */E'\\''..$t$;$t$;")]
    ['x', ':=', 'a', '+', "E'\\''", '..', '$t$;$t$', ';']

    Args:
        text: PL/pgSQL or SQL.
        standard_strings: the setting ``standard_conforming_strings``, as the routine will see it.

    Raises:
        LexicalError: something is not closed, or a character belongs to no token.
    """
    return list(_tokens(text, standard_strings))


def _tokens(text: str, standard_strings: bool) -> Iterator[Token]:
    position, end = 0, len(text)
    match = _PATTERN.match
    while position < end:
        found = match(text, position)
        if found is None:
            raise _not_a_token(text, position)
        group = found.lastgroup
        if group == "space":
            position = found.end()
            continue
        if group == "comment":
            position = _after_comment(text, position)
            continue
        token = _token(text, found, group or "", standard_strings)
        position = token.end
        yield token


def _token(text: str, found: re.Match[str], group: str, standard_strings: bool) -> Token:
    start, end = found.span()
    if group == "dollar":
        closing = text.find(found[0], end)
        if closing < 0:
            raise LexicalError("a dollar quote is not closed", start)
        end = closing + len(found[0])
        return Token(TokenKind.STRING, text[start:end], start, end, "")
    if group == "operator":
        operator = _operator(found[0])
        return Token(TokenKind.OPERATOR, operator, start, start + len(operator), operator)
    if group == "string" and not standard_strings and text[start] in "'nN":
        escaping = _ESCAPING_STRING.match(text, start)
        if escaping is None:
            raise LexicalError("a string is not closed", start)
        end = escaping.end()
    kind, value = _KINDS[group], text[start:end]
    word = value.lower() if kind is TokenKind.WORD else value if kind is TokenKind.MARK else ""
    return Token(kind, value, start, end, word)


def _operator(run: str) -> str:
    """The operator at the start of a run of operator characters.

    A comment ends it, and an operator of several characters ends in ``+`` or ``-`` only if it has one of
    the characters that are in no standard operator.
    """
    for comment in ("--", "/*"):
        found = run.find(comment)
        if found > 0:
            run = run[:found]
    while len(run) > 1 and run[-1] in "+-" and not _MAY_END_IN_SIGN.intersection(run):
        run = run[:-1]
    return run


def _after_comment(text: str, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise LexicalError("a comment is not closed", start)


def _not_a_token(text: str, position: int) -> LexicalError:
    prefix = re.compile(r"(?:[uU]&|[eEbBxXnN])?(['\"$])").match(text, position)
    if prefix:
        return LexicalError(f"{_UNCLOSED[prefix[1]]} is not closed", position)
    return LexicalError(f"the character {text[position]!r} belongs to no token", position)
