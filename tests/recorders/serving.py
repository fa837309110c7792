"""Another process that holds an embedded server, to be treated badly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest_characterize

PROJECT = Path(pytest_characterize.__file__).parent.parent
SERVE = """
import json, os, signal, time
from pathlib import Path
import psycopg
from psycopg.conninfo import conninfo_to_dict
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

def tell(server):
    folder = conninfo_to_dict(server.dsn())["host"]
    pid = int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0])
    print(json.dumps({"folder": folder, "pid": pid, "dsn": server.create_database("billing")}), flush=True)

"""
IN_A_BLOCK = SERVE + "with PostgresServer() as server:\n    tell(server)\n    time.sleep(60)\n"
WITHOUT_STOP = SERVE + "server = PostgresServer()\nserver.start()\ntell(server)\n"


@dataclass(frozen=True)
class Serving:
    """The process, and what it told about its server."""

    process: subprocess.Popen[str]
    folder: Path
    pid: int
    keeper: int
    dsn: str

    def gone(self) -> bool:
        """Whether nothing of the server is left now."""
        return not alive(self.pid) and not alive(self.keeper) and not self.folder.exists()

    def eventually_gone(self, seconds: float = 20) -> bool:
        """Whether nothing of the server is left soon."""
        deadline = time.monotonic() + seconds
        while not self.gone() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.gone()


@contextmanager
def serving(
    script: str, *, prefix: Sequence[str] = (), python: str = sys.executable, **env: str
) -> Iterator[Serving]:
    """Run the script until it serves; it has its own process group, as a command in a terminal has."""
    process = subprocess.Popen(
        [*prefix, python, "-c", script],
        env={**os.environ, "PYTHONPATH": import_path(), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        told = json.loads(line)
        yield Serving(process, Path(told["folder"]), told["pid"], parent(told["pid"]), told["dsn"])
    finally:
        process.kill()
        process.communicate()


def import_path() -> str:
    """``PYTHONPATH`` for an interpreter outside our virtual environment."""
    installed = [place for place in sys.path if place.endswith("site-packages")]
    return os.pathsep.join([str(PROJECT), str(PROJECT / "recorders"), *installed])


def parent(pid: int) -> int:
    """The process that started this one."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("PPid:"))


def alive(pid: int) -> bool:
    """Whether the process runs; one that waits to be reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
