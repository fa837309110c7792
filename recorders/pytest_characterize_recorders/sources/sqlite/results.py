"""SQLite's values as texts with types: a value has a type of its own there, whatever its column declares."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column

DIALECT: Final = "sqlite"
MIXED: Final = "any"
"""The type of a column whose values are of several types, or not of its own: they are told as SQL literals."""

Row = tuple[str | None, ...]

_CLASSES: Final = {int: "integer", float: "real", bytearray: "text", bytes: "blob"}
"""As a connection gives them whose texts are bytearrays, so that they are told from blobs."""
_FITTING: Final = (
    (re.compile("int"), ("integer",)),
    (re.compile("char|clob|text|json|uuid"), ("text",)),
    (re.compile("blob|binary"), ("blob",)),
    (re.compile("real|floa|doub"), ("real",)),
    (re.compile("bool"), ("integer",)),
    (re.compile("date|time"), ("text",)),
    (re.compile("dec|num|money"), ("integer", "real")),
)
"""What is in a declared type's name -> the types of the values that are read as it says."""


def typed(declared: Sequence[str], classes: Sequence[frozenset[str]]) -> tuple[str, ...]:
    """The type of each column: the declared one if every value is of it, else the values' own.

    >>> typed(["DECIMAL(8,2)", "", "", "DATE"], [frozenset({"real"}), frozenset({"text"}), frozenset(),
    ...     frozenset({"text", "integer"})])
    ('decimal(8,2)', 'text', 'null', 'any')
    """
    return tuple(_type(name.lower(), found) for name, found in zip(declared, classes, strict=True))


def _type(declared: str, found: frozenset[str]) -> str:
    fitting = next((kinds for pattern, kinds in _FITTING if pattern.search(declared)), ())
    if fitting and found <= set(fitting):
        return declared
    if not found:
        return declared or "null"
    return next(iter(found)) if len(found) == 1 and not fitting else MIXED


def typed_columns(declared: Sequence[Column], rows: Sequence[Sequence[Any]]) -> tuple[Column, ...]:
    """Columns of declared types, with the types that all values of theirs have."""
    types = typed([column.type for column in declared], classes_of(rows, len(declared)))
    return tuple(Column(one.name, type_) for one, type_ in zip(declared, types, strict=True))


def classes_of(rows: Iterable[Sequence[Any]], width: int) -> tuple[frozenset[str], ...]:
    """The types of the values of each column, NULL left out."""
    found: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for place, value in enumerate(row):
            if value is not None:
                found[place].add(class_of(value))
    return tuple(map(frozenset, found))


def class_of(value: Any) -> str:
    """The storage class of a value that is not NULL."""
    return _CLASSES[type(value)]


def texts(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """Rows of values as rows of texts."""
    mixed = [column.type == MIXED for column in columns]
    for row in rows:
        yield tuple(_text(value, literal) for value, literal in zip(row, mixed, strict=True))


def _text(value: Any, literal: bool) -> str | None:
    match value:
        case None:
            return None
        case bytearray():
            text = decoded(value)
            return "'" + text.replace("'", "''") + "'" if literal else text
        case bytes():
            return f"x'{value.hex()}'" if literal else f"0x{value.hex()}"
        case _:
            return repr(value)


def decoded(data: bytearray) -> str:
    """A text of the database.

    Raises:
        RecordingError: ``source-encoding``.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RecordingError(
            "the source holds a text that is no UTF-8",
            slug="source-encoding",
            hint="read it as what it is: CAST(... AS BLOB)",
        ) from None


def quoted(*names: str) -> str:
    """An identifier.

    >>> quoted("main", 'a"b')
    '"main"."a""b"'
    """
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def declared_types(connection: sqlite3.Connection, statement: str, width: int) -> tuple[str, ...]:
    """The declared types of a query's columns; ``""`` for expressions, and where nobody can tell."""
    name = quoted("temp", "characterize_columns")
    text = re.sub(r":characterize_\d+", "NULL", statement)
    try:
        connection.execute(f"CREATE TEMP VIEW characterize_columns AS {text}")
    except sqlite3.Error:
        return ("",) * width
    try:
        found = connection.execute("PRAGMA temp.table_info(characterize_columns)").fetchall()
        return tuple(decoded(row[2]) for row in found)
    except sqlite3.Error:
        return ("",) * width
    finally:
        connection.execute(f"DROP VIEW {name}")
