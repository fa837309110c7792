"""Secrets in XML and HTML: elements and attributes of a secret's name, and form fields that bear one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from pytest_characterize.scrub.names import SecretNames

Place: TypeAlias = tuple[int, int, str, str, str]
"""Start, end, name, class and decoded value."""

_TAG: Final = re.compile(
    r"""<([A-Za-z_][\w:.-]*+)((?:[^<>"']|"[^"]{0,9999}"|'[^']{0,9999}')*+)>""",
)
_ATTRIBUTE: Final = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CDATA: Final = re.compile(r"\s*<!\[CDATA\[(.*)\]\]>\s*", re.DOTALL)

_MARKUP: Final = re.compile(r"\s*<")
_LINE: Final = re.compile(r"[^<\n]*")

_NAMING: Final = frozenset({"name", "id", "key", "property"})
_HOLDING: Final = frozenset({"value", "content"})
_TEXT_TAGS: Final = frozenset(
    {"param", "parameter", "property", "entry", "item", "field", "string", "textarea"}
)
_BUTTONS: Final = frozenset({"submit", "button", "reset", "image"})


def find_markup(text: str, names: SecretNames) -> Iterator[Place]:
    """``<password>x</password>``, ``<a token="x">``, ``<input name="csrf" value="x">``,
    ``<entry key="password">x</entry>``; what stands inside a secret is not looked at again."""
    end, unclosed = 0, set[str]()
    for tag in _TAG.finditer(text):
        if tag.start() < end:
            continue
        local = tag[1].rpartition(":")[2]
        kind = names.class_of(local)
        announced = (local, kind) if kind else None
        if "=" in tag[2]:
            places, field = _attributes(text, tag, names)
            yield from places
            if local.lower() in _TEXT_TAGS:
                announced = announced or field
        if announced and not tag[2].endswith("/"):
            start, end, value = _content(text, tag, unclosed)
            if value.strip():
                yield (start, end, *announced, value)


def _attributes(
    text: str, tag: re.Match[str], names: SecretNames
) -> tuple[list[Place], tuple[str, str] | None]:
    """Secrets among the attributes; and name and class of a field that is named and has no value here."""
    places: list[Place] = []
    holding: list[tuple[int, int, str]] = []
    field: tuple[str, str] | None = None
    button = False
    for attribute in _ATTRIBUTE.finditer(text, *tag.span(2)):
        start, end = attribute.span(attribute.lastindex or 0)
        name, value = attribute[1].rpartition(":")[2].lower(), html.unescape(text[start:end])
        kind = names.class_of(attribute[1])
        if kind is not None:
            places.append((start, end, attribute[1], kind, value))
        elif name in _NAMING and (kind := names.class_of(value)):
            field = field or (value, kind)
        elif name in _HOLDING:
            holding.append((start, end, value))
        elif name == "type":
            button = value.lower() in _BUTTONS
    if button:
        return places, None
    if field and holding:
        places += [(start, end, *field, value) for start, end, value in holding]
        return places, None
    return places, field


def _content(text: str, tag: re.Match[str], unclosed: set[str]) -> tuple[int, int, str]:
    """Start, end and meaning of an element's content; of one that was cut off, the rest of its line."""
    start, closing = tag.end(), f"</{tag[1]}"
    end = -1 if closing in unclosed else text.find(closing, start)
    if end < 0:
        unclosed.add(closing)
        line = _LINE.match(text, start) if _MARKUP.match(text) else None
        end = line.end() if line else start
    cdata = _CDATA.fullmatch(text, start, end)
    if cdata:
        return (*cdata.span(1), cdata[1])
    return start, end, html.unescape(text[start:end])
