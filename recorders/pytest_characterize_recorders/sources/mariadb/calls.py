"""Calling a routine: identifiers quoted, values as literals that cannot be read as SQL, parameters by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pymysql.connections import Connection

from pytest_characterize.values import Cell, Rows, Value
from pytest_characterize_recorders.sources.mariadb.literals import literal, quoted
from pytest_characterize_recorders.sources.mariadb.results import DIALECT, result_sets, rows
from pytest_characterize_recorders.sources.mariadb.routines import Routine

RESULT_SETS: Final = "result_sets"


@dataclass(frozen=True)
class Call:
    """One call of a routine with arguments by parameter name."""

    routine: Routine
    arguments: Mapping[str, Value]

    def prepare(self, connection: Connection) -> None:
        """Give the variables that take OUT and INOUT parameters their values, before the call."""
        given = [
            f"{_variable(place)} = {literal(self.arguments.get(parameter.name))}"
            for place, parameter in enumerate(self.routine.outputs)
        ]
        if given:
            with connection.cursor() as cursor:
                cursor.execute(f"SET {', '.join(given)}")

    def execute(self, connection: Connection) -> tuple[Rows, ...]:
        """Call it; its result sets, for a function the one with its value."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement())
            return tuple(result_sets(cursor))

    def statement(self) -> str:
        """The statement that calls it."""
        places = {parameter.name: place for place, parameter in enumerate(self.routine.outputs)}
        listed = ", ".join(
            _variable(places[parameter.name])
            if parameter.name in places
            else literal(self.arguments[parameter.name])
            for parameter in self.routine.parameters
        )
        verb = "SELECT" if self.routine.kind == "FUNCTION" else "CALL"
        return f"{verb} {quoted(self.routine.schema, self.routine.name)}({listed})"

    def value(self, connection: Connection, found: tuple[Rows, ...]) -> Value:
        """What came back.

        A function's value is a cell. Of a procedure, OUT and INOUT parameters are a dictionary of cells, one
        result set is :class:`~pytest_characterize.values.Rows`, several are a list of them; if there are
        both, the dictionary holds the list as ``result_sets``.
        """
        if self.routine.kind == "FUNCTION":
            [[[text]]] = [result.rows for result in found]
            return Cell(DIALECT, self.routine.result, text)
        outputs = self._outputs(connection)
        if outputs and found:
            return {**outputs, RESULT_SETS: list(found)}
        if outputs or not found:
            return outputs or None
        return found[0] if len(found) == 1 else list(found)

    def _outputs(self, connection: Connection) -> dict[str, Value]:
        parameters = self.routine.outputs
        if not parameters:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(map(_variable, range(len(parameters))))}")
            [texts] = rows(cursor).rows
        return {
            parameter.name: Cell(DIALECT, parameter.type, text)
            for parameter, text in zip(parameters, texts, strict=True)
        }


def _variable(place: int) -> str:
    return f"@characterize_{place}"
