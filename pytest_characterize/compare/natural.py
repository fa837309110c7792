"""Database values as the Python values that a candidate would naturally return for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from pytest_characterize.compare import mysql, postgresql
from pytest_characterize.compare.postgresql import UNREADABLE, Converter
from pytest_characterize.values import Cell, Rows, Value

_DIALECTS: Final[dict[str, Callable[[str], Converter]]] = {
    "postgresql": postgresql.converter,
    "mysql": mysql.converter,
}
"""One module a dialect."""


def natural(cell: Cell) -> Value:
    """The cell's value.

    >>> natural(Cell("postgresql", "numeric(10,2)", "95.00"))
    Decimal('95.00')
    """
    return reader(cell.dialect, cell.type)(cell.text)


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
