"""From a routine's source to its mutants: the door of this folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from pytest_characterize.rulemutants import Mutant
from pytest_characterize.rules.mariadb.header import read_settings
from pytest_characterize.rules.mariadb.lexer import tokenize
from pytest_characterize.rules.mariadb.mutants.places import Places
from pytest_characterize.rules.mariadb.reading import ReadRoutine, read_routine
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.plpgsql.lexer import LexicalError
from pytest_characterize.rules.plpgsql.mutants import (
    arguments,
    arithmetic,
    branches,
    constants,
    defaults,
    elsewhere,
    exchanges,
    logic,
    queries,
    relations,
    roundings,
    statements,
    texts,
)
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Edit, Reading
from pytest_characterize.rules.plpgsql.mutants.code import Code, code_of
from pytest_characterize.rules.plpgsql.mutants.making import MOST, Made, fairly
from pytest_characterize.rules.plpgsql.reading import UnreadableError
from pytest_characterize.rules.plpgsql.tree import Span

_OPERATORS: Final[Sequence[Callable[[Code], Iterator[Change]]]] = (
    relations.changes,
    logic.changes,
    branches.changes,
    statements.changes,
    roundings.changes,
    texts.changes,
    arithmetic.changes,
    queries.changes,
    defaults.changes,
    arguments.changes,
    constants.changes,
    elsewhere.changes,
    exchanges.changes,
)
_POSTGRESQL: Final = re.compile(
    r"::|\bILIKE\b|\bNULLS\s+(?:FIRST|LAST)\b|\binterval\s*'|\bDISTINCT\s+FROM\b|pg_temp|!?~", re.IGNORECASE
)
"""What only PostgreSQL understands."""

_CALLS: Final = {"trunc": "truncate", "initcap": "", "btrim": "trim"}
"""Functions that have another name here, or ``""`` where there is none."""

_NOTHING: Final = "BEGIN END;"
_OPENING: Final = ("then", "else", "do", "loop", "repeat")
_CLOSING: Final = ("end", "else", "elseif", "when", "until")
_RAISED: Final = re.compile(r"^RAISE;$")


def mutants(text: str, name: str) -> tuple[MutatedText, ...]:
    """The mutants of a routine, by line; none if its source cannot be read.

    >>> source = "CREATE FUNCTION `f`(i int) RETURNS int RETURN i > 5"
    >>> [(one.mutant.id, one.mutant.was, one.mutant.becomes) for one in mutants(source, "f")][:2]
    [('f:1.boundary1', 'i > 5', 'i >= 5'), ('f:1.relation1', 'i > 5', 'i <> 5')]
    """
    return made(text, name).mutants


@lru_cache(64)
def made(text: str, name: str) -> Made:
    """The mutants of a routine, and how many were left out."""
    try:
        read = read_routine(text, name)
    except UnreadableError:
        return Made()
    found = list(_Maker(text, read).mutants())
    chosen = fairly(found, MOST)
    return Made(tuple(chosen), len(found) - len(chosen))


class _Maker:
    """Makes the mutants of one routine."""

    def __init__(self, text: str, read: ReadRoutine) -> None:
        self._text = text
        self._read = read
        self._modes = read_settings(text).modes
        self._code = _code(text[read.offset :], read)
        self._numbers: Counter[tuple[int, str]] = Counter()

    def mutants(self) -> Iterator[MutatedText]:
        """All mutants that differ from the source and from each other."""
        seen = {self._text}
        found = [(change, reading) for change, reading in self._readings() if change.edits]
        for change, reading in sorted(found, key=lambda one: one[0].edits[0].first):
            text = self._text[: self._read.offset] + self._code.text.changed(change.edits)
            if text not in seen and self._is_whole(text):
                seen.add(text)
                yield MutatedText(self._mutant(change, reading), text)

    def _readings(self) -> Iterator[tuple[Change, Reading]]:
        """What operators change, each change once, in words of this dialect."""
        known = set()
        for operator in _OPERATORS:
            for change in operator(self._code):
                translated = _translated(change, self._needed)
                reading = self._code.text.reading(translated) if translated else None
                if translated is not None and reading is not None and reading.key not in known:
                    known.add(reading.key)
                    yield translated, reading

    def _needed(self, edit: Edit) -> bool:
        """Whether an edit takes all statements away from where there must be one."""
        code = self._code
        if edit.text or edit.first >= edit.past or code.words[edit.past - 1] != ";":
            return False
        alone = code.words[edit.first - 1] in _OPENING and code.words[edit.past] in _CLOSING
        handled = (handler.body[0].span for block in code.places.blocks for handler in block.handlers)
        return alone or Span(edit.first, edit.past) in handled

    def _is_whole(self, text: str) -> bool:
        """Whether it is a text of this dialect still."""
        try:
            tokenize(text[self._read.offset :], self._modes)
        except LexicalError:
            return False
        return True

    def _mutant(self, change: Change, reading: Reading) -> Mutant:
        book = self._read.book
        line = book.line(change.edits[0].first)
        self._numbers[line, change.operator.value] += 1
        number = self._numbers[line, change.operator.value]
        leading = [book.leading_to(Span(edit.first, edit.past)) for edit in change.edits]
        rules = tuple(sorted({rule.id for rule in leading if rule})) if all(leading) else ()
        return Mutant(
            f"{book.encoded}:{line}.{change.operator.value}{number}",
            self._read.name,
            line,
            change.operator,
            reading.was,
            reading.becomes,
            rules,
        )


def _code(create: str, read: ReadRoutine) -> Code:
    """The body, with the routine's parameters."""
    tokens = read.book.tokens
    first, past = read.head.parameters
    header = code_of(create, tokens, Places(tokens).header(first - 1, past)) if first < past else None
    return code_of(create, tokens, Places(tokens).body(read.body), header)


def _translated(change: Change, needed: Callable[[Edit], bool]) -> Change | None:
    """The change in this dialect; ``None`` where it has no words for it.

    Args:
        needed: whether an edit leaves no statement where one is needed.
    """
    if change.setup:
        return None
    edits = []
    for edit in change.edits:
        text = _NOTHING if needed(edit) else _RAISED.sub("RESIGNAL;", edit.text)
        if _POSTGRESQL.search(text):
            return None
        for function, ours in _CALLS.items():
            if re.search(rf"\b{function}\b", text, re.IGNORECASE):
                if not ours:
                    return None
                text = re.sub(rf"\b{function}\b", ours, text, flags=re.IGNORECASE)
        edits.append(edit._replace(text=text))
    return Change(change.operator, change.shown, tuple(edits))
