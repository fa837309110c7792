"""A module's text with its tokens, and what can be asked of them."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, NamedTuple

from pytest_characterize.rules.python.lexer import Kind, LexicalError, Token, tokenize

_COMMENTS: Final = frozenset({Kind.NEWLINE, Kind.INDENT, Kind.DEDENT})


class Span(NamedTuple):
    """Tokens ``first`` up to, not including, ``past``."""

    first: int
    past: int


class Source:
    """A module's text, cut into tokens.

    Attributes:
        partner: token that opens a bracket or an f-string -> token that closes it.

    Raises:
        LexicalError: as :func:`.lexer.tokenize`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = tokenize(text)
        self.partner = _partners(self.tokens)
        self._lines = line_starts(text)

    def word(self, index: int) -> str:
        """The text of a token; ``""`` behind the last one."""
        return self.tokens[index].text if index < len(self.tokens) else ""

    def kind(self, index: int) -> Kind | None:
        """The kind of a token; ``None`` behind the last one."""
        return self.tokens[index].kind if index < len(self.tokens) else None

    def line(self, index: int) -> int:
        """The line of a token, counted as Python does."""
        return self.line_at(self.tokens[index].start)

    def line_at(self, offset: int) -> int:
        """The line of an offset."""
        return bisect_right(self._lines, offset)

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self._lines[self.line_at(offset) - 1]

    def indentation(self, index: int) -> str | None:
        """The white space before a token; ``None`` if it is not the first on its line."""
        start = self.tokens[index].start
        before = self.text[self.line_start(start) : start].removeprefix("\ufeff")
        return None if before.strip(" \t\f") else before

    def start(self, span: Span) -> int:
        """Offset where a span begins."""
        return self.tokens[span.first].start

    def end(self, span: Span) -> int:
        """Offset where a span ends."""
        return self.tokens[span.past - 1].end

    def words(self, span: Span) -> str:
        """The source of a span in one line, without comments."""
        pieces: list[str] = []
        end = self.tokens[span.first].start
        for token in self.tokens[span.first : span.past]:
            if token.kind not in _COMMENTS:
                pieces += [" " if token.start > end else "", token.text]
                end = token.end
        return " ".join("".join(pieces).split())


def line_starts(text: str) -> list[int]:
    """Offsets where lines begin; ``\\n``, ``\\r\\n`` and ``\\r`` end one."""
    starts, at = [0], 0
    for line in text.replace("\r\n", "\n\n").replace("\r", "\n").split("\n")[:-1]:
        at += len(line) + 1
        starts.append(at)
    if "\r\n" in text:
        return [start for start in starts if text[start - 1 : start + 1] != "\r\n"]
    return starts


def _partners(tokens: list[Token]) -> dict[int, int]:
    open_: list[int] = []
    partner = {}
    for index, token in enumerate(tokens):
        if token.kind is Kind.FIELDS_OPEN or (token.kind is Kind.OPERATOR and token.text in "([{"):
            open_.append(index)
        elif token.kind is Kind.FIELDS_CLOSE or (token.kind is Kind.OPERATOR and token.text in ")]}"):
            partner[open_.pop()] = index
    return partner


__all__ = ["LexicalError", "Source", "Span", "line_starts"]
