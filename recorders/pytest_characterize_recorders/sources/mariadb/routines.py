"""What a MariaDB or MySQL server knows about its functions and procedures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pymysql
from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.mariadb.literals import literal, quoted
from pytest_characterize_recorders.sources.mariadb.results import Row, rows
from pytest_characterize_recorders.sources.nearest import names_alike, readings

Kind = Literal["FUNCTION", "PROCEDURE"]
SYSTEM: Final = "'mysql', 'information_schema', 'performance_schema', 'sys'"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its type as declared, and its mode (IN, OUT, INOUT)."""

    name: str
    type: str
    mode: str


@dataclass(frozen=True, slots=True)
class Routine:
    """One function or procedure.

    Attributes:
        result: type of what a function returns; ``""`` for a procedure.
        source: its ``CREATE`` statement as the server writes it.
        sql_mode: the mode under which it was made, which it keeps.
    """

    schema: str
    name: str
    kind: Kind
    parameters: tuple[Parameter, ...]
    result: str
    source: str
    sql_mode: str

    @property
    def full_name(self) -> str:
        """Schema and name, for messages."""
        return f"{self.schema}.{self.name}"

    @property
    def signature(self) -> str:
        """Schema, name and types of the parameters."""
        listed = ", ".join(parameter.type for parameter in self.parameters)
        return f"{self.full_name}({listed})"

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """The parameters that a caller gives."""
        return tuple(parameter for parameter in self.parameters if parameter.mode != "OUT")

    @property
    def outputs(self) -> tuple[Parameter, ...]:
        """The parameters that come back."""
        return tuple(parameter for parameter in self.parameters if parameter.mode != "IN")


def fetch(connection: Connection, statement: str) -> tuple[Row, ...]:
    """The rows of a statement of ours, as texts."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return rows(cursor).rows


def find_routines(connection: Connection, name: str) -> tuple[Routine, ...]:
    """All routines that a descriptor's name may mean: ``name`` in the database of the address, ``schema.name``.

    Raises:
        RecordingError: ``procedure-unknown``, naming what is alike, or ``source-forbidden``.
    """
    [[current]] = fetch(connection, "SELECT DATABASE()")
    known = [(schema or "", routine or "", kind or "") for schema, routine, kind in fetch(connection, _KNOWN)]
    meant = {((schema or current or "").lower(), routine.lower()) for schema, routine in readings(name)}
    found = [entry for entry in known if (entry[0].lower(), entry[1].lower()) in meant]
    if not found:
        raise RecordingError(
            f"the source has no function or procedure {name!r}"
            f"{names_alike(name, [(schema, routine) for schema, routine, _ in known])}",
            slug="procedure-unknown",
            hint="write the name as the catalog has it, 'name' or 'schema.name'",
        )
    return tuple(
        read_routine(connection, schema, routine, "FUNCTION" if kind == "FUNCTION" else "PROCEDURE")
        for schema, routine, kind in found
    )


def choose(found: Sequence[Routine], given: Collection[str]) -> Routine:
    """The one routine that takes these inputs; a function and a procedure may share a name.

    Raises:
        RecordingError: ``procedure-bad-arguments`` or ``procedure-ambiguous``.
    """
    fitting = [routine for routine in found if {p.name for p in routine.inputs} == set(given)]
    if not fitting:
        listed = "; ".join(
            f"{routine.full_name}: {', '.join(f'{p.name} {p.type}' for p in routine.inputs) or 'none'}"
            for routine in found
        )
        raise RecordingError(
            f"{found[0].full_name} does not take the inputs {', '.join(sorted(given)) or 'none'}"
            f" (parameters of {listed})",
            slug="procedure-bad-arguments",
            hint="name the inputs like the parameters, or map them with args={'parameter': 'input'}",
        )
    if len(fitting) > 1:
        raise RecordingError(
            f"{fitting[0].full_name} may be a {' or a '.join(routine.kind.lower() for routine in fitting)}",
            slug="procedure-ambiguous",
            hint="write the full name with its schema, or record a routine that calls the one that is meant",
        )
    return fitting[0]


def read_routine(connection: Connection, schema: str, name: str, kind: Kind) -> Routine:
    """A routine with parameters and source.

    Raises:
        RecordingError: ``source-forbidden``: its source is not shown to us.
    """
    where = (
        f"SPECIFIC_SCHEMA = {literal(schema)} AND SPECIFIC_NAME = {literal(name)} AND ROUTINE_TYPE = '{kind}'"
    )
    parameters: list[Parameter] = []
    result = ""
    for parameter, type_name, mode in fetch(connection, _PARAMETERS.format(where)):
        if mode is None:
            result = type_name or ""
        else:
            parameters.append(Parameter(parameter or "", type_name or "", mode))
    source, sql_mode = _source(connection, schema, name, kind)
    return Routine(schema, name, kind, tuple(parameters), result, source, sql_mode)


def _source(connection: Connection, schema: str, name: str, kind: Kind) -> tuple[str, str]:
    try:
        [shown] = fetch(connection, f"SHOW CREATE {kind} {quoted(schema, name)}")
    except pymysql.Error:
        shown = (None, None, None)
    _, sql_mode, source, *_ = shown
    if source is None:
        raise RecordingError(
            f"the source of {schema}.{name} is not shown to the recording account,"
            " so nobody can say whether what it does can be undone",
            slug="source-forbidden",
            hint="record as its definer, or grant SELECT on mysql.proc (MySQL 8: SHOW_ROUTINE)",
        )
    return source, sql_mode or ""


_KNOWN: Final = f"""
SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES
WHERE ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') AND ROUTINE_SCHEMA NOT IN ({SYSTEM})
ORDER BY 1, 2, 3
"""
_PARAMETERS: Final = """
SELECT PARAMETER_NAME, DTD_IDENTIFIER, PARAMETER_MODE FROM information_schema.PARAMETERS
WHERE {} ORDER BY ORDINAL_POSITION
"""
