"""Calls left out, calls that reach further, and what is done to each item rather than to their sum."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.mutants.values import called
from pytest_characterize.rules.python.source import Span

_ROUNDINGS: Final = frozenset({"round", "int", "floor", "ceil"})
_OF_TEXTS: Final = frozenset({"upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip"})
_LITERALS: Final = frozenset({Form.TEXT, Form.NUMBER})
_NO_VALUES: Final = frozenset({Form.STARRED, Form.KEYWORD, Form.COMPREHENSION, Form.PAIR, Form.YIELD})
_ARGUMENTS: Final = 2
"""A function of more arguments makes something else than another first one of them."""


class Reach:
    """Notes the changes of what a call does, and to how much."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._source = changes.source

    @cached_property
    def _own(self) -> frozenset[str]:
        """The functions that the module defines."""
        words = [self._source.word(index) for index in range(len(self._source.tokens))]
        return frozenset(name for word, name in pairwise(words) if word == "def")

    def call(self, term: Term, name: str, place: Place) -> None:
        """Change a call of a function that has a name."""
        arguments = term.parts[1:]
        if term.parts[0].form is not Form.NAME or not arguments:
            return
        alone = place.statement == term.span
        if name in self._own and len(arguments) <= _ARGUMENTS and not alone:
            self._changes.keep(Operator.CALL, term, arguments[0], place)
        if name == "sum" and len(arguments) == 1:
            self._summed(term, place)

    def chain(self, term: Term, words: list[str], place: Place, *, textual: bool) -> None:
        """Change operands that are put together, or what is done to one of them."""
        if textual and set(words) == {"+"}:
            values = [part for part in term.parts if part.form not in _LITERALS]
            for one, other in pairwise(values):
                texts = [self._source.words(part.span) for part in (one, other)]
                edits = [Edit(one.span, texts[1]), Edit(other.span, texts[0])]
                self._changes.add(Operator.SWAP, term.span, edits, place)
        for part in term.parts:
            if part.form is Form.CALL:
                self._further(term, part, place)

    def _further(self, term: Term, part: Term, place: Place) -> None:
        """All that is put together given to a call that takes one part of it."""
        name, function = called(self._source, part), part.parts[0]
        words = self._source.words
        first, last = Span(term.span.first, part.span.first), Span(part.span.past, term.span.past)
        ends = words(first), words(last)
        if name in _OF_TEXTS and function.form is Form.ATTRIBUTE and len(part.parts) == 1:
            inner = words(function.parts[0].span)
            text = f"({ends[0]} {inner} {ends[1]}).{name}()"
        elif self._treats(part, name):
            argument = part.parts[1]
            rest = words(Span(argument.span.past, part.span.past))
            text = f"{words(function.span)}({ends[0]} ({words(argument.span)}) {ends[1]}{rest}"
        else:
            return
        self._changes.replace(Operator.CALL, term.span, term.span, " ".join(text.split()), place)

    def _treats(self, part: Term, name: str) -> bool:
        """Whether a call makes another number of one."""
        if part.form is not Form.CALL or len(part.parts) < 2:
            return False
        if part.parts[0].form is not Form.NAME or part.parts[1].form in _NO_VALUES:
            return False
        return name in _ROUNDINGS or (name in self._own and len(part.parts) == 2)

    def _summed(self, term: Term, place: Place) -> None:
        """The sum rounded where each item was."""
        items = term.parts[1]
        part = items.parts[0] if items.form is Form.COMPREHENSION else items
        name = called(self._source, part) if part.form is Form.CALL else ""
        if items.form is not Form.COMPREHENSION or not self._treats(part, name):
            return
        words, argument = self._source.words, part.parts[1]
        function = words(part.parts[0].span)
        rest = words(Span(argument.span.past, part.span.past))
        edits = [
            Edit(term.parts[0].span, f"{function}({words(term.parts[0].span)}"),
            Edit(part.span, words(argument.span)),
            Edit(Span(term.span.past - 1, term.span.past), f"){rest}"),
        ]
        self._changes.add(Operator.CALL, term.span, edits, place)
