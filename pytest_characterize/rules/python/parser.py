"""From tokens to the tree of statements: Python's headers, colons and indentation, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.source import Source, Span
from pytest_characterize.rules.python.tree import (
    Arm,
    Definition,
    If,
    Loop,
    Match,
    Opaque,
    Simple,
    Statement,
    Suite,
    Try,
    With,
)

_AFTER_ASYNC: Final = frozenset({"def", "for", "with"})
_CONTINUES: Final = frozenset({"elif", "else", "except", "finally"})


class StructureError(Exception):
    """The statements do not fit together."""

    def __init__(self, message: str, token: int) -> None:
        super().__init__(message)
        self.message = message
        self.token = token


def parse(source: Source) -> tuple[Statement, ...]:
    """The statements of a module.

    Raises:
        StructureError: a header lacks its colon or its suite, or an ``else`` what it belongs to.
    """
    return _Parser(source).module()


class _Parser:
    """Recursive descent over logical lines; expressions stay tokens."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    def module(self) -> tuple[Statement, ...]:
        """The statements of the outermost level."""
        found: list[Statement] = []
        while self._at < len(self._source.tokens):
            found += self._line()
        return tuple(found)

    # Lines and suites

    def _line(self) -> list[Statement]:
        """The statements of a logical line, or the compound statement that begins on it."""
        word = self._word()
        if self._kind() in (Kind.INDENT, Kind.DEDENT):
            raise self._error("this indentation belongs to no header")
        if word in _CONTINUES and self._kind() is Kind.NAME:
            raise self._error(f"{word} belongs to no statement")
        if word == "async" and self._source.word(self._at + 1) in _AFTER_ASYNC:
            word = self._source.word(self._at + 1)
        compound: Callable[[], Statement] | None = {
            "if": self._if,
            "for": self._loop,
            "while": self._loop,
            "try": self._try,
            "with": self._with,
            "def": self._definition,
            "class": self._definition,
            "@": self._definition,
        }.get(word)  # type: ignore[assignment]
        if compound is not None:
            return [compound()]
        if word == "match" and self._opens_match():
            return [self._match()]
        first = self._at
        found: list[Statement] = list(self._simple_line())
        if self._kind() is Kind.INDENT:
            self._skip_block()
            return [Opaque(Span(first, self._at))]
        return found

    def _simple_line(self) -> list[Simple]:
        found = []
        while self._kind() is not Kind.NEWLINE:
            first = self._at
            while self._kind() not in (Kind.NEWLINE, None) and self._word() != ";":
                self._at = self._source.partner.get(self._at, self._at) + 1
            if first < self._at:
                found.append(Simple(Span(first, self._at)))
            if self._word() == ";":
                self._at += 1
        self._at += 1
        return found

    def _arm(self, keyword: int) -> Arm:
        """The rest of a header, and its suite."""
        first = self._at
        header = Span(first, self._colon())
        return Arm(keyword, header, self._suite())

    def _colon(self) -> int:
        """Pass the colon that ends a header; the colons of lambdas do not."""
        lambdas = 0
        while self._kind() not in (Kind.NEWLINE, None):
            word = self._word()
            if word == ":":
                if not lambdas:
                    self._at += 1
                    return self._at - 1
                lambdas -= 1
            lambdas += word == "lambda"
            self._at = self._source.partner.get(self._at, self._at) + 1
        raise self._error("a header has no colon")

    def _suite(self) -> Suite:
        if self._kind() is not Kind.NEWLINE:
            inline = tuple(self._simple_line())
            if not inline or self._kind() is Kind.INDENT:
                raise self._error("a header has no statement")
            return Suite(inline, self._at, self._source.tokens[self._at - 1].end)
        self._at += 1
        if self._kind() is not Kind.INDENT:
            raise self._error("nothing is indented under a header")
        self._at += 1
        found: list[Statement] = []
        while self._kind() is not Kind.DEDENT:
            found += self._line()
        past, end = self._at, self._line_break()
        self._at += 1
        return Suite(tuple(found), past, end)

    def _skip_block(self) -> None:
        depth = 0
        while True:
            depth += (self._kind() is Kind.INDENT) - (self._kind() is Kind.DEDENT)
            self._at += 1
            if not depth:
                return

    def _line_break(self) -> int:
        """Offset behind the line break before this token."""
        index = self._at
        while self._source.kind(index) is not Kind.NEWLINE:
            index -= 1
        return self._source.tokens[index].end

    # Compound statements

    def _if(self) -> If:
        arms = [self._keyword_arm()]
        while self._word() == "elif":
            arms.append(self._keyword_arm())
        return If(tuple(arms), self._optional("else"))

    def _loop(self) -> Loop:
        first = self._at
        self._skip("async")
        verb = self._word()
        body = self._keyword_arm()
        return Loop(first, verb, body, self._optional("else"))

    def _try(self) -> Try:
        body = self._keyword_arm()
        handlers = []
        while self._word() == "except":
            handlers.append(self._keyword_arm())
        otherwise, final = self._optional("else"), self._optional("finally")
        if not handlers and not final:
            raise self._error("try has neither except nor finally")
        return Try(body, tuple(handlers), otherwise, final)

    def _with(self) -> With:
        first = self._at
        self._skip("async")
        return With(first, self._keyword_arm())

    def _definition(self) -> Definition:
        decorators = []
        while self._word() == "@":
            first = self._at + 1
            self._simple_line()
            decorators.append(Span(first, self._at - 1))
        first = self._at
        self._skip("async")
        keyword, verb = self._at, self._word()
        if verb not in ("def", "class"):
            raise self._error("a decorator stands before no definition")
        name = self._source.word(self._at + 1)
        self._at += 2
        return Definition(tuple(decorators), first, verb, name, self._arm(keyword))

    def _opens_match(self) -> bool:
        """Whether this line is the header of a ``match``, where that word may be a name as well."""
        index = self._at
        while self._source.kind(index) not in (Kind.NEWLINE, None):
            index = self._source.partner.get(index, index) + 1
        return (
            index > self._at + 2
            and self._source.word(index - 1) == ":"
            and self._source.kind(index + 1) is Kind.INDENT
            and self._source.word(index + 2) == "case"
        )

    def _match(self) -> Match:
        keyword = self._at
        self._at += 1
        first = self._at
        subject = Span(first, self._colon())
        self._at += 2
        cases = []
        while self._kind() is not Kind.DEDENT:
            if self._word() != "case":
                raise self._error("only cases stand in a match")
            cases.append(self._keyword_arm())
        self._at += 1
        return Match(keyword, subject, tuple(cases))

    # Words

    def _keyword_arm(self) -> Arm:
        keyword = self._at
        self._at += 1
        return self._arm(keyword)

    def _optional(self, word: str) -> Arm | None:
        return self._keyword_arm() if self._word() == word else None

    def _skip(self, word: str) -> None:
        self._at += self._word() == word

    def _word(self) -> str:
        return self._source.word(self._at)

    def _kind(self) -> Kind | None:
        return self._source.kind(self._at)

    def _error(self, message: str) -> StructureError:
        return StructureError(message, min(self._at, len(self._source.tokens) - 1))
