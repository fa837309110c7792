"""Where the things are that can be changed: statements, conditions, expressions, declarations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_characterize.rules.plpgsql.expressions import without_tail
from pytest_characterize.rules.plpgsql.lexer import Token
from pytest_characterize.rules.plpgsql.mutants.assigning import assignment_operator, parts, set_operators
from pytest_characterize.rules.plpgsql.mutants.operands import Expressions
from pytest_characterize.rules.plpgsql.queries import QUERY_WORDS
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
    Statements,
)


class Condition(NamedTuple):
    """What decides, and the piece of source that shows it: ``ELSIF v_tenure > 5 THEN``."""

    span: Span
    shown: Span


@dataclass(frozen=True, slots=True)
class Declaration:
    """A variable or a parameter.

    Attributes:
        name: in lower case, without quotes.
        type: the tokens of its type.
        operator: ``:=``, ``=`` or ``DEFAULT``; -1 where nothing is given.
        value: its initial value; empty where there is none.
        fixed: whether it is ``CONSTANT`` or ``NOT NULL``, so that it needs its value.
    """

    span: Span
    name: str
    type: Span
    operator: int
    value: Span
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target := value;``."""

    statement: Span
    target: Span
    value: Span


@dataclass
class Places:
    """What a walk over a routine finds.

    Attributes:
        regions: expressions and queries, apart from each other.
        queries: those of the regions that are SQL statements or stand behind ``FOR`` or ``IN``.
        assigning: tokens ``=`` that compare nothing.
        decisions: ``IF`` and ``CASE``, each with whether it is within a loop.
        last: statements that end their routine's body; nothing follows them.
    """

    tokens: Sequence[Token]
    regions: list[Span] = field(default_factory=list)
    queries: list[Span] = field(default_factory=list)
    assigning: set[int] = field(default_factory=set)
    dynamic: set[int] = field(default_factory=set)
    conditions: list[Condition] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    # Walking

    def routine(self, block: Block) -> Places:
        """Everything in a routine of PL/pgSQL."""
        self._statement(block)
        return self

    def sql(self, statements: Sequence[Span]) -> Places:
        """Everything in the statements of a ``LANGUAGE sql`` routine."""
        for span in statements:
            self._query(span)
        return self

    def header(self, opening: int, closing: int) -> Places:
        """The parameters between two brackets."""
        start = opening + 1
        for span in parts(self.tokens, Span(start, closing), ","):
            self._declaration(span)
        return self

    def _statement(self, statement: Statement) -> None:
        self.statements.append(statement)
        match statement:
            case If() | Case():
                self._decision(statement)
            case Loop():
                self._loop(statement)
            case Block():
                self._block(statement)
            case Jump():
                if statement.condition is not None:
                    self._condition(statement.condition, Span(statement.span.first, statement.span.past - 1))
            case Return() | Counted():
                self._plain(statement.span)
            case Simple(searchable=True):
                self._plain(statement.span)
            case Simple():
                pass

    def _body(self, statements: Statements) -> None:
        for statement in statements:
            self._statement(statement)

    def _block(self, block: Block) -> None:
        self.blocks.append(block)
        for span in parts(self.tokens, block.declarations, ";"):
            self._declaration(span)
        self._body(block.body)
        for handler in block.handlers:
            self._body(handler.body)

    def _decision(self, decision: If | Case) -> None:
        subject = decision.subject if isinstance(decision, Case) else None
        if subject is not None:
            self._region(subject)
        for arm in decision.arms:
            if arm.condition is not None and subject is None:
                self._condition(arm.condition, Span(arm.keyword, arm.opener + 1))
            elif arm.condition is not None:
                self._region(arm.condition)
            self._body(arm.body)

    def _loop(self, loop: Loop) -> None:
        self.loops.append(loop)
        if loop.verb == "WHILE":
            self._condition(loop.header, Span(loop.keyword, loop.opener + 1))
        elif loop.verb in ("FOR", "FOREACH"):
            words = [self.tokens[index].word for index in range(*loop.header)]
            if "in" in words:
                self._value(Span(loop.header.first + words.index("in") + 1, loop.header.past))
        self._body(loop.body)

    def _condition(self, span: Span, shown: Span) -> None:
        self._region(span)
        self.conditions.append(Condition(without_tail(self.tokens, span), shown))

    # Statements that decide nothing

    def _plain(self, span: Span) -> None:
        """The expressions of a statement that ends in ``;``."""
        first, past = after_label(self.tokens, span.first), span.past - 1
        target = assignment_operator(self.tokens, Span(first, past))
        if target > 0:
            self.assignments.append(Assignment(span, Span(first, target), Span(target + 1, past)))
            self._value(Span(target + 1, past))
            return
        match self.tokens[first].word:
            case word if word in QUERY_WORDS:
                self._query(Span(first, past))
            case "return":
                skipped = {"query": 2, "next": 2}.get(self.tokens[first + 1].word, 1)
                self._value(Span(first + skipped, past))
            case "perform" | "assert" | "call":
                self._value(Span(first + 1, past))
            case "execute":
                self._execute(Span(first, past))
            case "raise":
                self._raise(Span(first, past))
            case "open":
                self._open(Span(first, past))

    def _value(self, span: Span) -> None:
        """An expression, or a query in its place."""
        if span.first >= span.past:
            return
        if self.tokens[span.first].word == "execute":
            self._execute(span)
        elif self.tokens[span.first].word in QUERY_WORDS:
            self._query(span)
        else:
            self._region(span)

    def _execute(self, span: Span) -> None:
        """The text of a dynamic statement is an expression whose literals are SQL."""
        words = [self.tokens[index].word for index in range(*span)]
        past = span.first + words.index("using") if "using" in words else span.past
        self.dynamic.update(range(span.first, past))
        if past < span.past:
            self._region(Span(past + 1, span.past))

    def _raise(self, span: Span) -> None:
        """The values of a message; its format and its options stay."""
        first = span.first + 1
        while first < span.past and self.tokens[first].word not in (",", "using"):
            first += 1
        past = first
        while past < span.past and self.tokens[past].word != "using":
            past += 1
        if first < past:
            self._region(Span(first + 1, past))

    def _open(self, span: Span) -> None:
        words = [self.tokens[index].word for index in range(*span)]
        if "for" in words:
            self._value(Span(span.first + words.index("for") + 1, span.past))

    def _query(self, span: Span) -> None:
        self.queries.append(span)
        self._region(span)
        self.assigning.update(set_operators(self.tokens, span))

    def _region(self, span: Span) -> None:
        if span.first < span.past:
            self.regions.append(span)

    # Declarations

    def _declaration(self, span: Span) -> None:
        """``name [CONSTANT] type [NOT NULL] [DEFAULT value]``, or a cursor."""
        words = [self.tokens[index].word for index in range(*span)]
        if len(words) < 2 or "alias" in words[:2]:
            return
        if "cursor" in words[:3]:
            if "for" in words or "is" in words:
                self._value(Span(span.first + words.index("for" if "for" in words else "is") + 1, span.past))
            return
        operator = next((at for at, word in enumerate(words) if word in (":=", "=", "default")), -1)
        start = 1 if words[0] in ("in", "inout", "variadic", "out") else 0
        type_first = start + 1 + (words[start + 1 : start + 2] == ["constant"])
        type_past = next(
            (
                at
                for at in range(type_first, len(words))
                if words[at] in ("collate", "not", ":=", "=", "default")
            ),
            len(words),
        )
        value = Span(span.first + operator + 1, span.past) if operator > 0 else Span(span.past, span.past)
        self._region(value)
        self.declarations.append(
            Declaration(
                span,
                self.tokens[span.first + start].text.strip('"').lower(),
                Span(span.first + type_first, span.first + type_past),
                span.first + operator if operator > 0 else -1,
                value,
                fixed="constant" in words[:2] or "not" in words[: operator if operator > 0 else None],
            )
        )


def after_label(tokens: Sequence[Token], first: int) -> int:
    """Where a statement begins behind its label."""
    return first + 3 if tokens[first].word == "<<" else first


def arms_of(statement: Statement) -> tuple[Arm, ...]:
    """The arms of a decision."""
    return statement.arms if isinstance(statement, If | Case) else ()


def expressions_of(places: Places) -> Expressions:
    """The expressions of all places."""
    return Expressions(places.tokens, places.regions, frozenset(places.assigning))
