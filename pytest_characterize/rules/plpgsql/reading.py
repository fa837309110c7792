"""Reads a routine's definition once: its header, its tree, and the book of its rules with their probes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_characterize.rules.catalogue import Cause, Depth
from pytest_characterize.rules.plpgsql.book import Book
from pytest_characterize.rules.plpgsql.cursor import StructureError
from pytest_characterize.rules.plpgsql.expression_probes import ExpressionProbes
from pytest_characterize.rules.plpgsql.header import Header, HeaderError, read_header
from pytest_characterize.rules.plpgsql.lexer import LexicalError, Token, tokenize
from pytest_characterize.rules.plpgsql.parser import parse
from pytest_characterize.rules.plpgsql.queries import QUERY_WORDS
from pytest_characterize.rules.plpgsql.statement_probes import StatementProbes, may_declare
from pytest_characterize.rules.plpgsql.text import MARK
from pytest_characterize.rules.plpgsql.tree import Block, Span


class UnreadableError(ValueError):
    """The routine stays as it is, and why; ``line`` is 0 for the whole of it."""

    def __init__(self, routine: str, cause: Cause, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.routine = routine
        self.cause = cause
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class ReadRoutine:
    """A routine that was understood.

    Attributes:
        name: the name that its rules bear.
        block: the outermost block; ``None`` for ``LANGUAGE sql``.
    """

    name: str
    header: Header
    book: Book
    block: Block | None


def read_routine(
    text: str, routine: str | None, depth: Depth, *, standard_strings: bool = True
) -> ReadRoutine:
    """A definition with all that its text tells.

    Raises:
        UnreadableError: it is no routine of a language that is known here, or not as the language has it.
    """
    try:
        header = read_header(text)
    except HeaderError as error:
        raise UnreadableError(routine or "?", error.cause, error.reason) from None
    name = routine or header.name
    if MARK in text:
        raise UnreadableError(name, Cause.MARKED, f"its source contains {MARK!r}, the mark of probes")
    try:
        tokens = tokenize(header.body, standard_strings=standard_strings)
    except LexicalError as error:
        line = header.body.count("\n", 0, error.offset) + 1
        raise UnreadableError(name, Cause.SYNTAX, error.message, line) from None
    book = Book(name, header.body, header.offset, tokens, depth)
    if header.language == "sql":
        _sql(book, tokens)
        return ReadRoutine(name, header, book, None)
    try:
        block = parse(tokens)
    except StructureError as error:
        line = book.line(error.token) if tokens else 1
        raise UnreadableError(name, Cause.SYNTAX, error.message, line) from None
    shadowed = "found" in header.words or may_declare(tokens, "found")
    StatementProbes(book, found_is_ours=not shadowed).routine(block)
    return ReadRoutine(name, header, book, block)


def _sql(book: Book, tokens: Sequence[Token]) -> None:
    """A probe as a statement of its own would number the statements anew and prevent inlining."""
    expressions = ExpressionProbes(book)
    for span in sql_statements(tokens):
        if is_query(tokens, span):
            expressions.search(span)
        else:
            expressions.refuse(span, "the statement stores the expression")
    if tokens:
        book.not_known(Span(0, 1), "a LANGUAGE sql routine takes no probe that tells it was entered")


def is_query(tokens: Sequence[Token], span: Span) -> bool:
    """Whether a statement of a ``LANGUAGE sql`` routine reads or changes rows."""
    return tokens[span.first].word in QUERY_WORDS or tokens[span.first].word == "("


def sql_statements(tokens: Sequence[Token]) -> Iterator[Span]:
    """The statements of a ``LANGUAGE sql`` routine, without their ``;``."""
    first = 0
    for index, token in enumerate(tokens):
        if token.word == ";":
            if first < index:
                yield Span(first, index)
            first = index + 1
    if first < len(tokens):
        yield Span(first, len(tokens))
