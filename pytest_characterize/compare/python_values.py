"""What drivers gave for the values of a database, as the Python values that they were.

The recorder writes the type of a column's values, or ``any`` where they are of several: then each cell says
its type before a colon.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from pytest_characterize.values import Value

Converter: TypeAlias = Callable[[str], Value]


def converter(type_name: str) -> Converter:
    """What turns the texts of a type into values.

    >>> converter("decimal")("2.50"), converter("any")("integer:7")
    (Decimal('2.50'), 7)
    """
    return _any if type_name == "any" else _CONVERTERS.get(type_name, str)


def _any(text: str) -> Value:
    kind, _, rest = text.partition(":")
    return _CONVERTERS.get(kind, str)(rest)


def _interval(text: str) -> timedelta:
    return timedelta(microseconds=int(text))


_CONVERTERS: Final[dict[str, Converter]] = {
    "boolean": {"true": True, "false": False}.__getitem__,
    "integer": int,
    "float": float,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "interval": _interval,
    "uuid": UUID,
    "json": json.loads,
}
