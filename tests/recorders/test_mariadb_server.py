"""The embedded MariaDB server: quick to start, as any user, and never left behind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pymysql
import pytest
from legacy_maria import require_mariadb
from serving import Serving, alive, serving

from pytest_characterize.errors import ConfigurationError, RecordingError
from pytest_characterize_recorders.embedded.account import in_namespace
from pytest_characterize_recorders.embedded.binaries import mariadb_programs
from pytest_characterize_recorders.embedded.mariadb import MariaServer

SERVE = """
import json, os, time
import pymysql
from pytest_characterize_recorders.embedded.mariadb import MariaServer

def tell(server):
    folder = server.socket.parent
    pid = int((folder / "mariadb.pid").read_text())
    print(json.dumps({"folder": str(folder), "pid": pid, "dsn": server.create_database("billing")}), flush=True)

"""
IN_A_BLOCK = SERVE + "with MariaServer() as server:\n    tell(server)\n    time.sleep(60)\n"
WITHOUT_STOP = SERVE + "server = MariaServer()\nserver.start()\ntell(server)\n"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another account")
_SLOW = 4
"""Other work on the machine may make wall times this many times longer than those promised."""


@pytest.fixture(autouse=True)
def _installed() -> None:
    require_mariadb()


def ask(server: MariaServer, statement: str, database: str = "mysql") -> tuple[object, ...]:
    connection = pymysql.connect(
        unix_socket=str(server.socket), user="root", ssl_disabled=True, database=database
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())
    finally:
        connection.close()


class TestServing:
    @pytest.mark.parametrize("name", ["plain", "quo`te", "sp ace", "ünï", "apos'trophe", "a=b&c"])
    def test_databases_by_any_name(self, maria_server: MariaServer, name: str) -> None:
        maria_server.create_database(name)
        assert ask(maria_server, "SELECT DATABASE()", name) == ((name,),)

    def test_listens_on_no_network_interface(self, maria_server: MariaServer) -> None:
        assert ask(maria_server, "SELECT @@skip_networking") == ((1,),)
        assert maria_server.socket.parent.stat().st_mode & 0o777 == 0o700

    def test_data_can_be_kept(self, tmp_path: Path) -> None:
        datadir = tmp_path / "kept"
        with MariaServer(datadir) as server:
            server.create_database("billing")
            ask(server, "CREATE TABLE t AS SELECT 7 AS n", "billing")
        with MariaServer(datadir, settings={"max-connections": "12"}) as server:
            assert ask(server, "SELECT n, @@max_connections FROM t", "billing") == ((7, 12),)

    def test_cold_and_cached(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        cold, *cached = [_seconds_to_start() for _ in range(4)]
        [template] = (tmp_path / "pytest-characterize").iterdir()
        assert template.name.startswith("mariadb-")
        assert cold < 3 * _SLOW
        assert min(cached) < 0.5 * _SLOW


def _seconds_to_start() -> float:
    server = MariaServer()
    started = time.monotonic()
    server.start()
    taken = time.monotonic() - started
    server.stop()
    return taken


class TestNeverLeftBehind:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    def test_after_a_signal_to_its_owner(self, number: signal.Signals) -> None:
        with serving(IN_A_BLOCK) as server:
            assert alive(server.pid)
            server.process.send_signal(number)
            assert server.eventually_gone()

    def test_after_the_end_of_a_process_that_did_not_stop_it(self) -> None:
        with serving(WITHOUT_STOP) as server:
            assert server.process.wait(20) == 0
            assert server.gone()

    def test_after_its_keeper_was_killed(self) -> None:
        with serving(IN_A_BLOCK) as server:
            os.kill(server.keeper, signal.SIGKILL)
            assert _ends(server)

    def test_after_a_failed_start(self) -> None:
        with pytest.raises(RecordingError, match="no-such-setting") as caught:
            MariaServer(settings={"no-such-setting": "1"}).start()
        assert caught.value.slug == "server-not-started"
        assert "\n" not in str(caught.value)


def _ends(server: Serving) -> bool:
    deadline = time.monotonic() + 20
    while alive(server.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    for left in sorted(server.folder.rglob("*"), reverse=True):
        left.rmdir() if left.is_dir() else left.unlink()
    server.folder.rmdir()
    return not alive(server.pid)


class TestAccounts:
    SCRIPT = IN_A_BLOCK.replace("sleep(60)", "sleep(0)")

    @AS_ROOT
    def test_as_an_ordinary_user_in_a_namespace(self, tmp_path: Path) -> None:
        with serving(self.SCRIPT, prefix=in_namespace(), XDG_CACHE_HOME=str(tmp_path)) as server:
            assert server.process.wait(20) == 0, server.process.communicate()[1]
            assert server.gone()

    @AS_ROOT
    def test_as_root_where_namespaces_are_forbidden(self, tmp_path: Path) -> None:
        refusing = tmp_path / "unshare"
        refusing.write_text("#!/bin/sh\nexit 1\n")
        refusing.chmod(0o755)
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        with serving(self.SCRIPT, PATH=path, XDG_CACHE_HOME=str(tmp_path)) as server:
            assert server.process.wait(20) == 0, server.process.communicate()[1]
            assert server.gone()

    @AS_ROOT
    def test_no_permission_of_a_folder_above_changes(self, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        above = [private, *private.parents]
        before = [folder.stat().st_mode for folder in above]
        with MariaServer(private / "data") as server:
            assert ask(server, "SELECT 1") == ((1,),)
        assert [folder.stat().st_mode for folder in above] == before


def test_programs_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="was found below") as caught:
        mariadb_programs(tmp_path)
    assert caught.value.slug == "server-binaries-missing"
    assert "mariadb-server-core" in caught.value.hint
