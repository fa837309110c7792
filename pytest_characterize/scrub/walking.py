"""One pass over a value or an exchange: what the names and shapes in it announce becomes tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from pytest_characterize.model import Interaction
from pytest_characterize.paths import join_path, show_part
from pytest_characterize.scrub.bodies import text_of
from pytest_characterize.scrub.headers import REQUEST, RESPONSE
from pytest_characterize.scrub.names import SecretNames
from pytest_characterize.scrub.spots import Spot, find_spots
from pytest_characterize.scrub.tokens import hides_nothing, token
from pytest_characterize.settings import Redaction
from pytest_characterize.values import Cell, Member, Raised, Record, Response, Rows, Value

Path: TypeAlias = tuple[object, ...]
"""The root's name, then the parts of a path."""

_COOKIE: Final = re.compile(r"""(?:^|;)\s*([^=;\s]+)\s*=\s*"?([^;"]*)""")

Headers: TypeAlias = tuple[tuple[str, str], ...]


class Walk:
    """Scrubs and remembers: ``found`` is path -> class of everything that was replaced."""

    def __init__(self, names: SecretNames, redaction: Redaction, key: bytes | None) -> None:
        self.found: dict[str, str] = {}
        self._names = names
        self._key = key
        self._redaction = redaction

    @cached_property
    def _kept_headers(self) -> set[str]:
        """Asked for exchanges only."""
        return {name.lower() for name in self._redaction.headers}

    def value(self, value: Value, path: Path) -> Value:
        """The value without secrets."""
        way = _WAYS.get(type(value))
        return way(self, value, path) if way else value

    def effects(self, effects: Mapping[str, Value]) -> dict[str, Value]:
        """Effects, whose first two keys name an effect and a table: a table ``tokens`` is no secret."""
        return {
            name: {table: self.value(change, ("$effects", name, table)) for table, change in effect.items()}
            if type(effect) is dict
            else self.value(effect, ("$effects", name))
            for name, effect in effects.items()
        }

    def interaction(self, one: Interaction, path: Path) -> Interaction:
        """The exchange with allowed headers only and without secrets."""
        request, response = (*path, "request"), (*path, "response")
        return replace(
            one,
            uri=self._text(one.uri, (*request, "uri")),
            request_headers=self._headers(one.request_headers, REQUEST, request),
            request_body=self._body(one.request_body, one.request_headers, request),
            response_headers=self._headers(one.response_headers, RESPONSE, response),
            response_body=self._body(one.response_body, one.response_headers, response),
        )

    def _hide(self, value: Value, kind: str, path: Path) -> Value:
        """A token for all that a secret's name announces; nothing stays nothing."""
        if hides_nothing(value):
            return value
        if type(value) is Cell:
            return replace(value, text=self._hide(value.text, kind, path))
        return self._token(value, kind, _shown(path))

    def _token(self, value: Value, kind: str, path: str) -> str:
        self.found[path] = kind
        return token(self._key, kind, value, path)

    def _list(self, value: list[Value], path: Path) -> list[Value]:
        return [self.value(item, (*path, index)) for index, item in enumerate(value)]

    def _tuple(self, value: tuple[Value, ...], path: Path) -> tuple[Value, ...]:
        return tuple(self._list(list(value), path))

    def _set(self, value: set[Value], path: Path) -> set[Value]:
        return {self.value(item, path) for item in value}

    def _frozenset(self, value: frozenset[Value], path: Path) -> frozenset[Value]:
        return frozenset(self.value(item, path) for item in value)

    def _dict(self, value: Mapping[Any, Value], path: Path) -> dict[Any, Value]:
        clean = {}
        for key, item in value.items():
            kind = self._names.class_of(key) if type(key) is str else None
            if kind is not None:
                clean[key] = self._hide(item, kind, (*path, key))
            else:
                way = _WAYS.get(type(item))
                clean[key] = way(self, item, (*path, key)) if way else item
        return clean

    def _record(self, value: Record, path: Path) -> Record:
        return Record(value.type, self._dict(value.fields, path))

    def _member(self, value: Member, path: Path) -> Member:
        return replace(value, value=self.value(value.value, (*path, "value")))

    def _cell(self, value: Cell, path: Path) -> Cell:
        return value if value.text is None else replace(value, text=self._text(value.text, path))

    def _rows(self, value: Rows, path: Path) -> Rows:
        """By column; a path names a column once, not once a row."""
        places = [f"{_shown(path)}[*]{show_part(column.name)}" for column in value.columns]
        kinds = [self._names.class_of(column.name) for column in value.columns]

        def clean(text: str | None, place: str, kind: str | None) -> str | None:
            if text is None or hides_nothing(text):
                return text
            return self._token(text, kind, place) if kind else self._text(text, (place,))

        rows = (tuple(map(clean, row, places, kinds)) for row in value.rows)
        return replace(value, rows=tuple(rows))

    def _raised(self, value: Raised, path: Path) -> Raised:
        return replace(
            value,
            message=self._text(value.message, (*path, "message")),
            details=self._dict(value.details, path),
        )

    def _response(self, value: Response, path: Path) -> Response:
        return replace(
            value,
            headers=self._headers(value.headers, RESPONSE, path),
            body=self._body(value.body, value.headers, path),
        )

    def _headers(self, headers: Headers, allowed: frozenset[str], path: Path) -> Headers:
        return tuple(
            (name, self._header(name, text, (*path, "headers", name.lower())))
            for name, text in headers
            if name.lower() in allowed or name.lower() in self._kept_headers
        )

    def _header(self, name: str, text: str, path: Path) -> str:
        match name.lower():
            case "set-cookie":
                return self._replaced(text, self._cookies(text.partition(";")[0]), path)
            case "cookie":
                return self._replaced(text, self._cookies(text), path)
        kind = self._names.class_of(name)
        return self._text(text, path) if kind is None else str(self._hide(text, kind, path))

    def _cookies(self, text: str) -> list[Spot]:
        """Values of cookies are secrets whatever their names, unless the project keeps one."""
        return [
            Spot(*match.span(2), match[1], "cookie", match[2].rstrip())
            for match in _COOKIE.finditer(text)
            if not self._names.keeps(match[1]) and not hides_nothing(match[2].rstrip())
        ]

    def _body(self, body: bytes, headers: Iterable[tuple[str, str]], path: Path) -> bytes:
        content_type = next((text for name, text in headers if name.lower() == "content-type"), "")
        return self._bytes(body, (*path, "body"), content_type)

    def _bytes(self, value: bytes, path: Path, content_type: str = "") -> bytes:
        text, encoding = text_of(value, content_type)
        return self._text(text, path).encode(encoding) if encoding else value

    def _text(self, text: str, path: Path) -> str:
        return self._replaced(text, find_spots(text, self._names), path)

    def _replaced(self, text: str, spots: list[Spot], path: Path) -> str:
        parts, position = [], 0
        for spot in spots:
            place = _shown((*path, spot.name) if spot.name else path)
            word = self._token(spot.value, spot.kind, place)
            parts += [text[position : spot.start], f'"{word}"' if spot.quoted else word]
            position = spot.end
        return "".join([*parts, text[position:]]) if parts else text


def _shown(path: Path) -> str:
    root, *parts = path
    return join_path(parts, str(root))


_WAYS: Final[Mapping[type, Callable[[Walk, Any, Path], Value]]] = {
    str: Walk._text,
    bytes: Walk._bytes,
    list: Walk._list,
    tuple: Walk._tuple,
    set: Walk._set,
    frozenset: Walk._frozenset,
    dict: Walk._dict,
    Record: Walk._record,
    Member: Walk._member,
    Cell: Walk._cell,
    Rows: Walk._rows,
    Raised: Walk._raised,
    Response: Walk._response,
}
