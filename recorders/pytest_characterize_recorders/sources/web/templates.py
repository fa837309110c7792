"""A case's inputs in a request: as JSON, and how the messages about them speak."""

from __future__ import annotations

import math
from typing import Any, Final

from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.filling import Words, as_text, no_text

WORDS: Final = Words(
    what="the request",
    unknown="http-unknown-input",
    unused="http-unused-input",
    bad="http-bad-value",
    hint="give the case a text, number, date or truth value, or a list of them in query= and form=",
)


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
            return {as_text(key, name, WORDS): as_json(item, name) for key, item in value.items()}
        case float():
            raise no_text(value, name, WORDS)
        case _:
            return as_text(value, name, WORDS)
