"""Given rows in the candidate's language: the declared table mapping, read from legacy to candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from pytest_characterize.errors import ReplayError
from pytest_characterize.settings import TableMapping
from pytest_characterize.values import Rows, Value

Read: TypeAlias = Callable[[Rows], Sequence[Sequence[Value]]]
"""Reads a result set's texts as Python values."""

Names: TypeAlias = Callable[[str, str], str]
"""Model and field -> the keyword that takes the field's value as a row holds it."""


def candidate_rows(
    given: Mapping[str, Rows], tables: Mapping[str, TableMapping], read: Read, names: Names | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Rows by legacy table, each by the candidate's fields; a table without a mapping keeps legacy's columns.

    Raises:
        ReplayError: ``given-column-unmapped`` or ``given-untranslated``.
    """
    return {
        table: _mapped(rows, tables[table], read, names) if table in tables else _as_they_are(rows, read)
        for table, rows in given.items()
    }


def _as_they_are(rows: Rows, read: Read) -> list[dict[str, Any]]:
    columns = [column.name for column in rows.columns]
    return [dict(zip(columns, values, strict=True)) for values in read(rows)]


def _mapped(rows: Rows, mapping: TableMapping, read: Read, names: Names | None) -> list[dict[str, Any]]:
    columns = [column.name for column in rows.columns]
    _require_mapped(columns, mapping)
    fields = {
        place: names(mapping.model, mapping.columns[column]) if names else mapping.columns[column]
        for place, column in enumerate(columns)
        if column in mapping.columns
    }
    return [
        {field: _told(mapping, columns[place], row[place], values[place]) for place, field in fields.items()}
        for row, values in zip(rows.rows, read(rows), strict=True)
    ]


def _require_mapped(columns: Sequence[str], mapping: TableMapping) -> None:
    """A column that is left out by mistake would build another state than legacy's."""
    missing = [
        column for column in columns if column not in mapping.columns and column not in mapping.ignored
    ]
    if missing:
        raise ReplayError(
            f"[tool.characterize.tables.{mapping.table}] says nothing of {', '.join(missing)},"
            " so the given rows cannot be told in the candidate's fields",
            slug="given-column-unmapped",
            hint="map each column to a field in columns = {...}, or say in ignored = {...} why it has none",
        )


def _told(mapping: TableMapping, column: str, text: str | None, value: Value) -> Value:
    """A legacy value as the candidate would have it."""
    translations = mapping.translate.get(column)
    if text is None:
        return None
    bare = text.rstrip(" ") if column in mapping.padded else text
    if translations is None:
        return bare if column in mapping.padded else value
    for known in (text, bare):
        if known in translations:
            return translations[known]
    raise ReplayError(
        f"[tool.characterize.tables.{mapping.table}.translate.{column}] has no word for {text!r},"
        " which a given row holds",
        slug="given-untranslated",
        hint="add what the candidate has for it",
    )
