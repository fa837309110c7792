"""What may be changed in calls of functions and methods that everybody knows by name."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place
from pytest_characterize.rules.python.mutants.literals import other_scales
from pytest_characterize.rules.python.mutants.reach import Reach
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.mutants.values import called
from pytest_characterize.rules.python.source import Span

_LEFT_OUT: Final = {
    **dict.fromkeys(
        ["strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "swapcase"],
        Operator.TEXT,
    ),
    **dict.fromkeys(["ljust", "rjust", "zfill", "center", "replace", "expandtabs"], Operator.TEXT),
    **dict.fromkeys(["astimezone", "date", "localize"], Operator.TIME),
    **dict.fromkeys(["distinct"], Operator.LIMIT),
    **dict.fromkeys(["quantize", "to_integral_value", "to_integral"], Operator.ROUNDING),
}
"""Methods whose object is much like what they give."""
_RENAMED: Final = {
    "ljust": ("rjust", Operator.TEXT),
    "rjust": ("ljust", Operator.TEXT),
    "weekday": ("isoweekday", Operator.TIME),
    "isoweekday": ("weekday", Operator.TIME),
    "utcnow": ("now", Operator.TIME),
    "find": ("rfind", Operator.LIMIT),
    "rfind": ("find", Operator.LIMIT),
    "startswith": ("endswith", Operator.RELATION),
    "endswith": ("startswith", Operator.RELATION),
}
"""Methods, and those that they may be taken for."""
_OF_MATH: Final = {"floor": "ceil", "ceil": "floor", "trunc": "floor"}
_SWAPPED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
_PLAIN: Final = {
    "set": ("list", Operator.LIMIT),
    "frozenset": ("tuple", Operator.LIMIT),
    "sorted": ("list", Operator.ORDER),
    "reversed": ("iter", Operator.ORDER),
    "round": ("int", Operator.ROUNDING),
}
"""Functions of one argument, and what does less with it."""
_NOT_ALONE: Final = frozenset({"reverse", "key", "cmp"})


class Calls:
    """Notes the changes of calls."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._source = changes.source
        self._reach = Reach(changes)

    def takes(self, term: Term, part: Term) -> bool:
        """Whether a part of a call is changed here, and nowhere else."""
        return called(self._source, term) == "quantize" and part in term.parts[1:2]

    def change(self, term: Term, place: Place) -> None:
        """Change a call, or which of its arguments it gets."""
        name = called(self._source, term)
        method = term.parts[0].form is Form.ATTRIBUTE
        if method:
            self._method(term, name, place)
        else:
            self._function(term, name, place)
        if name in ("sorted", "sort", "min", "max"):
            self._ordered(term, name, place)
        if name == "quantize":
            self._quantized(term, place)
        if name in ("get", "getattr") and len(term.parts) == (3 if method else 4):
            self._without(Operator.DEFAULT, term, len(term.parts) - 1, place)
        for position, part in enumerate(term.parts):
            if part.form is Form.KEYWORD and self._source.words(part.marks[0]) == "tzinfo":
                self._without(Operator.TIME, term, position, place)
        self._exchanged(term, name, place)
        self._reach.call(term, name, place)

    def _method(self, term: Term, name: str, place: Place) -> None:
        receiver, changes = term.parts[0].parts[0], self._changes
        marks = term.parts[0].marks
        module = self._source.words(receiver.span)
        if name in _LEFT_OUT and not (name == "date" and len(term.parts) > 1):
            operator = Operator.TIME if self._is_of_moment(term, name) else _LEFT_OUT[name]
            after = Span(receiver.span.past, term.span.past)
            changes.add(operator, term.span, [Edit(after)], place)
        if name in _RENAMED:
            other, operator = _RENAMED[name]
            changes.replace(operator, term.span, marks[0], other, place)
        if module == "math" and name in _OF_MATH:
            changes.replace(Operator.ROUNDING, term.span, marks[0], _OF_MATH[name], place)
        if module == "re" and name == "sub" and len(term.parts) == 4:
            changes.keep(Operator.TEXT, term, term.parts[3], place)

    def _is_of_moment(self, term: Term, name: str) -> bool:
        """Whether it is ``replace`` of a moment and not of a text."""
        return name == "replace" and any(part.form is Form.KEYWORD for part in term.parts)

    def _function(self, term: Term, name: str, place: Place) -> None:
        changes, function = self._changes, term.parts[0].span
        arguments = term.parts[1:]
        if name in _PLAIN and len(arguments) == 1 and arguments[0].form is not Form.STARRED:
            other, operator = _PLAIN[name]
            changes.replace(operator, term.span, function, other, place)
        if name in _SWAPPED and arguments:
            operator = Operator.ARITHMETIC if name in ("min", "max") else Operator.RELATION
            changes.replace(operator, term.span, function, _SWAPPED[name], place)
        if name == "int" and len(arguments) == 1 and self._divides(arguments[0]):
            changes.replace(Operator.ROUNDING, term.span, function, "round", place)
        if name == "abs" and len(arguments) == 1:
            changes.add(Operator.ARITHMETIC, term.span, [Edit(function)], place)
        if name in ("min", "max") and len(arguments) == 2 and arguments[1].form is not Form.KEYWORD:
            for argument in arguments:
                changes.keep(Operator.ARITHMETIC, term, argument, place)
        if name in ("range", "xrange") and arguments:
            self._counted(term, arguments[min(1, len(arguments) - 1)], place)

    def _counted(self, term: Term, stop: Term, place: Place) -> None:
        if stop.form in (Form.NUMBER, Form.STARRED):
            return
        for other in (" + 1", " - 1"):
            edits = self._changes.around(stop.span, "", other)
            self._changes.add(Operator.BOUNDARY, term.span, edits, place)

    def _divides(self, term: Term) -> bool:
        return any(
            self._source.words(mark) in ("/", "*")
            for one in term.walk()
            if one.form is Form.BINARY
            for mark in one.marks
        )

    # Arguments

    def _ordered(self, term: Term, name: str, place: Place) -> None:
        keywords = {
            self._source.words(part.marks[0]): position
            for position, part in enumerate(term.parts)
            if part.form is Form.KEYWORD
        }
        for word in ("reverse", "key"):
            if word in keywords:
                self._without(Operator.ORDER, term, keywords[word], place)
        if "reverse" not in keywords and name in ("sorted", "sort"):
            self._also(Operator.ORDER, term, "reverse=True", place)
        if name == "sorted" and keywords and keywords.keys() <= _NOT_ALONE and len(term.parts) > 1:
            changes, first = self._changes, term.parts[1].span
            closing = term.span.past - 1
            edits = [Edit(term.parts[0].span, "list"), Edit(Span(first.past, closing))]
            changes.add(Operator.ORDER, term.span, edits, place)

    def _quantized(self, term: Term, place: Place) -> None:
        arguments = term.parts[1:]
        for text in [one for part in arguments[:1] for one in part.walk() if one.form is Form.TEXT]:
            for other in other_scales(self._source.word(text.span.first)):
                self._changes.replace(Operator.SCALE, term.span, text.span, other, place)
        if len(arguments) == 1 and arguments[0].form is not Form.STARRED:
            for rounding in ("ROUND_HALF_UP", "ROUND_DOWN"):
                self._also(Operator.ROUNDING, term, f'rounding="{rounding}"', place)

    def _without(self, operator: Operator, term: Term, position: int, place: Place) -> None:
        """Leave an argument out, with the comma before or behind it."""
        span = term.parts[position].span
        if position > 1:
            span = Span(term.parts[position - 1].span.past, span.past)
        elif len(term.parts) > 2:
            span = Span(span.first, term.parts[2].span.first)
        self._changes.add(operator, term.span, [Edit(span)], place)

    def _also(self, operator: Operator, term: Term, argument: str, place: Place) -> None:
        """Give one argument more."""
        closing = term.span.past - 1
        lone = len(term.parts) == 2 and term.parts[1].form is Form.COMPREHENSION
        if lone:
            edits = self._changes.around(term.parts[1].span, "(", f"), {argument}")
        else:
            comma = ", " if len(term.parts) > 1 and self._source.word(closing - 1) != "," else ""
            before = Span(closing - 1, closing)
            edits = [Edit(before, f"{self._source.word(closing - 1)}{comma}{argument}")]
        self._changes.add(operator, term.span, edits, place)

    def _exchanged(self, term: Term, name: str, place: Place) -> None:
        """Two arguments with each other's place, where both are mere names."""
        arguments = term.parts[1:]
        if name in ("min", "max", "isinstance", "hasattr", "getattr", "setattr", "issubclass", "super"):
            return
        if not 2 <= len(arguments) <= 4:
            return
        for left, right in pairwise(arguments):
            forms = {left.form, right.form}
            if forms <= {Form.NAME, Form.ATTRIBUTE}:
                words = [self._source.words(one.span) for one in (left, right)]
                edits = [Edit(left.span, words[1]), Edit(right.span, words[0])]
                self._changes.add(Operator.SWAP, term.span, edits, place)
