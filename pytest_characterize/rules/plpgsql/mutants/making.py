"""From a routine's source to its mutants: the door of this folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pytest_characterize.rulemutants import Mutant
from pytest_characterize.rules.catalogue import Depth, Rule
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.plpgsql.lexer import Token, tokenize
from pytest_characterize.rules.plpgsql.mutants import (
    arguments,
    arithmetic,
    branches,
    calls,
    constants,
    dates,
    defaults,
    elsewhere,
    exchanges,
    logic,
    queries,
    relations,
    roundings,
    statements,
    texts,
    times,
)
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Reading
from pytest_characterize.rules.plpgsql.mutants.code import Code, code_of
from pytest_characterize.rules.plpgsql.mutants.places import Places
from pytest_characterize.rules.plpgsql.reading import (
    ReadRoutine,
    UnreadableError,
    is_query,
    read_routine,
    sql_statements,
)
from pytest_characterize.rules.plpgsql.tree import Span

MOST: Final = 1000
"""A routine has no more mutants than this."""

_DEPTH: Final = Depth()
_RETURNS: Final = re.compile(r"\bRETURNS\s+(\w+)", re.IGNORECASE)

_OPERATORS: Final[Sequence[Callable[[Code], Iterator[Change]]]] = (
    relations.changes,
    logic.changes,
    branches.changes,
    statements.changes,
    roundings.changes,
    texts.changes,
    times.changes,
    arithmetic.changes,
    queries.changes,
    defaults.changes,
    arguments.changes,
    constants.changes,
    elsewhere.changes,
    calls.changes,
    exchanges.changes,
    dates.changes,
)


@dataclass(frozen=True, slots=True)
class Made:
    """The mutants of one routine.

    Attributes:
        left_out: how many more there would be; which ones is chosen so that every line and every operator
            keeps its share.
    """

    mutants: tuple[MutatedText, ...] = ()
    left_out: int = 0


def mutants(text: str, name: str) -> tuple[MutatedText, ...]:
    """The mutants of a routine, by line; none if its definition cannot be read.

    >>> source = "CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql AS $$SELECT i > 5$$"
    >>> [(one.mutant.id, one.mutant.was, one.mutant.becomes) for one in mutants(source, "f")][:2]
    [('f:1.boundary1', 'i > 5', 'i >= 5'), ('f:1.relation1', 'i > 5', 'i <> 5')]
    """
    return made(text, name).mutants


@lru_cache(64)
def made(text: str, name: str) -> Made:
    """The mutants of a routine, and how many were left out."""
    try:
        read = read_routine(text, name, _DEPTH)
    except UnreadableError:
        return Made()
    if not read.book.tokens:
        return Made()
    found = list(_Maker(text, read).mutants())
    chosen = fairly(found, MOST)
    return Made(tuple(chosen), len(found) - len(chosen))


class _Maker:
    """Makes the mutants of one routine."""

    def __init__(self, text: str, read: ReadRoutine) -> None:
        self._text = text
        self._read = read
        self._header = _header_code(text, read)
        self._body = _body_code(read, self._header, _returned(text[: read.header.offset]))
        self._numbers: Counter[tuple[int, str]] = Counter()

    def mutants(self) -> Iterator[MutatedText]:
        """All mutants that differ from the source and from each other."""
        seen = {self._text}
        for line, change, reading, text in (*self._of_header(), *self._of_body()):
            if text not in seen:
                seen.add(text)
                yield MutatedText(self._mutant(line, change, reading), text, change.setup)

    def _of_header(self) -> Iterator[tuple[int, Change, Reading, str]]:
        """What changes what stands before the body, which has no lines that rules count."""
        if self._header is not None:
            for change, reading in _readings(self._header, (defaults.parameters,)):
                yield 0, change, reading, self._header.text.changed(change.edits)

    def _of_body(self) -> Iterator[tuple[int, Change, Reading, str]]:
        found = list(_readings(self._body, _OPERATORS))
        for change, reading in sorted(found, key=lambda one: one[0].edits[0].first):
            yield self._line(change), change, reading, self._changed(change)

    def _changed(self, change: Change) -> str:
        header = self._read.header
        end = header.offset + len(header.body)
        return self._text[: header.offset] + self._body.text.changed(change.edits) + self._text[end:]

    def _line(self, change: Change) -> int:
        return self._read.book.line(min(change.edits[0].first, len(self._body.tokens) - 1))

    def _mutant(self, line: int, change: Change, reading: Reading) -> Mutant:
        self._numbers[line, change.operator.value] += 1
        number = self._numbers[line, change.operator.value]
        return Mutant(
            f"{self._read.book.encoded}:{line}.{change.operator.value}{number}",
            self._read.name,
            line,
            change.operator,
            reading.was,
            reading.becomes,
            self._rules(change) if line else (),
        )

    def _rules(self, change: Change) -> tuple[str, ...]:
        """The rules of the statements that the edits are in; none where one of them is in no statement."""
        leading = [self._leading(Span(edit.first, edit.past)) for edit in change.edits]
        return tuple(sorted({rule.id for rule in leading if rule})) if all(leading) else ()

    def _leading(self, span: Span) -> Rule | None:
        """What is hit wherever ``span`` is reached; initial values that cannot fail are followed by the entry."""
        block, book = self._read.block, self._read.book
        if block and span.past <= block.begin and self._body.declares_literals_only(block.declarations):
            return book.leading_to(Span(block.begin + 1, block.begin + 1))
        return book.leading_to(span)


def _readings(
    code: Code, operators: Iterable[Callable[[Code], Iterator[Change]]]
) -> Iterator[tuple[Change, Reading]]:
    """What operators change, each change once."""
    known = set()
    for operator in operators:
        for change in operator(code):
            reading = code.text.reading(change)
            if reading is not None and reading.key not in known:
                known.add(reading.key)
                yield change, reading


def _returned(header: str) -> str:
    """The type that a routine returns one value of; ``""`` where there are many, or none."""
    found = _RETURNS.search(header)
    return found[1].lower() if found else ""


def _body_code(read: ReadRoutine, header: Code | None, returns: str) -> Code:
    places = Places(read.book.tokens)
    if read.block is not None:
        places.routine(read.block)
    else:
        tokens = read.book.tokens
        places.sql([span for span in sql_statements(tokens) if is_query(tokens, span)])
    return code_of(read.header.body, read.book.tokens, places, header, returns)


def _header_code(text: str, read: ReadRoutine) -> Code | None:
    """What stands before the body, with the routine's parameters; ``None`` without any."""
    tokens: list[Token] = tokenize(text[: read.header.offset].rpartition("$")[0].rpartition("$")[0])
    opening = next((index for index, token in enumerate(tokens) if token.word == "("), -1)
    depth = 0
    for index in range(max(opening, 0), len(tokens)):
        depth += (tokens[index].word == "(") - (tokens[index].word == ")")
        if depth == 0 and opening >= 0:
            return code_of(text, tokens, Places(tokens).header(opening, index))
    return None


def fairly(found: Sequence[MutatedText], most: int) -> list[MutatedText]:
    """At most so many, in their order: of every line in turn, and on each line of every operator in turn."""
    if len(found) <= most:
        return list(found)
    each = [one.mutant for one in found]
    in_group = _positions([(one.line, one.operator) for one in each], range(len(found)))
    turns = sorted(range(len(found)), key=in_group.__getitem__)
    on_line = _positions([one.line for one in each], turns)
    chosen = sorted(turns, key=lambda index: (on_line[index], index))[:most]
    return [found[index] for index in sorted(chosen)]


def _positions(groups: Sequence[Hashable], order: Iterable[int]) -> list[int]:
    """The how many-th of its group each one is, if they come in this order."""
    counts: Counter[Hashable] = Counter()
    found = [0] * len(groups)
    for index in order:
        found[index] = counts[groups[index]]
        counts[groups[index]] += 1
    return found
