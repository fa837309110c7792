"""Content types: what a body is, and in which charset."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pytest_characterize.values import Response


class Reading(StrEnum):
    """How a body is read."""

    JSON = "JSON"
    URLENCODED = "form data"
    HTML = "HTML"
    XML = "XML"
    TEXT = "text"
    BINARY = "bytes"


_READINGS: Final[Mapping[str, Reading]] = {
    "application/json": Reading.JSON,
    "application/x-www-form-urlencoded": Reading.URLENCODED,
    "text/html": Reading.HTML,
    "application/xhtml+xml": Reading.HTML,
    "application/xml": Reading.XML,
    "text/xml": Reading.XML,
    "application/javascript": Reading.TEXT,
    "application/x-ndjson": Reading.TEXT,
}
_PARAMETER: Final = re.compile(r"""([\w!#$%&'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)""")
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class ContentType:
    """A parsed ``Content-Type``.

    Attributes:
        media: ``text/html``, lower case; ``""`` where there is none.
        charset: as Python names it, ``""`` where none is declared (or where it has no meaning, as in JSON).
        parameters: all others, by lower-case name.
    """

    media: str = ""
    charset: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def reading(self) -> Reading | None:
        """How such a body is read; ``None`` where no type is declared."""
        if not self.media:
            return None
        if self.media in _READINGS:
            return _READINGS[self.media]
        if self.media.endswith("+json"):
            return Reading.JSON
        if self.media.endswith("+xml"):
            return Reading.XML
        return Reading.TEXT if self.media.startswith("text/") else Reading.BINARY


def header(response: Response, name: str) -> list[str]:
    """All values of a header, in order; ``name`` is lower case."""
    return [value for key, value in response.headers if key.lower() == name]


def content_type(response: Response) -> ContentType:
    """What the response says that its body is."""
    values = header(response, "content-type")
    return parse_content_type(values[-1]) if values else ContentType()


@lru_cache(maxsize=256)
def parse_content_type(value: str) -> ContentType:
    """The media type and its parameters, normalised: spelling is no behaviour."""
    media, _, rest = value.partition(";")
    parameters = {name.lower(): _unquoted(text) for name, text in _PARAMETER.findall(rest)}
    charset = _codec(parameters.pop("charset", ""))
    found = ContentType(media.strip().lower(), charset, tuple(sorted(parameters.items())))
    # RFC 8259, section 11: JSON is UTF-8, and saying so has no effect
    return replace(found, charset="") if found.reading is Reading.JSON and charset == "utf-8" else found


def decode(response: Response, declared: ContentType) -> str:
    """The body as text, by its byte order mark, its declared charset, or what it says itself.

    Bytes that are wrong in the declared charset become ``\N{REPLACEMENT CHARACTER}``, as in a browser:
    reading them by another charset would hide the fault.
    """
    body = response.body
    for mark, charset in _MARKS.items():
        if body.startswith(mark):
            return body.decode(charset, "replace")
    charset = declared.charset or _inner_charset(body, declared.reading)
    try:
        return body.decode(charset or "utf-8", "replace" if charset else "strict")
    except (LookupError, UnicodeDecodeError):
        return body.decode("latin-1")


def _inner_charset(body: bytes, reading: Reading | None) -> str:
    """What markup says about itself in its beginning."""
    found = None
    if reading is Reading.XML:
        found = _XML_DECLARATION.match(body)
    elif reading is Reading.HTML:
        found = _META.search(body[:1024]) or _XML_DECLARATION.match(body)
    return _codec(found[1].decode("ascii")) if found else ""


def _codec(name: str) -> str:
    """Python's one name of a charset; what Python does not know stays as it is written."""
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        return name.lower()


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] == '"' else text
