"""Database values as the Python values that a candidate would naturally return for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from pytest_characterize.compare import mysql, postgresql, python_values, sqlite
from pytest_characterize.compare.postgresql import UNREADABLE, Converter
from pytest_characterize.values import Cell, Rows, Value

_DIALECTS: Final[dict[str, Callable[[str], Converter]]] = {
    "postgresql": postgresql.converter,
    "mysql": mysql.converter,
    "sqlite": sqlite.converter,
    "python": python_values.converter,
}
"""One module a dialect."""
JSON_IS_TEXT: Final = frozenset({"mysql", "sqlite", "python"})
"""Dialects in which JSON is a text by its type."""


def natural(cell: Cell) -> Value:
    """The cell's value.

    >>> natural(Cell("postgresql", "numeric(10,2)", "95.00"))
    Decimal('95.00')
    """
    return reader(cell.dialect, cell.type)(cell.text)


def document(cell: Cell) -> Value:
    """The cell's value beside a dictionary or a list: a text is JSON if its dialect has no type of that name.

    >>> document(Cell("mysql", "longtext", '{"n": 1}')), document(Cell("postgresql", "text", "[]"))
    ({'n': 1}, '[]')
    """
    value = natural(cell)
    if type(value) is not str or cell.dialect not in JSON_IS_TEXT:
        return value
    try:
        parsed: Value = json.loads(value)
    except UNREADABLE:
        return value
    return parsed


def natural_rows(rows: Rows) -> list[tuple[Value, ...]]:
    """All values of a result set."""
    readers = [reader(rows.dialect, column.type) for column in rows.columns]
    return [tuple(read(text) for read, text in zip(readers, row, strict=True)) for row in rows.rows]


@lru_cache(maxsize=1024)
def reader(dialect: str, type_name: str) -> Callable[[str | None], Value]:
    """What reads a column: NULL is ``None``, and a text that Python has no value for stays a text."""
    converters = _DIALECTS.get(dialect)
    return partial(_read, converters(type_name) if converters else str)


def _read(converter: Converter, text: str | None) -> Value:
    if text is None:
        return None
    try:
        return converter(text)
    except UNREADABLE:
        return text
