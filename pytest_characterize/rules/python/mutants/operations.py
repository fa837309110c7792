"""What may be changed in an expression."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.python.mutants.calls import Calls
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place
from pytest_characterize.rules.python.mutants.reach import Reach
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.mutants.unknown import Unknown
from pytest_characterize.rules.python.mutants.values import Values, called
from pytest_characterize.rules.python.source import Span

_BOUNDARY: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_RELATION: Final = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "!=",
    "!=": "==",
    "<>": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_NEAR: Final = {"==": (">=", "<="), "!=": (">", "<"), "<>": (">", "<")}
"""Orders that a comparison with a number may have been meant as."""
_ARITHMETIC: Final = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "%": "//",
    "**": "*",
    "&": "|",
    "|": "&",
    "^": "&",
    "<<": ">>",
    ">>": "<<",
}
_RIGHT_ONLY: Final = frozenset({"-", "/", "//", "%", "**", "<<", ">>", "@"})
"""Operators whose right side may be left out, and whose left side would be something else altogether."""
_TEXTUAL: Final = frozenset({Form.TEXT, Form.FIELDS, Form.DISPLAY, Form.COMPREHENSION})
_TEXT_METHODS: Final = frozenset(
    {"join", "format", "strip", "rstrip", "lstrip", "upper", "lower", "rjust", "ljust", "zfill", "center"}
    | {"replace", "strftime", "str", "repr", "isoformat", "unicode", "list", "sorted"}
)


class Operations:
    """Notes the changes of expressions."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._source = changes.source
        self._calls = Calls(changes)
        self._values = Values(changes)
        self._reach = Reach(changes)
        self._unknown = Unknown(changes)

    def condition(self, term: Term, place: Place) -> None:
        """Change an expression of which nothing but its truth counts."""
        inner = term.inner()
        told = inner.form is Form.NOT or (inner.form is Form.COMPARISON and len(inner.marks) == 1)
        if not told:
            loose = term.form in (Form.AND, Form.OR, Form.COMPARISON, Form.CHOICE, Form.OTHER, Form.LAMBDA)
            pair = ("not (", ")") if loose else ("not ", "")
            self._changes.add(Operator.NEGATION, term.span, self._changes.around(term.span, *pair), place)
        self.visit(term, place, truth=True)

    def visit(self, term: Term, place: Place, parent: Term | None = None, *, truth: bool = False) -> None:
        """Change a term and all that are in it."""
        match term.form:
            case Form.COMPARISON:
                self._comparison(term, place)
            case Form.BINARY:
                self._binary(term, place)
            case Form.UNARY if self._source.word(term.span.first) == "-":
                self._changes.keep(Operator.ARITHMETIC, term, term.parts[0], place)
            case Form.NOT:
                self._changes.keep(Operator.NEGATION, term, term.parts[0], place)
                self._unknown.negation(term, place)
            case Form.AND | Form.OR:
                self._junction(term, place, truth=truth)
            case Form.CHOICE:
                self._choice(term, place)
            case Form.CALL:
                self._calls.change(term, place)
            case Form.INDEX:
                self._index(term, place)
            case Form.NAME | Form.NUMBER | Form.TEXT | Form.FIELDS:
                self._values.change(term, place, parent)
        self._parts(term, place, parent, truth=truth)

    def _parts(self, term: Term, place: Place, parent: Term | None, *, truth: bool) -> None:
        match term.form:
            case Form.LAMBDA:
                place = replace(place, rules=())
            case Form.FIELDS:
                place = replace(place, one_line=True)
            case Form.CHOICE:
                then, condition, otherwise = term.parts
                self.visit(then, place, term, truth=truth)
                self.visit(condition, place, term, truth=True)
                self.visit(otherwise, place, term, truth=truth)
                return
            case Form.FILTER:
                condition = term.parts[0]
                self._changes.replace(Operator.BRANCH, term.span, condition.span, "True", place)
                self.condition(condition, place)
                return
        truth = term.form is Form.NOT or (truth and term.form in (Form.AND, Form.OR, Form.GROUP))
        seen = parent if term.form in (Form.GROUP, Form.SLICE, Form.KEYWORD) else term
        for part in term.parts:
            if term.form is Form.CALL and self._calls.takes(term, part):
                continue
            if term.form is Form.SLICE and self._is_number(part):
                continue
            self.visit(part, place, seen, truth=truth)

    # Operators

    def _comparison(self, term: Term, place: Place) -> None:
        words = [self._source.words(mark) for mark in term.marks]
        for position, (mark, word) in enumerate(zip(term.marks, words, strict=True)):
            sides = term.parts[position : position + 2]
            if word in _BOUNDARY:
                self._changes.replace(Operator.BOUNDARY, term.span, mark, _BOUNDARY[word], place)
            elif word in _NEAR and any(self._is_number(side) for side in sides):
                for near in _NEAR[word]:
                    self._changes.replace(Operator.BOUNDARY, term.span, mark, near, place)
            self._changes.replace(Operator.RELATION, term.span, mark, _RELATION[word], place)
        self._unknown.comparison(term, place)
        if len(words) == 1:
            if words[0] in _OPPOSITE:
                self._changes.replace(Operator.NEGATION, term.span, term.marks[0], _OPPOSITE[words[0]], place)
            return
        first, past = term.parts[0].span.first, term.parts[-1].span.past
        self._changes.add(Operator.OPERAND, term.span, [Edit(Span(first, term.parts[1].span.first))], place)
        self._changes.add(Operator.OPERAND, term.span, [Edit(Span(term.parts[-2].span.past, past))], place)

    def _is_number(self, term: Term) -> bool:
        inner = term.inner()
        if inner.form is Form.UNARY:
            return self._is_number(inner.parts[0])
        return inner.form is Form.NUMBER or (
            inner.form is Form.CALL and called(self._source, inner) in ("len", "int")
        )

    def _binary(self, term: Term, place: Place) -> None:
        changes, words = self._changes, [self._source.words(mark) for mark in term.marks]
        textual = any(self._is_textual(part) for part in term.parts)
        for mark, word in zip(term.marks, words, strict=True):
            if word in _ARITHMETIC and not textual:
                changes.replace(Operator.ARITHMETIC, term.span, mark, _ARITHMETIC[word], place)
        if words == ["//"] or (set(words) <= {"*", "//"} and words[-1] == "//"):
            changes.replace(Operator.ROUNDING, term.span, term.marks[-1], "/", place)
            changes.add(Operator.ROUNDING, term.span, changes.around(term.span, "-(-", ")"), place)
        elif words == ["/"]:
            changes.replace(Operator.ROUNDING, term.span, term.marks[0], "//", place)
        if textual and "%" in words:
            return
        self._reach.chain(term, words, place, textual=textual)
        for position in range(len(term.parts)):
            self._left_out(term, position, words, place)
        if words in (["-"], ["/"]) and not textual:
            self._exchanged(term, place)

    def _left_out(self, term: Term, position: int, words: list[str], place: Place) -> None:
        """One operand of several."""
        if position:
            span = Span(term.marks[position - 1].first, term.parts[position].span.past)
        elif words[0] in _RIGHT_ONLY:
            return
        else:
            span = Span(term.span.first, term.parts[1].span.first)
        self._changes.add(Operator.ARITHMETIC, term.span, [Edit(span)], place)

    def _exchanged(self, term: Term, place: Place) -> None:
        left, right = term.parts
        edits = [
            Edit(left.span, self._source.words(right.span)),
            Edit(right.span, self._source.words(left.span)),
        ]
        self._changes.add(Operator.SWAP, term.span, edits, place)

    def _is_textual(self, term: Term) -> bool:
        inner = term.inner()
        if inner.form in (Form.BINARY, Form.CHOICE):
            return any(self._is_textual(part) for part in inner.parts)
        if inner.form is Form.CALL:
            return called(self._source, inner) in _TEXT_METHODS
        return inner.form in _TEXTUAL

    def _junction(self, term: Term, place: Place, *, truth: bool) -> None:
        for position in range(len(term.parts)):
            if position:
                span = Span(term.marks[position - 1].first, term.parts[position].span.past)
            else:
                span = Span(term.span.first, term.parts[1].span.first)
            operator = Operator.OPERAND if truth or term.form is Form.AND else Operator.DEFAULT
            self._changes.add(operator, term.span, [Edit(span)], place)
        if term.form is Form.OR and not truth:
            self._unknown.default(term, place)
        if truth:
            other = "or" if term.form is Form.AND else "and"
            for mark in term.marks:
                self._changes.replace(Operator.OPERAND, term.span, mark, other, place)

    def _choice(self, term: Term, place: Place) -> None:
        then, condition, otherwise = term.parts
        self._changes.keep(Operator.BRANCH, term, then, place)
        self._changes.keep(Operator.BRANCH, term, otherwise, place)
        inner = condition.inner()
        if inner.form is Form.NOT or (inner.form is Form.COMPARISON and len(inner.marks) == 1):
            return  # negating the condition does the same
        edits = self._changes.around(condition.span, "not (", ")")
        words = [self._source.words(part.span) for part in (otherwise, condition, then)]
        becomes = "{} if {} else {}".format(*words)
        self._changes.add(Operator.SWAP, term.span, edits, place, becomes)

    # Slices

    def _index(self, term: Term, place: Place) -> None:
        for part in term.parts[1:]:
            if part.form is not Form.SLICE:
                continue
            for bound in part.parts:
                if self._source.words(part.span).replace(" ", "") == "::-1":
                    self._changes.add(Operator.ORDER, term.span, [Edit(bound.span)], place)
                else:
                    self._changes.add(Operator.LIMIT, term.span, [Edit(bound.span)], place)
                    self._values.moved(term, bound, place)
