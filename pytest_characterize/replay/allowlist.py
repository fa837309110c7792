"""What a candidate may reach, as text: ``host:port``, ``host:*``, a unix socket, ``run:program``.

Pure: nothing here opens a socket or resolves a name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from pathlib import PurePosixPath
from typing import Final

from pytest_characterize.errors import ConfigurationError

_HOST_PORT: Final = re.compile(r"(?P<host>\[[^\]]+\]|[^\[\]/:@\s]+):(?P<port>\d{1,5}|\*)")
_NAMED: Final = re.compile(r"(service|dsn|file|run)[:=].+")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class AllowList:
    """Addresses that may be reached.

    ==================  ===========================================================================
    ``db:5432``         that port of that host; ``localhost``, ``127.0.0.1`` and ``[::1]`` are one
    ``api.example:*``   any port
    ``/run/db.sock``    a unix socket, or every socket directly in that folder; ``@name`` is abstract
    ``run:psql``        a network client that the candidate may start
    ``service=billing`` a libpq service, ``dsn=`` an ODBC or Oracle name, ``file=`` a MySQL option
                        file: where the driver alone knows the address
    ==================  ===========================================================================

    >>> allowed = AllowList(["localhost:5432"])
    >>> allowed.permits("127.0.0.1:5432"), allowed.permits("127.0.0.1:80")
    (True, False)

    Raises:
        ConfigurationError: ``allow-malformed``.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._ports: dict[str, set[str]] = defaultdict(set)
        self._texts: set[str] = set()
        self._names_of: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            self.add(entry)

    def add(self, entry: str) -> None:
        """Allow one more address."""
        found = _HOST_PORT.fullmatch(entry)
        if entry.startswith(("/", "@")) or _NAMED.fullmatch(entry):
            self._texts.add(entry)
        elif found:
            self._ports[canonical_host(found["host"])].add(found["port"])
        else:
            raise ConfigurationError(
                f"{entry!r} in the allow-list is no address",
                slug="allow-malformed",
                hint='write "host:port", "host:*", "[::1]:port", "/path/to/socket" or "run:program"',
            )

    def learn(self, name: str, address: str) -> None:
        """Remember that an allowed host's name was resolved to this numeric address."""
        self._names_of[canonical_host(address)].add(canonical_host(name))

    def permits_name(self, host: str) -> bool:
        """Whether a host's name may be resolved: numbers, this machine, and allowed hosts may."""
        host = canonical_host(host)
        return host in _LOOPBACK or _is_number(host) or host in self._ports

    def permits(self, address: str) -> bool:
        """Whether this address, written like an entry, may be reached."""
        if address.startswith(("/", "@")):
            folder = str(PurePosixPath(address).parent)
            return bool({address, folder, folder + "/"} & self._texts)
        if address in self._texts:
            return True
        host, _, port = address.rpartition(":")
        host = canonical_host(host)
        return any(
            {port, "*"} & self._ports.get(name, set()) for name in {host} | self._names_of.get(host, set())
        )


def host_port(host: str, port: object) -> str:
    """An address as an allow-list writes it.

    >>> host_port("::1", 80)
    '[::1]:80'
    """
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def canonical_host(host: str) -> str:
    """One spelling a host: lower case, no final dot, no zone, IPv4 for mapped IPv6, one loopback."""
    host = host.strip("[]").partition("%")[0].rstrip(".").lower()
    try:
        number = ip_address(host)
    except ValueError:
        pass
    else:
        if isinstance(number, IPv6Address) and number.ipv4_mapped:
            number = number.ipv4_mapped
        host = str(number)
    return "localhost" if host in _LOOPBACK else host


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
