"""What a database knows about its functions and procedures; names are only ever compared, never interpreted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

import psycopg
from psycopg import sql

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.nearest import names_alike

NOT_CALLABLE: Final = {"a": "an aggregate", "w": "a window function"}
TRIGGERS: Final = ("trigger", "event_trigger")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a routine.

    Attributes:
        name: ``$1``, ``$2``, ... where the routine gives it none.
        type: as the server writes it in SQL, quoted where needed.
        sort: of the type, as in ``pg_type.typtype``.
        mode: as in ``pg_proc``: in, out, both (INOUT), variadic, column of a table.
        optional: whether it has a default.
    """

    name: str
    type: str
    sort: str
    mode: Literal["i", "o", "b", "v", "t"]
    optional: bool

    @property
    def is_polymorphic(self) -> bool:
        """Whether the type is taken from the value."""
        return self.sort == "p"

    @property
    def is_composite(self) -> bool:
        """Whether a value has parts with names."""
        return self.sort == "c"

    @property
    def is_input(self) -> bool:
        """Whether the caller gives a value."""
        return self.mode in "ibv"


@dataclass(frozen=True, slots=True)
class Routine:
    """One function or procedure.

    Attributes:
        result: type of what it returns; ``""`` for a procedure.
        returns: sort of the result's type (``pg_type.typtype``); ``p`` is a pseudo type.
        source: its ``CREATE OR REPLACE`` statement as the server writes it.
    """

    oid: int
    schema: str
    name: str
    kind: Literal["f", "p"]
    parameters: tuple[Parameter, ...]
    result: str
    returns: str
    returns_set: bool
    source: str

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """The parameters that a caller gives."""
        return tuple(parameter for parameter in self.parameters if parameter.is_input)

    @property
    def has_outputs(self) -> bool:
        """Whether it names the parts of its result: OUT, INOUT, the columns of a TABLE."""
        return any(parameter.mode in "obt" for parameter in self.parameters)

    @property
    def is_nameless(self) -> bool:
        """Whether a parameter has no name, so that a call must go by position."""
        return any(parameter.name.startswith("$") for parameter in self.parameters)

    @property
    def signature(self) -> str:
        """Schema, name and types of the inputs: ``billing.invoice_total(integer, date)``."""
        return f"{self.schema}.{self.name}({', '.join(parameter.type for parameter in self.inputs)})"

    @property
    def identifier(self) -> sql.Identifier:
        """Its quoted name."""
        return sql.Identifier(self.schema, self.name)

    def described(self) -> str:
        """Its parameters in words, for messages."""
        words = [f"{p.name} {p.type}{' (optional)' if p.optional else ''}" for p in self.inputs]
        return ", ".join(words) or "none"

    def takes(self, given: Collection[str]) -> bool:
        """Whether it can be called with just these parameters, by name."""
        names = {parameter.name for parameter in self.inputs}
        required = {parameter.name for parameter in self.inputs if not parameter.optional}
        return required <= set(given) <= names


@dataclass(frozen=True, slots=True)
class Reading:
    """A name split at a dot, or at none."""

    schema: str | None
    name: str
    types: str | None = None


def find_routines(connection: psycopg.Connection, name: str) -> tuple[Routine, ...]:
    """All routines that a descriptor's name may mean: overloads, found by schema or by the search path.

    ``name``, ``schema.name``, and either with types, ``name(integer, date)``, to pick one overload.

    Raises:
        RecordingError: ``procedure-unknown``, naming what is alike, or ``procedure-not-callable``.
    """
    readings = _readings(name)
    found = connection.execute(
        _ROUTINES,
        {
            "schemas": [reading.schema for reading in readings],
            "names": [reading.name for reading in readings],
        },
    ).fetchall()
    callable_ = [row for row in found if row[3] not in NOT_CALLABLE and row[4] not in TRIGGERS]
    if found and not callable_:
        _, schema, routine, kind, *_ = found[0]
        raise _not_callable(f"{schema}.{routine}", NOT_CALLABLE.get(kind, "a trigger function"))
    routines = [_routine(connection, *row) for row in callable_]
    fitting = tuple(routine for routine in routines if _is_meant(routine, readings))
    if not fitting:
        raise _unknown(connection, name)
    return fitting


def choose(routines: tuple[Routine, ...], given: Collection[str]) -> Routine:
    """The one overload that takes these parameters.

    Raises:
        RecordingError: ``procedure-bad-arguments`` or ``procedure-ambiguous``.
    """
    fitting = [routine for routine in routines if routine.takes(given)]
    if not fitting:
        listed = "; ".join(f"{routine.signature}: {routine.described()}" for routine in routines)
        raise RecordingError(
            f"{routines[0].schema}.{routines[0].name} does not take the inputs {', '.join(sorted(given)) or 'none'}"
            f" (parameters of {listed})",
            slug="procedure-bad-arguments",
            hint="name the inputs like the parameters, or map them with args={'parameter': 'input'}",
        )
    if len(fitting) > 1:
        listed = ", ".join(routine.signature for routine in fitting)
        raise RecordingError(
            f"{len(fitting)} routines take the inputs {', '.join(sorted(given)) or 'none'}: {listed}",
            slug="procedure-ambiguous",
            hint=f'name the parameter types in the descriptor: Procedure("{fitting[0].signature}")',
        )
    return fitting[0]


def _readings(name: str) -> list[Reading]:
    """Every way to read a name: it may hold dots and parentheses of its own; the catalog decides."""
    whole = [Reading(None, name)]
    if name.endswith(")"):
        whole += [
            Reading(None, name[:at], name[at + 1 : -1])
            for at, letter in enumerate(name)
            if letter == "(" and at
        ]
    split = [
        Reading(reading.name[:at], reading.name[at + 1 :], reading.types)
        for reading in whole
        for at, letter in enumerate(reading.name)
        if letter == "."
    ]
    return whole + split


def _is_meant(routine: Routine, readings: list[Reading]) -> bool:
    types = ", ".join(parameter.type for parameter in routine.inputs)
    return any(
        reading.name == routine.name
        and reading.schema in (None, routine.schema)
        and (reading.types is None or _squeezed(reading.types) == _squeezed(types))
        for reading in readings
    )


def _squeezed(types: str) -> str:
    return types.replace(", ", ",").strip()


def _routine(connection: psycopg.Connection, oid: int, *catalog: Any) -> Routine:
    schema, name, kind, result, returns, returns_set = catalog
    parameters = tuple(
        Parameter(given or f"${position}", type_name, sort, mode, optional)
        for given, position, type_name, sort, mode, optional in connection.execute(_PARAMETERS, {"oid": oid})
    )
    [source] = connection.execute("SELECT pg_get_functiondef(%s)", (oid,)).fetchone() or ("",)
    return Routine(oid, schema, name, kind, parameters, result or "", returns or "", returns_set, source)


def _unknown(connection: psycopg.Connection, name: str) -> RecordingError:
    return RecordingError(
        f"the source has no function or procedure {name!r}{names_alike(name, connection.execute(_KNOWN).fetchall())}",
        slug="procedure-unknown",
        hint="write the name as the catalog has it, 'name' or 'schema.name'",
    )


def _not_callable(name: str, what: str) -> RecordingError:
    return RecordingError(
        f"{name} is {what}, which cannot be called by itself",
        slug="procedure-not-callable",
        hint="record a statement or a routine that uses it",
    )


_ROUTINES = """
SELECT p.oid, n.nspname, p.proname, p.prokind::text,
       CASE WHEN p.prokind <> 'p' THEN format_type(p.prorettype, -1) END, t.typtype::text, p.proretset
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_type t ON t.oid = p.prorettype
WHERE EXISTS (
    SELECT FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS reading (schema, name)
    WHERE reading.name = p.proname
      AND CASE WHEN reading.schema IS NULL THEN pg_function_is_visible(p.oid) ELSE reading.schema = n.nspname END
)
ORDER BY n.nspname, p.proname, p.oid
"""
_PARAMETERS = """
SELECT coalesce(p.proargnames[a.position], ''), a.position, format_type(a.type, -1),
       t.typtype::text, coalesce(p.proargmodes[a.position]::text, 'i'),
       count(*) FILTER (WHERE coalesce(p.proargmodes[a.position], 'i') IN ('i', 'b', 'v')) OVER (ORDER BY a.position)
           > p.pronargs - p.pronargdefaults
FROM pg_proc p
CROSS JOIN unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS a (type, position)
JOIN pg_type t ON t.oid = a.type
WHERE p.oid = %(oid)s
ORDER BY a.position
"""
_KNOWN = """
SELECT DISTINCT n.nspname, p.proname
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""
