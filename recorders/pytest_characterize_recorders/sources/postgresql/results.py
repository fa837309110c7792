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
    """Reads results of one connection, and knows the names of types that it has met.

    Attributes:
        opened_cursors: the names of the cursors that it has asked for, in order.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._names: dict[tuple[int, int], str] = {}
        self._fetched: Mapping[str, PGresult] = {}
        self.opened_cursors: list[str] = []

    def having(self, fetched: Mapping[str, PGresult]) -> ResultReader:
        """One that does not ask for what these cursors give, as it was asked already."""
        reader = ResultReader(self._connection)
        reader._names, reader._fetched = self._names, fetched
        return reader

    def columns(self, result: PGresult) -> tuple[Column, ...]:
        """The columns of a result: names as sent, types with their modifiers."""
        types = [_kind(result, index) for index in range(result.nfields)]
        self._learn({kind for kind in types if kind not in self._names})
        names = [(result.fname(index) or b"").decode() for index in range(result.nfields)]
        return tuple(Column(name, self._names[kind]) for name, kind in zip(names, types, strict=True))

    def needs_server(self, result: PGresult) -> bool:
        """Whether the result cannot be read without asking: for names of types, for what other cursors give.

        A cursor that was asked for, and is not in the result, may have done something that nobody wanted.
        """
        if not self._is_known(result) or not all(map(self._is_known, self._fetched.values())):
            return True
        columns = [at for at in range(result.nfields) if self._names[_kind(result, at)] == REFCURSOR]
        names = [result.get_value(row, at) for row in range(result.ntuples) for at in columns]
        return [name.decode() for name in names if name is not None] != [*self._fetched]

    def _is_known(self, result: PGresult) -> bool:
        return all(_kind(result, at) in self._names for at in range(result.nfields))

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
        if cell.text in self._fetched:
            return self.rows(self._fetched[cell.text])
        self.opened_cursors.append(cell.text)
        fetched = self._connection.execute(fetching(cell.text))
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


def fetching(cursor: str) -> sql.Composed:
    """The statement that gets all that a cursor gives."""
    return sql.SQL("FETCH ALL FROM {}").format(sql.Identifier(cursor))


def _kind(result: PGresult, column: int) -> tuple[int, int]:
    return result.ftype(column), result.fmod(column)


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
