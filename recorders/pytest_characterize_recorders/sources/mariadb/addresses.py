"""Whether a URL leads only where its source may go; what cannot be decided is refused.

Nothing here connects, and no message holds any part of the URL.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pytest_characterize.errors import RecordingError
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.hosts import PRODUCTION, covers

SCHEMES: Final = ("mariadb", "mysql")
OPTIONS: Final = ("unix_socket", "ssl_ca", "max_statement_time")
DEFAULT_PORT: Final = 3306
STATEMENT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is, and as whom to go there.

    Attributes:
        socket: path of a unix socket, which goes before host and port.
        ssl_ca: file with the authority that must have signed the server's certificate.
        statement_seconds: after which time a statement is cancelled.
    """

    host: str
    port: int
    socket: str
    user: str
    password: str = field(repr=False)
    database: str
    ssl_ca: str
    statement_seconds: float


def checked_address(source: Source, url: str) -> Address:
    """The parts of a source's URL, after the place that it leads to was found allowed.

    Raises:
        RecordingError: ``source-address-invalid``, ``source-not-allowed``, ``source-looks-like-production``.
    """
    address = _parse(source, url)
    if not any(_allows(entry, address) for entry in source.hosts):
        raise _refused(source, "leads to a host that is not in its list of hosts")
    if not address.database:
        raise _refused(source, "names no database")
    names = (address.host, address.socket, address.database)
    if not source.production and any(PRODUCTION.search(name) for name in names):
        raise RecordingError(
            f"source {source.name!r}: the host or the database is named like a production system",
            slug="source-looks-like-production",
            hint=f"record on a copy, or set production = true in [tool.characterize.sources.{source.name}]",
        )
    return address


def _parse(source: Source, url: str) -> Address:
    try:
        parts = urlsplit(url.strip())
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        unknown = [name for name, _ in options if name not in OPTIONS]
        if parts.scheme not in SCHEMES or unknown or len(dict(options)) < len(options):
            raise ValueError
        return _address(parts, dict(options))
    except ValueError:
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} holds no MariaDB or MySQL address",
            slug="source-address-invalid",
            hint=f"set {source.secret_variable}=mariadb://USER@HOST:PORT/DATABASE"
            f" (options: {', '.join(OPTIONS)})",
        ) from None


def _address(parts: SplitResult, options: dict[str, str]) -> Address:
    return Address(
        host=parts.hostname or "",
        port=parts.port or DEFAULT_PORT,
        socket=options.get("unix_socket", ""),
        user=unquote(parts.username or "", errors="strict"),
        password=unquote(parts.password or "", errors="strict"),
        database=unquote(parts.path.removeprefix("/"), errors="strict"),
        ssl_ca=options.get("ssl_ca", ""),
        statement_seconds=float(options.get("max_statement_time", STATEMENT_SECONDS)),
    )


def _allows(entry: str, address: Address) -> bool:
    """A folder of sockets, or a socket, may hold ``*``; a host goes with every port, or with its own."""
    if address.socket:
        path = posixpath.normpath(address.socket)
        wanted = posixpath.normpath(entry)
        folder = posixpath.dirname(path)
        return entry.startswith("/") and (fnmatchcase(path, wanted) or fnmatchcase(folder, wanted))
    return bool(address.host) and covers(entry, address.host, str(address.port))


def _refused(source: Source, why: str) -> RecordingError:
    return RecordingError(
        f"source {source.name!r}: {source.secret_variable} {why}",
        slug="source-not-allowed",
        hint=f"name the host in the address, and list it in [tool.characterize.sources.{source.name}] hosts",
    )
