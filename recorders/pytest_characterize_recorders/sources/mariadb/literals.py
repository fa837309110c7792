"""A case's inputs as literals of the server's SQL: what they hold can never be read as SQL.

Texts and bytes are written in hexadecimal digits, so no setting of the session (``NO_BACKSLASH_ESCAPES``,
``ANSI_QUOTES``, a character set) can give them another meaning.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Cell, Member, Record, Value

NULL: Final = "NULL"


def literal(value: Value) -> str:
    """The literal that the server reads as exactly this value; lists and mappings are JSON.

    >>> literal("a'b"), literal(Decimal("-1.50")), literal(date(2024, 3, 1))
    ("_utf8mb4 X'612762'", '-1.50', "DATE '2024-03-01'")

    Raises:
        RecordingError: ``argument-unsupported``.
    """
    match value:
        case None | Cell(text=None):
            return NULL
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float() | Decimal():
            return _number(value)
        case bytes():
            return f"X'{value.hex()}'"
        case datetime() | date() | time() | timedelta():
            return _temporal(value)
        case Member(value=inner):
            return literal(inner)
        case list() | tuple() | Mapping() | Record():
            return _text(_json(value))
        case _:
            return _text(_plain(value))


def quoted(*names: str) -> str:
    """Names as one quoted identifier.

    >>> quoted("billing", "a`b")
    '`billing`.`a``b`'
    """
    return ".".join(f"`{name.replace('`', '``')}`" for name in names)


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise unsupported(f"the number {value}")
    return f"{value:f}" if isinstance(value, Decimal) else f"{value!r}{'' if 'e' in repr(value) else 'e0'}"


def _temporal(value: date | time | timedelta) -> str:
    if getattr(value, "tzinfo", None) is not None:
        raise unsupported("a time with a time zone")
    if isinstance(value, timedelta):
        microseconds = value // timedelta(microseconds=1)
        seconds, fraction = divmod(abs(microseconds), 1_000_000)
        sign = "-" if microseconds < 0 else ""
        text = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:06}"
        return f"TIME '{text}'"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    return f"{'DATE' if isinstance(value, date) else 'TIME'} '{value.isoformat()}'"


def _text(text: str) -> str:
    try:
        return f"_utf8mb4 X'{text.encode().hex()}'"
    except UnicodeEncodeError:
        raise unsupported("a text with a lone surrogate") from None


def _plain(value: Value) -> str:
    match value:
        case str():
            return value
        case UUID():
            return str(value)
        case Cell(text=str() as text):
            return text
    raise unsupported(f"a value of type {type(value).__name__}")


def _json(value: Value) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value)
        case int() | Decimal() | float():
            return str(value)
        case list() | tuple():
            return "[" + ", ".join(_json(item) for item in value) + "]"
        case Record(fields=content):
            return _json(content)
        case Mapping():
            pairs = (f"{json.dumps(str(name))}: {_json(item)}" for name, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case date() | time():
            return json.dumps(value.isoformat())
        case _:
            return json.dumps(_plain(value))


def unsupported(what: str) -> RecordingError:
    """The error for an input that has no exact literal."""
    return RecordingError(
        f"{what} cannot be given to the source",
        slug="argument-unsupported",
        hint="give the legacy side's own text for it, or leave the input out",
    )
