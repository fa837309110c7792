"""Where values are assigned among tokens, and where lists are split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords
from pytest_characterize.rules.plpgsql.tree import Span

_SET_ENDS: Final = keywords("from where returning when ; )")


def parts(tokens: Sequence[Token], span: Span, separator: str) -> Iterator[Span]:
    """A span split at what separates its parts outside brackets."""
    first, depth = span.first, 0
    for index in range(*span):
        word = tokens[index].word
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if word == separator and depth == 0:
            if first < index:
                yield Span(first, index)
            first = index + 1
    if first < span.past:
        yield Span(first, span.past)


def assignment_operator(tokens: Sequence[Token], span: Span) -> int:
    """The ``:=`` or ``=`` of an assignment; -1 if the statement is none."""
    at = span.first
    if tokens[at].kind not in (TokenKind.WORD, TokenKind.QUOTED, TokenKind.PARAMETER):
        return -1
    at += 1
    depth = 0
    while at < span.past:
        word = tokens[at].word
        depth += (word == "[") - (word == "]")
        if depth == 0 and word in (":=", "="):
            return at
        if depth == 0 and word not in (".", "]") and tokens[at - 1].word != ".":
            return -1
        at += 1
    return -1


def set_operators(tokens: Sequence[Token], span: Span) -> Iterator[int]:
    """The ``=`` of ``UPDATE ... SET a = 1, (b, c) = (2, 3)``: the first one of each item of the list."""
    setting, depth, level, wanted = False, 0, 0, False
    for index in range(*span):
        word = tokens[index].word
        depth += (word == "(") - (word == ")")
        if word == "set" and tokens[index - 1].word != ".":
            setting, level, wanted = True, depth, True
        elif setting and (depth < level or (depth == level and word in _SET_ENDS - {")"})):
            setting = False
        elif setting and depth == level and word == ",":
            wanted = True
        elif setting and wanted and depth == level and word == "=":
            wanted = False
            yield index
