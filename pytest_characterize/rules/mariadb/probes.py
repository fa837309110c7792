"""From a routine's source to the same source with probes: the door of this folder."""

from __future__ import annotations

from pytest_characterize.rules.catalogue import Instrumented, Unknown
from pytest_characterize.rules.mariadb.reading import read_routine
from pytest_characterize.rules.plpgsql.reading import UnreadableError


def instrument(text: str, routine: str | None = None) -> Instrumented:
    """Put counters into a routine or a trigger.

    Results, errors, warnings and what ``ROW_COUNT()`` and the diagnostics area say stay what they were; lines stay
    where they were. What cannot be instrumented is told in
    :attr:`~pytest_characterize.rules.catalogue.Instrumented.unknown`, up to the whole routine; bad source is no error.

    >>> source = "CREATE FUNCTION `f`() RETURNS int BEGIN RETURN 1; END"
    >>> [rule.id for rule in instrument(source, "f").rules]
    ['f:1.entry1', 'f:1.return1']

    Args:
        text: the ``CREATE`` statement as ``SHOW CREATE`` gives it, with the line of settings before it.
        routine: the name that its rules shall bear; by default the one in the statement.
    """
    try:
        read = read_routine(text, routine)
    except UnreadableError as error:
        unknown = Unknown(error.routine, error.line, "", error.cause, error.reason)
        return Instrumented(routine=error.routine, text=text, unknown=(unknown,))
    book = read.book
    return Instrumented(
        routine=read.name,
        text=text[: read.offset] + book.insertions.woven_into(text[read.offset :]),
        rules=tuple(book.rules),
        probes=tuple(sorted(book.probes, key=lambda probe: probe.offset)),
        unknown=tuple(book.unknown),
    )
