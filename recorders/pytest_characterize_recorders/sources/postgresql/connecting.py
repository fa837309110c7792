"""The one place where a connection to a PostgreSQL source is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.postgresql.addresses import checked_parameters
from pytest_characterize_recorders.sources.rights import POSTGRESQL, require_read_only

CONNECT_SECONDS: Final = 10
SESSION: Final[Mapping[str, str]] = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "lc_monetary": "C",
    "client_min_messages": "notice",
    "xmloption": "content",
    "cursor_tuple_fraction": "1.0",
    "idle_in_transaction_session_timeout": "0",
}
"""Settings that decide how the server writes values, pinned so that a value has one text everywhere."""
STATEMENT_TIMEOUT: Final = "60s"
"""Where neither the address nor the role has a limit of its own."""
REASONS: Final = (
    ("password", "the server refused the password, or wants one"),
    ("refused", "nothing accepts connections there"),
    ("timeout", "it did not answer in time"),
    ("timed out", "it did not answer in time"),
    ("resolve", "the name of its host is not known"),
    ("translate host", "the name of its host is not known"),
    ("no such file", "there is no such socket"),
    ("does not exist", "there is no such database or role"),
    ("pg_hba", "the server's pg_hba.conf does not admit us"),
    ("certificate", "the encrypted connection could not be made"),
    ("ssl", "the encrypted connection could not be made"),
    ("too many", "it has no connection left"),
    ("starting up", "the server is starting"),
    ("shutting down", "the server is shutting down"),
)
"""What a driver's text says, in words of our own: the text itself holds parts of the address."""


def open_postgresql(
    context: RecordingContext, *, database: str = "", settings: Mapping[str, str] | None = None
) -> psycopg.Connection:
    """Connect to the context's source, if its address is allowed, with the session's settings pinned.

    The connection is in autocommit mode: whoever uses it says where a transaction begins and ends.

    Args:
        database: another one of the same server.
        settings: what the session begins with besides.

    Raises:
        RecordingError: ``source-wrong-kind``, ``source-address-invalid``, ``source-not-allowed``,
            ``source-looks-like-production``, ``source-down``, ``source-encoding`` or ``source-may-write``.
    """
    source = context.source
    if source is None or source.kind != "postgresql":
        raise RecordingError(
            f"source {source.name if source else ''!r} is no PostgreSQL database",
            slug="source-wrong-kind",
            hint="name a source of kind 'postgresql' in the descriptor: source=...",
        )
    parameters = checked_parameters(source, context.address, os.environ)
    if database:
        parameters["dbname"] = database
    if settings:
        parameters["options"] = " ".join([*map(_option, settings.items()), parameters.get("options", "")])
    connection = _connect(source, parameters)
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        connection.close()
        raise RecordingError(
            f"source {source.name!r}: the database has no encoding (SQL_ASCII), so its texts cannot be read",
            slug="source-encoding",
            hint="record on a copy that is restored into a database with an encoding: createdb -E LATIN1",
        )
    if source.read_only:
        try:
            require_read_only(source, [what for (what,) in connection.execute(POSTGRESQL)])
        except BaseException:
            connection.close()
            raise
    return connection


def _option(setting: tuple[str, str]) -> str:
    name, value = setting
    return f"-c {name}=" + value.replace("\\", "\\\\").replace(" ", "\\ ")


def _connect(source: Source, parameters: Mapping[str, str]) -> psycopg.Connection:
    given = {"connect_timeout": str(CONNECT_SECONDS), "application_name": "characterize", **parameters}
    try:
        connection = psycopg.connect(
            make_conninfo("", **{**given, "client_encoding": "UTF8"}),
            autocommit=True,
            prepare_threshold=None,
        )
        pin(connection)
        _limit(connection)
    except (psycopg.Error, UnicodeError) as error:
        told = str(error).lower()
        reason = next((ours for theirs, ours in REASONS if theirs in told), "the connection failed")
        raise RecordingError(
            f"source {source.name!r} cannot be reached: {reason}",
            slug="source-down",
            hint=f"start it, or correct {source.secret_variable}",
        ) from None
    return connection


def pin(connection: psycopg.Connection) -> None:
    """Pin the settings that decide how values are written; a rollback undoes it."""
    connection.execute(
        "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS given (name, value)",
        (list(SESSION), list(SESSION.values())),
    )


def _limit(connection: psycopg.Connection) -> None:
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false) WHERE current_setting('statement_timeout') = '0'",
        (STATEMENT_TIMEOUT,),
    )
