"""Values to tagged JSON trees: one small encoder a type, found by exact type."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Context, Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.paths import LocatedError
from pytest_characterize.values import (
    MAX_DEPTH,
    Absent,
    Cell,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)

Tree: TypeAlias = Any
"""What :mod:`json` writes: None, bool, int, float, str, list and dict with text keys."""

MAX_INT: Final = 10**600
"""Whole numbers from here on are written in hex: reading long decimal digits depends on an interpreter
setting, and costs time that grows with the square of their number."""

_HINT: Final = "turn it into a value first: pytest_characterize.freezing.freeze does for most objects"
_SURROGATE_OR_BACKSLASH: Final = re.compile(r"[\\\ud800-\udfff]")
_SORT_KEY: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_DECIMALS: Final = Context(capitals=1)
"""The current context must not decide how a number is spelled."""


def to_tagged(value: Value) -> Tree:
    """The value as a JSON tree in which every type that JSON lacks is an object with one ``$`` tag.

    Raises:
        UnsupportedValueError: ``value-unsupported`` or ``value-too-deep``, naming the path.
    """
    try:
        return _encode(value, 0)
    except LocatedError as error:
        raise UnsupportedValueError(
            f"{error.path}: {error.message}", slug=error.slug, hint=error.hint
        ) from None
    except RecursionError:
        raise UnsupportedValueError(
            "$: the value is nested too deeply for the stack that is left",
            slug="value-too-deep",
            hint="return a flatter structure, or record it from a shallower call",
        ) from None


def escape_surrogates(text: str) -> str:
    r"""Text with lone surrogates (and backslashes) written ``\uXXXX``, so that UTF-8 can hold it."""
    return _SURROGATE_OR_BACKSLASH.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def decimal_text(number: Decimal) -> str:
    """The one spelling of a number, with its scale; independent of the decimal context."""
    return _DECIMALS.to_sci_string(number)


def timedelta_text(span: timedelta) -> str:
    """ISO 8601 in Python's own normal form: days may be negative, seconds are below a day."""
    fraction = f".{span.microseconds:06d}" if span.microseconds else ""
    return f"P{span.days}DT{span.seconds}{fraction}S"


def body_tree(body: bytes) -> Tree:
    """Bytes that mostly are text: text, as lines where there are several, else base64."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode("ascii")}
    lines = text.split("\n")
    if len(lines) <= 2:
        return {"text": text}
    return {"lines": [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])}


def _encode(value: Value, depth: int) -> Tree:
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        kind = type(value)
        raise LocatedError(
            f"{kind.__module__}.{kind.__qualname__} is not a value that a golden can hold",
            "value-unsupported",
            _HINT,
        )
    return encoder(value, depth)


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise LocatedError(
            f"nested deeper than {MAX_DEPTH} containers",
            "value-too-deep",
            "return a flatter structure, or the part of it that is behaviour",
        )
    return depth + 1


def _items(items: Iterable[Value], depth: int) -> list[Tree]:
    depth = _deeper(depth)
    trees = []
    try:
        for item in items:
            trees.append(_encode(item, depth))
    except LocatedError as error:
        raise error.under(len(trees)) from None
    return trees


def _list(value: list[Value], depth: int) -> Tree:
    return _items(value, depth)


def _tuple(value: tuple[Value, ...], depth: int) -> Tree:
    return {"$tuple": _items(value, depth)}


def _set(value: set[Value], depth: int) -> Tree:
    return {"$set": sorted(_items(value, depth), key=_SORT_KEY)}


def _frozenset(value: frozenset[Value], depth: int) -> Tree:
    return {"$frozenset": sorted(_items(value, depth), key=_SORT_KEY)}


def _dict(value: Mapping[Any, Value], depth: int) -> Tree:
    depth = _deeper(depth)
    key: Any = None
    try:
        for key in value:
            if type(key) is not str or key[:1] == "$" or not (key.isascii() or _is_utf8(key)):
                return {"$map": _pairs(value, depth)}
        tree = {}
        for key in sorted(value):
            tree[key] = _encode(value[key], depth)
    except LocatedError as error:
        raise error.under(key) from None
    return tree


def _pairs(value: Mapping[Any, Value], depth: int) -> list[list[Tree]]:
    pairs = []
    for key, item in value.items():
        try:
            pairs.append([_encode(key, depth), _encode(item, depth)])
        except LocatedError as error:
            raise error.under(key if type(key) in _ENCODERS else repr(type(key))) from None
    return sorted(pairs, key=lambda pair: _SORT_KEY(pair[0]))


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _same(value: Tree, _depth: int) -> Tree:
    return value


def _str(value: str, _depth: int) -> Tree:
    if value.isascii() or _is_utf8(value):
        return value
    return {"$str16": escape_surrogates(value)}


def _int(value: int, _depth: int) -> Tree:
    return value if -MAX_INT < value < MAX_INT else {"$int": hex(value)}


def _float(value: float, _depth: int) -> Tree:
    if value - value == 0.0 and (value or str(value) == "0.0"):
        return value
    return {"$float": str(value)}


def _datetime(value: datetime, _depth: int) -> Tree:
    return {"$datetime": value.isoformat()} | _zone(value)


def _time(value: time, _depth: int) -> Tree:
    return {"$time": value.isoformat()} | _zone(value)


def _zone(value: datetime | time) -> dict[str, Tree]:
    """What ``isoformat`` leaves out: the zone's key or name, and which side of a changed clock."""
    more: dict[str, Tree] = {"fold": 1} if value.fold else {}
    zone = value.tzinfo
    if zone is None:
        return more
    if type(zone) is ZoneInfo and zone.key is not None:
        more["zone"] = _str(zone.key, 0)
    elif type(zone) is timezone:
        name = zone.tzname(None)
        if name != timezone(zone.utcoffset(None)).tzname(None):
            more["name"] = _str(name, 0)
    else:
        raise LocatedError(
            f"time zone of type {type(zone).__module__}.{type(zone).__qualname__} cannot be stored",
            "value-unsupported",
            "use zoneinfo.ZoneInfo or datetime.timezone",
        )
    return more


def _record(value: Record, depth: int) -> Tree:
    return {"$record": {"type": _text(value.type), "fields": _dict(value.fields, depth)}}


def _member(value: Member, depth: int) -> Tree:
    try:
        inner = _encode(value.value, _deeper(depth))
    except LocatedError as error:
        raise error.under("value") from None
    return {"$member": {"type": _text(value.type), "name": _text(value.name), "value": inner}}


def _cell(value: Cell, _depth: int) -> Tree:
    return {"$cell": {"dialect": _text(value.dialect), "type": _text(value.type), "text": _null(value.text)}}


def _rows(value: Rows, _depth: int) -> Tree:
    width = len(value.columns)
    rows: list[Tree] = []
    for row in value.rows:
        if len(row) != width:
            raise LocatedError(
                f"row {len(rows)} has {len(row)} cells for {width} columns",
                "value-unsupported",
                "give every row one text, or None, a column",
            )
        rows.append([None if text is None else _text(text) for text in row])
    return {
        "$rows": {
            "dialect": _text(value.dialect),
            "ordered": bool(value.ordered),
            "columns": [[_text(column.name), _text(column.type)] for column in value.columns],
            "rows": rows,
        }
    }


def _response(value: Response, _depth: int) -> Tree:
    return {
        "$response": {
            "status": value.status,
            "reason": _text(value.reason),
            "headers": [[_text(name), _text(text)] for name, text in value.headers],
            "body": body_tree(value.body),
        }
    }


def _raised(value: Raised, depth: int) -> Tree:
    return {
        "$raised": {
            "types": [_text(name) for name in value.types],
            "code": _text(value.code),
            "message": _text(value.message),
            "details": _dict(value.details, depth),
        }
    }


def _text(value: str) -> Tree:
    """A text field of our own classes, where the type checker's promise is proved once more."""
    if type(value) is not str:
        raise LocatedError(f"a text is {type(value).__name__}, not str", "value-unsupported", _HINT)
    return _str(value, 0)


def _null(value: str | None) -> Tree:
    return None if value is None else _text(value)


_ENCODERS: Final[Mapping[type, Callable[[Any, int], Tree]]] = {
    type(None): _same,
    bool: _same,
    int: _int,
    float: _float,
    str: _str,
    list: _list,
    dict: _dict,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    bytes: lambda value, _: {"$bytes": b64encode(value).decode("ascii")},
    Decimal: lambda value, _: {"$decimal": decimal_text(value)},
    date: lambda value, _: {"$date": value.isoformat()},
    datetime: _datetime,
    time: _time,
    timedelta: lambda value, _: {"$timedelta": timedelta_text(value)},
    UUID: lambda value, _: {"$uuid": str(value)},
    Record: _record,
    Member: _member,
    Cell: _cell,
    Rows: _rows,
    Response: _response,
    Raised: _raised,
    Absent: lambda _value, _: {"$absent": True},
}
