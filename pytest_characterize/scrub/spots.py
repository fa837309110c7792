"""Where in a text the secrets stand: one small finder a syntax; the text around them is left as it is.

Nothing is parsed and written anew: that would lose number formats, spaces, order and doubled keys, which
are behaviour. Each finder only says which characters are a secret and what they mean once decoded, so
that one secret gives one token in JSON, forms and markup alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, unquote_plus

from pytest_characterize.scrub.markup import find_markup
from pytest_characterize.scrub.names import SecretNames
from pytest_characterize.scrub.shapes import find_shapes, without_escapes
from pytest_characterize.scrub.tokens import hides_nothing
from pytest_characterize.values import Value


@dataclass(frozen=True, slots=True)
class Spot:
    """Characters of a text that are a secret.

    Attributes:
        name: the key that announced it, ``""`` where its shape did.
        kind: class of the secret.
        value: what the characters say.
        quoted: whether a JSON string must stand in their place.
    """

    start: int
    end: int
    name: str
    kind: str
    value: Value
    quoted: bool = False


_SUSPECT: Final = re.compile(r"""[=<]|["']\s*:|:\s*\\*["']""")
"""What each of the finders by name needs: most texts have none of it."""

_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\Z)(\s*:\s*)?', re.DOTALL)
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[{}\[\]]|[^\s{}\[\],:"]+', re.DOTALL)
_HEAD: Final = re.compile(r"""(?<![\w%.\[\]-])([^\W\d][\w%.\[\]-]*+)(?:\\*["'])?[^\S\n]*([=:])[^\S\n]*""")
_QUOTED: Final = re.compile(r"""(\\*["'])([^\n]*?)(?:(?<!\\)\1|$)""", re.MULTILINE)
_BARE: Final = re.compile(r"""(?:[^\s&;"'<>\\]|(?<!=)'(?=\w))+""")
_FORM: Final = re.compile(r"""(?:(?:^|&)[\w.%+*~\[\]-]+=(?:[^\s&<>"'][^\s&<>"]*+)?)++""")
_FIELD: Final = re.compile(r"([^&=]+)=([^&]+)")
_PART: Final = re.compile(
    r"""^Content-Disposition:[^\r\n]*?\bname="?([^"\r\n;]*)"?[^\r\n]*(?:\r?\n[^\r\n]+){0,20}\r?\n\r?\n
    (.*?)(?=\r?\n--|\Z)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


def find_spots(text: str, names: SecretNames) -> list[Spot]:
    """The secrets of a text in order, none inside another; tokens are no secrets."""
    found = [Spot(start, end, "", kind, text[start:end]) for kind, start, end in find_shapes(text)]
    if _SUSPECT.search(text):
        found += _named(text, names)
    return _outermost(found)


def _named(text: str, names: SecretNames) -> Iterator[Spot]:
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        yield from _in_json(text, names)
    if "<" in text:
        yield from (Spot(*place) for place in find_markup(text, names))
    if _FORM.fullmatch(text):
        yield from _in_form(text, names)
    elif "name=" in text:
        yield from _in_multipart(text, names)
    yield from _in_pairs(text, names)


def _in_multipart(text: str, names: SecretNames) -> Iterator[Spot]:
    """Parts of a multipart form that bear a secret's name."""
    for match in _PART.finditer(text):
        kind = names.class_of(match[1])
        if kind is not None:
            yield Spot(*match.span(2), match[1], kind, match[2])


def _outermost(found: list[Spot]) -> list[Spot]:
    chosen: list[Spot] = []
    for spot in sorted(found, key=lambda spot: (spot.start, -spot.end)):
        inside = chosen and spot.start < chosen[-1].end
        if not inside and not hides_nothing(spot.value):
            chosen.append(spot)
    return chosen


def _in_json(text: str, names: SecretNames) -> Iterator[Spot]:
    """Members of JSON objects, also of damaged ones; an array or an object is one secret as a whole."""
    end = 0
    for match in _STRING.finditer(text):
        if match[2] is None or match.start() < end:
            continue
        name = _unquoted(f'"{match[1]}"') if "\\" in match[1] else match[1]
        kind = names.class_of(name)
        if kind is not None:
            start, end = match.end(), _end_of_value(text, match.end())
            yield Spot(start, end, name, kind, _loaded(text[start:end]), quoted=True)


def _end_of_value(text: str, start: int) -> int:
    depth, end = 0, start
    for piece in _PIECE.finditer(text, start):
        depth += (piece[0] in "{[") - (piece[0] in "}]")
        if depth >= 0:
            end = piece.end()
        if depth <= 0:
            break
    return end


def _in_form(text: str, names: SecretNames) -> Iterator[Spot]:
    for match in _FIELD.finditer(text):
        name = unquote_plus(match[1])
        kind = names.class_of(name)
        if kind is not None:
            yield Spot(*match.span(2), name, kind, unquote_plus(match[2]))


def _in_pairs(text: str, names: SecretNames) -> Iterator[Spot]:
    """``name=value`` and ``name: "value"`` anywhere: query strings, logs, scripts, nested JSON."""
    for reading in dict.fromkeys((text, without_escapes(text))):
        for head in _HEAD.finditer(reading):
            name = unquote(head[1])
            kind = names.class_of(name)
            if kind is None:
                continue
            quoted = _QUOTED.match(text, head.end())
            if quoted:
                yield Spot(*quoted.span(2), name, kind, _unescaped(quoted[2], quoted[1]))
            elif head[2] == "=" and (bare := _BARE.match(text, head.end())):
                yield Spot(*bare.span(), name, kind, unquote(bare[0]))


def _unescaped(content: str, quote: str) -> str:
    """What a quoted text says: each nesting of JSON in a JSON string doubles the backslashes and adds one."""
    times = len(quote).bit_length() if "\\" in content else 0
    for _ in range(times):
        content = _unquoted(f'"{content}"')
    return content


def _unquoted(text: str) -> str:
    loaded = _loaded(text)
    return loaded if isinstance(loaded, str) else text[1:-1]


def _loaded(text: str) -> Value:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
