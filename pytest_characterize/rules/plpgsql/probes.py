"""From a routine's source to the same source with probes: the door of this folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_characterize.rules.catalogue import Cause, Depth, Instrumented, Unknown
from pytest_characterize.rules.plpgsql.book import Book
from pytest_characterize.rules.plpgsql.cursor import StructureError
from pytest_characterize.rules.plpgsql.expression_probes import ExpressionProbes
from pytest_characterize.rules.plpgsql.header import Header, HeaderError, read_header
from pytest_characterize.rules.plpgsql.helpers import SETUP
from pytest_characterize.rules.plpgsql.lexer import LexicalError, Token, tokenize
from pytest_characterize.rules.plpgsql.parser import parse
from pytest_characterize.rules.plpgsql.queries import QUERY_WORDS
from pytest_characterize.rules.plpgsql.statement_probes import StatementProbes, may_declare
from pytest_characterize.rules.plpgsql.text import MARK
from pytest_characterize.rules.plpgsql.tree import Span

DEFAULT_DEPTH: Final = Depth()
"""Everything but the operands of conditions, each hit of a call once."""


def instrument(
    text: str, routine: str | None = None, *, depth: Depth = DEFAULT_DEPTH, standard_strings: bool = True
) -> Instrumented:
    """Put probes into a routine's definition.

    Results, errors and messages stay what they were; lines stay where they were. What cannot be
    instrumented is told in :attr:`~pytest_characterize.rules.catalogue.Instrumented.unknown`, up to the
    whole routine; bad source is no error.

    >>> source = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END$$"
    >>> [rule.id for rule in instrument(source).rules]
    ['f:1.entry1', 'f:1.return1']

    Args:
        text: the definition as ``pg_get_functiondef`` gives it.
        routine: the name that its rules shall bear; overloaded routines need one that tells them apart,
            for example what ``regprocedure`` prints. By default the name in the definition.
        standard_strings: the setting ``standard_conforming_strings`` that the routine runs under.
    """
    try:
        header = read_header(text)
    except HeaderError as error:
        return _untouched(text, routine or "?", error.cause, error.reason)
    name = routine or header.name
    if MARK in text:
        return _untouched(text, name, Cause.MARKED, f"its source contains {MARK!r}, the mark of probes")
    try:
        tokens = tokenize(header.body, standard_strings=standard_strings)
        book = Book(name, header.body, header.offset, tokens, depth)
        if header.language == "sql":
            _sql(book, tokens)
        else:
            _plpgsql(book, tokens, header)
    except LexicalError as error:
        line = header.body.count("\n", 0, error.offset) + 1
        return _untouched(text, name, Cause.SYNTAX, error.message, line)
    except StructureError as error:
        line = book.line(error.token) if tokens else 1
        return _untouched(text, name, Cause.SYNTAX, error.message, line)
    return _instrumented(text, name, header, book)


def _instrumented(text: str, name: str, header: Header, book: Book) -> Instrumented:
    before, after = text[: header.offset], text[header.offset + len(header.body) :]
    return Instrumented(
        routine=name,
        text=before + book.insertions.woven_into(header.body) + after,
        rules=tuple(book.rules),
        probes=tuple(sorted(book.probes, key=lambda probe: probe.offset)),
        unknown=tuple(book.unknown),
        setup=SETUP if book.calls else (),
    )


def _untouched(text: str, name: str, cause: Cause, reason: str, line: int = 0) -> Instrumented:
    return Instrumented(routine=name, text=text, unknown=(Unknown(name, line, "", cause, reason),))


def _plpgsql(book: Book, tokens: Sequence[Token], header: Header) -> None:
    block = parse(tokens)
    shadowed = "found" in header.words or may_declare(tokens, "found")
    StatementProbes(book, found_is_ours=not shadowed).routine(block)


def _sql(book: Book, tokens: Sequence[Token]) -> None:
    """A probe as a statement of its own would number the statements anew and prevent inlining."""
    expressions = ExpressionProbes(book)
    for span in _statements(tokens):
        if tokens[span.first].word in QUERY_WORDS or tokens[span.first].word == "(":
            expressions.search(span)
        else:
            expressions.refuse(span, "the statement stores the expression")
    if tokens:
        book.not_known(Span(0, 1), "a LANGUAGE sql routine takes no probe that tells it was entered")


def _statements(tokens: Sequence[Token]) -> Iterator[Span]:
    first = 0
    for index, token in enumerate(tokens):
        if token.word == ";":
            if first < index:
                yield Span(first, index)
            first = index + 1
    if first < len(tokens):
        yield Span(first, len(tokens))
