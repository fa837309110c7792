"""Calling a routine: identifiers quoted, values bound, parameters by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg import sql
from psycopg.pq.abc import PGresult

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Record, Value
from pytest_characterize_recorders.sources.postgresql.arguments import (
    JSON,
    natural_type,
    server_text,
    unsupported,
)
from pytest_characterize_recorders.sources.postgresql.results import ResultReader
from pytest_characterize_recorders.sources.postgresql.routines import Parameter, Routine


@dataclass(frozen=True)
class Call:
    """One call of a routine with arguments by parameter name."""

    routine: Routine
    arguments: Mapping[str, Value]

    @cached_property
    def key(self) -> str:
        """Equal for equal calls."""
        return f"{self.routine.signature} {self.arguments!r}"

    def execute(self, connection: psycopg.Connection, reader: ResultReader) -> Value:
        """Call it; what came back as a value.

        A scalar is a cell, a record (also one of OUT parameters) a dictionary of cells, a set of rows
        :class:`~pytest_characterize.values.Rows`, cursors the rows that they give.
        """
        statement, texts = self.statement()
        result = psycopg.RawCursor(connection).execute(statement, texts).pgresult
        assert result is not None
        return self.value(result, reader)

    def value(self, result: PGresult, reader: ResultReader) -> Value:
        """What came back, as :meth:`execute` says."""
        routine = self.routine
        if routine.returns_set:
            return reader.results(result)
        if self._is_void(result):
            return None
        record = reader.record(result)
        if routine.kind == "p" or routine.has_outputs or routine.returns == "c" or len(record) > 1:
            return record
        [value] = record.values()
        return value

    def needs_server(self, result: PGresult, reader: ResultReader) -> bool:
        """Whether :meth:`value` would ask the server for more."""
        return not self._is_void(result) and reader.needs_server(result)

    def _is_void(self, result: PGresult) -> bool:
        return result.nfields == 0 or (self.routine.result == "void" and not self.routine.has_outputs)

    def statement(self) -> tuple[sql.Composed, list[str | None]]:
        """The statement with numbered placeholders, and their values as server texts."""
        texts: list[str | None] = []
        parts = list(self._parts(texts))
        call = sql.SQL("{}({})").format(self.routine.identifier, sql.SQL(", ").join(parts))
        if self.routine.kind == "p":
            return sql.SQL("CALL {}").format(call), texts
        if self.routine.result == "record" and not self.routine.has_outputs:
            return sql.SQL("SELECT {}").format(call), texts
        return sql.SQL("SELECT * FROM {}").format(call), texts

    def _parts(self, texts: list[str | None]) -> Iterator[sql.Composable]:
        left_out: Parameter | None = None
        for parameter in self.routine.parameters:
            if parameter.is_input and parameter.name not in self.arguments:
                left_out = parameter
            elif left_out is not None and self.routine.is_nameless:
                raise _gap(self.routine, left_out, parameter)
            elif parameter.is_input:
                value = self.arguments[parameter.name]
                texts.append(server_text(value, parameter.type))
                yield self._named(parameter, _placeholder(parameter, value, len(texts)))
            elif self.routine.kind == "p" and parameter.mode == "o":
                yield self._named(parameter, sql.SQL("NULL::{}").format(sql.SQL(parameter.type)))

    def _named(self, parameter: Parameter, value: sql.Composable) -> sql.Composable:
        name = (
            sql.SQL("")
            if self.routine.is_nameless
            else sql.SQL("{} => ").format(sql.Identifier(parameter.name))
        )
        variadic = sql.SQL("VARIADIC " if parameter.mode == "v" else "")
        return sql.Composed([variadic, name, value])


def _placeholder(parameter: Parameter, value: Value, number: int) -> sql.Composable:
    # The type is the server's own spelling of it, quoted by the server.
    kind = sql.SQL(natural_type(value) if parameter.is_polymorphic else parameter.type)
    if isinstance(value, Mapping | Record) and parameter.is_composite:
        return sql.SQL("jsonb_populate_record(NULL::{}, ${}::jsonb)").format(kind, sql.Literal(number))
    if isinstance(value, Mapping | Record) and parameter.type not in JSON:
        raise unsupported(f"a mapping, for {parameter.name} of type {parameter.type},")
    return sql.SQL("${}::{}").format(sql.Literal(number), kind)


def _gap(routine: Routine, left_out: Parameter, given: Parameter) -> RecordingError:
    return RecordingError(
        f"{routine.signature} has nameless parameters, so {given.name} cannot be given without {left_out.name}",
        slug="procedure-bad-arguments",
        hint=f"give {left_out.name} as well",
    )
