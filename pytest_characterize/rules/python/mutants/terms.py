"""Expressions as trees, as far as what may be changed in them depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pytest_characterize.rules.python.source import Span


class Form(StrEnum):
    """What a term is."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"
    FIELDS = "fields"
    UNARY = "unary"
    BINARY = "binary"
    COMPARISON = "comparison"
    NOT = "not"
    AND = "and"
    OR = "or"
    CHOICE = "choice"
    LAMBDA = "lambda"
    CALL = "call"
    INDEX = "index"
    SLICE = "slice"
    ATTRIBUTE = "attribute"
    KEYWORD = "keyword"
    STARRED = "starred"
    PAIR = "pair"
    GROUP = "group"
    DISPLAY = "display"
    COMPREHENSION = "comprehension"
    FILTER = "filter"
    YIELD = "yield"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Term:
    """An expression.

    Attributes:
        span: its tokens; those of a ``GROUP`` include the parentheses, those of other terms do not.
        parts: in the order of the source. Of ``BINARY``, ``COMPARISON``, ``AND`` and ``OR`` the operands, all that
            operators of one rank stand between; of ``CHOICE`` what is given if the condition holds, the
            condition, what is given otherwise; of ``CALL`` and ``INDEX`` what is called or indexed, and then
            what is in the brackets; of ``COMPREHENSION`` what is given, and then iterated things and filters.
        marks: the operators between the parts; of ``ATTRIBUTE`` and ``KEYWORD`` the name; of ``CALL``
            and ``INDEX`` the brackets; of ``SLICE`` the colons; of ``FIELDS`` the texts between its fields.
    """

    form: Form
    span: Span
    parts: tuple[Term, ...] = ()
    marks: tuple[Span, ...] = ()

    def inner(self) -> Term:
        """The term without parentheses around it."""
        return self.parts[0].inner() if self.form is Form.GROUP else self

    def walk(self) -> Iterator[Term]:
        """This term and all that are in it."""
        yield self
        for part in self.parts:
            yield from part.walk()
