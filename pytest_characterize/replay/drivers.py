"""Database drivers written in C raise no audit event when they connect; their ``connect`` is wrapped.

Each is wrapped once a process: at once if it is imported already, else right after the candidate
imports it. What is wrapped lies as deep as Python reaches, since ``from driver import connect`` may
have happened long before. Drivers are named as text: nothing here imports one.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, TypeAlias, cast

from pytest_characterize.errors import ReplayError
from pytest_characterize.replay.allowlist import host_port

Require: TypeAlias = Callable[[Iterable[str]], None]
"""Raises unless every address, written like an allow-list's entry, may be reached."""

Settings: TypeAlias = Mapping[str, Any]
Addresses: TypeAlias = Callable[[tuple[Any, ...], Settings], list[str]]
"""From a call's arguments to where it would connect."""


def watch_drivers(require: Require) -> None:
    """Have ``require`` asked before a driver connects; may be called again at any time."""
    for name in _DRIVERS:
        if name in sys.modules:
            _wrap(sys.modules[name], require)
    if not any(isinstance(finder, _Finder) and finder.require is require for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(require))


class _Finder(MetaPathFinder):
    """Finds nothing itself: has a driver wrapped right after whoever finds it has run it."""

    def __init__(self, require: Require) -> None:
        self.require = require

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What another finder found, made to wrap the driver once it has run."""
        if fullname not in _DRIVERS:
            return None
        others = sys.meta_path[sys.meta_path.index(self) + 1 :]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_wrap(module: ModuleType) -> None:
                run(module)
                _wrap(module, self.require)

            spec.loader.exec_module = run_and_wrap  # type: ignore[method-assign]
        return spec


def _wrap(module: ModuleType, require: Require) -> None:
    """Put ``require`` in front of what connects."""
    for path, addresses in _DRIVERS[module.__name__]:
        owner, name = _owner(module, path)
        connect = vars(owner)[name]
        if getattr(connect, "watched_by", None) is not require:
            setattr(owner, name, _watched(connect, addresses, require))


def _owner(module: ModuleType, path: str) -> tuple[Any, str]:
    """Whose attribute it is: the module's, or that of the class or base class which defines it.

    Raises:
        ReplayError: ``driver-unwatchable``: nobody's, and the driver must not pass unwatched.
    """
    *outer, name = path.split(".")
    owner = functools.reduce(lambda found, part: getattr(found, part, None), outer, cast(Any, module))
    candidates = owner.__mro__[:-1] if isinstance(owner, type) else (owner,)
    found = next((one for one in candidates if name in getattr(one, "__dict__", {})), None)
    if found is None:
        raise ReplayError(
            f"this version of {module.__name__} connects in an unknown way: it has no {path}",
            slug="driver-unwatchable",
            hint="replay with another version of the driver, since this one could reach legacy unseen",
        )
    return found, name


def _watched(connect: Any, addresses: Addresses, require: Require) -> Any:
    if isinstance(connect, classmethod):
        wrapper: Any = classmethod(_watched(connect.__func__, addresses, require))
        wrapper.watched_by = require
        return wrapper

    @functools.wraps(connect)
    def connect_if_allowed(*args: Any, **kwargs: Any) -> Any:
        require(addresses(args, kwargs))
        return connect(*args, **kwargs)

    connect_if_allowed.watched_by = require  # type: ignore[attr-defined]
    return connect_if_allowed


def libpq_addresses(settings: Settings) -> list[str]:
    """Where libpq would connect with these parameters, the environment and its defaults."""

    def values(name: str, variable: str) -> list[str]:
        found = settings.get(name) or os.environ.get(variable, "")
        return str(found).split(",") if found else []

    hosts = values("hostaddr", "PGHOSTADDR") or values("host", "PGHOST")
    if not hosts and (service := settings.get("service") or os.environ.get("PGSERVICE")):
        return [f"service={service}"]
    ports = values("port", "PGPORT") or ["5432"]
    if not hosts:  # libpq takes the socket folder that it was compiled with: one of these two
        hosts = ["localhost"] if sys.platform == "win32" else ["/var/run/postgresql", "/tmp"]  # noqa: S108
    ports = ports * len(hosts) if len(ports) == 1 else ports
    return [_libpq_address(host, port) for host, port in zip(hosts, ports, strict=False)]


def _libpq_address(host: str, port: str) -> str:
    return (
        f"{host}/.s.PGSQL.{port}"
        if host.startswith(("/", "@"))
        else host_port(host or "localhost", port or 5432)
    )


def mysql_addresses(settings: Settings) -> list[str]:
    """Where a MySQL client library would connect."""
    if path := settings.get("unix_socket"):
        return [str(path)]
    if not settings.get("host") and (
        file := settings.get("read_default_file") or settings.get("option_files")
    ):
        return [f"file={file}"]
    return [host_port(str(settings.get("host") or "localhost"), settings.get("port") or 3306)]


def odbc_addresses(connection_string: str, settings: Settings) -> list[str]:
    """Where an ODBC driver would connect: ``SERVER=host,port``, or a DSN's name."""
    pairs = re.findall(r"\s*([^=;]+?)\s*=\s*(\{[^}]*\}|[^;]*)", connection_string)
    found = {key.lower(): value.strip("{} ") for key, value in pairs}
    found |= {key.lower(): str(value) for key, value in settings.items()}
    server = next((found[key] for key in ("server", "address", "addr", "host") if found.get(key)), "")
    if not server:
        return [f"dsn={found.get('dsn', '')}"]
    host, _, port = server.removeprefix("tcp:").partition(",")
    return [host_port(host.partition("\\")[0], port or found.get("port") or 1433)]


def tds_addresses(settings: Settings) -> list[str]:
    """Where FreeTDS would connect: ``host``, ``host:port``, ``host\\instance``."""
    server = str(settings.get("server") or settings.get("host") or "localhost")
    host, _, port = server.replace(",", ":").partition(":")
    return [host_port(host.partition("\\")[0], port or settings.get("port") or 1433)]


def oracle_addresses(dsn: str | None, settings: Settings) -> list[str]:
    """Where an Oracle client would connect: ``host:port/service``, or a name of ``tnsnames.ora``."""
    if host := settings.get("host"):
        return [host_port(str(host), settings.get("port") or 1521)]
    text = str(dsn or settings.get("dsn") or "")
    if described := re.findall(
        r"\(\s*HOST\s*=\s*([^)\s]+)\s*\)\s*\(\s*PORT\s*=\s*(\d+)", text, re.IGNORECASE
    ):
        return [host_port(host, port) for host, port in described]
    if easy := re.fullmatch(r"(?:(?:\w+:)?//)?([\w.-]+|\[[^\]]+\])(?::(\d+))?/.*", text):
        return [host_port(easy[1], easy[2] or 1521)]
    return [f"dsn={text}"]


def _psycopg(args: tuple[Any, ...], settings: Settings) -> list[str]:
    parse = sys.modules["psycopg.conninfo"].conninfo_to_dict
    return libpq_addresses(parse(settings.get("conninfo", *args[1:2])))


def _psycopg2(args: tuple[Any, ...], settings: Settings) -> list[str]:
    parse = sys.modules["psycopg2.extensions"].parse_dsn
    return libpq_addresses(parse(args[0]))


def _mysqlclient(args: tuple[Any, ...], settings: Settings) -> list[str]:
    names = ("self", "host", "user", "password", "database", "port", "unix_socket")
    return mysql_addresses(dict(zip(names, args, strict=False)) | dict(settings))


def _mysql_connector(args: tuple[Any, ...], settings: Settings) -> list[str]:
    connection = args[0]
    return mysql_addresses(
        {"host": connection._host, "port": connection._port, "unix_socket": connection._unix_socket}
    )


def _pyodbc(args: tuple[Any, ...], settings: Settings) -> list[str]:
    return odbc_addresses(args[0] if args else "", settings)


def _pymssql(args: tuple[Any, ...], settings: Settings) -> list[str]:
    return tds_addresses(dict(zip(("server",), args, strict=False)) | dict(settings))


def _oracledb(args: tuple[Any, ...], settings: Settings) -> list[str]:
    if settings.get("pool") is not None:
        return []  # the pool's own start was asked
    params = settings.get("params")
    dsn = args[1] if len(args) > 1 else settings.get("dsn")
    return oracle_addresses(dsn or (params.get_connect_string() if params else None), settings)


_DRIVERS: Final[Mapping[str, Sequence[tuple[str, Addresses]]]] = {
    "psycopg._connection_base": [("BaseConnection._connect_gen", _psycopg)],
    "psycopg2": [("_connect", _psycopg2)],
    "MySQLdb.connections": [("Connection.__init__", _mysqlclient)],
    "mysql.connector.connection_cext": [("CMySQLConnection._open_connection", _mysql_connector)],
    "pyodbc": [("connect", _pyodbc)],
    "pymssql._mssql": [("connect", _pymssql)],
    "oracledb.connection": [("Connection.__init__", _oracledb)],
    "oracledb.pool": [("ConnectionPool.__init__", _oracledb)],
}
"""Module -> what connects in it, and how to read its arguments. Drivers in pure Python need no entry."""
