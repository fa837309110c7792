"""The depot: one successor, and the old depot's procedures in two databases; recorded, changed, replayed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from psycopg.conninfo import conninfo_to_dict
from pymysql.constants import CLIENT

from pytest_characterize_recorders.embedded.mariadb import MariaServer
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

PROJECT = Path(__file__).parent / "twenty"
TEMPLATE = "tests/depot_tests.py"
SOURCES = ("postgresql", "mariadb")
QUICK = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:hypothesispytest",
    "-p",
    "no:anyio",
    "-p",
    "no:asyncio",
    "-p",
    "no:xdist",
)
INHERITED = ("PATH", "HOME", "PYTHONPATH", "TMPDIR")


@dataclass(frozen=True)
class Run:
    """One finished run of pytest in the project."""

    code: int
    output: str
    report: dict[str, Any]

    @property
    def counts(self) -> dict[str, int]:
        """How many cases have which verdict."""
        return {name: n for name, n in self.report["counts"].items() if n and name != "total"}

    def drifted(self) -> list[dict[str, Any]]:
        """The cases that drifted."""
        return [case for case in self.report["cases"] if case["verdict"] == "drifted"]

    @staticmethod
    def procedure_of(found: dict[str, Any]) -> tuple[str, str]:
        """Source and procedure of a case or a group in the report."""
        module, _, test = found["test"].partition("::")
        return module.rpartition("_on_")[2].removesuffix(".py"), test.removeprefix("test_")


@dataclass(frozen=True)
class Depot:
    """A copy of the project in a folder of its own.

    Attributes:
        addresses: the sources' addresses while their servers run.
    """

    folder: Path
    addresses: dict[str, str] = field(default_factory=dict)

    @classmethod
    def copied(cls, folder: Path) -> Depot:
        """The project, with its tests written out once for each database."""
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
        template = (folder / TEMPLATE).read_text("utf-8")
        (folder / TEMPLATE).unlink()
        for source in SOURCES:
            text = template.replace('SOURCE = "postgresql"', f'SOURCE = "{source}"')
            (folder / f"tests/test_on_{source}.py").write_text(text, "utf-8")
        return cls(folder)

    def copy(self, folder: Path) -> Depot:
        """Another copy, of which the goldens are a part."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return Depot(folder)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one place of a file."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")

    def record(self) -> Run:
        """Record everything from both servers, which stop afterwards."""
        with PostgresServer() as postgres, MariaServer() as maria:
            environment = {
                "CHARACTERIZE_SOURCE_POSTGRESQL_DSN": filled_postgresql(postgres),
                "CHARACTERIZE_SOURCE_MARIADB_DSN": filled_mariadb(maria),
            }
            host = conninfo_to_dict(environment["CHARACTERIZE_SOURCE_POSTGRESQL_DSN"])["host"]
            self.edit("pyproject.toml", "POSTGRESQL_HOST", str(host))
            self.edit("pyproject.toml", "MARIADB_HOST", str(maria.socket.parent))
            return self.pytest("--characterize-record=new", **environment)

    def replay(self) -> Run:
        """Replay everything; no server runs."""
        return self.pytest("--characterize", "--characterize-report=json:report.json")

    def pytest(self, *arguments: str, **environment: str) -> Run:
        """Run pytest in a process of its own."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *QUICK, *arguments],
            cwd=self.folder,
            env=inherited | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = json.loads(report.read_text("utf-8")) if report.exists() else {}
        return Run(done.returncode, done.stdout, found)


def filled_postgresql(server: PostgresServer) -> str:
    """The old depot on PostgreSQL; its address."""
    address = server.create_database("depot")
    with psycopg.connect(address, autocommit=True) as connection:
        for script in ("legacy_postgresql.sql", "legacy_rows.sql"):
            connection.execute((PROJECT / script).read_text("utf-8").encode())
    return address


def filled_mariadb(server: MariaServer) -> str:
    """The old depot on MariaDB; its address."""
    address = server.create_database("depot")
    connection = pymysql.connect(
        unix_socket=str(server.socket),
        user="root",
        database="depot",
        ssl_disabled=True,
        autocommit=True,
        client_flag=CLIENT.MULTI_STATEMENTS,
    )
    with connection, connection.cursor() as cursor:
        for script in ("legacy_mariadb.sql", "legacy_rows.sql"):
            cursor.execute((PROJECT / script).read_text("utf-8"))
            while cursor.nextset():
                pass
    return address
