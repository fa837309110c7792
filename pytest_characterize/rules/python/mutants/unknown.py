"""What is empty taken as unknown, and what is unknown alone where what is empty was as well."""

from __future__ import annotations

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place
from pytest_characterize.rules.python.mutants.terms import Form, Term

_REPEATABLE = frozenset({Form.NAME, Form.ATTRIBUTE})


class Unknown:
    """Notes the changes of what is asked of a value that may be ``None``."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._source = changes.source

    def comparison(self, term: Term, place: Place) -> None:
        """``not x`` for ``x is None``."""
        if len(term.parts) != 2 or self._source.words(term.parts[1].span) != "None":
            return
        word, value = self._source.words(term.marks[0]), self._source.words(term.parts[0].span)
        if not self._is_repeatable(term.parts[0]) or word not in ("is", "is not"):
            return
        text = f"not {value}" if word == "is" else f"bool({value})"
        self._changes.add(Operator.RELATION, term.span, [Edit(term.span, text)], place)

    def negation(self, term: Term, place: Place) -> None:
        """``x is None`` for ``not x``."""
        value = term.parts[0].inner()
        if self._is_repeatable(value):
            text = f"{self._source.words(value.span)} is None"
            self._changes.add(Operator.RELATION, term.span, [Edit(term.span, text)], place)

    def default(self, term: Term, place: Place) -> None:
        """``y if x is None else x`` for ``x or y``, where it is no condition."""
        if len(term.parts) != 2 or not self._is_repeatable(term.parts[0]):
            return
        value, other = (self._source.words(part.span) for part in term.parts)
        text = f"({other} if {value} is None else {value})"
        self._changes.add(Operator.DEFAULT, term.span, [Edit(term.span, text)], place)

    def _is_repeatable(self, term: Term) -> bool:
        """Whether a value may be looked up twice: a name, or an attribute of one."""
        return term.form in _REPEATABLE and all(map(self._is_repeatable, term.parts))
