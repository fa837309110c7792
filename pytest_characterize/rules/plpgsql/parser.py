"""From tokens to the tree of statements, after ``src/pl/plpgsql/src/pl_gram.y``.

Only the structure is parsed. PL/pgSQL itself finds the end of an expression by looking for the next ``THEN``,
``LOOP`` or ``;`` outside brackets, so a correct lexer is all it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

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

_RESERVED: Final = keywords(
    "all begin by case declare else end execute for foreach from if in into loop not null or strict then to "
    "using when while"
)
_EXPRESSION_STATEMENTS: Final = keywords("assert call close get null open raise")
_LIST_ENDS: Final = keywords("end else elsif elseif when exception")


class StructureError(ValueError):
    """The tokens are no PL/pgSQL; ``token`` is the index of the one that does not fit."""

    def __init__(self, message: str, token: int) -> None:
        super().__init__(message)
        self.message = message
        self.token = token


def parse(tokens: Sequence[Token]) -> Block:
    """The outermost block of a routine's body.

    Raises:
        StructureError: with the first token that does not fit.
    """
    return _Parser(tokens).routine()


class _Parser:
    """Recursive descent; ``self._at`` is the index of the next token."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._words = [token.word for token in tokens]
        self._at = 0
        self._depth = 0

    def routine(self) -> Block:
        while self._word() == "#":  # a compiler directive: always three tokens
            self._at += 3
        block = self._block(self._at)
        if self._word() == ";":
            self._at += 1
        if self._at < len(self._tokens):
            raise self._unexpected("the end")
        return block

    # Looking and stepping

    def _word(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._words[index] if index < len(self._words) else ""

    def _expect(self, word: str) -> int:
        if self._word() != word:
            raise self._unexpected(word.upper())
        self._at += 1
        return self._at - 1

    def _unexpected(self, wanted: str) -> StructureError:
        found = repr(self._tokens[self._at].text) if self._at < len(self._tokens) else "the end"
        return StructureError(f"expected {wanted}, found {found}", min(self._at, len(self._tokens) - 1))

    def _until(self, *words: str) -> Span:
        """Step to the next of ``words`` outside brackets."""
        first, depth = self._at, 0
        for index in range(first, len(self._words)):
            word = self._words[index]
            if depth == 0 and word in words and not self._is_name(index):
                self._at = index
                return Span(first, index)
            if word in ("(", "["):
                depth += 1
            elif word in (")", "]"):
                depth -= 1
            elif word == ";" and depth == 0:
                break
        raise StructureError(f"expected {' or '.join(words).upper()} after this", max(first - 1, 0))

    def _is_name(self, index: int) -> bool:
        """Whether a word is no keyword here, because a dot makes it the name of a column."""
        return index > 0 and self._words[index - 1] == "." and self._tokens[index].kind is TokenKind.WORD

    def _finish(self) -> None:
        self._until(";")
        self._at += 1

    def _optional_label(self) -> None:
        if self._at < len(self._tokens) and self._word() not in _RESERVED:
            self._at += self._tokens[self._at].kind in (TokenKind.WORD, TokenKind.QUOTED)

    # Blocks and lists of statements

    def _block(self, start: int) -> Block:
        if self._word() == "<<":
            self._label()
        declares = self._word() == "declare"
        declarations = self._declarations() if declares else Span(self._at, self._at)
        begin = self._expect("begin")
        body = self._statements()
        handlers = self._handlers() if self._word() == "exception" else ()
        self._expect("end")
        self._optional_label()
        return Block(Span(start, self._at), declares, declarations, begin, body, handlers)

    def _label(self) -> None:
        self._expect("<<")
        self._at += 1
        self._expect(">>")

    def _declarations(self) -> Span:
        first = self._at + 1
        for index in range(first, len(self._words)):
            if self._words[index] == "begin" and not self._is_name(index):
                self._at = index
                return Span(first, index)
        raise StructureError("expected BEGIN after this", first - 1)

    def _statements(self) -> tuple[Statement, ...]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise StructureError(f"statements are nested deeper than {DEEPEST}", self._at)
        found: list[Statement] = []
        while not self._at_list_end():
            found.append(self._statement())
        self._depth -= 1
        return tuple(found)

    def _at_list_end(self) -> bool:
        if self._at >= len(self._tokens):
            raise self._unexpected("END")
        return self._word() in _LIST_ENDS and not self._is_assignment()

    def _is_assignment(self) -> bool:
        """Whether a word that could be a keyword is a variable, because a value is assigned to it."""
        return self._word() not in _RESERVED and self._word(1) in (":=", "=", "[", ".")

    def _handlers(self) -> tuple[Arm, ...]:
        self._expect("exception")
        arms = []
        while self._word() == "when":
            arms.append(self._conditional_arm("then"))
        return tuple(arms)

    # Statements

    def _statement(self) -> Statement:
        start = self._at
        if self._word() == "<<":
            self._label()
        if self._is_assignment():
            return self._rest(start)
        match self._word():
            case "if":
                return self._if(start)
            case "case":
                return self._case(start)
            case "loop" | "while" | "for" | "foreach":
                return self._loop(start)
            case "declare" | "begin":
                block = self._block(start)
                self._finish()
                return block
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
        self._finish()
        return Simple(Span(start, self._at), searchable)

    def _is_utility(self) -> bool:
        """Whether the statement begins like SQL: with a word that nothing is assigned to."""
        return self._tokens[self._at].kind is TokenKind.WORD

    def _create(self, start: int) -> Simple:
        """A routine with an SQL-standard body holds further semicolons between ``BEGIN`` and ``END``."""
        depth = nested = 0
        routine = not {"function", "procedure"}.isdisjoint(self._words[self._at + 1 : self._at + 4])
        for index in range(self._at, len(self._words)):
            word = self._words[index]
            depth += (word in ("(", "[")) - (word in (")", "]"))
            if routine and depth == 0:
                nested += (word in ("begin", "case")) - (word == "end")
            if word == ";" and depth == 0 and nested <= 0:
                self._at = index + 1
                return Simple(Span(start, self._at), searchable=False)
        raise StructureError("expected ; after this", start)

    def _if(self, start: int) -> If:
        arms = [self._conditional_arm("then")]
        while self._word() in ("elsif", "elseif"):
            arms.append(self._conditional_arm("then"))
        if self._word() == "else":
            arms.append(self._else())
        end = self._expect("end")
        self._expect("if")
        self._expect(";")
        return If(Span(start, self._at), tuple(arms), end)

    def _case(self, start: int) -> Case:
        self._expect("case")
        subject = None if self._word() == "when" else self._until("when")
        arms = []
        while self._word() == "when":
            arms.append(self._conditional_arm("then"))
        if not arms:
            raise self._unexpected("WHEN")
        if self._word() == "else":
            arms.append(self._else())
        end = self._expect("end")
        self._expect("case")
        self._expect(";")
        return Case(Span(start, self._at), subject, tuple(arms), end)

    def _conditional_arm(self, opener: str) -> Arm:
        keyword = self._at
        self._at += 1
        condition = self._until(opener)
        if condition.first == condition.past:
            raise self._unexpected("a condition")
        opened = self._expect(opener)
        return Arm(keyword, condition, opened, self._statements())

    def _else(self) -> Arm:
        keyword = self._expect("else")
        return Arm(keyword, None, keyword, self._statements())

    def _loop(self, start: int) -> Loop:
        keyword = self._at
        verb = _VERBS[self._word()]
        if verb != "LOOP":
            self._at += 1
        header = self._until("loop")
        opener = self._expect("loop")
        body = self._statements()
        self._expect("end")
        self._expect("loop")
        self._optional_label()
        self._expect(";")
        return Loop(Span(start, self._at), verb, keyword, header, opener, body)

    def _jump(self, start: int) -> Jump:
        verb: Literal["EXIT", "CONTINUE"] = "EXIT" if self._word() == "exit" else "CONTINUE"
        self._at += 1
        self._until("when", ";")
        condition = None
        if self._word() == "when":
            self._at += 1
            condition = self._until(";")
        self._expect(";")
        return Jump(Span(start, self._at), verb, condition)

    def _return(self, start: int) -> Statement:
        match self._word(1):
            case "query":
                self._finish()
                span = Span(start, self._at)
                return Counted(span, "RETURN QUERY") if self._counts(start + 2) else Simple(span)
            case "next":
                return self._rest(start)
            case _:
                self._finish()
                return Return(Span(start, self._at))

    def _counted(self, start: int) -> Statement:
        verb = self._word()
        first = self._at
        self._finish()
        span = Span(start, self._at)
        if verb not in QUERY_WORDS and verb != "perform":
            return Counted(span, verb.upper(), sets_found=verb != "execute")
        into = into_variables(self._words[first : self._at])
        if into == "strict" or not self._counts(first):
            return Simple(span)
        named = verb.upper() if verb != "select" or into == "" else "SELECT INTO"
        return Counted(span, named)

    def _counts(self, first: int) -> bool:
        return may_match_none(self._words[first : self._at - 1])


_VERBS: Final[dict[str, Literal["LOOP", "WHILE", "FOR", "FOREACH"]]] = {
    "loop": "LOOP",
    "while": "WHILE",
    "for": "FOR",
    "foreach": "FOREACH",
}
