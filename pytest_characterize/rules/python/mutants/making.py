"""From a module's source to its mutants: the door of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.python.book import Book
from pytest_characterize.rules.python.lexer import LexicalError
from pytest_characterize.rules.python.mutants.changes import Changes
from pytest_characterize.rules.python.mutants.constants import Constants
from pytest_characterize.rules.python.mutants.operations import Operations
from pytest_characterize.rules.python.mutants.walk import Walk
from pytest_characterize.rules.python.parser import StructureError, parse
from pytest_characterize.rules.python.source import Source
from pytest_characterize.rules.python.statement_probes import StatementProbes

MOST: Final = 1000
"""A module has no more mutants than this."""


@dataclass(frozen=True, slots=True)
class Made:
    """The mutants of one module.

    Attributes:
        left_out: how many more there would be; every line keeps its share.
    """

    mutants: tuple[MutatedText, ...] = ()
    left_out: int = 0


def mutants(text: str, name: str) -> tuple[MutatedText, ...]:
    """The mutants of a module by line; none for a text that cannot be read.

    >>> source = "def f(a):\\n    return a > 5\\n"
    >>> [(one.mutant.id, one.mutant.becomes) for one in mutants(source, "legacy")]  # doctest: +NORMALIZE_WHITESPACE
    [('legacy:2.statement1', 'return None'), ('legacy:2.boundary1', 'a >= 5'), ('legacy:2.relation1', 'a < 5'),
     ('legacy:2.negation1', 'a <= 5'), ('legacy:2.constant1', 'a > 6'), ('legacy:2.constant2', 'a > 4')]
    """
    return made(text, name).mutants


@lru_cache(64)
def made(text: str, name: str) -> Made:
    """The mutants of a module, and how many were left out."""
    try:
        source = Source(text)
        tree = parse(source)
        book = Book(name, source, Depth())
        StatementProbes(book).module(tree)
        changes = Changes(name, source)
        operations = Operations(changes)
        Walk(changes, operations, book.arms).module(tree)
        Constants(changes, operations, book.arms, tree).change()
    except (LexicalError, StructureError, RecursionError):
        return Made()
    return Made(*changes.mutated(MOST))
