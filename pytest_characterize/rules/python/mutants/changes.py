"""Collects the changes that may be made in one module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import Final
from urllib.parse import quote

from pytest_characterize.rulemutants import Mutant, Operator
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.source import Source, Span

_HARMLESS: Final = ".<>_-"
_UNSEEN: Final = frozenset({Kind.NEWLINE, Kind.INDENT, Kind.DEDENT})
_GLUED: Final = frozenset(f"{ascii_letters}{digits}_")
_RANK: Final = {
    Form.LAMBDA: 0,
    Form.CHOICE: 1,
    Form.OR: 2,
    Form.AND: 3,
    Form.NOT: 4,
    Form.COMPARISON: 5,
    Form.BINARY: 6,
    Form.UNARY: 7,
    Form.OTHER: 1,
    Form.FILTER: 1,
}
"""How tight a term is bound; those that are not named, tighter than any."""
_TIGHTEST: Final = 8
_SHORT: Final = 16
"""Tokens of what is shown around a changed literal."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Tokens, and what stands in their place; before a token where there are none."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression or a statement stands.

    Attributes:
        rules: ids of rules one of which every case hits that gets there; empty where nobody knows.
        compared: the texts that the same function compares with; ``returned``: those that it returns; ``numbers``: the
            tokens of numbers that it returns.
        one_line: it stands in an f-string, where older versions of Python allow no line to be continued.
        statement: the statement that it is in, where that is simple.
        constant: the name that it is a part of the value of, outside of all functions.
        unordered: nobody can tell in which order that value's parts are.
    """

    rules: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    one_line: bool = False
    statement: Span | None = None
    returned: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    constant: str = ""
    unordered: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    operator: Operator
    shown: Span
    edits: tuple[Edit, ...]
    becomes: str | None
    rules: tuple[str, ...]
    constant: str = ""


def is_short(span: Span) -> bool:
    """Whether a piece of source may be shown as a whole around what changes in it."""
    return span.past - span.first <= _SHORT


class Changes:
    """The changes of one module, in the order in which they were found.

    Args:
        module: the name that its mutants bear.
    """

    def __init__(self, module: str, source: Source) -> None:
        self.source = source
        self._module = module
        self._found: list[_Change] = []
        self._left_out = 0

    def add(
        self,
        operator: Operator,
        shown: Span,
        edits: Iterable[Edit],
        place: Place,
        becomes: str | None = None,
    ) -> None:
        """Note a change.

        Args:
            shown: the piece of source that people are shown, with the change and without.
            becomes: what they are shown in place of what the edits make of it.
        """
        some = (edit for edit in edits if edit.text or edit.span.first < edit.span.past)
        made = tuple(sorted(some, key=lambda edit: edit.span))
        if not made:
            return
        if place.one_line and any("\n" in self._removed(edit) for edit in made):
            return
        self._found.append(_Change(operator, shown, made, becomes, place.rules, place.constant))

    def replace(self, operator: Operator, shown: Span, span: Span, text: str, place: Place) -> None:
        """Note that other text stands where these tokens are."""
        self.add(operator, shown, [Edit(span, text)], place)

    def keep(self, operator: Operator, term: Term, kept: Term, place: Place) -> None:
        """Note that of a term nothing is left but one of its parts."""
        edits = [Edit(Span(term.span.first, kept.span.first)), Edit(Span(kept.span.past, term.span.past))]
        if kept.form in (Form.YIELD, Form.STARRED, Form.KEYWORD, Form.COMPREHENSION, Form.PAIR):
            return
        weaker = _RANK.get(kept.form, _TIGHTEST) < _RANK.get(term.form, _TIGHTEST)
        parted = self._parted(term.span, kept.span)
        if weaker or parted:  # the brackets that are gone may have held the lines together
            lines = self._removed(edits[1]).count("\n")
            edits = [Edit(edits[0].span, "("), Edit(edits[1].span, "\n" * lines + ")")]
        becomes = self.source.words(kept.span) if parted and not weaker else None
        self.add(operator, term.span, edits, place, becomes)

    def _parted(self, outer: Span, inner: Span) -> bool:
        """Whether a line ends between a piece of source and what is around it."""
        tokens, text = self.source.tokens, self.source.text
        before = text[tokens[outer.first].start : tokens[inner.first].start]
        return "\n" in before or "\n" in text[tokens[inner.past - 1].end : tokens[outer.past - 1].end]

    def around(self, span: Span, opening: str, closing: str) -> list[Edit]:
        """Put a pair around tokens."""
        first, last = span.first, span.past - 1
        words = self.source.word
        if first == last:
            return [Edit(span, opening + words(first) + closing)]
        edges = (Span(first, first + 1), Span(last, last + 1))
        return [Edit(edges[0], opening + words(first)), Edit(edges[1], words(last) + closing)]

    @property
    def noted(self) -> int:
        """How many changes there are so far."""
        return len(self._found)

    def keep_shares(self, start: int, groups: Sequence[int], most: int) -> None:
        """Forget some of the changes from ``start`` on if there are more; every group keeps its share."""
        some = self._found[start:]
        self._found[start:] = [some[index] for index in _fair(groups, most)]
        self._left_out += max(0, len(some) - most)

    # The texts

    def mutated(self, most: int) -> tuple[tuple[MutatedText, ...], int]:
        """The mutants by place, each once, and how many more there would have been."""
        source, encoded = self.source, quote(self._module, safe=_HARMLESS)
        numbers: Counter[tuple[int, Operator]] = Counter()
        seen: set[frozenset[tuple[int, str]]] = set()
        found: list[tuple[_Change, Mutant]] = []
        for change in sorted(self._found, key=lambda change: change.edits[0].span):
            changed = self._changed_lines(change)
            becomes = self._told(change) if change.becomes is None else change.becomes
            was = source.words(change.shown)
            if not changed or changed in seen or was == becomes:
                continue
            seen.add(changed)
            line = source.line(min(change.edits[0].span.first, len(source.tokens) - 1))
            numbers[line, change.operator] += 1
            identity = f"{encoded}:{line}.{change.operator.value}{numbers[line, change.operator]}"
            found.append(
                (change, Mutant(identity, self._module, line, change.operator, was, becomes, change.rules))
            )
        chosen = _fair([mutant.line for _, mutant in found], most)
        texts = tuple(
            MutatedText(mutant, self._text(change), constant=change.constant)
            for change, mutant in (found[index] for index in chosen)
        )
        return texts, len(found) - len(texts) + self._left_out

    def _pieces(self, change: _Change) -> list[tuple[int, int, str]]:
        """Offsets and what stands between them instead; as many lines as before."""
        pieces = []
        for edit in change.edits:
            start, end = self._offsets(edit)
            missing = self.source.text.count("\n", start, end) - edit.text.count("\n")
            text = edit.text
            before, after = self.source.text[start - 1 : start], self.source.text[end : end + 1]
            if text and text[0] in _GLUED and before in _GLUED:
                text = f" {text}"
            if (text[-1:] or before) in _GLUED and after in _GLUED and after:
                text += " "
            pieces.append((start, end, text + "\\\n" * missing))
        return pieces

    def _offsets(self, edit: Edit) -> tuple[int, int]:
        tokens, (first, past) = self.source.tokens, edit.span
        start = tokens[first].start
        return start, max(start, tokens[past - 1].end) if past > first else start

    def _removed(self, edit: Edit) -> str:
        start, end = self._offsets(edit)
        return self.source.text[start:end]

    def _text(self, change: _Change) -> str:
        text, written, at = self.source.text, [], 0
        for start, end, piece in self._pieces(change):
            written += [text[at:start], piece]
            at = end
        return "".join([*written, text[at:]])

    def _changed_lines(self, change: _Change) -> frozenset[tuple[int, str]]:
        """What tells a changed text from others: its lines that are other ones."""
        pieces = self._pieces(change)
        text = self.source.text
        start = self.source.line_start(pieces[0][0])
        end = text.find("\n", pieces[-1][1])
        end = len(text) if end < 0 else end
        written, at = [], start
        for piece_start, piece_end, piece in pieces:
            written += [text[at:piece_start], piece]
            at = piece_end
        after = "".join([*written, text[at:end]]).split("\n")
        before = text[start:end].split("\n")
        first = self.source.line_at(start)
        return frozenset(
            (first + number, line)
            for number, (line, old) in enumerate(zip(after, before, strict=True))
            if line != old
        )

    def _told(self, change: _Change) -> str:
        """What is shown, with the change, in one line."""
        edits = {edit.span.first: edit for edit in change.edits}
        tokens, pieces, at = self.source.tokens, [], change.shown.first
        end = tokens[at].start
        while at <= change.shown.past:
            edit = edits.pop(at, None)
            if edit is not None:
                gap = tokens[at].start > end
                at, end = edit.span.past, max(end, self._offsets(edit)[1])
                if not edit.text:
                    gap = gap and tokens[at].start > end
                pieces += [" " if gap else "", edit.text]
                if not edit.text or edit.text.endswith("(") or edit.span.first == at:
                    end = tokens[at].start
                if edit.span.first < at:
                    continue
            if at >= change.shown.past:
                break
            if tokens[at].kind not in _UNSEEN:
                pieces += [" " if tokens[at].start > end else "", tokens[at].text]
                end = tokens[at].end
            at += 1
        return " ".join("".join(pieces).split())


def _fair(lines: Sequence[int], most: int) -> list[int]:
    """Positions of at most so many of them: first one of each line, then a second one of each, and so on.

    >>> _fair([1, 1, 1, 2, 3, 3], 4)
    [0, 1, 3, 4]
    """
    turns: Counter[int] = Counter()
    rounds: dict[int, list[int]] = {}
    for index, line in enumerate(lines):
        rounds.setdefault(turns[line], []).append(index)
        turns[line] += 1
    chosen: list[int] = []
    for several in rounds.values():
        wanted = min(most - len(chosen), len(several))
        chosen += [several[number * len(several) // wanted] for number in range(wanted)]
    return sorted(chosen)
