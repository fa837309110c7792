"""Tokens of SQL as MariaDB and MySQL read it, after ``sql/sql_lex.cc``.

They are the tokens that PL/pgSQL's reader makes, so that what looks at tokens serves both dialects: a word is in
lower case, strings and quoted names have none, and neither have ``@variables``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from pytest_characterize.rules.plpgsql.lexer import LexicalError, Token, TokenKind

_SYNTAX: Final = r"""
      (?P<space> \s+ | \#[^\n]* | --(?=[\s\x00-\x1f]|\Z)[^\n]* )
    | (?P<comment> /\*(?!M?!) )
    | (?P<code> /\*M?!(?P<version>\d{{5,6}})? )
    | (?P<end> \*/ )
    | (?P<string> [nNxXbB]?'(?:{escape}''|[^'{but}])*' {double_string} )
    | (?P<quoted> `(?:[^`]|``)*` {double_quoted} )
    | (?P<variable> @(?:`(?:[^`]|``)*`|'[^']*'|"[^"]*") | @@?[\w$.]* )
    | (?P<number> 0[xX][0-9A-Fa-f]+(?![\w$]) | 0b[01]+(?![\w$])
                | (?:\d+(?:\.(?!\.)\d*)?|\.\d+)[eE][+-]?\d+ | (?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?![\w$]) )
    | (?P<word> [\w$]+ )
    | (?P<mark> := | \.\. | [()\[\];,.:{{}}] )
    | (?P<operator> <=> | <> | != | <= | >= | \|\| | && | << | >> | ->> | -> | [-+*/%=<>!~^&|?] )
"""
_KINDS: Final = {
    "string": TokenKind.STRING,
    "quoted": TokenKind.QUOTED,
    "variable": TokenKind.PARAMETER,
    "number": TokenKind.NUMBER,
    "word": TokenKind.WORD,
    "mark": TokenKind.MARK,
    "operator": TokenKind.OPERATOR,
}
_ALWAYS_RUN: Final = 50700
"""Code for versions below is run by every server; MariaDB passes over much of what later ones are for."""
_UNCLOSED: Final = {"'": "a string", '"': "a string", "`": "a quoted name"}


def tokenize(text: str, modes: Collection[str] = ()) -> list[Token]:
    r"""The tokens of ``text``; white space and comments are left out, code in ``/*! ... */`` is code.

    >>> [token.text for token in tokenize("SET `a b`='it\\'s' -- x\n+/* y */@v--1 # z")]
    ['SET', '`a b`', '=', "'it\\'s'", '+', '@v', '-', '-', '1']

    Args:
        modes: words of the ``sql_mode`` that the text was stored with.

    Raises:
        LexicalError: something is not closed, a character belongs to no token, or servers differ in what is code.
    """
    return list(_tokens(text, "ANSI_QUOTES" in modes, "NO_BACKSLASH_ESCAPES" in modes))


def _tokens(text: str, ansi_quotes: bool, no_backslash: bool) -> Iterator[Token]:
    match = _pattern(ansi_quotes, no_backslash).match
    position, opened = 0, -1
    while position < len(text):
        found = match(text, position)
        if found is None:
            raise _not_a_token(text, position)
        group, start = found.lastgroup or "", position
        position = found.end()
        match group:
            case "space":
                continue
            case "comment":
                position = _after_comment(text, start)
            case "code":
                if found["version"] and int(found["version"]) >= _ALWAYS_RUN:
                    raise LexicalError("only some servers run what this comment holds", start)
                opened = start
            case "end" if opened >= 0:
                opened = -1
            case "end":
                raise LexicalError("a comment ends that did not begin", start)
            case _:
                yield _token(found, group)
    if opened >= 0:
        raise LexicalError("a comment is not closed", opened)


def _token(found: re.Match[str], group: str) -> Token:
    kind, value = _KINDS[group], found[0]
    word = value.lower() if group in ("word", "mark", "operator") else ""
    return Token(kind, value, found.start(), found.end(), word)


@lru_cache
def _pattern(ansi_quotes: bool, no_backslash: bool) -> re.Pattern[str]:
    escape, but = ("", "") if no_backslash else (r"\\.|", r"\\")
    double = rf'| "(?:{escape}""|[^"{but}])*"'
    quoted = '| "(?:[^"]|"")*"'
    syntax = _SYNTAX.format(
        escape=escape,
        but=but,
        double_string="" if ansi_quotes else double,
        double_quoted=quoted if ansi_quotes else "",
    )
    return re.compile(syntax, re.VERBOSE | re.DOTALL)


def _after_comment(text: str, start: int) -> int:
    end = text.find("*/", start + 2)
    if end < 0:
        raise LexicalError("a comment is not closed", start)
    return end + 2


def _not_a_token(text: str, position: int) -> LexicalError:
    what = _UNCLOSED.get(text[position])
    if what:
        return LexicalError(f"{what} is not closed", position)
    return LexicalError(f"the character {text[position]!r} belongs to no token", position)
