"""Ids inside texts: a side's own ids in paths, headers and documents, replaced by their names.

Which id stands where is told by keys, never by the value alone: a quantity that happens to equal an id must
not be compared by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final, TypeAlias

Ids: TypeAlias = Mapping[tuple[str, str], str]
"""Key and id -> name."""

_JSON: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}\[\]]', re.DOTALL)
_KEY_ENDS: Final = re.compile(r"\s*:")
_BETWEEN: Final = r"""(?:["']?\s+value)?[^\w{}]{1,40}?"""


def in_text(text: str, ids: Ids) -> str:
    """The text with names in the place of ids that stand directly after their key.

    Between key and id there are only signs and white space, or the ``value=`` of a form's field.

    >>> ids = {("orders", "17"): "order", ("number", "17"): "order"}
    >>> in_text("/orders/17/lines/17?number=17", ids)
    '/orders/{id:order}/lines/17?number={id:order}'
    >>> in_text('<input name="number" value="17"> <td class=number>17</td> number 17.5', ids)
    '<input name="number" value="{id:order}"> <td class=number>{id:order}</td> number 17.5'
    """
    for (key, value), name in ids.items():
        pattern = rf"(?<!\w)({re.escape(key)}{_BETWEEN})(?<![-+.,]){re.escape(value)}(?![\w-]|[.,]\d)"
        text = re.sub(pattern, r"\1" + _name(name).replace("\\", r"\\"), text)
    return text


def in_json(text: str, ids: Ids) -> str:
    """A JSON document, bytewise, with names in the place of ids; all else stays as it is written.

    >>> in_json('{"number": 17, "lines": [{"quantity": 17}], "all": "/number/17"}', {("number", "17"): "order"})
    '{"number": "{id:order}", "lines": [{"quantity": 17}], "all": "/number/{id:order}"}'
    """
    parts, position, keys = [], 0, [""]
    for token in _JSON.finditer(text):
        word = token[0]
        if word in "{[":
            keys.append(keys[-1])
        elif word in "}]":
            keys = keys[:-1] or [""]
        elif word[0] == '"' and _KEY_ENDS.match(text, token.end()):
            keys[-1] = _read(word)
        else:
            named = ids.get((keys[-1], _read(word)))
            new = f'"{_name(named)}"' if named else in_text(word, ids) if word[0] == '"' else word
            parts += [text[position : token.start()], new]
            position = token.end()
    return "".join([*parts, text[position:]])


def in_body(body: bytes, content_type: str, ids: Ids) -> bytes:
    """A body with names in the place of ids, whatever its charset: all other bytes stay as they are."""
    if not ids or b"\0" in body:
        return body
    seen = {(_bytewise(key), _bytewise(value)): _bytewise(name) for (key, value), name in ids.items()}
    replaced = in_json if "json" in content_type.lower() else in_text
    return replaced(body.decode("latin-1"), seen).encode("latin-1")


def _bytewise(text: str) -> str:
    return text.encode(errors="surrogatepass").decode("latin-1")


def _read(word: str) -> str:
    """A JSON scalar's text, bytewise."""
    if word[0] != '"' or "\\" not in word:
        return word.strip('"')
    try:
        return _bytewise(json.loads(word.encode("latin-1").decode("utf-8", "replace"), strict=False))
    except ValueError:
        return word[1:-1]


def _name(name: str) -> str:
    return f"{{id:{name}}}"
