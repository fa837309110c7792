"""Pages of the documentation as what can be checked of them: code blocks, directives, links, headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
PARSER = MarkdownIt("commonmark").enable("table")
LANGUAGES = {"console", "html", "json", "python", "sql", "text", "toml", "yaml"}
_DIRECTIVE = re.compile(r"<!--\s*(file|service|stop):\s*(.+?)\s*-->")


@dataclass(frozen=True)
class Block:
    """One fenced code block.

    Attributes:
        where: page and line, for messages.
        options: the info string's ``name="value"`` pairs, such as ``title="legacy.py"``.
    """

    where: str
    language: str
    text: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.options.get("title", "")


@dataclass(frozen=True)
class Directive:
    """A comment that the reader does not see, such as ``<!-- service: postgresql billing legacy.sql -->``."""

    where: str
    verb: str
    words: tuple[str, ...]


def steps(page: Path) -> Iterator[Block | Directive]:
    """What a reader who follows the page does, from top to bottom."""
    for token in PARSER.parse(page.read_text("utf-8")):
        where = f"{page.relative_to(ROOT)}:{(token.map or [0])[0] + 1}"
        if token.type == "fence":
            language, *options = shlex.split(token.info) or [""]
            yield Block(where, language, token.content, dict(option.split("=", 1) for option in options))
        elif token.type == "html_block":
            for verb, words in _DIRECTIVE.findall(token.content):
                yield Directive(where, verb, tuple(words.split()))


def blocks(page: Path) -> list[Block]:
    return [step for step in steps(page) if isinstance(step, Block)]


def links(page: Path) -> Iterator[str]:
    """Every link's target, as written."""
    for token in PARSER.parse(page.read_text("utf-8")):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrs["href"])
            elif child.type == "image":
                yield str(child.attrs["src"])


def anchors(page: Path) -> set[str]:
    """The page's headings as GitHub makes anchors of them."""
    tokens = PARSER.parse(page.read_text("utf-8"))
    titles = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
