"""MariaDB's and MySQL's text output as Python values.

The recorder writes bytes as ``0x...`` and bits as a number. What Python has no value for (the date
``0000-00-00``) stays a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

from pytest_characterize.values import Value

Converter: TypeAlias = Callable[[str], Value]

_TIME: Final = re.compile(r"(-?)(\d{2,3}):(\d\d):(\d\d)(?:\.(\d{1,6}))?", re.ASCII)
_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@lru_cache(maxsize=1024)
def converter(type_name: str) -> Converter:
    """What turns the texts of a type into values; it raises a ``ValueError`` for a text without one.

    ``tinyint(1)`` is what ``BOOLEAN`` means there: its 0 and 1 are truth values.
    """
    kind = type_name.strip().lower()
    if re.match(r"tinyint\(1\)", kind) and "unsigned" not in kind:
        return _flag
    return _CONVERTERS.get(re.split(r"[( ]", kind)[0], str)


def _flag(text: str) -> bool | int:
    return {"0": False, "1": True}.get(text, int(text))


def _date(text: str) -> date:
    if not _ISO_DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _time(text: str) -> time | timedelta:
    """A time of day where it is one; the type holds durations as well."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    sign, *parts, fraction = found.groups()
    hours, minutes, seconds = map(int, parts)
    micro = int((fraction or "").ljust(6, "0"))
    if not sign and hours < 24:
        return time(hours, minutes, seconds, micro)
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)
    return -length if sign else length


def _bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError(text)
    return bytes.fromhex(text[2:])


_BYTES: Final = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry")
_CONVERTERS: Final[dict[str, Converter]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"), int),
    **dict.fromkeys(("decimal", "numeric"), Decimal),
    **dict.fromkeys(("float", "double"), float),
    "date": _date,
    **dict.fromkeys(("datetime", "timestamp"), datetime.fromisoformat),
    "time": _time,
    **dict.fromkeys(_BYTES, _bytes),
    "json": json.loads,
}
"""By the type's name without its modifiers; every other type is text."""
