"""Reads a kept source once: its settings, its head, its tree, and the book of its rules with their probes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pytest_characterize.rules.catalogue import Cause
from pytest_characterize.rules.mariadb.book import Book
from pytest_characterize.rules.mariadb.header import Head, HeaderError, read_head, read_settings
from pytest_characterize.rules.mariadb.lexer import tokenize
from pytest_characterize.rules.mariadb.parser import closed, parse
from pytest_characterize.rules.mariadb.statement_probes import StatementProbes
from pytest_characterize.rules.plpgsql.cursor import StructureError
from pytest_characterize.rules.plpgsql.lexer import LexicalError, Token
from pytest_characterize.rules.plpgsql.reading import UnreadableError
from pytest_characterize.rules.plpgsql.text import MARK
from pytest_characterize.rules.plpgsql.tree import Statement


@dataclass(frozen=True, slots=True)
class ReadRoutine:
    """A routine that was understood.

    Attributes:
        name: the name that its rules bear.
        offset: where its ``CREATE`` begins.
        body: the statement that it consists of.
    """

    name: str
    offset: int
    head: Head
    book: Book
    body: Statement


def read_routine(text: str, routine: str | None) -> ReadRoutine:
    """A source with all that its text tells.

    Raises:
        UnreadableError: it is no routine that is known here, or not as the language has it.
    """
    settings = read_settings(text)
    create = text[settings.offset :]
    name = routine or "?"
    if MARK in text:
        raise UnreadableError(name, Cause.MARKED, f"its source contains {MARK!r}, the mark of probes")
    if settings.unseen:
        raise UnreadableError(name, Cause.UNSAFE, settings.unseen)
    if "ORACLE" in settings.modes:
        raise UnreadableError(name, Cause.LANGUAGE, "it is written in PL/SQL (sql_mode ORACLE)")
    tokens = _tokens(name, create, settings.modes)
    try:
        head = read_head(tokens)
    except HeaderError as error:
        raise UnreadableError(name, Cause.SYNTAX, str(error)) from None
    book = Book(routine or head.name, create, settings.offset, tokens)
    try:
        body = parse(tokens, head.body)
    except StructureError as error:
        raise UnreadableError(book.name, Cause.SYNTAX, error.message, book.line(error.token)) from None
    StatementProbes(book, goes_on=_goes_on(tokens)).routine(body, head.kind.upper())
    return ReadRoutine(book.name, settings.offset, head, book, body)


def _tokens(name: str, create: str, modes: Collection[str]) -> list[Token]:
    try:
        return closed(tokenize(create, modes))
    except LexicalError as error:
        line = create.count("\n", 0, error.offset) + 1
        raise UnreadableError(name, Cause.SYNTAX, error.message, line) from None


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Whether a handler is declared after which the routine goes on."""
    words = [token.word for token in tokens]
    return any(words[at : at + 3] == ["declare", "continue", "handler"] for at in range(len(words) - 2))
