"""XML by content: elements, attributes and text; prefixes, comments and indentation are spelling."""

from __future__ import annotations

from xml.etree import ElementTree

from pytest_characterize.compare.markup import DOCUMENT, Element, Text, locate


class NotXmlError(ValueError):
    """The text is no well-formed XML document; says why."""


def read_xml(text: str) -> Element:
    """The document.

    Raises:
        NotXmlError: it is malformed.
    """
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise NotXmlError(str(error)) from None
    document = Element(DOCUMENT, {}, [_element(root)])
    locate(document)
    return document


def _element(root: ElementTree.Element) -> Element:
    """The tree below a parsed element, made from the leaves up and without recursion."""
    made: dict[ElementTree.Element, Element] = {}
    for node in _leaves_first(root):
        children: list[Element | Text] = [Text(node.text)] if node.text else []
        for child in node:
            children.append(made.pop(child))
            if child.tail:
                children.append(Text(child.tail))
        if len(node):
            children = [child for child in children if not _blank(child)]
        made[node] = Element(node.tag, dict(node.attrib), children)
    return made[root]


def _leaves_first(root: ElementTree.Element) -> list[ElementTree.Element]:
    order, left = [], [root]
    while left:
        node = left.pop()
        order.append(node)
        left.extend(node)
    return order[::-1]


def _blank(child: Element | Text) -> bool:
    """White space between elements is indentation."""
    return isinstance(child, Text) and not child.data.strip()
