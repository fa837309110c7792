"""From tokens to the tree of statements, after ``src/pl/plpgsql/src/pl_gram.y``.

Only the structure is parsed. PL/pgSQL itself finds the end of an expression by looking for the next ``THEN``,
``LOOP`` or ``;`` outside brackets, so a correct lexer is all it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from pytest_characterize.rules.plpgsql.cursor import Cursor, StructureError
from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords
from pytest_characterize.rules.plpgsql.queries import QUERY_WORDS, into_variables, may_match_none
from pytest_characterize.rules.plpgsql.tree import (
    Arm,
    Block,
    Case,
    Counted,
    If,
    Jump,
    Loop,
    Return,
    Simple,
    Span,
    Statement,
)

DEEPEST: Final = 100
"""Statements may be nested this deep; deeper sources are reported, not parsed."""

_EXPRESSION_STATEMENTS: Final = keywords("assert call close get null open raise")
_LIST_ENDS: Final = keywords("end else elsif elseif when exception")


def parse(tokens: Sequence[Token]) -> Block:
    """The outermost block of a routine's body.

    Raises:
        StructureError: with the first token that does not fit.
    """
    return _Parser(tokens).routine()


class _Parser:
    """Recursive descent; each method begins at the cursor and leaves it behind what it read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._cursor = Cursor(tokens)
        self._depth = 0

    def routine(self) -> Block:
        """The outermost block, which ends where the text does."""
        while self._cursor.word() == "#":  # a compiler directive: always three tokens
            self._cursor.at += 3
        block = self._block(self._cursor.at)
        if self._cursor.word() == ";":
            self._cursor.at += 1
        if self._cursor.at < len(self._cursor.tokens):
            raise self._cursor.unexpected("the end")
        return block

    # Blocks and lists of statements

    def _block(self, start: int) -> Block:
        if self._cursor.word() == "<<":
            self._cursor.label()
        declares = self._cursor.word() == "declare"
        declarations = self._declarations() if declares else Span(self._cursor.at, self._cursor.at)
        begin = self._cursor.expect("begin")
        body = self._statements()
        handlers = self._handlers() if self._cursor.word() == "exception" else ()
        self._cursor.expect("end")
        self._cursor.optional_label()
        return Block(Span(start, self._cursor.at), declares, declarations, begin, body, handlers)

    def _declarations(self) -> Span:
        first = self._cursor.at + 1
        for index in range(first, len(self._cursor.words)):
            if self._cursor.words[index] == "begin" and not self._cursor.is_name(index):
                self._cursor.at = index
                return Span(first, index)
        raise StructureError("expected BEGIN after this", first - 1)

    def _statements(self) -> tuple[Statement, ...]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise StructureError(f"statements are nested deeper than {DEEPEST}", self._cursor.at)
        found: list[Statement] = []
        while not self._at_list_end():
            found.append(self._statement())
        self._depth -= 1
        return tuple(found)

    def _at_list_end(self) -> bool:
        if self._cursor.at >= len(self._cursor.tokens):
            raise self._cursor.unexpected("END")
        return self._cursor.word() in _LIST_ENDS and not self._cursor.is_assignment()

    def _handlers(self) -> tuple[Arm, ...]:
        self._cursor.expect("exception")
        arms = []
        while self._cursor.word() == "when":
            arms.append(self._conditional_arm("then"))
        return tuple(arms)

    # Statements

    def _statement(self) -> Statement:
        start = self._cursor.at
        if self._cursor.word() == "<<":
            self._cursor.label()
        if self._cursor.is_assignment():
            return self._rest(start)
        match self._cursor.word():
            case "if":
                return self._if(start)
            case "case":
                return self._case(start)
            case "loop" | "while" | "for" | "foreach":
                return self._loop(start)
            case "declare" | "begin":
                block = self._block(start)
                self._cursor.finish()
                return replace(block, span=Span(start, self._cursor.at))
            case "exit" | "continue":
                return self._jump(start)
            case "return":
                return self._return(start)
            case "perform" | "execute" | "fetch" | "move":
                return self._counted(start)
            case word if word in QUERY_WORDS:
                return self._counted(start)
            case "create":
                return self._create(start)
            case word:
                return self._rest(start, searchable=word in _EXPRESSION_STATEMENTS or not self._is_utility())

    def _rest(self, start: int, *, searchable: bool = True) -> Simple:
        self._cursor.finish()
        return Simple(Span(start, self._cursor.at), searchable)

    def _is_utility(self) -> bool:
        """Whether the statement begins like SQL: with a word that nothing is assigned to."""
        return self._cursor.tokens[self._cursor.at].kind is TokenKind.WORD

    def _create(self, start: int) -> Simple:
        """A routine with an SQL-standard body holds further semicolons between ``BEGIN`` and ``END``."""
        depth = nested = 0
        routine = not {"function", "procedure"}.isdisjoint(
            self._cursor.words[self._cursor.at + 1 : self._cursor.at + 4]
        )
        for index in range(self._cursor.at, len(self._cursor.words)):
            word = self._cursor.words[index]
            depth += (word in ("(", "[")) - (word in (")", "]"))
            if routine and depth == 0:
                nested += (word in ("begin", "case")) - (word == "end")
            if word == ";" and depth == 0 and nested <= 0:
                self._cursor.at = index + 1
                return Simple(Span(start, self._cursor.at), searchable=False)
        raise StructureError("expected ; after this", start)

    def _if(self, start: int) -> If:
        arms = [self._conditional_arm("then")]
        while self._cursor.word() in ("elsif", "elseif"):
            arms.append(self._conditional_arm("then"))
        if self._cursor.word() == "else":
            arms.append(self._else())
        end = self._cursor.expect("end")
        self._cursor.expect("if")
        self._cursor.expect(";")
        return If(Span(start, self._cursor.at), tuple(arms), end)

    def _case(self, start: int) -> Case:
        self._cursor.expect("case")
        subject = None if self._cursor.word() == "when" else self._cursor.until("when")
        arms = []
        while self._cursor.word() == "when":
            arms.append(self._conditional_arm("then"))
        if not arms:
            raise self._cursor.unexpected("WHEN")
        if self._cursor.word() == "else":
            arms.append(self._else())
        end = self._cursor.expect("end")
        self._cursor.expect("case")
        self._cursor.expect(";")
        return Case(Span(start, self._cursor.at), subject, tuple(arms), end)

    def _conditional_arm(self, opener: str) -> Arm:
        keyword = self._cursor.at
        self._cursor.at += 1
        condition = self._cursor.until(opener)
        if condition.first == condition.past:
            raise self._cursor.unexpected("a condition")
        opened = self._cursor.expect(opener)
        return Arm(keyword, condition, opened, self._statements())

    def _else(self) -> Arm:
        keyword = self._cursor.expect("else")
        return Arm(keyword, None, keyword, self._statements())

    def _loop(self, start: int) -> Loop:
        keyword = self._cursor.at
        verb = _VERBS[self._cursor.word()]
        if verb != "LOOP":
            self._cursor.at += 1
        header = self._cursor.until("loop")
        opener = self._cursor.expect("loop")
        body = self._statements()
        self._cursor.expect("end")
        self._cursor.expect("loop")
        self._cursor.optional_label()
        self._cursor.expect(";")
        return Loop(Span(start, self._cursor.at), verb, keyword, header, opener, body)

    def _jump(self, start: int) -> Jump:
        verb: Literal["EXIT", "CONTINUE"] = "EXIT" if self._cursor.word() == "exit" else "CONTINUE"
        self._cursor.at += 1
        self._cursor.until("when", ";")
        condition = None
        if self._cursor.word() == "when":
            self._cursor.at += 1
            condition = self._cursor.until(";")
        self._cursor.expect(";")
        return Jump(Span(start, self._cursor.at), verb, condition)

    def _return(self, start: int) -> Statement:
        match self._cursor.word(1):
            case "query":
                self._cursor.finish()
                span = Span(start, self._cursor.at)
                return Counted(span, "RETURN QUERY") if self._counts(start + 2) else Simple(span)
            case "next":
                return self._rest(start)
            case _:
                self._cursor.finish()
                return Return(Span(start, self._cursor.at))

    def _counted(self, start: int) -> Statement:
        verb = self._cursor.word()
        first = self._cursor.at
        self._cursor.finish()
        span = Span(start, self._cursor.at)
        if verb not in QUERY_WORDS and verb != "perform":
            return Counted(span, verb.upper(), sets_found=verb != "execute")
        into = into_variables(self._cursor.words[first : self._cursor.at])
        if into == "strict" or not self._counts(first):
            return Simple(span)
        named = verb.upper() if verb != "select" or into == "" else "SELECT INTO"
        return Counted(span, named)

    def _counts(self, first: int) -> bool:
        return may_match_none(self._cursor.words[first : self._cursor.at - 1])


_VERBS: Final[dict[str, Literal["LOOP", "WHILE", "FOR", "FOREACH"]]] = {
    "loop": "LOOP",
    "while": "WHILE",
    "for": "FOR",
    "foreach": "FOREACH",
}
