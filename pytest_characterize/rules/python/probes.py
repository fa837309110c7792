"""From a module's source to the same source with probes: the door of this folder."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.catalogue import Cause, Depth, Instrumented, Unknown
from pytest_characterize.rules.python.book import Book
from pytest_characterize.rules.python.lexer import LexicalError
from pytest_characterize.rules.python.parser import StructureError, parse
from pytest_characterize.rules.python.source import Source, line_starts
from pytest_characterize.rules.python.statement_probes import StatementProbes
from pytest_characterize.rules.python.text import MARK

DEFAULT_DEPTH: Final = Depth()
"""Everything but the operands of conditions and what is decided at import; each hit of a case once."""

_UNNAMED: Final = "module"


def instrument(text: str, module: str | None = None, *, depth: Depth = DEFAULT_DEPTH) -> Instrumented:
    """Put probes into a module's source.

    What its code gives, raises and prints stays what it was. :mod:`.text` says how the instrumented text is to be
    loaded so that lines and columns stay as well. What cannot be instrumented is told in
    :attr:`~pytest_characterize.rules.catalogue.Instrumented.unknown`, up to the whole module; bad source is
    no error.

    >>> source = "def f(a):\\n    if a:\\n        return 1\\n"
    >>> [(rule.id, rule.arm) for rule in instrument(source, "legacy").rules]  # doctest: +NORMALIZE_WHITESPACE
    [('legacy:1.entry1', 'entered'), ('legacy:2.branch1', 'taken'), ('legacy:2.branch2', 'no branch taken'),
     ('legacy:3.return1', 'reached')]

    Args:
        text: the source, decoded; for any version of Python from 2.7 on.
        module: the name that its rules shall bear.
    """
    name = module or _UNNAMED
    if MARK in text:
        return _untouched(text, name, Cause.MARKED, f"its source contains {MARK!r}, the mark of probes")
    try:
        source = Source(text)
    except LexicalError as error:
        return _untouched(text, name, Cause.SYNTAX, error.message, _line(text, error.offset))
    try:
        book = Book(name, source, depth)
        StatementProbes(book).module(parse(source))
    except StructureError as error:
        line = source.line(error.token) if source.tokens else 1
        return _untouched(text, name, Cause.SYNTAX, error.message, line)
    except RecursionError:
        return _untouched(text, name, Cause.SYNTAX, "it is nested too deep")
    return book.instrumented()


def _line(text: str, offset: int) -> int:
    return sum(start <= offset for start in line_starts(text))


def _untouched(text: str, name: str, cause: Cause, reason: str, line: int = 0) -> Instrumented:
    return Instrumented(routine=name, text=text, unknown=(Unknown(name, line, "", cause, reason),))
