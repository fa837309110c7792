"""Tables of a database of any dialect, found by SQLAlchemy's reflection and quoted by its preparer."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy
from sqlalchemy import Connection, Inspector, TableClause
from sqlalchemy.sql.elements import quoted_name

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.nearest import names_alike, readings

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_TRANSACTIONAL: Final = ("innodb",)


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """A declared table.

    Attributes:
        declared: its name as the descriptor has it.
        clause: the table with its columns, for statements of any dialect. The columns have no types, so that
            values come as the driver makes them.
        columns: names, those that are computed left out.
        key: positions of the primary key's columns.
    """

    declared: str
    clause: TableClause
    columns: tuple[str, ...]
    key: tuple[int, ...]


def find_tables(
    connection: Connection, names: Iterable[str], *, changing: bool = True
) -> tuple[LegacyTable, ...]:
    """The declared tables as they are now.

    Args:
        changing: whether they are watched for changes, which must then be undone.

    Raises:
        RecordingError: ``table-unknown``, ``table-ambiguous`` or ``table-not-transactional``.
    """
    inspector = sqlalchemy.inspect(connection)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of types that SQLAlchemy does not know, which nobody asks for
        return tuple(_table(inspector, name, changing) for name in names)


def _table(inspector: Inspector, declared: str, changing: bool) -> LegacyTable:
    schema, name = _found(inspector, declared)
    if changing:
        _require_transactions(inspector, declared, schema, name)
    columns = [column for column in inspector.get_columns(name, schema=schema) if "computed" not in column]
    names = tuple(_reflected(inspector, column["name"]) for column in columns)
    constraint = inspector.get_pk_constraint(name, schema=schema)
    key = [_reflected(inspector, column) for column in constraint["constrained_columns"]]
    return LegacyTable(
        declared,
        sqlalchemy.table(
            _spelled(name),
            *(sqlalchemy.column(_spelled(one)) for one in names),
            schema=None if schema is None else _spelled(schema),
        ),
        names,
        tuple(names.index(one) for one in key if one in names),
    )


def _found(inspector: Inspector, declared: str) -> tuple[str | None, str]:
    """Schema (none for that of the address) and name, as the catalog has them."""
    schemas = inspector.get_schema_names()
    known: list[tuple[str | None, str]] = []
    found: list[tuple[str | None, str]] = []
    for wanted, name in readings(declared):
        if wanted is not None and wanted not in schemas:
            continue
        there = inspector.get_table_names(schema=wanted)
        known += [(wanted, one) for one in there]
        like = [one for one in there if one.lower() == name.lower()]
        found += [(wanted, one) for one in ([name] if name in there else like)]
    if not found:
        own = inspector.default_schema_name or ""
        raise RecordingError(
            f"the source has no table {declared!r}{names_alike(declared, [(s or own, n) for s, n in known])}",
            slug="table-unknown",
            hint="write the name as the catalog has it, 'table' or 'schema.table'; of a view, name its tables",
        )
    if len(found) > 1:
        listed = ", ".join(f"{schema}.{name}" if schema else name for schema, name in found)
        raise RecordingError(
            f"the table name {declared!r} may mean {listed}",
            slug="table-ambiguous",
            hint="write it as the catalog has it, with its schema, in Tables(...)",
        )
    return found[0]


def _require_transactions(inspector: Inspector, declared: str, schema: str | None, name: str) -> None:
    """MySQL and MariaDB have tables that no rollback reaches."""
    options = inspector.get_table_options(name, schema=schema)
    engines = [str(text) for option, text in options.items() if str(option).endswith("_engine")]
    if any(engine.lower() not in _TRANSACTIONAL for engine in engines):
        raise RecordingError(
            f"the table {declared!r} takes no part in transactions: what a statement changes in it would stay",
            slug="table-not-transactional",
            hint="record on a copy in which it is an InnoDB table",
        )


def _reflected(inspector: Inspector, column: str) -> str:
    """A column's name; SQLAlchemy reads it out of MySQL's DDL, and leaves the backticks in it doubled."""
    return column.replace("``", "`") if inspector.dialect.name in ("mysql", "mariadb") else column


def _spelled(name: str) -> str:
    """A name that the preparer quotes wherever it needs it, and always where it has unusual letters."""
    return name if isinstance(name, quoted_name) or _PLAIN.fullmatch(name) else quoted_name(name, True)
