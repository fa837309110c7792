from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg import connect as connect_imported_early

from pytest_characterize.errors import LegacyContactError, ReplayError
from pytest_characterize.replay import drivers
from pytest_characterize.replay.drivers import (
    libpq_addresses,
    mysql_addresses,
    odbc_addresses,
    oracle_addresses,
    tds_addresses,
)
from pytest_characterize.replay.guard import Guard
from tests.unit.replay.listening import Listener, listening


@pytest.fixture
def legacy() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(autouse=True)
def _no_libpq_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)


# -- where a driver would connect ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "addresses"),
    [
        ({"host": "db"}, ["db:5432"]),
        ({"host": "db", "port": 6543}, ["db:6543"]),
        ({"host": "a,b", "port": "1,2"}, ["a:1", "b:2"]),
        ({"host": "a,b", "port": "1"}, ["a:1", "b:1"]),
        ({"host": "a,,b"}, ["a:5432", "localhost:5432", "b:5432"]),
        ({"host": "db", "hostaddr": "10.0.0.1"}, ["10.0.0.1:5432"]),
        ({"hostaddr": "::1"}, ["[::1]:5432"]),
        ({"host": "/run/pg", "port": "6543"}, ["/run/pg/.s.PGSQL.6543"]),
        ({"host": "@abstract"}, ["@abstract/.s.PGSQL.5432"]),
        ({}, ["/var/run/postgresql/.s.PGSQL.5432", "/tmp/.s.PGSQL.5432"]),
        ({"host": ""}, ["/var/run/postgresql/.s.PGSQL.5432", "/tmp/.s.PGSQL.5432"]),
        ({"service": "billing"}, ["service=billing"]),
        ({"service": "billing", "host": "db"}, ["db:5432"]),
    ],
)
def test_libpq(settings: dict[str, Any], addresses: list[str]) -> None:
    assert libpq_addresses(settings) == addresses


def test_libpq_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICE", "billing")
    assert libpq_addresses({}) == ["service=billing"]
    monkeypatch.setenv("PGHOST", "old")
    monkeypatch.setenv("PGPORT", "1")
    assert libpq_addresses({}) == ["old:1"]
    assert libpq_addresses({"host": "db", "port": 2}) == ["db:2"]


@pytest.mark.parametrize(
    ("found", "addresses"),
    [
        (mysql_addresses({}), ["localhost:3306"]),
        (mysql_addresses({"host": "db", "port": 1}), ["db:1"]),
        (mysql_addresses({"host": "db", "unix_socket": "/run/m.sock"}), ["/run/m.sock"]),
        (mysql_addresses({"read_default_file": "/etc/my.cnf"}), ["file=/etc/my.cnf"]),
        (mysql_addresses({"read_default_file": "/etc/my.cnf", "host": "db"}), ["db:3306"]),
        (odbc_addresses("DRIVER={FreeTDS};SERVER=db,1444;UID=sa", {}), ["db:1444"]),
        (odbc_addresses("Server=tcp:db;Port=1445", {}), ["db:1445"]),
        (odbc_addresses(r"SERVER=db\INSTANCE", {}), ["db:1433"]),
        (odbc_addresses("Driver=x", {"server": "db", "port": 5}), ["db:5"]),
        (odbc_addresses("DSN=ERP;UID=x", {}), ["dsn=ERP"]),
        (odbc_addresses("", {}), ["dsn="]),
        (tds_addresses({"server": "db"}), ["db:1433"]),
        (tds_addresses({"server": "db:2"}), ["db:2"]),
        (tds_addresses({"server": "db,2"}), ["db:2"]),
        (tds_addresses({"server": r"db\X", "port": "7"}), ["db:7"]),
        (tds_addresses({"host": "db", "port": ""}), ["db:1433"]),
        (oracle_addresses("db/orcl", {}), ["db:1521"]),
        (oracle_addresses("db:1522/orcl", {}), ["db:1522"]),
        (oracle_addresses("tcps://db:1522/orcl?wallet=x", {}), ["db:1522"]),
        (oracle_addresses("//[::1]:1/orcl", {}), ["[::1]:1"]),
        (oracle_addresses("ERP", {}), ["dsn=ERP"]),
        (oracle_addresses(None, {"host": "db", "port": 9}), ["db:9"]),
        (oracle_addresses(None, {"dsn": "db/x"}), ["db:1521"]),
        (
            oracle_addresses(
                "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=a)(PORT=1))(ADDRESS=(HOST = b)(PORT = 2)))", {}
            ),
            ["a:1", "b:2"],
        ),
    ],
)
def test_other_client_libraries(found: list[str], addresses: list[str]) -> None:
    assert found == addresses


# -- drivers that are installed ------------------------------------------------------------------------


def _psycopg(host: str, port: int) -> None:
    psycopg.connect(f"host={host} port={port} connect_timeout=2").close()


def _psycopg_class(host: str, port: int) -> None:
    psycopg.Connection.connect(host=host, port=port, connect_timeout=2).close()


def _psycopg_early(host: str, port: int) -> None:
    connect_imported_early(f"postgresql://{host}:{port}/?connect_timeout=2").close()


def _psycopg_async(host: str, port: int) -> None:
    async def connect() -> None:
        await psycopg.AsyncConnection.connect(host=host, port=port, connect_timeout=2)

    asyncio.run(connect())


def _psycopg2(host: str, port: int) -> None:
    importlib.import_module("psycopg2").connect(host=host, port=port, connect_timeout=2)


def _mysqlclient(host: str, port: int) -> None:
    importlib.import_module("MySQLdb").connect(host=host, port=port, connect_timeout=2)


def _mysql_connector(host: str, port: int) -> None:
    importlib.import_module("mysql.connector").connect(host=host, port=port, use_pure=False)


def _pyodbc(host: str, port: int) -> None:
    importlib.import_module("pyodbc").connect(f"DRIVER=FreeTDS;SERVER={host},{port}")


def _pymssql(host: str, port: int) -> None:
    importlib.import_module("pymssql").connect(server=host, port=str(port), login_timeout=2)


def _oracledb(host: str, port: int) -> None:
    importlib.import_module("oracledb").connect(user="u", password="p", dsn=f"{host}:{port}/x")


def _oracledb_pool(host: str, port: int) -> None:
    oracledb = importlib.import_module("oracledb")
    oracledb.create_pool(
        user="u", password="p", min=1, params=oracledb.PoolParams(host=host, port=port)
    ).acquire()


def _usable(module: str) -> bool:
    """Whether the driver is installed, together with the system libraries that it needs."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


ALWAYS = [_psycopg, _psycopg_class, _psycopg_early, _psycopg_async]
IF_INSTALLED = {
    "psycopg2": [_psycopg2],
    "MySQLdb": [_mysqlclient],
    "_mysql_connector": [_mysql_connector],
    "pyodbc": [_pyodbc],
    "pymssql": [_pymssql],
    "oracledb": [_oracledb, _oracledb_pool],
}
INSTALLED = ALWAYS + [way for module, ways in IF_INSTALLED.items() if _usable(module) for way in ways]


@pytest.mark.parametrize("connect", INSTALLED)
def test_a_driver_cannot_reach_what_is_not_allowed(
    connect: Callable[[str, int], None], legacy: Listener
) -> None:
    with Guard().watching() as attempts, pytest.raises(LegacyContactError):
        connect("127.0.0.1", legacy.port)
    assert {attempt.target for attempt in attempts} == {f"127.0.0.1:{legacy.port}"}
    assert legacy.calls == 0


@pytest.mark.parametrize("connect", INSTALLED)
def test_a_driver_reaches_what_is_allowed(connect: Callable[[str, int], None], legacy: Listener) -> None:
    with Guard([legacy.address]).watching() as attempts, suppress(Exception):
        connect("127.0.0.1", legacy.port)
    assert attempts == []
    assert legacy.calls > 0


def test_drivers_are_left_alone_outside_the_block(legacy: Listener) -> None:
    with Guard().watching():
        pass
    with pytest.raises(psycopg.OperationalError):
        _psycopg("127.0.0.1", legacy.port)
    assert legacy.calls == 1


def test_psycopg_on_unix_sockets(tmp_path: Path) -> None:
    path = str(tmp_path / ".s.PGSQL.5432")
    with listening(path) as legacy:
        with Guard().watching() as attempts, pytest.raises(LegacyContactError):
            psycopg.connect(host=str(tmp_path))
        with Guard([str(tmp_path)]).watching(), pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=str(tmp_path))
    assert [attempt.target for attempt in attempts] == [path]
    assert legacy.calls == 1


def test_psycopg_with_its_address_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, legacy: Listener
) -> None:
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(legacy.port))
    with Guard().watching() as attempts, pytest.raises(LegacyContactError):
        psycopg.connect("dbname=billing")
    assert [attempt.target for attempt in attempts] == [f"127.0.0.1:{legacy.port}"]


def test_a_driver_is_wrapped_once(legacy: Listener) -> None:
    for _ in range(3):
        with Guard().watching() as attempts, pytest.raises(LegacyContactError):
            _psycopg("127.0.0.1", legacy.port)
    assert len(attempts) == 1
    connect = psycopg.Connection._connect_gen.__func__
    assert not hasattr(connect.__wrapped__, "__wrapped__")


def test_a_driver_that_the_candidate_imports_itself_is_wrapped_then() -> None:
    script = """
    import sys
    from pytest_characterize.errors import LegacyContactError
    from pytest_characterize.replay.guard import Guard

    assert "psycopg" not in sys.modules
    with Guard().watching() as attempts:
        import psycopg
        assert psycopg.__spec__.loader.get_source("psycopg")
        try:
            psycopg.connect("host=127.0.0.1 port=1")
        except LegacyContactError as error:
            print(error)
    print(len(attempts))
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.startswith("the candidate tried to connect to 127.0.0.1:1 at ")
    assert second == "1"


def test_a_driver_that_connects_in_an_unknown_way_is_an_error() -> None:
    stranger = ModuleType("pyodbc")
    with pytest.raises(ReplayError, match="it has no connect") as caught:
        drivers._wrap(stranger, lambda addresses: None)
    assert caught.value.slug == "driver-unwatchable"


def test_a_missing_driver_stays_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with Guard().watching(), pytest.raises(ModuleNotFoundError, match="pyodbc"):
        importlib.import_module("pyodbc")
