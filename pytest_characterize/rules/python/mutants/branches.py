"""What may be changed in the headers of compound statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.python.expression_probes import is_constant
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.changes import Changes, Edit, Place
from pytest_characterize.rules.python.mutants.grammar import GrammarError, expressions
from pytest_characterize.rules.python.mutants.operations import Operations
from pytest_characterize.rules.python.patterns import guard_of
from pytest_characterize.rules.python.source import Span
from pytest_characterize.rules.python.tree import Arm, Loop

_LITERALS: Final = frozenset({Kind.STRING, Kind.NUMBER})


class Branches:
    """Notes the changes of what decides which arm is taken."""

    def __init__(self, changes: Changes, operations: Operations) -> None:
        self._changes = changes
        self._source = changes.source
        self._operations = operations

    def condition(self, arm: Arm, place: Place, *, endless: bool = False) -> None:
        """A condition that is another one, or that always comes out the same."""
        header, words = arm.header, self._source.words(arm.header)
        if is_constant(words):
            return
        shown = Span(arm.keyword, header.past)
        for outcome in ("False",) if endless else ("False", "True"):
            text = f"({outcome} and ({words}))" if outcome == "False" else f"(True or ({words}))"
            keyword = self._source.word(arm.keyword)
            self._changes.add(Operator.BRANCH, shown, [Edit(header, text)], place, f"{keyword} {outcome}")
        self._truth(header, place)

    def otherwise(self, otherwise: Arm, place: Place) -> None:
        """What stands in ``else`` is not done."""
        span = Span(otherwise.keyword, otherwise.keyword + 1)
        self._changes.add(Operator.BRANCH, span, [Edit(span, "elif 0")], place, "")

    def exchanged(self, one: Arm, other: Arm, place: Place) -> None:
        """Two neighbouring conditions in each other's place."""
        words = [self._source.words(arm.header) for arm in (one, other)]
        edits = [Edit(one.header, words[1]), Edit(other.header, words[0])]
        shown = Span(one.keyword, one.header.past)
        becomes = f"{self._source.word(one.keyword)} {words[1]}"
        self._changes.add(Operator.SWAP, shown, edits, place, becomes)

    def asked_first(self, arms: Sequence[Arm], place: Place) -> None:
        """The last condition asked before all others."""
        last = arms[-1].header
        if is_constant(self._source.words(last)) or any(self._exclude(one.header, last) for one in arms[:-1]):
            return
        first = self._source.words(last)
        edits = [
            Edit(one.header, f"(not ({first}) and ({self._source.words(one.header)}))") for one in arms[:-1]
        ]
        shown = Span(arms[0].keyword, arms[0].header.past)
        becomes = f"{self._source.word(arms[0].keyword)} {first}"
        self._changes.add(Operator.SWAP, shown, edits, place, f"{becomes}, asked first")

    def _exclude(self, one: Span, other: Span) -> bool:
        """Whether two conditions compare one thing with two literals, so that their order does not matter."""
        sides = [self._source.words(Span(span.first, span.past - 1)) for span in (one, other)]
        literal = all(self._source.kind(span.past - 1) in _LITERALS for span in (one, other))
        return literal and sides[0] == sides[1] and sides[0].endswith("==")

    def exchanged_cases(self, one: Arm, other: Arm, place: Place) -> None:
        """Two neighbouring cases in each other's place, where nothing but literals stands in them."""
        if self._is_literal(one.header) and self._is_literal(other.header):
            self.exchanged(one, other, place)

    def iterated(self, loop: Loop, place: Place) -> Span:
        """A loop that has nothing to go through; give what it goes through."""
        header = loop.body.header
        index = header.first
        while index < header.past and self._source.word(index) != "in":
            index = self._source.partner.get(index, index) + 1
        iterated = Span(min(index + 1, header.past), header.past)
        if iterated.first < iterated.past and loop.first == loop.body.keyword:
            edits = [Edit(iterated, f"() and ({self._source.words(iterated)})")]
            shown = Span(loop.first, header.past)
            becomes = f"{self._source.words(Span(loop.first, iterated.first))} ()"
            self._changes.add(Operator.BRANCH, shown, edits, place, becomes)
        return iterated

    def handler(self, handler: Arm, place: Place) -> None:
        """A handler that catches nothing, or less than it did."""
        source, header = self._source, handler.header
        if source.word(header.first) == "*":
            return
        shown = Span(handler.keyword, max(header.past, handler.keyword + 1))
        caught = header
        for index in range(*header):
            if source.word(index) in ("as", ","):
                caught = Span(header.first, index)
                break
            if index in source.partner:
                caught = Span(header.first, source.partner[index] + 1)
                break
        if caught.first == caught.past:
            edit = Edit(Span(handler.keyword, handler.keyword + 1), f"{source.word(handler.keyword)} ()")
            self._changes.add(Operator.BRANCH, shown, [edit], place)
            return
        self._changes.replace(Operator.BRANCH, shown, caught, "()", place)
        if source.word(caught.first) == "(" and source.partner[caught.first] == caught.past - 1:
            self._narrowed(caught, shown, place)

    def _narrowed(self, caught: Span, shown: Span, place: Place) -> None:
        inner = Span(caught.first + 1, caught.past - 1)
        commas = [index for index in range(*inner) if self._source.word(index) == ","]
        starts = [inner.first, *(comma + 1 for comma in commas)]
        if len(starts) < 2:
            return
        for start in starts:
            end = next((comma + 1 for comma in commas if comma >= start), inner.past)
            if start < end:
                self._changes.add(Operator.BRANCH, shown, [Edit(Span(start, end))], place)

    def case(self, case: Arm, place: Place) -> None:
        """A case that never comes, and its guard."""
        guard = guard_of(self._source, case.header)
        shown = Span(case.keyword, case.header.past)
        if guard is None:
            last = Span(case.header.past - 1, case.header.past)
            edit = Edit(last, f"{self._source.word(last.first)} if False")
            self._changes.add(Operator.BRANCH, shown, [edit], place)
            return
        words = self._source.words(guard)
        if is_constant(words):
            return
        for outcome in ("False", "True"):
            text = f"False and ({words})" if outcome == "False" else f"True or ({words})"
            becomes = f"{self._source.words(Span(case.keyword, guard.first))} {outcome}"
            self._changes.add(Operator.BRANCH, shown, [Edit(guard, text)], place, becomes)
        self._truth(guard, place)

    def _truth(self, span: Span, place: Place) -> None:
        try:
            found = expressions(self._source, span)
        except (GrammarError, RecursionError):
            return
        if len(found) == 1:
            self._operations.condition(found[0], place)

    def _is_literal(self, header: Span) -> bool:
        return all(
            self._source.kind(index) in _LITERALS or self._source.word(index) == "|"
            for index in range(*header)
        )
