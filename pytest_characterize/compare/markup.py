"""Markup as a small tree: what is left of an HTML or XML document when its spelling is set aside."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import escape
from typing import Final

from pytest_characterize.compare.likeness import Marked

DOCUMENT: Final = "#document"
_ALONE: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_UNESCAPED: Final = frozenset({"script", "style"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption", "legend"})


class Text(Marked):
    """A run of text.

    Attributes:
        near: where it is, in a reader's words (see :func:`locate`).
    """

    __slots__ = ("data", "mark", "near")

    def __init__(self, data: str) -> None:
        self.data, self.near = data, ""
        self.mark = hash(data)

    def features(self) -> Iterable[Hashable]:
        """Its words."""
        return ["#text", *self.data.split()]


class Element(Marked):
    """An element; elements are only ever made with all their children.

    Attributes:
        tag: its name; in XML with the namespace's URI in braces.
        attributes: by name, order is no content.
        near: as in :class:`Text`.
    """

    __slots__ = ("attributes", "children", "mark", "near", "tag")

    def __init__(self, tag: str, attributes: Mapping[str, str], children: Sequence[Element | Text]) -> None:
        self.tag, self.attributes, self.children, self.near = tag, attributes, children, ""
        marks = tuple(child.mark for child in children)
        self.mark = hash((tag, frozenset(attributes.items()), marks))

    @property
    def name(self) -> str:
        """Its name without a namespace."""
        return self.tag.rpartition("}")[2]

    def features(self) -> Iterable[Hashable]:
        """Its name first, then its attributes and children."""
        return [self.tag, *self.attributes.items(), *(child.mark for child in self.children)]


def outer(node: Element | Text) -> str:
    """The node as markup, for people to read."""
    out: list[str] = []
    left: list[Element | Text | str] = [node]
    while left:
        item = left.pop()
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, Text):
            out.append(escape(item.data, quote=False))
        elif item.tag == DOCUMENT:
            left.extend(reversed(item.children))
        else:
            attributes = "".join(f' {name}="{escape(value)}"' for name, value in item.attributes.items())
            out.append(f"<{item.name}{attributes}>")
            if item.children or item.tag not in _ALONE:
                left.append(f"</{item.name}>")
            if item.tag in _UNESCAPED:
                left.extend(child.data for child in item.children if isinstance(child, Text))
            else:
                left.extend(reversed(item.children))
    return "".join(out)


def locate(document: Element) -> None:
    """Say of every node where it is: in the nearest element with an id, else under the last heading."""
    heading = ""
    left: list[tuple[Element | Text, str]] = [(document, "")]
    while left:
        node, inside = left.pop()
        if isinstance(node, Element):
            if identity := node.attributes.get("id", ""):
                inside = f"in #{identity}"
            if node.tag in _HEADINGS:
                heading = f"under {' '.join(words(node))!r}"
            left.extend((child, inside) for child in reversed(node.children))
        node.near = inside or heading


def words(element: Element) -> list[str]:
    """The words of an element's text."""
    found: list[str] = []
    left: list[Element | Text] = [element]
    while left:
        node = left.pop()
        if isinstance(node, Text):
            found += node.data.split()
        else:
            left.extend(reversed(node.children))
    return found
