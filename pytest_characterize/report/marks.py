"""Markdown made of foreign text: code spans, plain text, links and tables that cannot be broken out of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote

from pytest_characterize.report.visible import ELLIPSIS, visible
from pytest_characterize.report.words import count

LONGEST: Final = 1_000
"""Characters of the longest text that a document takes from outside in one place."""

_END: Final = 100
_SPECIAL: Final = re.compile(r"[\\`*\[\]<>|~&$]|(?<![^\W_])_|_(?![^\W_])")
_TICKS: Final = re.compile("`+")
_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-`{-~]")

Item = TypeVar("Item")


def plain(text: str) -> str:
    """Foreign text as running text.

    >>> plain("a <b> costs 5 * 3")
    'a \\\\<b\\\\> costs 5 \\\\* 3'
    """
    return _SPECIAL.sub(r"\\\g<0>", _shown(text))


def code(text: str) -> str:
    """Foreign text as a code span outside tables; ``""`` stays ``""``.

    >>> code("a`b")
    '``a`b``'
    """
    shown = _shown(text)
    if not shown:
        return ""
    fence = "`" * (max(map(len, _TICKS.findall(shown)), default=0) + 1)
    if shown[0] in "` " or shown[-1] in "` ":
        shown = f" {shown} "
    return f"{fence}{shown}{fence}"


def cell(text: str) -> str:
    """Foreign text as a code span inside a table, where a bar would end the cell even in code."""
    if "|" not in text:
        return code(text)
    if "\\|" in text:
        shown = _PUNCTUATION.sub(lambda match: f"&#{ord(match[0])};", _shown(text))
        return f"<code>{shown}</code>"
    return code(text).replace("|", "\\|")


def block(lines: Sequence[str], language: str) -> Iterator[str]:
    """Foreign lines as a fenced block that they cannot end."""
    shown = [_shown(line) for line in lines]
    longest = max((len(ticks) for line in shown for ticks in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", *shown, fence)


def link(name: str, path: str, to_root: str | None) -> str:
    """A file of the project under a name that is Markdown already, as a link where there can be one.

    Args:
        to_root: the way from the report's folder to the project's root; ``None`` makes no link.
    """
    if to_root is None or not path:
        return name
    return f"[{name}]({quote(f'{to_root}{path}', safe='/', errors='surrogatepass')})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> Iterator[str]:
    """A table of cells that are Markdown already.

    Args:
        numbers: the columns that are set to the right.
    """
    rules = ("---:" if place in numbers else "---" for place in range(len(head)))
    yield from (_bars(head), f"|{'|'.join(rules)}|")
    yield from map(_bars, rows)


@dataclass(frozen=True, slots=True)
class Page:
    """How far a document goes.

    Attributes:
        to_root: the way from the document's folder to the project's root, ``None`` for no links.
        cases: how many cases a list names at most.
        entries: how many entries any other list has at most.
    """

    to_root: str | None
    cases: int
    entries: int

    def entries_of(self, items: Sequence[Item]) -> tuple[Sequence[Item], int]:
        """The items that are shown, and how many are not."""
        return items[: self.entries], max(0, len(items) - self.entries)

    def left_off(self, number: int, noun: str) -> list[str]:
        """The sentence about what a list does not show; nothing if it shows everything."""
        if not number:
            return []
        return ["", f"*{count(number, noun)} left off to keep this summary small; the JSON report has all.*"]

    def folded(
        self,
        items: Sequence[Item],
        head: Sequence[str],
        row: Callable[[Item], list[str]],
        *,
        noun: str = "case",
        numbers: Sequence[int] = (),
    ) -> Iterator[str]:
        """A folded table of cases, or of other things that there are as many of."""
        shown, left = items[: self.cases], len(items) - self.cases
        title = f"The {noun}" if len(items) == 1 else f"All {count(len(items), noun)}"
        if left > 0:
            title = f"The first {self.cases} of {count(len(items), noun)}"
        yield from ("<details>", f"<summary>{title}</summary>", "")
        yield from table(head, map(row, shown), numbers)
        yield from self.left_off(max(0, left), f"more {noun}")
        yield from ("", "</details>")


def _bars(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(text: str) -> str:
    """Harmless, and of bounded length: what is too long loses its middle, as names differ at their ends."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - _END]}{ELLIPSIS}{text[-_END:]}"
    return visible(text)
