"""What stands before a routine's body: its name, its language, and where the body begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.rules.catalogue import Cause
from pytest_characterize.rules.plpgsql.lexer import LexicalError, Token, TokenKind, tokenize

_DOLLAR: Final = re.compile(r"\$[^$]*\$")


class HeaderError(ValueError):
    """The text has no body that could be instrumented, and why."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """The part of a routine's definition that matters here.

    Attributes:
        name: as written, quotes and schema included; ``DO`` for an anonymous block.
        language: in lower case.
        words: the header's words, so that a parameter's name can be looked for.
        body: the text between the dollar quotes.
        offset: where that text begins.
    """

    name: str
    language: str
    words: frozenset[str]
    body: str
    offset: int


def read_header(text: str) -> Header:
    """The header of a definition as ``pg_get_functiondef`` gives it, or of a ``DO`` statement.

    >>> header = read_header("CREATE FUNCTION s.f() RETURNS int LANGUAGE plpgsql AS $$BEGIN END$$")
    >>> header.name, header.language, header.body
    ('s.f', 'plpgsql', 'BEGIN END')

    Raises:
        HeaderError: it is none, or its body cannot be instrumented as a text.
    """
    try:
        tokens = tokenize(text)
    except LexicalError as error:
        raise HeaderError(Cause.SYNTAX, f"{error.message}, at character {error.offset}") from None
    outer = _outside_brackets(tokens)
    words = [token.word for token in outer]
    name = _name(tokens)
    language = _language(outer, words)
    if "atomic" in words:
        raise HeaderError(Cause.ATOMIC, "its body is parsed SQL (BEGIN ATOMIC), not text")
    if language not in ("plpgsql", "sql"):
        raise HeaderError(Cause.LANGUAGE, f"its language is {language}")
    body = _body(outer, words, anonymous=name == "DO")
    opening = _DOLLAR.match(text, body.start)
    if opening is None:
        raise HeaderError(Cause.NO_BODY, "its body is not dollar-quoted; take it from pg_get_functiondef")
    return Header(
        name,
        language,
        frozenset(token.word for token in tokens),
        text[opening.end() : body.end - len(opening[0])],
        opening.end(),
    )


def _outside_brackets(tokens: Sequence[Token]) -> list[Token]:
    found, depth = [], 0
    for token in tokens:
        depth -= token.word == ")"
        if depth == 0 and token.word not in ("(", ")"):
            found.append(token)
        depth += token.word == "("
    return found


def _name(tokens: Sequence[Token]) -> str:
    words = [token.word for token in tokens[:6]]
    if words[:1] == ["do"]:
        return "DO"
    for kind in ("function", "procedure"):
        if words[:1] == ["create"] and kind in words:
            start = words.index(kind) + 1
            end = start
            while end < len(tokens) and (tokens[end].word == "." or tokens[end].kind in _NAMES):
                end += 1
            if end > start:
                return "".join(token.text for token in tokens[start:end])
    raise HeaderError(Cause.SYNTAX, "it is no CREATE FUNCTION, CREATE PROCEDURE or DO")


_NAMES: Final = (TokenKind.WORD, TokenKind.QUOTED)


def _language(outer: Sequence[Token], words: Sequence[str]) -> str:
    if "language" not in words:
        return "plpgsql" if words[:1] == ["do"] else "sql"
    named = outer[words.index("language") + 1 :]
    if not named:
        raise HeaderError(Cause.SYNTAX, "no language follows LANGUAGE")
    return named[0].text.strip("'\"").lower()


def _body(outer: Sequence[Token], words: Sequence[str], *, anonymous: bool) -> Token:
    strings = [index for index, token in enumerate(outer) if token.kind is TokenKind.STRING]
    for index in strings:
        if words[index - 1] == "as" or (anonymous and words[index - 1] != "language"):
            return outer[index]
    if "return" in words:
        raise HeaderError(Cause.ATOMIC, "its body is parsed SQL (RETURN ...), not text")
    raise HeaderError(Cause.NO_BODY, "it has no body")
