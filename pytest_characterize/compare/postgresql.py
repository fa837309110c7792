"""PostgreSQL's text output as Python values.

The recorder pins the session's settings (``DateStyle`` ISO, ``IntervalStyle`` iso_8601, ``bytea_output``
hex); texts that follow other settings, or that Python has no value for (``infinity``, years BC,
``24:00:00``), stay texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, TypeAlias
from uuid import UUID

from pytest_characterize.values import Value

Converter: TypeAlias = Callable[[str], Value]
UNREADABLE: Final = (ValueError, ArithmeticError, KeyError, RecursionError)
"""What a converter raises for a text that Python has no value for."""

_TYPE: Final = re.compile(
    r"(?P<name>[^(\[]+?)\s*(?:\([^)]*\))?(?P<rest>[^(\[]*)(?P<array>(?:\[\d*\])*)", re.DOTALL
)
_INTERVAL: Final = re.compile(
    r"P(?:(?P<days>[+-]?\d+)D)?"
    r"(?:T(?:(?P<hours>[+-]?\d+)H)?(?:(?P<minutes>[+-]?\d+)M)?(?:(?P<seconds>[+-]?\d+)?(?P<fraction>\.\d+)?S)?)?",
    re.ASCII,
)
_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TOKEN: Final = re.compile(
    r'(?P<open>\{)|(?P<close>\})|(?P<comma>,)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^{},"\\]+)', re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_BOUNDS: Final = re.compile(r"\A(?:\[[+-]?\d+:[+-]?\d+\])+=")


@lru_cache(maxsize=1024)
def converter(type_name: str) -> Converter:
    """What turns the texts of a type into values; it raises one of :data:`UNREADABLE` for a text without."""
    parsed = _TYPE.fullmatch(type_name.strip())
    if parsed is None:
        return str
    name = " ".join(f"{parsed['name']}{parsed['rest']}".lower().split())
    scalar = _interval if name.startswith("interval") else _CONVERTERS.get(name, str)
    if not parsed["array"] or name == "box":  # the only type whose arrays are not separated by commas
        return scalar
    return partial(_array, element=scalar)


_NUMERIC_NAN: Final = Decimal("NaN")
_FLOAT_NAN: Final = float("nan")
"""One object each: hashes of NaN go by identity, and rows are aligned by hashes."""


def _boolean(text: str) -> bool:
    return {"t": True, "f": False}[text]


def _date(text: str) -> date:
    if not _ISO_DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _timestamp(text: str) -> datetime:
    if not _ISO_DATE.match(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _interval(text: str) -> timedelta:
    """Days and less; months have no fixed length, so an interval with months stays a text."""
    found = _INTERVAL.fullmatch(text)
    if found is None or text in ("P", "PT"):
        raise ValueError(text)
    days, hours, minutes, seconds = (
        int(found[part] or 0) for part in ("days", "hours", "minutes", "seconds")
    )
    micro = int((found["fraction"] or "")[1:7].ljust(6, "0"))
    if (found["seconds"] or "").startswith("-"):
        micro = -micro
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)


def _bytea(text: str) -> bytes:
    if not text.startswith("\\x"):
        raise ValueError(text)
    return bytes.fromhex(text[2:])


def _numeric(text: str) -> Decimal:
    return _NUMERIC_NAN if text == "NaN" else Decimal(text)


def _float(text: str) -> float:
    return _FLOAT_NAN if text == "NaN" else float(text)


def _void(_text: str) -> None:
    return None


def _array(text: str, element: Converter) -> list[Value]:
    """``{1,NULL,"a b",{...}}``; bounds are left out, Python's lists have none."""
    text = _BOUNDS.sub("", text, count=1)
    holder: list[Value] = []
    lists = [holder]
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or not lists:
            raise ValueError(text)
        at = token.end()
        match token.lastgroup:
            case "open":
                lists[-1].append([])
                lists.append(lists[-1][-1])
            case "close":
                lists.pop()
            case "quoted":
                lists[-1].append(_element(_ESCAPE.sub(r"\1", token["quoted"]), element))
            case "bare":
                bare = token["bare"]
                lists[-1].append(None if bare == "NULL" else _element(bare, element))
    if len(lists) != 1 or len(holder) != 1 or type(holder[0]) is not list:
        raise ValueError(text)
    return holder[0]


def _element(text: str, converter: Converter) -> Value:
    try:
        return converter(text)
    except UNREADABLE:
        return text


_CONVERTERS: Final[dict[str, Converter]] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "int2", "int4", "int8", "int", "oid"), int),
    **dict.fromkeys(("numeric", "decimal"), _numeric),
    **dict.fromkeys(("real", "double precision", "float4", "float8"), _float),
    **dict.fromkeys(("boolean", "bool"), _boolean),
    "date": _date,
    **dict.fromkeys(("time without time zone", "time with time zone", "time", "timetz"), time.fromisoformat),
    **dict.fromkeys(
        ("timestamp without time zone", "timestamp with time zone", "timestamp", "timestamptz"), _timestamp
    ),
    "uuid": UUID,
    "bytea": _bytea,
    **dict.fromkeys(("json", "jsonb"), json.loads),
    "void": _void,
}
"""By the type's name without its modifiers; every other type is text, character(n) with its blanks."""
