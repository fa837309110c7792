"""What the server says when it does not succeed: legacy's own error, or a fault of our observing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Raised
from pytest_characterize_recorders.sources.mariadb.results import rows

FAULTS: Final[Mapping[int, tuple[str, str]]] = {
    1205: ("source-busy", "a lock was not available in time"),
    1213: ("source-busy", "another session made a deadlock"),
    1969: ("source-too-slow", "the statement was cancelled after the time limit"),
    3024: ("source-too-slow", "the statement was cancelled after the time limit"),
    **dict.fromkeys((3, 1020, 1021, 1037, 1041, 1114), ("source-exhausted", "the server lacks a resource")),
    **dict.fromkeys(
        (1044, 1142, 1143, 1227, 1370),
        ("source-forbidden", "the recording account lacks a right"),
    ),
}
"""Errors that tell of the circumstances of a recording, not of legacy's rules."""
HINTS: Final = {
    "source-busy": "record while nobody else works on the database, or on a copy of it",
    "source-too-slow": "raise the limit in the address: ?max_statement_time=600",
    "source-exhausted": "see the server's log, and record again",
    "source-forbidden": "grant it, or record as the account that the legacy application uses",
}
LOST: Final = (1927, 2006, 2013, 2014, 2055)
SIGNALLED: Final = (1643, 1644, 1645)
"""Numbers of conditions that legacy signals itself."""
FIELDS: Final = {
    "schema": "SCHEMA_NAME",
    "table": "TABLE_NAME",
    "column": "COLUMN_NAME",
    "constraint": "CONSTRAINT_NAME",
}
NAMES: Final = {number: name.lower() for name, number in vars(ER).items() if isinstance(number, int)}


def observed(
    error: pymysql.MySQLError, connection: Connection, conditions: Sequence[Mapping[str, Any]], what: str
) -> Raised:
    """The error as legacy's outcome.

    Args:
        conditions: what the server's diagnostics area holds.
        what: what was running, for messages.

    Raises:
        RecordingError: the error says nothing about legacy: ``source-lost``, ``source-too-slow``,
            ``source-busy``, ``source-exhausted``, ``source-forbidden``.
    """
    fault = _fault(error, connection, what)
    if fault is not None:
        raise fault from None
    number, message = _told(error)
    same = [place for place, one in enumerate(conditions, 1) if one["code"] == str(number)]
    state, details = _condition(connection, same[-1]) if same else ("HY000", {})
    name = state if number in SIGNALLED else NAMES.get(number, state)
    return Raised(types=(name,), code=state, message=message, details={"errno": number, **details})


@contextmanager
def faults(connection: Connection, what: str) -> Iterator[None]:
    """Turn the database errors of our own statements into errors of ours, one line and without an address.

    Raises:
        RecordingError: as :func:`observed`, or ``source-failed``.
    """
    try:
        yield
    except pymysql.Error as error:
        number, message = _told(error)
        raise _fault(error, connection, what) or RecordingError(
            f"{what}: a statement of the recorder failed: {number} {message}",
            slug="source-failed",
            hint="record as the account that the legacy application uses, or on a copy of the database",
        ) from None


def number_of(error: pymysql.MySQLError) -> int:
    """The server's number of an error."""
    return _told(error)[0]


def blames_statement(error: pymysql.MySQLError) -> bool:
    """Whether the server could make nothing of the statement, whatever the circumstances."""
    number = number_of(error)
    return bool(number) and number not in FAULTS and number not in LOST


def _told(error: pymysql.MySQLError) -> tuple[int, str]:
    number, message = error.args if len(error.args) == 2 else (0, " ".join(map(str, error.args)))
    return int(number), str(message)


def _fault(error: pymysql.MySQLError, connection: Connection, what: str) -> RecordingError | None:
    number, message = _told(error)
    if not connection.open or number in LOST or isinstance(error, pymysql.InterfaceError):
        return RecordingError(
            f"{what}: the connection to the source was lost",
            slug="source-lost",
            hint="see the server's log; a routine that ends its own session cannot be recorded",
        )
    slug, why = FAULTS.get(number, ("", ""))
    if slug:
        told = f"{why}: {message}" if slug == "source-forbidden" else why
        return RecordingError(f"{what}: {told}", slug=slug, hint=HINTS[slug])
    return None


def _condition(connection: Connection, place: int) -> tuple[str, dict[str, str]]:
    """SQLSTATE and further fields of a condition in the diagnostics area."""
    wanted = {"state": "RETURNED_SQLSTATE", **FIELDS}
    asked = ", ".join(f"@characterize_{name} = {item}" for name, item in wanted.items())
    with connection.cursor() as cursor:
        cursor.execute(f"GET DIAGNOSTICS CONDITION {place} {asked}")
        cursor.execute(f"SELECT {', '.join(f'@characterize_{name}' for name in wanted)}")
        [[state, *fields]] = rows(cursor).rows
    return state or "HY000", {name: text for name, text in zip(FIELDS, fields, strict=True) if text}
