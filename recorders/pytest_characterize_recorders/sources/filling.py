"""``{name}`` in the texts of a descriptor, filled with a case's inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Value


@dataclass(frozen=True, slots=True)
class Words:
    """How a sort of recorder speaks of what is filled.

    Attributes:
        what: what the texts belong to, such as ``the request``.
        unknown, unused, bad: the slugs of its messages.
        hint: what to give instead of a value that has no text there.
    """

    what: str
    unknown: str
    unused: str
    bad: str
    hint: str


_PLACE: Final = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|\{(?P<name>[A-Za-z_]\w*)\}")


class Filling:
    """Fills templates with inputs, and remembers which it has used.

    ``{{name}}`` stands for the text ``{name}`` itself; other braces mean nothing.

    >>> words = Words("the request", "unknown", "unused", "bad", "hint")
    >>> Filling({"id": 7, "name": "a/b"}, words).path("/customer/{id}/{name}")
    '/customer/7/a%2Fb'
    """

    def __init__(self, inputs: Mapping[str, Value], words: Words) -> None:
        self._inputs, self._words = inputs, words
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
            (name, as_text(item, name, self._words))
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
                f"{self._words.what} does not use the input {unused[0]!r}",
                slug=self._words.unused,
                hint=f"write {{{unused[0]}}} where it belongs, or leave the input out of the cases",
            )

    def _filled(self, template: str, encode: Callable[[str], str]) -> str:
        def fill(place: re.Match[str]) -> str:
            if place["literal"]:
                return f"{{{place['literal']}}}"
            name = place["name"]
            return encode(as_text(self._input(name), name, self._words))

        return _PLACE.sub(fill, template)

    def _input(self, name: str) -> Value:
        if name not in self._inputs:
            raise RecordingError(
                f"{self._words.what} asks for {{{name}}}, which is no input of the case",
                slug=self._words.unknown,
                hint=f"the inputs are {', '.join(sorted(self._inputs)) or '(none)'};"
                f" write {{{{{name}}}}} for the text itself",
            )
        self._used.add(name)
        return self._inputs[name]


def as_text(value: Value, name: str, words: Words) -> str:
    """A scalar as a text: dates in ISO form, ``true`` and ``false``."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() if not _encodable(value):
            raise no_text(value, name, words)
        case str() | int() | float() | Decimal() | UUID():
            return str(value)
        case date() | datetime() | time():
            return value.isoformat()
        case _:
            raise no_text(value, name, words)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def no_text(value: Value, name: str, words: Words) -> RecordingError:
    """The value has no text form in what is filled."""
    what = ascii(value) if value is None or isinstance(value, float | str) else f"a {type(value).__name__}"
    return RecordingError(
        f"{name!r} in {words.what} is {what}, which has no text form there", slug=words.bad, hint=words.hint
    )
