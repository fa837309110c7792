"""The one place where a connection to a MariaDB or MySQL source is made."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.mariadb.addresses import Address, checked_address
from pytest_characterize_recorders.sources.rights import require_read_only, writing_grant

CONNECT_SECONDS: Final = 10
REASONS: Final[Mapping[int, str]] = {
    1040: "it has no connection left",
    1044: "the account may not use the database",
    1045: "the server refused the password, or wants one",
    1049: "there is no such database",
    1130: "the server does not admit us",
    1698: "the server refused the account",
    2003: "nothing accepts connections there",
}
"""What the server's or driver's number says, in words of our own: their text holds parts of the address."""


def open_mariadb(context: RecordingContext, database: str = "") -> Connection:
    """Connect to the context's source, if its address is allowed, with the session's settings pinned.

    Args:
        database: another one on the same server than the address names.

    The connection is in autocommit mode; results come as the server's bytes.

    Raises:
        RecordingError: ``source-wrong-kind``, ``source-address-invalid``, ``source-not-allowed``,
            ``source-looks-like-production``, ``source-down`` or ``source-may-write``.
    """
    source = context.source
    if source is None or source.kind != "mariadb":
        raise RecordingError(
            f"source {source.name if source else ''!r} is no MariaDB or MySQL database",
            slug="source-wrong-kind",
            hint="name a source of kind 'mariadb' in the descriptor: source=...",
        )
    address = checked_address(source, context.address)
    try:
        connection = _connect(replace(address, database=database or address.database))
        pin(connection)
        limit(connection, address.statement_seconds)
    except (pymysql.Error, UnicodeError, OSError, RuntimeError) as error:
        number = error.args[0] if isinstance(error, pymysql.Error) and error.args else 0
        reason = REASONS.get(number, "the connection failed")
        raise RecordingError(
            f"source {source.name!r} cannot be reached: {reason}",
            slug="source-down",
            hint=f"start it, or correct {source.secret_variable}",
        ) from None
    if source.read_only:
        try:
            _require_read_only(source, connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _require_read_only(source: Source, connection: Connection) -> None:
    def shown(whose: str) -> list[str] | None:
        """The grants of an account, or of a role."""
        with connection.cursor() as cursor:
            try:
                cursor.execute(f"SHOW GRANTS{whose}")
            except pymysql.Error:
                return None
            return [bytes(grant).decode() for (grant,) in cursor.fetchall()]

    may = writing_grant(shown)
    require_read_only(source, [may] if may else [])


def pin(connection: Connection) -> None:
    """Set what decides how the server writes values, so that a value has one text everywhere.

    ``sql_mode`` is legacy's behaviour and stays as the server has it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET NAMES utf8mb4")
        cursor.execute("SET time_zone = '+00:00', sql_notes = 1")


def version(connection: Connection) -> str:
    """Product and version: ``MariaDB 10.11.6``."""
    told = _version(connection)
    product = "MariaDB" if "MARIADB" in told.upper() else "MySQL"
    return f"{product} {told.partition('-')[0]}"


def _version(connection: Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        [[told]] = cursor.fetchall()
    return bytes(told).decode()


def _connect(address: Address) -> Connection:
    where: dict[str, Any] = {"host": address.host, "port": address.port}
    if address.socket:
        where = {"unix_socket": address.socket, "ssl_disabled": True}
    tls = ssl.create_default_context(cafile=address.ssl_ca) if address.ssl_ca else None
    return Connection(
        **where,
        user=address.user,
        password=address.password,
        database=address.database,
        charset="utf8mb4",
        use_unicode=False,
        conv={},
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        ssl=tls,
    )


def limit(connection: Connection, seconds: float) -> None:
    """Let the server cancel statements that take longer."""
    with connection.cursor() as cursor:
        if version(connection).startswith("MariaDB"):
            cursor.execute(f"SET max_statement_time = {seconds:f}")
        else:
            cursor.execute(f"SET max_execution_time = {round(seconds * 1000)}")


def source_of(context: RecordingContext) -> Source:
    """The context's source, which :func:`open_mariadb` has checked."""
    assert context.source is not None
    return context.source
