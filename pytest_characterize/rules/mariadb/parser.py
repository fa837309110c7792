"""From tokens to the tree of statements, after the rules for stored programs in ``sql/sql_yacc.yy``.

Only the structure is parsed: expressions and SQL stay spans of tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pytest_characterize.rules.mariadb.cursor import Cursor
from pytest_characterize.rules.mariadb.tree import Handler, Repeat
from pytest_characterize.rules.plpgsql.cursor import StructureError
from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords
from pytest_characterize.rules.plpgsql.parser import DEEPEST
from pytest_characterize.rules.plpgsql.queries import may_match_none
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

_LIST_ENDS: Final = keywords("end else elseif when until")
_QUERIES: Final = keywords("select insert replace update delete with")
_EXPRESSION_STATEMENTS: Final = keywords("set call do signal resignal open fetch close execute prepare get")


def parse(tokens: Sequence[Token], body: int) -> Statement:
    """The statement that is a routine's body.

    Args:
        tokens: of the whole definition; an empty ``;`` closes the statement that the text ends with.
        body: where it begins.

    Raises:
        StructureError: with the first token that does not fit.
    """
    return _Parser(tokens, body).routine()


def closed(tokens: Sequence[Token]) -> list[Token]:
    """Tokens with the empty ``;`` that closes the last statement."""
    end = tokens[-1].end if tokens else 0
    return [*tokens, Token(TokenKind.MARK, "", end, end, ";")]


class _Parser:
    """Recursive descent; each method begins at the cursor and leaves it behind what it read."""

    def __init__(self, tokens: Sequence[Token], body: int) -> None:
        self._cursor = Cursor(tokens)
        self._cursor.at = body
        self._depth = 0

    def routine(self) -> Statement:
        """The only statement."""
        found = self._statement()
        while self._cursor.word() == ";":
            self._cursor.at += 1
        if self._cursor.at < len(self._cursor.tokens):
            raise self._cursor.unexpected("the end")
        return found

    # Blocks and lists of statements

    def _block(self, start: int) -> Block:
        begin = self._cursor.expect("begin")
        if self._cursor.word() == "not":
            self._cursor.at += 1
            begin = self._cursor.expect("atomic")
        first = self._cursor.at
        handlers = []
        while self._cursor.word() == "declare":
            if self._cursor.word(2) == "handler":
                handlers.append(self._handler())
            else:
                self._cursor.finish()
        declarations = Span(first, self._cursor.at)
        body = self._statements()
        self._cursor.closing()
        declares = declarations.first < declarations.past
        return Block(Span(start, self._cursor.at), declares, declarations, begin, body, tuple(handlers))

    def _handler(self) -> Handler:
        keyword = self._cursor.at
        action = _ACTIONS.get(self._cursor.word(1))
        if action is None:
            raise self._cursor.unexpected("DECLARE CONTINUE, EXIT or UNDO HANDLER")
        self._cursor.at += 3
        self._cursor.expect("for")
        first = self._cursor.at
        self._condition_value()
        while self._cursor.word() == ",":
            self._cursor.at += 1
            self._condition_value()
        condition = Span(first, self._cursor.at)
        statement = self._nested()
        block = isinstance(statement, Block)
        return Handler(keyword, condition, condition.past - 1, (statement,), action, block)

    def _condition_value(self) -> None:
        """``SQLSTATE [VALUE] 'x'``, ``NOT FOUND``, a number, a name."""
        if self._cursor.word() == "sqlstate":
            self._cursor.at += 1 + (self._cursor.word(1) == "value")
        elif self._cursor.word() == "not":
            self._cursor.at += 1
        self._cursor.at += 1

    def _statements(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        while not self._at_list_end():
            found.append(self._nested())
        return tuple(found)

    def _at_list_end(self) -> bool:
        if self._cursor.at >= len(self._cursor.tokens):
            raise self._cursor.unexpected("END")
        return self._cursor.word() in _LIST_ENDS and self._cursor.word(1) != ":"

    def _nested(self) -> Statement:
        self._depth += 1
        if self._depth > DEEPEST:
            raise StructureError(f"statements are nested deeper than {DEEPEST}", self._cursor.at)
        found = self._statement()
        self._depth -= 1
        return found

    # Statements

    def _statement(self) -> Statement:
        start = self._cursor.at
        self._cursor.labelled()
        match self._cursor.word():
            case "begin":
                return self._block(start)
            case "if":
                return self._if(start)
            case "case":
                return self._case(start)
            case "loop" | "while" | "for":
                return self._loop(start)
            case "repeat":
                return self._repeat(start)
            case "leave" | "iterate":
                return self._jump(start)
            case "return":
                self._cursor.finish()
                return Return(Span(start, self._cursor.at))
            case "declare":
                raise self._cursor.unexpected("a statement")
            case word:
                return self._simple(start, word)

    def _simple(self, start: int, verb: str) -> Statement:
        if start + 1 >= len(self._cursor.tokens):
            raise self._cursor.unexpected("a statement")
        self._cursor.finish()
        span = Span(start, self._cursor.at)
        words = self._cursor.words[start : self._cursor.at - 1]
        counted = _counted(words) if verb in _QUERIES else ""
        if counted:
            return Counted(span, counted)
        return Simple(span, searchable=verb in _EXPRESSION_STATEMENTS or verb in _QUERIES)

    def _if(self, start: int) -> If:
        arms = [self._conditional_arm()]
        while self._cursor.word() == "elseif":
            arms.append(self._conditional_arm())
        if self._cursor.word() == "else":
            arms.append(self._else())
        end = self._cursor.closing("if")
        return If(Span(start, self._cursor.at), tuple(arms), end)

    def _case(self, start: int) -> Case:
        self._cursor.expect("case")
        subject = None if self._cursor.word() == "when" else self._cursor.until("when")
        arms = []
        while self._cursor.word() == "when":
            arms.append(self._conditional_arm())
        if not arms:
            raise self._cursor.unexpected("WHEN")
        if self._cursor.word() == "else":
            arms.append(self._else())
        end = self._cursor.closing("case")
        return Case(Span(start, self._cursor.at), subject, tuple(arms), end)

    def _conditional_arm(self) -> Arm:
        keyword = self._cursor.at
        self._cursor.at += 1
        condition = self._cursor.until("then")
        if condition.first == condition.past:
            raise self._cursor.unexpected("a condition")
        opened = self._cursor.expect("then")
        return Arm(keyword, condition, opened, self._statements())

    def _else(self) -> Arm:
        keyword = self._cursor.expect("else")
        return Arm(keyword, None, keyword, self._statements())

    def _loop(self, start: int) -> Loop:
        keyword = self._cursor.at
        verb = _VERBS[self._cursor.word()]
        self._cursor.at += 1
        opener = keyword
        header = Span(self._cursor.at, self._cursor.at)
        if verb != "LOOP":
            header = self._cursor.until("do")
            opener = self._cursor.expect("do")
        body = self._statements()
        self._cursor.closing(verb.lower())
        return Loop(Span(start, self._cursor.at), verb, keyword, header, opener, body)

    def _repeat(self, start: int) -> Repeat:
        keyword = self._cursor.expect("repeat")
        body = self._statements()
        self._cursor.expect("until")
        until = self._cursor.until("end")
        self._cursor.closing("repeat")
        nothing = Span(keyword + 1, keyword + 1)
        return Repeat(Span(start, self._cursor.at), "REPEAT", keyword, nothing, keyword, body, until)

    def _jump(self, start: int) -> Jump:
        verb: Literal["EXIT", "CONTINUE"] = "EXIT" if self._cursor.word() == "leave" else "CONTINUE"
        self._cursor.finish()
        return Jump(Span(start, self._cursor.at), verb, None)


def _counted(words: Sequence[str]) -> str:
    """The words for a statement that may find nothing; ``""`` for one that always finds something, or returns rows."""
    outer = _outside_brackets(words)
    verb = next((word for word in outer if word in _QUERIES and word != "with"), "")
    if verb == "select":
        into = [outer[at + 1] for at in range(len(outer) - 1) if outer[at] == "into"]
        written = not into or into[0] in ("outfile", "dumpfile")
        return "" if written or not may_match_none(words) else "SELECT INTO"
    if verb in ("insert", "replace"):
        return verb.upper() if "select" in outer else ""
    return verb.upper()


def _outside_brackets(words: Sequence[str]) -> list[str]:
    found, depth = [], 0
    for word in words:
        depth -= word == ")"
        if depth == 0 and word not in ("(", ")"):
            found.append(word)
        depth += word == "("
    return found


_ACTIONS: Final[dict[str, Literal["continue", "exit", "undo"]]] = {
    "continue": "continue",
    "exit": "exit",
    "undo": "undo",
}
_VERBS: Final[dict[str, Literal["LOOP", "WHILE", "FOR"]]] = {"loop": "LOOP", "while": "WHILE", "for": "FOR"}
