"""The tokens of SQL as MariaDB and MySQL read it: enough to tell code from texts and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Kind = Literal["word", "name", "text", "number", "sign"]

_SYNTAX: Final = r"""
      (?P<space> \s+ | \#[^\n]* | --(?=[\s\x00-\x1f]|\Z)[^\n]* | /\*M?!\d* | \*/ )
    | (?P<comment> /\*(?!M?!).*?(?:\*/|\Z) )
    | (?P<name> `(?:[^`]|``)*` )
    | (?P<{double}> "(?:{escape}""|[^"{but}])*" )
    | (?P<text> '(?:{escape}''|[^'{but}])*' )
    | (?P<number> \d+(?:\.\d+)? (?![\w$]) )
    | (?P<variable> @@?[\w$.]* )
    | (?P<word> [\w$]+ )
    | (?P<sign> . )
"""


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: ``word`` (a keyword or an unquoted name), ``name`` (quoted), ``text``, ``number``, ``sign``.
        text: a word as written, a name without its quotes, a text's content, not unescaped.
    """

    kind: Kind
    text: str

    @property
    def keyword(self) -> str:
        """A word or sign in upper case; nothing else is ever a keyword."""
        return self.text.upper() if self.kind in ("word", "sign") else ""

    @property
    def is_identifier(self) -> bool:
        """Whether it may name something."""
        return self.kind in ("word", "name")


def tokens(text: str, sql_mode: str = "") -> list[Token]:
    """The tokens of a text; executable comments (``/*! ... */``) are code, others are nothing.

    >>> [token.text for token in tokens("SELECT 'it''s' -- COMMIT")]
    ['SELECT', "it''s"]
    """
    modes = sql_mode.split(",")
    return list(_tokens(text, "ANSI_QUOTES" in modes, "NO_BACKSLASH_ESCAPES" in modes))


def _tokens(text: str, ansi_quotes: bool, no_backslash: bool) -> Iterator[Token]:
    for match in _pattern(ansi_quotes, no_backslash).finditer(text):
        content = match[0]
        match match.lastgroup:
            case "name" | "ansi":
                yield Token("name", content[1:-1].replace(content[0] * 2, content[0]))
            case "text" | "double":
                yield Token("text", content[1:-1])
            case "number":
                yield Token("number", content)
            case "variable":
                yield Token("sign", content)
            case "word":
                yield Token("word", content)
            case "sign":
                yield Token("sign", content)


@lru_cache
def _pattern(ansi_quotes: bool, no_backslash: bool) -> re.Pattern[str]:
    pattern = _SYNTAX.replace("{double}", "ansi" if ansi_quotes else "double")
    escape, but = ("", "") if no_backslash else (r"\\.|", r"\\")
    return re.compile(pattern.replace("{escape}", escape).replace("{but}", but), re.VERBOSE | re.DOTALL)
