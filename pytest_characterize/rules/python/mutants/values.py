"""What may be changed in names, numbers and texts."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.numbered import other_numbers_in
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place, is_short
from pytest_characterize.rules.python.mutants.literals import (
    content_of,
    other_amounts,
    other_layouts,
    other_numbers,
    other_rests,
    with_content,
)
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.source import Source

_MOST_COMPARED: Final = 2
_ROUNDINGS: Final = {
    "ROUND_HALF_UP": ("ROUND_HALF_EVEN", "ROUND_DOWN"),
    "ROUND_HALF_EVEN": ("ROUND_HALF_UP", "ROUND_DOWN"),
    "ROUND_HALF_DOWN": ("ROUND_HALF_UP", "ROUND_DOWN"),
    "ROUND_DOWN": ("ROUND_HALF_UP", "ROUND_FLOOR"),
    "ROUND_UP": ("ROUND_HALF_UP", "ROUND_DOWN"),
    "ROUND_FLOOR": ("ROUND_HALF_UP", "ROUND_DOWN"),
    "ROUND_CEILING": ("ROUND_HALF_UP", "ROUND_UP"),
}
_TIMES: Final = frozenset({"timedelta", "relativedelta", "date", "datetime", "time", "DateOffset"})
_AMOUNTS: Final = frozenset({"Decimal", "D"})
_TAKING_TEXTS: Final = frozenset({"append", "add", "insert", "write", "print"})
_HOLDING: Final = frozenset({Form.COMPARISON, Form.CHOICE, Form.OR, Form.AND, Form.DISPLAY, Form.LAMBDA})
"""Terms in which a text may be empty without making nonsense of them."""


def called(source: Source, term: Term) -> str:
    """The last name of what a call calls; ``""`` where it has none."""
    function = term.parts[0].inner()
    if function.form is Form.ATTRIBUTE:
        return source.words(function.marks[0])
    return source.words(function.span) if function.form is Form.NAME else ""


class Values:
    """Notes the changes of what is one token."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._source = changes.source

    def change(self, term: Term, place: Place, parent: Term | None) -> None:
        """Change a name, number or text; ``parent`` is the term that it is in."""
        match term.form:
            case Form.NAME:
                self._name(term, place, parent)
            case Form.NUMBER:
                operator = self._sort(term, parent)
                for other in other_numbers(self._source.words(term.span)):
                    self._put(operator, term, other, place, parent)
            case Form.TEXT:
                self._text(term, place, parent)
            case Form.FIELDS:
                self._fields(term, place, parent)

    def moved(self, shown: Term, bound: Term, place: Place) -> None:
        """Move a bound of a slice by one."""
        changes = self._changes
        number = bound.parts[0] if bound.form is Form.UNARY else bound
        if number.form is Form.NUMBER:
            for other in other_numbers(self._source.words(number.span)):
                changes.replace(Operator.LIMIT, shown.span, number.span, other, place)
        elif bound.form in (Form.NAME, Form.ATTRIBUTE, Form.CALL):
            for other in (" + 1", " - 1"):
                changes.add(Operator.LIMIT, shown.span, changes.around(bound.span, "", other), place)

    def _put(self, operator: Operator, term: Term, text: str, place: Place, parent: Term | None) -> None:
        outer = [parent.span] if parent is not None else []
        if place.statement is not None and (place.constant or parent is None):
            outer.insert(0, place.statement)
        shown = next(filter(is_short, outer), term.span)
        self._changes.replace(operator, shown, term.span, text, place)

    def _name(self, term: Term, place: Place, parent: Term | None) -> None:
        word = self._source.words(term.span)
        if word in ("True", "False"):
            self._put(Operator.CONSTANT, term, "False" if word == "True" else "True", place, parent)
        for other in _ROUNDINGS.get(word, ()):
            self._put(Operator.ROUNDING, term, f'"{other}"', place, parent)

    def _sort(self, term: Term, parent: Term | None) -> Operator:
        """What a changed number is, by where it stands."""
        if parent is None or parent.form is not Form.CALL:
            return Operator.CONSTANT
        name, second = called(self._source, parent), parent.parts[2:3] == (term,)
        if name in _TIMES:
            return Operator.TIME
        if name == "round" and (second or len(parent.parts) > 2):
            return Operator.SCALE if parent.parts[1] != term else Operator.CONSTANT
        return Operator.DEFAULT if name in ("get", "pop", "getattr") and second else Operator.CONSTANT

    # Texts

    def _text(self, term: Term, place: Place, parent: Term | None) -> None:
        word = self._source.word(term.span.first)
        for operator, other in self._layouts(word, term, parent):
            self._put(operator, term, other, place, parent)
        content = content_of(word)
        if content is None or self._is_layout(term, parent):
            return
        if content in _ROUNDINGS:
            for other in _ROUNDINGS[content]:
                self._put(Operator.ROUNDING, term, with_content(word, other), place, parent)
        elif parent is not None and parent.form is Form.CALL and called(self._source, parent) in _AMOUNTS:
            for other in other_amounts(word):
                self._put(Operator.CONSTANT, term, other, place, parent)
        else:
            self._other_texts(term, word, place, parent)

    def _other_texts(self, term: Term, word: str, place: Place, parent: Term | None) -> None:
        content = content_of(word)
        if content and self._may_be_empty(term, parent):
            operator = Operator.DEFAULT if self._is_default(term, parent) else Operator.CONSTANT
            self._put(operator, term, with_content(word, ""), place, parent)
            for numbered in other_numbers_in(content):
                self._put(operator, term, with_content(word, numbered), place, parent)
        if parent is not None and parent.form is Form.COMPARISON:
            others = [other for other in place.compared if other not in (content, "")]
            at = next((number for number, other in enumerate(place.compared) if other == content), 0)
            nearest = sorted(others, key=lambda other: abs(place.compared.index(other) - at))
            for other in nearest[:_MOST_COMPARED]:
                if not set("\\\n'\"") & set(other):
                    self._put(Operator.CONSTANT, term, with_content(word, other), place, parent)

    def _may_be_empty(self, term: Term, parent: Term | None) -> bool:
        if parent is None or parent.form in _HOLDING:
            return True
        if parent.form is Form.PAIR:
            return term is parent.parts[1]
        if parent.form is Form.BINARY:
            return all(self._source.words(mark) == "+" for mark in parent.marks)
        if parent.form is Form.ATTRIBUTE:
            return self._source.words(parent.marks[0]) == "join"
        if parent.form is not Form.CALL:
            return False
        name = called(self._source, parent)
        return (
            name in _TAKING_TEXTS
            or name[:1].isupper()
            or (name in ("replace", "get", "getattr", "sub") and term in parent.parts[2:3])
        )

    def _is_default(self, term: Term, parent: Term | None) -> bool:
        if parent is None or parent.form is not Form.CALL:
            return False
        return called(self._source, parent) in ("get", "getattr") and term in parent.parts[2:3]

    # Layouts

    def _is_layout(self, term: Term, parent: Term | None) -> bool:
        return self._is_percent(term, parent) or self._is_format(parent)

    def _is_percent(self, term: Term, parent: Term | None) -> bool:
        return (
            parent is not None
            and parent.form is Form.BINARY
            and parent.parts[0] == term
            and self._source.words(parent.marks[0]) == "%"
        )

    def _is_format(self, parent: Term | None) -> bool:
        return (
            parent is not None
            and parent.form is Form.ATTRIBUTE
            and self._source.words(parent.marks[0]) == "format"
        )

    def _layouts(self, word: str, term: Term, parent: Term | None) -> list[tuple[Operator, str]]:
        if not self._is_layout(term, parent):
            return []
        return list(other_layouts(word, percent=self._is_percent(term, parent)))

    def _fields(self, term: Term, place: Place, parent: Term | None) -> None:
        shown = term.span
        if self._is_percent(term, parent) and parent is not None:
            shown = parent.span
        for mark in term.marks:
            word = self._source.word(mark.first)
            if self._source.kind(mark.first) is Kind.STRING:
                others = self._layouts(word, term, parent)
            else:
                others = list(other_rests(word))
            for operator, other in others:
                self._changes.add(operator, shown, [Edit(mark, other)], place)
