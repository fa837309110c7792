"""SQLite's values as Python values, by the type that a column declares and that its values have.

The recorder writes texts as they are, numbers as Python does, blobs as ``0x...``; in a column of type ``any``,
whose values are of several types, each is a SQL literal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, TypeAlias
from uuid import UUID

from pytest_characterize.values import Value

Converter: TypeAlias = Callable[[str], Value]

_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SCALE: Final = re.compile(r"\(\s*\d+\s*,\s*(\d{1,2})\s*\)")
_INTEGER: Final = re.compile(r"-?\d+", re.ASCII)


@lru_cache(maxsize=1024)
def converter(type_name: str) -> Converter:
    """What turns the texts of a type into values; it raises a ``ValueError`` for a text without one.

    >>> converter("decimal(8,2)")("2.5"), converter("boolean")("1"), converter("any")("'1'")
    (Decimal('2.50'), True, '1')
    """
    kind = type_name.strip().lower()
    if kind == "any":
        return _literal
    if re.search("dec|num|money", kind):
        scale = _SCALE.search(kind)
        return partial(_decimal, scale=int(scale[1]) if scale else None)
    return next((read for pattern, read in _CONVERTERS if re.search(pattern, kind)), str)


def _decimal(text: str, scale: int | None) -> Decimal:
    """With the digits that the column declares, where that takes nothing away: SQLite keeps none."""
    value = Decimal(text)
    if scale is None or not value.is_finite():
        return value
    exact = value.quantize(Decimal(1).scaleb(-scale))
    return exact if exact == value else value


def _flag(text: str) -> bool | int:
    return {"0": False, "1": True}.get(text, int(text))


def _date(text: str) -> date:
    if not _ISO_DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _datetime(text: str) -> datetime:
    if not _ISO_DATE.match(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError(text)
    return bytes.fromhex(text[2:])


def _literal(text: str) -> Value:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith("x'"):
        return bytes.fromhex(text[2:-1])
    return int(text) if _INTEGER.fullmatch(text) else float(text)


_CONVERTERS: Final[tuple[tuple[str, Converter], ...]] = (
    ("int", int),
    ("uuid", UUID),
    ("json", json.loads),
    ("char|clob|text", str),
    ("blob|binary", _bytes),
    ("real|floa|doub", float),
    ("bool", _flag),
    ("datetime|timestamp", _datetime),
    ("date", _date),
    ("time", time.fromisoformat),
)
"""What is in a type's name, the first that fits; every other type is text."""
