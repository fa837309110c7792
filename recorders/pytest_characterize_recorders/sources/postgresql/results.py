"""What the server sent, as values: its own texts, with the names of its types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import sql
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

from pytest_characterize.values import Cell, Column, Rows, Value

DIALECT: Final = "postgresql"
REFCURSOR: Final = "refcursor"

Row = tuple[str | None, ...]


class ResultReader:
    """Reads results of one connection, and knows the names of types that it has met."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._names: dict[tuple[int, int], str] = {}

    def columns(self, result: PGresult) -> tuple[Column, ...]:
        """The columns of a result: names as sent, types with their modifiers."""
        types = [(result.ftype(index), result.fmod(index)) for index in range(result.nfields)]
        self._learn({kind for kind in types if kind not in self._names})
        names = [(result.fname(index) or b"").decode() for index in range(result.nfields)]
        return tuple(Column(name, self._names[kind]) for name, kind in zip(names, types, strict=True))

    def needs_server(self, result: PGresult) -> bool:
        """Whether the result cannot be read without asking the server: for names of types, for what cursors give."""
        types = {(result.ftype(index), result.fmod(index)) for index in range(result.nfields)}
        return any(self._names.get(kind, REFCURSOR) == REFCURSOR for kind in types)

    def rows(self, result: PGresult, *, ordered: bool = True) -> Rows:
        """The whole result set."""
        return Rows(DIALECT, self.columns(result), texts(result), ordered)

    def record(self, result: PGresult) -> Mapping[str, Value]:
        """The result's one row as cells by column name; cursors are replaced by what they give."""
        [row] = texts(result)
        return {
            column.name: self.opened(Cell(DIALECT, column.type, text))
            for column, text in zip(self.columns(result), row, strict=True)
        }

    def results(self, result: PGresult) -> Value:
        """A result set, or the result sets behind a set of cursors."""
        found = self.rows(result)
        if [column.type for column in found.columns] == [REFCURSOR]:
            return [self.opened(Cell(DIALECT, REFCURSOR, text)) for (text,) in found.rows]
        return found

    def opened(self, cell: Cell) -> Value:
        """The cell, or what the cursor gives that it names."""
        if cell.type != REFCURSOR or cell.text is None:
            return cell
        fetched = self._connection.execute(sql.SQL("FETCH ALL FROM {}").format(sql.Identifier(cell.text)))
        assert fetched.pgresult is not None
        return self.rows(fetched.pgresult)

    def _learn(self, types: set[tuple[int, int]]) -> None:
        if not types:
            return
        oids, modifiers = zip(*types, strict=True)
        named = self._connection.execute(
            "SELECT oid, modifier, format_type(oid, modifier)"
            " FROM unnest(%s::oid[], %s::int[]) AS asked (oid, modifier)",
            (list(oids), list(modifiers)),
        )
        self._names |= {(oid, modifier): name for oid, modifier, name in named}


def raw(result: PGresult) -> tuple[object, ...]:
    """All that a result says, as it was sent; equal for equal results."""
    if result.status == ExecStatus.FATAL_ERROR:
        return tuple(result.error_field(part) for part in DiagnosticField)
    columns = range(result.nfields)
    described = [(result.fname(at), result.ftype(at), result.fmod(at)) for at in columns]
    return (
        result.status,
        *described,
        *(result.get_value(row, at) for row in range(result.ntuples) for at in columns),
    )


def texts(result: PGresult) -> tuple[Row, ...]:
    """The rows of a result as server texts."""
    return tuple(
        tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
        for row in range(result.ntuples)
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode()
