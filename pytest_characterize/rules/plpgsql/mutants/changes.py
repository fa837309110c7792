"""One change of a source: which tokens are replaced, and how it reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.expressions import source_of
from pytest_characterize.rules.plpgsql.lexer import LexicalError, Token, tokenize
from pytest_characterize.rules.plpgsql.tree import Span

LONGEST: Final = 160
"""Pieces of source are shown up to this length."""

_KEPT: Final = 40
"""So much of what is equal stays beside what differs, in longer ones."""

_BEFORE_NO_BLANK: Final = (" ", "(", "\n", "\t")
_AFTER_NO_BLANK: Final = (";", ")", ",")

_NOT_PLAIN: Final = ("\n", "\t", "\r", "  ", "--", "/*")
"""Where none of these is, a piece of source is its own line."""

_SIGNS: Final = frozenset("+-*/<>=~!@#%^&|`?")


class Edit(NamedTuple):
    """Tokens ``first`` up to, not including, ``past`` give way to a text; if there are none, it is put before."""

    first: int
    past: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change a source.

    Attributes:
        shown: the piece of source that a reader needs to see; all edits are within.
        edits: in the order of the source, without overlaps.
        setup: statements that the new text needs.
    """

    operator: Operator
    shown: Span
    edits: tuple[Edit, ...]
    setup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a change reads.

    Attributes:
        was: the piece of source, in one line.
        becomes: the same piece with the change.
        key: what is the same for changes that come to the same, whatever the white space.
    """

    was: str
    becomes: str
    key: tuple[int, int, tuple[str, ...]]


def replace(operator: Operator, shown: Span, first: int, past: int, text: str) -> Change:
    """Put ``text`` in place of the tokens ``first`` to ``past``."""
    return Change(operator, shown, (Edit(first, past, text),))


def leave_out(operator: Operator, shown: Span, first: int, past: int) -> Change:
    """Take the tokens ``first`` to ``past`` away."""
    return replace(operator, shown, first, past, "")


class Text:
    """A source that changes are applied to.

    Args:
        source: what the tokens are of; their offsets count in it.
    """

    def __init__(self, source: str, tokens: Sequence[Token]) -> None:
        self.source = source
        self._tokens = tokens
        self._words = [_plain(token) for token in tokens]
        self._known: dict[Span, str] = {}

    def of(self, span: Span) -> str:
        """A span as it stands in the source."""
        if span.first >= span.past:
            return ""
        return self.source[self._tokens[span.first].start : self._tokens[span.past - 1].end]

    def changed(self, edits: Iterable[Edit]) -> str:
        """The whole source with the edits; what follows them stays on its line."""
        return self._assembled(0, len(self.source), edits)

    def reading(self, change: Change) -> Reading | None:
        """How a change reads; ``None`` if it changes nothing but white space, or what is there is no SQL."""
        shown = change.shown
        if not shown.first < shown.past <= len(self._tokens) or any(
            not shown.first <= edit.first <= edit.past <= shown.past for edit in change.edits
        ):
            return None
        words, at = list[str](), shown.first
        for edit in change.edits:
            new = _words(edit.text)
            if new is None:
                return None
            words += [*self._words[at : edit.first], *new]
            at = edit.past
        words += self._words[at : shown.past]
        before = self._words[shown.first : shown.past]
        head, tail = _equal_ends(before, words)
        if head == len(before) == len(words):
            return None
        key = (shown.first + head, shown.past - tail, tuple(words[head : len(words) - tail]))
        was = self._known.get(shown) or source_of(self._tokens, shown)
        self._known[shown] = was
        start, end = self._tokens[shown.first].start, self._tokens[shown.past - 1].end
        return Reading(*_shortened(was, _in_one_line(self._assembled(start, end, change.edits))), key)

    def _assembled(self, start: int, end: int, edits: Iterable[Edit]) -> str:
        pieces, done, lines = [], start, 0
        for edit in edits:
            first, past = self._offsets(edit)
            removed = self.source[first:past]
            before, after = self.source[first - 1 : first], self.source[past : past + 1]
            kept = self.source[done:first]
            if not edit.text and after in _AFTER_NO_BLANK:
                kept = kept.removesuffix(" ")
            pieces += [kept, _apart(before, edit.text, after)]
            lines += removed.count("\n") - edit.text.count("\n")
            blank = not edit.text and after == " " and before in _BEFORE_NO_BLANK
            done = past + blank
        return "".join([*pieces, "\n" * lines, self.source[done:end]])

    def _offsets(self, edit: Edit) -> tuple[int, int]:
        if edit.first < edit.past:
            return self._tokens[edit.first].start, self._tokens[edit.past - 1].end
        if edit.first < len(self._tokens):
            return self._tokens[edit.first].start, self._tokens[edit.first].start
        return self._tokens[-1].end, self._tokens[-1].end


def _apart(before: str, text: str, after: str) -> str:
    """The text with blanks where it would grow together with its neighbours."""
    if not text:
        return " " if _sticks(before, after) else ""
    return (
        (" " if _sticks(before, text[0]) else "") + text + (" " if after and _sticks(text[-1], after) else "")
    )


def _sticks(left: str, right: str) -> bool:
    """Whether two characters would be parts of one token."""
    if left in _SIGNS:
        return right in _SIGNS
    return _is_word(left) and (_is_word(right) or right in "'\"")


def _is_word(character: str) -> bool:
    return character.isalnum() or character in ("_", "$")


@lru_cache(1024)
def _words(text: str) -> tuple[str, ...] | None:
    """The words of an edit's text; ``None`` if it is no SQL."""
    try:
        return tuple(_plain(token) for token in tokenize(text))
    except LexicalError:
        return None


def _in_one_line(source: str) -> str:
    """A piece of source without comments and line breaks."""
    if not any(sign in source for sign in _NOT_PLAIN):
        return source.strip()
    tokens = tokenize(source)
    return source_of(tokens, Span(0, len(tokens)))


def _plain(token: Token) -> str:
    return token.word or token.text


def _equal_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many words at the beginning and at the end are the same, each counted once."""
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, tail


def _shortened(was: str, becomes: str) -> tuple[str, str]:
    """Both, without most of what is equal at their ends if they are too long."""
    if max(len(was), len(becomes)) <= LONGEST:
        return was, becomes
    head, tail = _equal_ends(was, becomes)
    first = was.rfind(" ", 0, head - _KEPT) + 1 if head > _KEPT else 0
    last = was.find(" ", len(was) - tail + _KEPT) if tail > _KEPT else -1
    kept = len(was) - last if last >= 0 else 0
    return _cut(was, first, kept), _cut(becomes, first, kept)


def _cut(text: str, first: int, kept: int) -> str:
    whole = ("... " if first else "") + text[first : len(text) - kept] + (" ..." if kept else "")
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 4] + " ..."
