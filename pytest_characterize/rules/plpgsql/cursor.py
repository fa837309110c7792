"""Stepping through tokens: the lower half of the parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords
from pytest_characterize.rules.plpgsql.tree import Span

_RESERVED: Final = keywords(
    "all begin by case declare else end execute for foreach from if in into loop not null or strict then to "
    "using when while"
)


class StructureError(ValueError):
    """The tokens are no PL/pgSQL; ``token`` is the index of the one that does not fit."""

    def __init__(self, message: str, token: int) -> None:
        super().__init__(message)
        self.message = message
        self.token = token


class Cursor:
    """Tokens and a place among them.

    Attributes:
        words: the tokens' words, by the same index.
        at: index of the next token.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.words = [token.word for token in tokens]
        self.at = 0

    def word(self, ahead: int = 0) -> str:
        """The word at the cursor, or so many tokens ahead; ``""`` past the end."""
        index = self.at + ahead
        return self.words[index] if index < len(self.words) else ""

    def expect(self, word: str) -> int:
        """Step over a word that must stand here; its index.

        Raises:
            StructureError: it does not.
        """
        if self.word() != word:
            raise self.unexpected(word.upper())
        self.at += 1
        return self.at - 1

    def unexpected(self, wanted: str) -> StructureError:
        """The error that something else was wanted here."""
        text = self.tokens[self.at].text if self.at < len(self.tokens) else ""
        found = repr(text) if text else "the end"
        return StructureError(f"expected {wanted}, found {found}", min(self.at, len(self.tokens) - 1))

    def until(self, *words: str) -> Span:
        """Step to the next of ``words`` outside brackets; what was stepped over.

        Raises:
            StructureError: the statement ends before.
        """
        first, depth = self.at, 0
        for index in range(first, len(self.words)):
            word = self.words[index]
            if depth == 0 and word in words and not self.is_name(index):
                self.at = index
                return Span(first, index)
            if word in ("(", "["):
                depth += 1
            elif word in (")", "]"):
                depth -= 1
            elif word == ";" and depth == 0:
                break
        raise StructureError(f"expected {' or '.join(words).upper()} after this", max(first - 1, 0))

    def is_name(self, index: int) -> bool:
        """Whether a word is no keyword here, because a dot makes it the name of a column."""
        return index > 0 and self.words[index - 1] == "." and self.tokens[index].kind is TokenKind.WORD

    def finish(self) -> None:
        """Step behind the end of a statement."""
        self.until(";")
        self.at += 1

    def optional_label(self) -> None:
        """Step over the label that may follow ``END`` or ``END LOOP``."""
        if self.at < len(self.tokens) and self.word() not in _RESERVED:
            self.at += self.tokens[self.at].kind in (TokenKind.WORD, TokenKind.QUOTED)

    def label(self) -> None:
        """Step over the label before a block or a loop."""
        self.expect("<<")
        self.at += 1
        self.expect(">>")

    def is_assignment(self) -> bool:
        """Whether a word that could be a keyword is a variable, because a value is assigned to it."""
        return self.word() not in _RESERVED and self.word(1) in (":=", "=", "[", ".")
