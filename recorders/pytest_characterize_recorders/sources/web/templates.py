"""``{name}`` in the texts of a request, filled with a case's inputs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Value

_PLACE: Final = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|\{(?P<name>[A-Za-z_]\w*)\}")


class Filling:
    """Fills templates with inputs, and remembers which it has used.

    ``{{name}}`` stands for the text ``{name}`` itself; other braces mean nothing.

    >>> Filling({"id": 7, "name": "a/b"}).path("/customer/{id}/{name}")
    '/customer/7/a%2Fb'
    """

    def __init__(self, inputs: Mapping[str, Value]) -> None:
        self._inputs = inputs
        self._used: set[str] = set()

    def path(self, template: str) -> str:
        """The template with percent-encoded inputs."""
        return self._filled(template, lambda text: quote(text, safe=""))

    def text(self, template: str) -> str:
        """The template with inputs as texts."""
        return self._filled(template, str)

    def parameters(self, templates: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Pairs of a query or form: a list gives one pair an item, ``None`` none."""
        return [
            (name, as_text(item, name))
            for name, template in templates.items()
            for value in [self.typed(template)]
            for item in (value if isinstance(value, list | tuple) else [value])
            if item is not None
        ]

    def typed(self, template: Any) -> Any:
        """A document with its texts filled; a text that is exactly ``{name}`` becomes the input itself."""
        match template:
            case str():
                whole = _PLACE.fullmatch(template)
                return self._input(whole["name"]) if whole and whole["name"] else self.text(template)
            case Mapping():
                return {key: self.typed(item) for key, item in template.items()}
            case list() | tuple():
                return [self.typed(item) for item in template]
            case _:
                return template

    def require_all_used(self) -> None:
        """Refuse inputs that legacy never sees: different cases would be the same request."""
        unused = sorted(set(self._inputs) - self._used)
        if unused:
            raise RecordingError(
                f"the request does not use the input {unused[0]!r}",
                slug="http-unused-input",
                hint=f"write {{{unused[0]}}} where it belongs, or leave the input out of the cases",
            )

    def _filled(self, template: str, encode: Callable[[str], str]) -> str:
        def fill(place: re.Match[str]) -> str:
            if place["literal"]:
                return f"{{{place['literal']}}}"
            name = place["name"]
            return encode(as_text(self._input(name), name))

        return _PLACE.sub(fill, template)

    def _input(self, name: str) -> Value:
        if name not in self._inputs:
            raise RecordingError(
                f"the request asks for {{{name}}}, which is no input of the case",
                slug="http-unknown-input",
                hint=f"the inputs are {', '.join(sorted(self._inputs)) or '(none)'};"
                f" write {{{{{name}}}}} for the text itself",
            )
        self._used.add(name)
        return self._inputs[name]


def as_text(value: Value, name: str) -> str:
    """A scalar as a request's text: dates in ISO form, ``true`` and ``false``."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() if not _encodable(value):
            raise _no_text(value, name)
        case str() | int() | float() | Decimal() | UUID():
            return str(value)
        case date() | datetime() | time():
            return value.isoformat()
        case _:
            raise _no_text(value, name)


def as_json(value: Value, name: str) -> Any:
    """A value as a JSON document; what JSON has no type for is told as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple():
            return [as_json(item, name) for item in value]
        case dict():
            return {as_text(key, name): as_json(item, name) for key, item in value.items()}
        case float():
            raise _no_text(value, name)
        case _:
            return as_text(value, name)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_text(value: Value, name: str) -> RecordingError:
    what = ascii(value) if value is None or isinstance(value, float | str) else f"a {type(value).__name__}"
    return RecordingError(
        f"{name!r} in the request is {what}, which has no text form there",
        slug="http-bad-value",
        hint="give the case a text, number, date or truth value, or a list of them in query= and form=",
    )
