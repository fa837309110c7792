"""What decides within expressions, found among tokens: conditional expressions, filters, ``and``, ``or``, ``not``.

A condition ends at a word or bracket whatever the operators in it are, so that this needs to know no more of
Python's grammar than those words. What is no decision stays a run of tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.source import Source, Span


class Shape(StrEnum):
    """What an expression is; ``PLAIN`` decides nothing by itself."""

    PLAIN = "plain"
    NOT = "not"
    AND = "and"
    OR = "or"
    CHOICE = "choice"
    FILTER = "filter"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Node:
    """An expression with the expressions in it, in the order of the source.

    Attributes:
        parts: of ``AND``, ``OR`` and ``NOT`` the operands; of ``CHOICE`` what is given if its condition holds,
            the condition, what is given otherwise; of ``FILTER`` the condition.
        span: with the parentheses around it.
        verbatim: it stands where Python keeps the text of an expression beside its value.
    """

    shape: Shape
    span: Span
    parts: tuple[Node, ...] = ()
    verbatim: bool = False


class ExpressionError(Exception):
    """An expression lacks a part."""

    def __init__(self, message: str, token: int) -> None:
        super().__init__(message)
        self.message = message
        self.token = token


_ENDS: Final = frozenset({"and", "or", "if", "else", "for", "from", "as", "yield"})
_BETWEEN: Final = frozenset(
    {",", ":", "=", ":=", ";", "->", "+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", ">>="}
    | {"<<=", "**="}
)
_SKIPPED: Final = frozenset(
    ["yield", "from", "as", "else", "in", "async", "return", "raise", "assert", "del"]
)


def find_expressions(source: Source, span: Span) -> list[Node]:
    """The expressions of a span: a condition, or all that a statement has between its commas and marks.

    Raises:
        ExpressionError: a conditional expression has no ``else``, an operator no operand.
    """
    return _Finder(source, span.past).sequence(span.first)


class _Finder:
    """Finds the expressions up to ``past``; a bracket's inner ones with another finder."""

    def __init__(self, source: Source, past: int) -> None:
        self._source = source
        self._past = past
        self._at = 0

    def sequence(self, first: int) -> list[Node]:
        """Expressions with commas, colons and other marks between them, and the clauses of a comprehension."""
        self._at = first
        found: list[Node] = []
        comprehending = False
        while self._at < self._past:
            word, kind = self._source.word(self._at), self._source.kind(self._at)
            if kind is Kind.FIELDS_NEXT:
                comprehending = False
                self._at += 1
            elif kind in (Kind.NEWLINE, Kind.INDENT, Kind.DEDENT) or self._passes(word):
                self._at += 1
            elif word == "for":
                comprehending = True
                self._skip_targets()
            elif word == "if" and comprehending:
                found.append(self._filter())
            else:
                found.append(self._disjunction() if comprehending else self._test())
        return found

    def _word(self) -> str:
        return self._source.word(self._at) if self._at < self._past else ""

    def _passes(self, word: str) -> bool:
        return word in _BETWEEN or word in _SKIPPED

    def _skip_targets(self) -> None:
        """From ``for`` to behind its ``in``."""
        while self._at < self._past and self._word() != "in":
            self._at = self._source.partner.get(self._at, self._at) + 1
        self._at += 1

    def _filter(self) -> Node:
        first = self._at
        self._at += 1
        condition = self._disjunction()
        return Node(Shape.FILTER, Span(first, self._at), (condition,))

    def _test(self) -> Node:
        if self._word() == "lambda":
            return self._lambda()
        first = self._at
        then = self._disjunction()
        if self._word() != "if":
            return then
        self._at += 1
        condition = self._disjunction()
        if self._word() != "else":
            raise ExpressionError("a conditional expression has no else", first)
        self._at += 1
        otherwise = self._test()
        return Node(Shape.CHOICE, Span(first, self._at), (then, condition, otherwise))

    def _lambda(self) -> Node:
        first = self._at
        self._at += 1
        parts = []
        while self._at < self._past and self._word() != ":":
            default = self._word() == "="
            self._at = self._source.partner.get(self._at, self._at) + 1
            if default:
                parts.append(self._test())
        self._at += 1
        parts.append(self._test())
        return Node(Shape.LAMBDA, Span(first, self._at), tuple(parts))

    def _disjunction(self) -> Node:
        return self._chain("or", Shape.OR, self._conjunction)

    def _conjunction(self) -> Node:
        return self._chain("and", Shape.AND, self._inversion)

    def _chain(self, word: str, shape: Shape, operand: Callable[[], Node]) -> Node:
        first = self._at
        operands = [operand()]
        while self._word() == word:
            self._at += 1
            operands.append(operand())
        return operands[0] if len(operands) == 1 else Node(shape, Span(first, self._at), tuple(operands))

    def _inversion(self) -> Node:
        first = self._at
        if self._word() != "not":
            return self._run()
        self._at += 1
        operand = self._inversion()
        return Node(Shape.NOT, Span(first, self._at), (operand,))

    def _run(self) -> Node:
        """Tokens up to a word that ends an operand, with what is in their brackets."""
        first = self._at
        parts: list[Node] = []
        while self._at < self._past and not self._ends_run():
            closing = self._source.partner.get(self._at)
            if closing is not None:
                parts += self._inside(closing)
                self._at = closing
            self._at += 1
        span = Span(first, self._at)
        if first == self._at:
            raise ExpressionError("an operand is missing", min(first, len(self._source.tokens) - 1))
        if len(parts) == 1 and self._encloses(span, parts[0]):
            return replace(parts[0], span=span)
        return Node(Shape.PLAIN, span, tuple(parts))

    def _ends_run(self) -> bool:
        word, kind = self._source.word(self._at), self._source.kind(self._at)
        if kind is Kind.NAME:
            return word in _ENDS or (word == "async" and self._source.word(self._at + 1) == "for")
        return word in _BETWEEN or kind in (Kind.FIELDS_NEXT, Kind.NEWLINE)

    def _inside(self, closing: int) -> list[Node]:
        found = _Finder(self._source, closing).sequence(self._at + 1)
        if self._source.kind(self._at) is not Kind.FIELDS_OPEN:
            return found
        template = self._source.word(self._at)[:2].lower().strip("rf'\"") == "t"
        return [replace(node, verbatim=template or self._documents_itself(node)) for node in found]

    def _documents_itself(self, node: Node) -> bool:
        """Whether a field ends in ``=``, so that its text is shown."""
        at = node.span.past
        while self._source.kind(at) not in (Kind.FIELDS_NEXT, Kind.FIELDS_CLOSE, None):
            at = self._source.partner.get(at, at) + 1
        return self._source.word(at).startswith("=")

    def _encloses(self, span: Span, node: Node) -> bool:
        """Whether a span is a node in parentheses and nothing else."""
        return (
            self._source.word(span.first) == "("
            and node.shape in (Shape.NOT, Shape.AND, Shape.OR, Shape.CHOICE)
            and span == Span(node.span.first - 1, node.span.past + 1)
        )
