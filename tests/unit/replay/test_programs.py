from __future__ import annotations

import pytest

from pytest_characterize.replay.programs import CLIENTS, network_client


@pytest.mark.parametrize(
    ("program", "arguments", "client"),
    [
        ("psql", ["psql", "-c", "select 1"], "psql"),
        ("/usr/lib/postgresql/16/bin/pg_dump", ["pg_dump"], "pg_dump"),
        (r"C:\Program Files\PostgreSQL\bin\psql.exe", ["psql"], "psql"),
        ("", ["curl", "http://legacy"], "curl"),
        ("/opt/tool", ["curl"], "curl"),
        ("/bin/sh", ["sh", "-c", "curl -s http://legacy | grep total"], "curl"),
        ("/bin/sh", ["sh", "-c", "cd /tmp && PGHOST=old psql"], "psql"),
        ("/bin/sh", ["sh", "-c", "x=$(mysql -e 'select 1')"], "mysql"),
        ("/bin/sh", ["sh", "-c", "`wget legacy`;true"], "wget"),
        ("/usr/bin/env", ["env", "PGHOST=old", "psql"], "psql"),
        ("/usr/bin/timeout", ["timeout", "5", "/usr/bin/ssh", "legacy"], "ssh"),
        ("sudo", ["sudo", "-u", "postgres", "psql"], "psql"),
    ],
)
def test_a_network_client_is_recognised(program: str, arguments: list[str], client: str) -> None:
    assert network_client(program, arguments) == client


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("/usr/bin/python3", ["python3", "manage.py", "migrate"]),
        ("/usr/bin/git", ["git", "commit", "-m", "curl"]),
        ("/bin/sh", ["sh", "-c", "ls -l | sort"]),
        ("/bin/sh", ["sh", "-c", "echo curly"]),
        ("", []),
    ],
)
def test_other_programs_are_not(program: str, arguments: list[str]) -> None:
    assert network_client(program, arguments) == ""


def test_every_client_is_recognised_by_its_name() -> None:
    assert {network_client(name) for name in CLIENTS} == set(CLIENTS)
