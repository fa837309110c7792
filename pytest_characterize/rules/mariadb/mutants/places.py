"""Where the things are that can be changed in a routine of MariaDB."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.mariadb.cursor import NAMES
from pytest_characterize.rules.mariadb.tree import Repeat
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants import places
from pytest_characterize.rules.plpgsql.mutants.assigning import parts
from pytest_characterize.rules.plpgsql.mutants.places import Assignment, Condition, Declaration
from pytest_characterize.rules.plpgsql.tree import Block, Loop, Span, Statement

_TARGETS: Final = (*NAMES, TokenKind.PARAMETER)
_QUERIES: Final = ("select", "insert", "replace", "update", "delete", "with")


class Places(places.Places):
    """What a walk over a routine of MariaDB finds."""

    def body(self, statement: Statement) -> Places:
        """Everything in a routine's body."""
        self._statement(statement)
        return self

    def _block(self, block: Block) -> None:
        self.blocks.append(block)
        first = block.declarations.first
        for handler in block.handlers:
            self._declarations(Span(first, handler.keyword))
            self._body(handler.body)
            first = handler.body[0].span.past
        self._declarations(Span(first, block.declarations.past))
        self._body(block.body)

    def _loop(self, loop: Loop) -> None:
        super()._loop(loop)
        if isinstance(loop, Repeat):
            self._region(loop.until)
            self.conditions.append(Condition(loop.until, Span(loop.until.first - 1, loop.until.past)))

    def _plain(self, span: Span) -> None:
        """The expressions of a statement that ends in ``;``."""
        past = span.past - 1
        word = self.tokens[span.first].word
        if word == "set":
            for part in parts(self.tokens, Span(span.first + 1, past), ","):
                self._set(span, part)
        elif word in _QUERIES:
            self._query(Span(span.first, past))
        elif word in ("return", "call", "do"):
            self._value(Span(span.first + 1, past))

    def _set(self, statement: Span, part: Span) -> None:
        """One ``target = value`` of ``SET``; settings of the session stay as they are."""
        operator = next(
            (index for index in range(*part) if self.tokens[index].word in ("=", ":=")), part.past
        )
        target, value = Span(part.first, operator), Span(operator + 1, part.past)
        named = all(
            self.tokens[index].kind in _TARGETS or self.tokens[index].word == "." for index in range(*target)
        )
        if (
            not named
            or (target.past - target.first) % 2 != 1
            or self.tokens[part.first].text.startswith("@@")
        ):
            return
        if value.first < value.past:
            self.assignments.append(Assignment(statement, target, value))
            self._value(value)

    def _declarations(self, span: Span) -> None:
        for one in parts(self.tokens, span, ";"):
            words = [self.tokens[index].word for index in range(*one)]
            if words[2:3] == ["cursor"] and "for" in words:
                self._value(Span(one.first + words.index("for") + 1, one.past))
            elif words[2:3] not in (["condition"], ["cursor"]):
                self._variables(Span(one.first + 1, one.past))

    def _variables(self, span: Span) -> None:
        """``a, b INT DEFAULT 0``."""
        words = [self.tokens[index].word for index in range(*span)]
        names, at = [span.first], 1
        while words[at : at + 1] == [","]:
            names.append(span.first + at + 1)
            at += 2
        default = words.index("default") if "default" in words else -1
        type_ = Span(span.first + at, span.first + default if default > 0 else span.past)
        value = Span(span.first + default + 1, span.past) if default > 0 else Span(span.past, span.past)
        self._region(value)
        for index in names:
            operator = span.first + default if default > 0 and index == names[0] else -1
            name = self.tokens[index].text.strip('`"').lower()
            self.declarations.append(Declaration(span, name, type_, operator, value))
