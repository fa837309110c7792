"""Values that hold no other values: how each is spelled in JSON, and read back.

One value has one spelling. What JSON says exactly is itself; the rest is an object with one tag, some
with a second key for what the usual text leaves out.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Context, Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pytest_characterize.paths import LocatedError
from pytest_characterize.values import Value

Tree: TypeAlias = Any
"""What :mod:`json` writes: None, bool, int, float, str, list, and dict with text keys."""

MAX_INT: Final = 10**600
"""Whole numbers from here on are written in hex: reading long decimal digits depends on an interpreter
setting (never below 640), and costs time that grows with the square of their number."""

_SURROGATE_OR_BACKSLASH: Final = re.compile(r"[\\\ud800-\udfff]")
_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")
_TIMEDELTA: Final = re.compile(r"P(-?\d+)DT(\d+)(?:\.(\d{6}))?S", re.ASCII)
_LESS_THAN_A_SECOND: Final = re.compile(r"([+-])00:00:00\.([0-9]{6})\Z")
_SPELLING: Final = Context(capitals=1)
"""The context of the program under test must not decide how a number is spelled."""


def is_utf8(text: str) -> bool:
    """Whether the text holds no lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read_scalar(tag: str, tree: Mapping[str, Tree]) -> Value:
    """The value of a tagged scalar.

    Raises:
        LocatedError: the tag's content is none that this value would have been given. Another spelling
            of the same value is refused as well: it is an edit by hand.
    """
    content = tree[tag]
    if type(content) is not str:
        raise LocatedError(f"{tag} holds {type(content).__name__}, not a text")
    try:
        value = _READERS[tag](content, tree)
    except (ValueError, TypeError, KeyError, ArithmeticError):
        raise LocatedError(f"{ascii(tree)[:80]} cannot be read") from None
    spelled = WRITERS[type(value)](value, 0)
    if spelled != tree:
        raise LocatedError(f"{ascii(tree)[:80]} would be written {ascii(spelled)[:80]}")
    return value


def _same(value: Value, _depth: int) -> Tree:
    return value


def _str(value: str, _depth: int) -> Tree:
    if value.isascii() or is_utf8(value):
        return value
    escaped = _SURROGATE_OR_BACKSLASH.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
    return {"$str16": escaped}


def _read_str16(content: str, _tree: Tree) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), content)


def _int(value: int, _depth: int) -> Tree:
    return value if -MAX_INT < value < MAX_INT else {"$int": hex(value)}


def _float(value: float, _depth: int) -> Tree:
    if value - value == 0.0 and (value or str(value) == "0.0"):
        return value
    return {"$float": str(value)}


def _read_float(content: str, _tree: Tree) -> float:
    """A new object each time: two NaN may be two members of one set."""
    return float(content)


def _bytes(value: bytes, _depth: int) -> Tree:
    return {"$bytes": b64encode(value).decode("ascii")}


def _decimal(value: Decimal, _depth: int) -> Tree:
    return {"$decimal": _SPELLING.to_sci_string(value)}


def _date(value: date, _depth: int) -> Tree:
    return {"$date": value.isoformat()}


def _uuid(value: UUID, _depth: int) -> Tree:
    return {"$uuid": str(value)}


def _timedelta(value: timedelta, _depth: int) -> Tree:
    """ISO 8601 in Python's own normal form: days may be negative, seconds are below a day."""
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    return {"$timedelta": f"P{value.days}DT{value.seconds}{fraction}S"}


def _read_timedelta(content: str, _tree: Tree) -> timedelta:
    match = _TIMEDELTA.fullmatch(content)
    if match is None:
        raise ValueError(content)
    days, seconds, micro = match.groups("0")
    return timedelta(int(days), int(seconds), int(micro))


def _datetime(value: datetime, _depth: int) -> Tree:
    return {"$datetime": value.isoformat()} | _clock(value)


def _time(value: time, _depth: int) -> Tree:
    """A zone with a changing clock has no offset without a date, so the text never carries one."""
    more = _clock(value)
    plain = value.replace(tzinfo=None) if "zone" in more else value
    return {"$time": plain.isoformat()} | more


def _clock(value: datetime | time) -> dict[str, Tree]:
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


def _read_datetime(content: str, tree: Tree) -> datetime:
    plain = datetime.fromisoformat(content)
    plain = plain.replace(tzinfo=_offset(plain.tzinfo, content))
    value = plain.replace(tzinfo=_read_zone(plain.tzinfo, tree), fold=tree.get("fold", 0))
    if value.utcoffset() != plain.utcoffset():
        raise LocatedError(
            f"{content!a} is no time of {tree.get('zone')!a} by the time zone data of this machine",
            "value-zone-data",
            "use the recording machine's time zone data: python -m pip install tzdata",
        )
    return value


def _read_time(content: str, tree: Tree) -> time:
    plain = time.fromisoformat(content)
    zone = _read_zone(_offset(plain.tzinfo, content), tree)
    return plain.replace(tzinfo=zone, fold=tree.get("fold", 0))


def _offset(zone: tzinfo | None, content: str) -> tzinfo | None:
    """``fromisoformat`` takes an offset of less than a second for none."""
    less = _LESS_THAN_A_SECOND.search(content)
    return timezone(timedelta(microseconds=int(less[1] + less[2]))) if less else zone


def _read_zone(plain: tzinfo | None, tree: Tree) -> tzinfo | None:
    if "zone" in tree:
        try:
            return ZoneInfo(tree["zone"])
        except (ZoneInfoNotFoundError, OSError):
            raise LocatedError(
                f"this machine has no time zone {tree['zone']!a}",
                "value-zone-data",
                "python -m pip install tzdata",
            ) from None
    if "name" in tree and plain is not None:
        name = tree["name"]
        text = name if type(name) is str else read_scalar("$str16", name)
        return timezone(plain.utcoffset(None) or timedelta(0), text)
    return plain


WRITERS: Final[Mapping[type, Callable[[Any, int], Tree]]] = {
    type(None): _same,
    bool: _same,
    int: _int,
    float: _float,
    str: _str,
    bytes: _bytes,
    Decimal: _decimal,
    date: _date,
    datetime: _datetime,
    time: _time,
    timedelta: _timedelta,
    UUID: _uuid,
}
"""By exact type; the second argument, the depth, is for containers."""

_READERS: Final[Mapping[str, Callable[[str, Tree], Value]]] = {
    "$str16": _read_str16,
    "$int": lambda content, _: int(content, 16),
    "$float": _read_float,
    "$bytes": lambda content, _: b64decode(content, validate=True),
    "$decimal": lambda content, _: Decimal(content),
    "$date": lambda content, _: date.fromisoformat(content),
    "$datetime": _read_datetime,
    "$time": _read_time,
    "$timedelta": _read_timedelta,
    "$uuid": lambda content, _: UUID(content),
}

TAGS: Final = frozenset(_READERS)
"""The tags that :func:`read_scalar` knows."""
