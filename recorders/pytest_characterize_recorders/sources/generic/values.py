"""What a driver gives for a database's values, as texts with the types of Python's values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn
from uuid import UUID

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column

DIALECT: Final = "python"
MIXED: Final = "any"
"""The type of a column whose values are of several types: each says its own before a colon."""


_KINDS: Final[tuple[tuple[type | tuple[type, ...], str, Callable[[Any], str]], ...]] = (
    (bool, "boolean", lambda value: "true" if value else "false"),
    (int, "integer", str),
    (float, "float", repr),
    (Decimal, "decimal", str),
    (str, "text", str),
    ((bytes, bytearray, memoryview), "bytes", lambda value: bytes(value).hex()),
    (datetime, "datetime", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "interval", lambda value: str(value // timedelta(microseconds=1))),
    (UUID, "uuid", str),
    ((dict, list), "json", lambda value: json.dumps(value, default=_refuse)),
)
"""Types of values, what a column of them is called, and their texts; the first that fits."""


def kind_and_text(value: Any) -> tuple[str, str]:
    """The type of a value that is not NULL, and its text.

    Raises:
        RecordingError: ``query-value``.
    """
    for types, kind, text in _KINDS:
        if isinstance(value, types):
            return kind, text(value)
    raise _no_plain_value(value)


def _refuse(value: Any) -> NoReturn:
    raise _no_plain_value(value)


def _no_plain_value(value: Any) -> RecordingError:
    return RecordingError(
        f"the driver gives a value of type {type(value).__name__}, which is no plain value",
        slug="query-value",
        hint="cast it in the statement: CAST(... AS VARCHAR)",
    )


def columns_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[Column, ...]:
    """Names, and types as the values of all rows have them."""
    kinds: list[set[str]] = [set() for _ in names]
    for row in rows:
        for place, value in enumerate(row):
            if value is not None:
                kinds[place].add(kind_and_text(value)[0])
    return tuple(Column(name, _type(found)) for name, found in zip(names, kinds, strict=True))


def _type(kinds: set[str]) -> str:
    return "null" if not kinds else MIXED if len(kinds) > 1 else next(iter(kinds))


def row_of_texts(columns: Sequence[Column], row: Sequence[Any]) -> tuple[str | None, ...]:
    """A row of values as texts."""
    return tuple(
        None if value is None else _told(column, *kind_and_text(value))
        for column, value in zip(columns, row, strict=True)
    )


def _told(column: Column, kind: str, text: str) -> str:
    return f"{kind}:{text}" if column.type == MIXED else text


def typed_rows(
    width: int, rows: Sequence[Sequence[str | None]]
) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """The types of columns, and the rows, where each value says its type before a colon.

    >>> typed_rows(2, [("integer:1", None), ("integer:2", "text:a:b")])
    (['integer', 'text'], [('1', None), ('2', 'a:b')])
    """
    kinds: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for place, text in enumerate(row):
            if text is not None:
                kinds[place].add(text.partition(":")[0])
    types = [_type(found) for found in kinds]
    return types, [
        tuple(
            text if text is None or kind == MIXED else text.partition(":")[2]
            for text, kind in zip(row, types, strict=True)
        )
        for row in rows
    ]


def bound(dialect: str, value: Any) -> Any:
    """An input as a driver of the dialect takes it: SQLite's knows neither dates nor decimals."""
    if dialect != "sqlite":
        return value
    match value:
        case list() | tuple():
            return [bound(dialect, one) for one in value]
        case Decimal() if value.is_finite():
            return float(value)  # as SQLite reads the literal
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
    return value
