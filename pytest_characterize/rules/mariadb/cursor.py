"""Stepping through tokens of MariaDB, whose conditions may hold ``CASE`` expressions without brackets."""

from __future__ import annotations

from pytest_characterize.rules.plpgsql import cursor
from pytest_characterize.rules.plpgsql.cursor import StructureError
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.tree import Span

NAMES = (TokenKind.WORD, TokenKind.QUOTED)


class Cursor(cursor.Cursor):
    """Tokens and a place among them."""

    def until(self, *words: str) -> Span:
        """Step to the next of ``words`` outside brackets and ``CASE`` expressions; what was stepped over.

        Raises:
            StructureError: the statement ends before.
        """
        first, depth, cases = self.at, 0, 0
        for index in range(first, len(self.words)):
            word = self.words[index]
            if depth == 0 and cases == 0 and word in words and not self.is_name(index):
                self.at = index
                return Span(first, index)
            if word in ("(", ")"):
                depth += 1 if word == "(" else -1
            elif word == ";" and depth == 0:
                break
            elif word in ("case", "end") and not self.is_name(index):
                cases = max(0, cases + (1 if word == "case" else -1))
        raise StructureError(f"expected {' or '.join(words).upper()} after this", max(first - 1, 0))

    def labelled(self) -> bool:
        """Whether a label stands here; steps over it."""
        named = self.at < len(self.tokens) and self.tokens[self.at].kind in NAMES
        if named and self.word(1) == ":":
            self.at += 2
            return True
        return False

    def closing(self, *words: str) -> int:
        """Step over ``END`` with the words that must follow it, a label if there is one, and ``;``; the ``END``."""
        end = self.expect("end")
        for word in words:
            self.expect(word)
        self.optional_label()
        self.expect(";")
        return end
