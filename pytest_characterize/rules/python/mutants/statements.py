"""What may be changed in simple statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.bindings import (
    ASSIGNING,
    names_in,
    parts_of_assignment,
)
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place
from pytest_characterize.rules.python.mutants.grammar import GrammarError, expressions
from pytest_characterize.rules.python.mutants.literals import content_of, with_content
from pytest_characterize.rules.python.mutants.operations import Operations
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.source import Span
from pytest_characterize.rules.python.tree import Simple

_UNCHANGED: Final = frozenset({"pass", "import", "from", "global", "nonlocal", "exec", "type"})
_OTHER_ASSIGNMENT: Final = {
    "+=": "-=",
    "-=": "+=",
    "*=": "/=",
    "/=": "*=",
    "//=": "/=",
    "|=": "&=",
    "&=": "|=",
}
_MOST_RETURNED: Final = 2
"""So many other texts are returned in place of one."""
_ORDERING: Final = frozenset({"sort", "reverse"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of a function matters to its statements.

    Attributes:
        bound: name -> token where it is bound first.
        sole: the statement is all that its arm does, and not to do it is what happens otherwise.
        endless: the innermost loop ends by ``break`` only.
    """

    place: Place
    bound: dict[str, int]
    sole: bool = False
    endless: bool = False


class Statements:
    """Notes the changes of simple statements."""

    def __init__(self, changes: Changes, operations: Operations) -> None:
        self._changes = changes
        self._source = changes.source
        self._operations = operations

    def change(self, statement: Simple, around: Surroundings) -> None:
        """Change a statement, or leave it out."""
        span = statement.span
        around = replace(around, place=replace(around.place, statement=span))
        word = self._source.word(span.first)
        rest = Span(span.first + 1, span.past)
        handlers: dict[str, Callable[[], None]] = {
            "return": lambda: self._return(span, rest, around),
            "raise": lambda: self._raise(span, rest, around),
            "assert": lambda: self._assert(span, rest, around),
            "del": lambda: self._leave_out(Operator.STATEMENT, span, around),
            "break": lambda: self._jump(span, around),
            "continue": lambda: self._jump(span, around),
        }
        if word in handlers:
            handlers[word]()
        elif self._is_print(span):
            self._leave_out(Operator.STATEMENT, span, around)
            first = rest.first + (self._source.word(rest.first) == ">>")
            self.values(Span(first, span.past), around.place)
        elif word not in _UNCHANGED or self._source.word(rest.first) in ("=", ".", "(", "["):
            self._plain(span, around)

    def values(self, span: Span, place: Place) -> tuple[Term, ...]:
        """Change the expressions of a span; what cannot be read stays as it is."""
        try:
            found = expressions(self._source, span)
        except (GrammarError, RecursionError):
            return ()
        for term in found:
            self._operations.visit(term, place)
        return found

    # Kinds of statements

    def _return(self, span: Span, value: Span, around: Surroundings) -> None:
        if value.first == value.past:
            return
        words = self._source.words(value)
        if words != "None":
            edits = self._changes.around(value, "None and (", ")")
            self._changes.add(Operator.STATEMENT, span, edits, around.place, "return None")
        else:
            self._changes.replace(Operator.CONSTANT, span, value, '""', around.place)
        if value.past == value.first + 1 and self._source.kind(value.first) is Kind.STRING:
            self._other_returns(span, value, around.place)
        if words in ('""', "''"):
            return
        found = self.values(value, around.place)
        if len(found) == 1:
            self._other_results(span, found[0].inner(), around.place)

    def _other_results(self, span: Span, result: Term, place: Place) -> None:
        """The numbers that the function returns before and after this one; a list of nothing."""
        word = self._source.word
        if result.form is Form.NUMBER and result.span.first in place.numbers:
            others = [index for index in place.numbers if word(index) != word(result.span.first)]
            before = [index for index in others if index < result.span.first][-1:]
            behind = [index for index in others if index > result.span.first][:1]
            for index in (*before, *behind):
                self._changes.replace(Operator.CONSTANT, span, result.span, word(index), place)
        brackets = {"[": "[]", "{": "{}"}.get(word(result.span.first), "")
        first = result.parts[:1]
        if result.form is Form.DISPLAY and first and brackets and not self._is_set(first[0], brackets):
            self._changes.add(Operator.CONSTANT, span, [Edit(result.span, brackets)], place)

    def _is_set(self, first: Term, brackets: str) -> bool:
        comprehended = first.form is Form.COMPREHENSION
        return comprehended or (brackets == "{}" and first.form is not Form.PAIR)

    def _other_returns(self, span: Span, value: Span, place: Place) -> None:
        """What the function returns elsewhere."""
        word = self._source.word(value.first)
        others = [other for other in place.returned if other and other != content_of(word)]
        for other in others[:_MOST_RETURNED]:
            if not set("\\\n'\"") & set(other):
                self._changes.replace(Operator.CONSTANT, span, value, with_content(word, other), place)

    def _raise(self, span: Span, rest: Span, around: Surroundings) -> None:
        self._leave_out(Operator.STATEMENT, span, around)
        past = next((index for index in range(*rest) if self._source.word(index) == "from"), rest.past)
        self.values(Span(rest.first, past), around.place)

    def _assert(self, span: Span, rest: Span, around: Surroundings) -> None:
        self._leave_out(Operator.STATEMENT, span, around)
        try:
            found = expressions(self._source, rest)
        except (GrammarError, RecursionError):
            return
        if found and found[0].form is not Form.DISPLAY:
            self._operations.condition(found[0], around.place)

    def _jump(self, span: Span, around: Surroundings) -> None:
        if not (around.endless and self._source.word(span.first) == "break"):
            self._leave_out(Operator.LIMIT, span, around)

    def _plain(self, span: Span, around: Surroundings) -> None:
        targets, mark, value = parts_of_assignment(self._source, span)
        if mark is None and targets:
            return  # a mere annotation
        if mark is None:
            self._expression(span, around)
            return
        word = self._source.word(mark)
        if word in _OTHER_ASSIGNMENT and not self._is_text(value):
            self._changes.replace(
                Operator.ARITHMETIC, span, Span(mark, mark + 1), _OTHER_ASSIGNMENT[word], around.place
            )
        names = [name for target in targets for name in names_in(self._source, target)]
        late = all(around.bound.get(name, span.first) < span.first for name in names)
        if word in ASSIGNING or late:
            self._leave_out(Operator.STATEMENT, span, around)
        self.values(value, around.place)

    def _expression(self, span: Span, around: Surroundings) -> None:
        found = self.values(span, around.place)
        if len(found) != 1 or found[0].form is not Form.CALL:
            return
        function = found[0].parts[0]
        sorts = function.form is Form.ATTRIBUTE and self._source.words(function.marks[0]) in _ORDERING
        self._leave_out(Operator.ORDER if sorts else Operator.STATEMENT, span, around)

    def _leave_out(self, operator: Operator, span: Span, around: Surroundings) -> None:
        """Nothing in place of a statement; its names stay what they are to the compiler where that can be."""
        if around.sole:
            return
        source = self._source
        alone = (
            source.indentation(span.first) is not None
            and source.kind(span.past) is Kind.NEWLINE
            and source.kind(span.first - 1) is not Kind.OPERATOR
        )
        if alone:
            edits = [Edit(Span(span.first, span.first + 1), f"if 0: {source.word(span.first)}")]
        else:
            edits = [Edit(span, "pass")]
        self._changes.add(operator, span, edits, around.place, "")

    # Helpers

    def _is_text(self, value: Span) -> bool:
        return self._source.kind(value.first) in (Kind.STRING, Kind.FIELDS_OPEN) or (
            self._source.word(value.first) in ("[", "(", "{")
            and self._source.partner[value.first] == value.past - 1
            and self._source.word(value.first) != "("
        )

    def _is_print(self, span: Span) -> bool:
        """Whether it is the statement of Python 2."""
        after = span.first + 1
        return self._source.word(span.first) == "print" and (
            after == span.past
            or self._source.kind(after) in (Kind.NAME, Kind.STRING, Kind.NUMBER, Kind.FIELDS_OPEN)
            or self._source.word(after) in (">>", "-")
        )
