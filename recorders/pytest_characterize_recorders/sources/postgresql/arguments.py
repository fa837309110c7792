"""A case's inputs as the server's input texts: exact, whatever the driver would make of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Cell, Member, Record, Value

NATURAL: Final[Mapping[type, str]] = {
    bool: "boolean",
    float: "double precision",
    str: "text",
    bytes: "bytea",
    Decimal: "numeric",
    date: "date",
    datetime: "timestamp without time zone",
    time: "time without time zone",
    timedelta: "interval",
    UUID: "uuid",
}
"""Types of Python values where the routine's own parameter takes any type."""

WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    str: str,
    bytes: lambda value: "\\x" + value.hex(),
    Decimal: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    time: time.isoformat,
    timedelta: lambda value: f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds",
    UUID: str,
}
"""How a scalar is written; PostgreSQL's input functions read these forms under any setting."""

JSON: Final = ("json", "jsonb")


def server_text(value: Value, type_name: str = "") -> str | None:
    """The text that the input function of the named type reads as exactly this value.

    A text given for a JSON parameter is JSON already; other values become JSON.

    Raises:
        RecordingError: ``argument-unsupported``.
    """
    structured = isinstance(value, list | tuple) and type_name in JSON
    text = _json(value) if structured else _text(value)
    if text is not None and ("\0" in text or not _is_unicode(text)):
        raise unsupported("a text with a NUL or a lone surrogate")
    return text


def natural_type(value: Value) -> str:
    """The type for a parameter of a polymorphic type, which takes its type from the value."""
    if type(value) is int:
        return (
            "integer" if -(2**31) <= value < 2**31 else "bigint" if -(2**63) <= value < 2**63 else "numeric"
        )
    if type(value) is datetime and value.tzinfo is not None:
        return "timestamp with time zone"
    if isinstance(value, list | tuple):
        return f"{natural_type(value[0] if value else '')}[]"
    return NATURAL.get(type(value), "text")


def _text(value: Value) -> str | None:
    match value:
        case None:
            return None
        case list() | tuple():
            return _array(value)
        case Mapping():
            return _json(value)
        case Record(fields=content):
            return _json(content)
        case Member(value=inner):
            return _text(inner)
        case Cell(text=text):
            return text
    write = WRITERS.get(type(value))
    if write is None:
        raise unsupported(f"a value of type {type(value).__name__}")
    return write(value)


def _array(items: Sequence[Value]) -> str:
    return "{" + ",".join(_array_item(item) for item in items) + "}"


def _array_item(item: Value) -> str:
    if isinstance(item, list | tuple):
        return _array(item)
    text = _text(item)
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _json(value: Value) -> str:
    """JSON whose numbers are exact; what JSON cannot hold is written as its server text."""
    match value:
        case None | bool() | str():
            return json.dumps(value)
        case int() | Decimal() | float():
            return str(value)
        case list() | tuple():
            return "[" + ", ".join(_json(item) for item in value) + "]"
        case Mapping():
            return (
                "{"
                + ", ".join(f"{json.dumps(str(name))}: {_json(item)}" for name, item in value.items())
                + "}"
            )
        case _:
            return json.dumps(_text(value))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def unsupported(what: str) -> RecordingError:
    """The error for an input that has no exact server text."""
    return RecordingError(
        f"{what} cannot be given to the source",
        slug="argument-unsupported",
        hint="give the legacy side's own text for it, or leave the input out",
    )
