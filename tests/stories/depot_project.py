"""The depot: one successor, and the old depot's procedures in two databases; recorded, changed, replayed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from psycopg.conninfo import conninfo_to_dict
from pymysql.constants import CLIENT

from pytest_characterize_recorders.embedded.mariadb import MariaServer
from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from tests.stories.project import Project, Run

PROJECT = Path(__file__).parent / "twenty"
TEMPLATE = "tests/depot_tests.py"
SOURCES = ("postgresql", "mariadb")


def procedure_of(found: dict[str, Any]) -> tuple[str, str]:
    """Source and procedure of a case or a group in the report."""
    module, _, test = found["test"].partition("::")
    return module.rpartition("_on_")[2].removesuffix(".py"), test.removeprefix("test_")


class Depot(Project):
    """A copy of the project."""

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
