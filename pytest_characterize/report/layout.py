"""How lines of the terminal are laid out: a label, a text that fits the width, colours that change nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from pytest_characterize.report.visible import columns, pad, shorten, unspoken

LABEL: Final = 14
"""Columns of a row's label."""

GAP: Final = "   "
ALL: Final = "--characterize-report=json:PATH lists all"

_LINES: Final = 4

Markup: TypeAlias = Mapping[str, bool]
PLAIN: Final[Markup] = MappingProxyType({})
BAD: Final = {"red": True, "bold": True}
GOOD: Final = {"green": True, "bold": True}
DOUBTFUL: Final = {"yellow": True, "bold": True}
FAINT: Final = {"light": True}
STRONG: Final = {"bold": True}


class Style(Protocol):
    """How a piece of a line is coloured; it must not change what the piece says.

    pytest's ``TerminalWriter.markup`` is one.
    """

    def __call__(self, text: str, **markup: bool) -> str:
        """The text as it is printed; ``markup`` names colours, ``bold`` and ``light``."""


def plain(text: str, **markup: bool) -> str:
    """No colour at all."""
    return text


class Layout:
    """One width and one style."""

    def __init__(self, width: int, style: Style) -> None:
        self.width, self.style = width, style

    @property
    def room(self) -> int:
        """Columns beside a label."""
        return self.width - LABEL - 2

    def row(self, label: str, text: str, markup: Markup = PLAIN, indent: int = LABEL) -> str:
        """A label and a text that is never cut."""
        start = self.style(pad(label, indent), **FAINT) if label else " " * indent
        shown = unspoken(text)
        return f"  {start}{self.style(shown, **markup) if markup else shown}"

    def wrapped(self, label: str, text: str, indent: int = LABEL) -> list[str]:
        """The text over a few lines, the last one with an ellipsis if there is still more."""
        room = self.width - indent - 2
        parts = textwrap.wrap(shorten(text, room * _LINES), room, break_on_hyphens=False) or [""]
        return [self.row("" if place else label, part, indent=indent) for place, part in enumerate(parts)]

    def headed(self, word: str, markup: Markup, *pieces: str) -> list[str]:
        """A word that begins a block, and the pieces on its line, the last ones below it if they do not fit."""
        told: list[str] = []
        rest = list(filter(None, pieces))
        while rest and columns(f"{word}  {GAP.join((*told, rest[0]))}") <= self.width:
            told.append(rest.pop(0))
        below = [line for piece in rest for line in self.wrapped("", piece)]
        return [f"{self.style(word, **markup)}  {GAP.join(told)}".rstrip(), *below]

    def fitting(self, label: str, *pieces: str) -> list[str]:
        """The pieces on one line if they fit, else each on a line of its own."""
        pieces = tuple(filter(None, pieces))
        if columns(GAP.join(pieces)) <= self.room:
            return [self.row(label, GAP.join(pieces))]
        return [
            line for place, piece in enumerate(pieces) for line in self.wrapped("" if place else label, piece)
        ]
