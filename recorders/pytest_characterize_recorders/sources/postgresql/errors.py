"""What the server says when it does not succeed: legacy's own error, or a fault of our observing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.errors import Diagnostic

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Raised

CIRCUMSTANCES: Final = {
    "57014": ("source-too-slow", "the statement was cancelled after the time limit"),
    "55P03": ("source-busy", "a lock was not available"),
    "40001": ("source-busy", "another session changed the same rows"),
    "40P01": ("source-busy", "another session made a deadlock"),
    "53": ("source-exhausted", "the server has run out of a resource"),
    "58": ("source-exhausted", "the server's operating system failed"),
    "XX001": ("source-exhausted", "the server found damaged data"),
    "XX002": ("source-exhausted", "the server found a damaged index"),
}
"""SQLSTATEs (or their classes) that tell of the circumstances of a recording, not of legacy's rules."""
HINTS: Final = {
    "source-too-slow": "raise the limit in the address: options=-cstatement_timeout=10min",
    "source-busy": "record while nobody else works on the database, or on a copy of it",
    "source-exhausted": "see the server's log, and record again",
}


def observed(error: psycopg.Error, connection: psycopg.Connection, what: str) -> Raised:
    """The error as legacy's outcome.

    Args:
        what: what was running, for messages.

    Raises:
        RecordingError: the error says nothing about legacy: ``source-lost``, ``source-too-slow``,
            ``source-busy``, ``source-exhausted``, ``source-forbidden``.
    """
    fault = _fault(error, connection, what)
    if fault is not None:
        raise fault from None
    return Raised(
        types=(condition(error.sqlstate or ""),),
        code=error.sqlstate or "",
        message=error.diag.message_primary or "",
        details=diagnostic_details(error.diag),
    )


@contextmanager
def faults(connection: psycopg.Connection, what: str) -> Iterator[None]:
    """Turn the database errors of our own statements into errors of ours, one line and without an address.

    Raises:
        RecordingError: as :func:`observed`, or ``source-failed``.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _fault(error, connection, what) or RecordingError(
            f"{what}: a statement of the recorder failed: {error.diag.message_primary or type(error).__name__}",
            slug="source-failed",
            hint="record as the owner of the database's objects, or on a copy of it",
        ) from None


def diagnostic_details(diagnostic: Diagnostic) -> dict[str, str]:
    """The fields beside the message; not the context, whose line numbers vary without meaning."""
    found = {
        "detail": diagnostic.message_detail,
        "hint": diagnostic.message_hint,
        "schema": diagnostic.schema_name,
        "table": diagnostic.table_name,
        "column": diagnostic.column_name,
        "datatype": diagnostic.datatype_name,
        "constraint": diagnostic.constraint_name,
    }
    return {name: text for name, text in found.items() if text}


def condition(code: str) -> str:
    """PL/pgSQL's name of a SQLSTATE, the SQLSTATE itself where it has none.

    >>> condition("23505"), condition("BL001")
    ('unique_violation', 'BL001')
    """
    try:
        name = psycopg.errors.lookup(code).__name__
    except KeyError:
        return code
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def raised_by_statement(diagnostic: Diagnostic) -> bool:
    """Whether a RAISE statement made the error, which then is legacy's own whatever its SQLSTATE."""
    return diagnostic.source_function == "exec_stmt_raise"


def _fault(error: psycopg.Error, connection: psycopg.Connection, what: str) -> RecordingError | None:
    code = error.sqlstate or ""
    if connection.closed or (not code and isinstance(error, psycopg.OperationalError)):
        return RecordingError(
            f"{what}: the connection to the source was lost",
            slug="source-lost",
            hint="see the server's log; a routine that ends its own session cannot be recorded",
        )
    if raised_by_statement(error.diag):
        return None
    slug, why = CIRCUMSTANCES.get(code) or CIRCUMSTANCES.get(code[:2]) or ("", "")
    if slug:
        return RecordingError(f"{what}: {why}", slug=slug, hint=HINTS[slug])
    if code == "42501" and error.diag.source_function == "aclcheck_error":
        return RecordingError(
            f"{what}: the recording role lacks a right: {error.diag.message_primary}",
            slug="source-forbidden",
            hint="grant it, or record as the role that the legacy application uses",
        )
    return None
