"""From a routine's source to the same source with probes: the door of this folder."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.catalogue import Depth, Instrumented, Unknown
from pytest_characterize.rules.plpgsql.book import Book
from pytest_characterize.rules.plpgsql.header import Header
from pytest_characterize.rules.plpgsql.helpers import SETUP
from pytest_characterize.rules.plpgsql.reading import UnreadableError, read_routine

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
        read = read_routine(text, routine, depth, standard_strings=standard_strings)
    except UnreadableError as error:
        unknown = Unknown(error.routine, error.line, "", error.cause, error.reason)
        return Instrumented(routine=error.routine, text=text, unknown=(unknown,))
    return _instrumented(text, read.name, read.header, read.book)


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
