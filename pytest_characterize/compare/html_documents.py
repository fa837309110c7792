"""HTML as a browser understands it: implied elements are there, comments and blanks without effect are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from pytest_characterize.compare.markup import Element, Text, locate

_KEPT: Final = frozenset({"script", "style", "pre", "textarea", "listing", "xmp", "plaintext"})
"""Elements in which blanks are content."""
_INLINE: Final = frozenset(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins"  # noqa: SIM905
    " kbd label map mark meter object output progress q ruby s samp select small span strike strong"
    " sub sup svg textarea time tt u var wbr".split()
)
"""Elements that stand in a line of text, so that a blank beside them can be seen."""
_SWITCHES: Final = frozenset(
    "allowfullscreen async autofocus autoplay checked controls default defer disabled"  # noqa: SIM905
    " formnovalidate hidden ismap loop multiple muted nomodule novalidate nowrap open readonly required"
    " reversed selected".split()
)
"""Attributes that say something by being there, whatever their value."""
_BLANKS: Final = re.compile(r"[ \t\n\r\f]+")


def read_html(text: str) -> Element:
    """The document; any text is one."""
    # imported where it is needed: it takes longer to import than all of this package
    from justhtml import JustHTML

    root = JustHTML(text, sanitize=False, scripting_enabled=False).root
    document = _element(root)
    locate(document)
    return document


def _element(root: Any) -> Element:
    """The tree below a parsed node, made from the leaves up and without recursion."""
    open_nodes = [_Open(root, kept=False)]
    while True:
        here = open_nodes[-1]
        child = next(here.left, None)
        if child is None:
            open_nodes.pop()
            element = here.close()
            if not open_nodes:
                return element
            open_nodes[-1].children.append(element)
        elif child.name == "#text":
            here.children.append(child.data or "")
        elif child.name == "!doctype":
            here.attributes["doctype"] = _doctype(child.data)
        elif child.name[:1] != "#":
            open_nodes.append(_Open(child, kept=here.kept))


class _Open:
    """A parsed node whose children are being made."""

    def __init__(self, node: Any, *, kept: bool) -> None:
        self.tag: str = node.name
        self.kept = kept or self.tag in _KEPT
        self.attributes = {
            name: "" if value is None or name in _SWITCHES else value
            for name, value in (node.attrs or {}).items()
        }
        content = getattr(node, "template_content", None)
        self.left: Iterator[Any] = chain(content.children if content else (), node.children or ())
        self.children: list[Element | str] = []

    def close(self) -> Element:
        """The element with all its children."""
        children = _joined(self.children)
        if not self.kept:
            children = _without_blanks(children, inline=self.tag in _INLINE)
        return Element(
            self.tag,
            self.attributes,
            [Text(child) if isinstance(child, str) else child for child in children if child != ""],
        )


def _doctype(doctype: Any) -> str:
    parts = (doctype.name, doctype.public_id, doctype.system_id)
    return " ".join(part for part in parts if part)


def _joined(children: Iterable[Element | str]) -> list[Element | str]:
    """Runs of text in one piece, wherever a comment parted them."""
    joined: list[Element | str] = []
    for child in children:
        if isinstance(child, str) and joined and isinstance(joined[-1], str):
            joined[-1] += child
        else:
            joined.append(child)
    return joined


def _without_blanks(children: list[Element | str], *, inline: bool) -> list[Element | str]:
    """Blanks as a browser shows them: one for a run, none at the edge of a block."""
    shown: list[Element | str] = []
    for at, child in enumerate(children):
        if isinstance(child, str):
            child = _BLANKS.sub(" ", child)
            if not (_in_line(children[at - 1]) if at else inline):
                child = child.removeprefix(" ")
            if not (_in_line(children[at + 1]) if at + 1 < len(children) else inline):
                child = child.removesuffix(" ")
        shown.append(child)
    return shown


def _in_line(sibling: Element | str) -> bool:
    return isinstance(sibling, Element) and sibling.tag in _INLINE
