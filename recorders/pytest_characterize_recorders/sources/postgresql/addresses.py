"""Whether a connection string leads only where its source may go; what cannot be decided is refused.

Nothing here connects, and no message holds any part of the connection string.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize.errors import RecordingError
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.hosts import PRODUCTION, covers

FROM_ENVIRONMENT: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
}
"""Parameters that libpq would take from the environment, behind our back, where the string lacks them."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One place that a connection string may lead to: a host name, an address, a socket's folder."""

    host: str
    port: str

    @property
    def is_socket(self) -> bool:
        """Whether it is a folder of unix sockets (``@`` marks the abstract namespace)."""
        return self.host.startswith(("/", "@"))


def checked_parameters(source: Source, address: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The connection parameters of an address, complete, after everything it may lead to was found allowed.

    Args:
        environment: the process's environment, whose ``PG...`` variables fill what the address lacks.

    Raises:
        RecordingError: ``source-address-invalid``, ``source-not-allowed``, ``source-looks-like-production``.
    """
    parameters = _parse(source, address)
    if parameters.get("service") or environment.get("PGSERVICE"):
        raise _refused(source, "names a connection service, whose file may lead anywhere")
    for name, variable in FROM_ENVIRONMENT.items():
        if variable in environment:
            parameters.setdefault(name, environment[variable])
    for endpoint in _endpoints(source, parameters):
        if not any(_covers(entry, endpoint) for entry in source.hosts):
            raise _refused(source, "leads to a host that is not in its list of hosts")
    _check_production(source, parameters)
    return parameters


def _parse(source: Source, address: str) -> dict[str, str]:
    try:
        parsed = conninfo_to_dict(address)
    except (psycopg.Error, UnicodeError):
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} holds no PostgreSQL connection string",
            slug="source-address-invalid",
            hint=f"set {source.secret_variable}=postgresql://USER@HOST:PORT/DATABASE",
        ) from None
    return {name: str(value) for name, value in parsed.items()}


def _endpoints(source: Source, parameters: Mapping[str, str]) -> Iterator[Endpoint]:
    """Every host and every address; libpq tries the one at each position."""
    hosts, addresses, ports = (
        parameters.get(name, "").split(",") if parameters.get(name) else []
        for name in ("host", "hostaddr", "port")
    )
    count = max(len(hosts), len(addresses))
    if count == 0:
        raise _refused(source, "names no host, and the default depends on the machine")
    if any(len(given) not in (0, count) for given in (hosts, addresses)) or len(ports) not in (0, 1, count):
        raise _refused(source, "lists hosts, addresses and ports of different number")
    for position in range(count):
        port = (ports[position] if len(ports) == count else ports[0]) if ports else ""
        for given in (hosts, addresses):
            if given and not given[position]:
                raise _refused(source, "lists an empty host, and the default depends on the machine")
            if given:
                yield Endpoint(given[position], port or "5432")


def _covers(entry: str, endpoint: Endpoint) -> bool:
    """Whether an entry of the list of hosts allows the endpoint.

    ``host`` allows every port, ``host:port`` one; a folder of sockets may hold ``*``.
    """
    if endpoint.is_socket or entry.startswith(("/", "@")):
        return fnmatchcase(posixpath.normpath(endpoint.host), posixpath.normpath(entry))
    return covers(entry, endpoint.host, endpoint.port)


def _check_production(source: Source, parameters: Mapping[str, str]) -> None:
    database = parameters.get("dbname") or parameters.get("user")
    if not database:
        raise _refused(source, "names no database, and the default depends on the machine")
    names = (parameters.get("host", ""), parameters.get("hostaddr", ""), database)
    if not source.production and any(PRODUCTION.search(name) for name in names):
        raise RecordingError(
            f"source {source.name!r}: the host or the database is named like a production system",
            slug="source-looks-like-production",
            hint=f"record on a copy, or set production = true in [tool.characterize.sources.{source.name}]",
        )


def _refused(source: Source, why: str) -> RecordingError:
    return RecordingError(
        f"source {source.name!r}: {source.secret_variable} {why}",
        slug="source-not-allowed",
        hint=f"name the host in the address, and list it in [tool.characterize.sources.{source.name}] hosts"
        " (a folder of Unix sockets by its path)",
    )
