"""An interpreter that has imported pytest and the plugin, and forks itself for every run that it is asked for.

A run is a process of its own, as ``python -m pytest`` would be, but for the second that the imports take.
:class:`Warm` is the side of the tests; the rest of this file is what the interpreter runs.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_IMPORTED = (
    *("anyio.pytest_plugin", "hypothesis", "_hypothesis_pytestplugin", "pytest_asyncio.plugin"),
    *("execnet.gateway", "xdist.plugin", "xdist.looponfail", "pytest_django.plugin", "syrupy"),
    *("platformdirs.pytest_plugin", "pytest_characterize.session"),
    *(f"pytest_characterize.plugin.{part}" for part in ("running", "record", "collecting", "terminal")),
    *(f"pytest_characterize_recorders.{recorder}" for recorder in ("function", "procedure")),
)

_SILENT = "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
"""pytest wants to be the one that imports plugins, to explain their assertions."""

_SECONDS = 120

_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_AT_START = ("PYTHON", "COVERAGE_", "LC_", "LANG", "TZ")
"""Beginnings of the variables that an interpreter reads once, when it starts."""


class Warm:
    """Runs pytest in forks of one interpreter.

    Args:
        environment: what the interpreter is started with.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def pytest(
        self,
        arguments: list[str],
        folder: Path,
        environment: Mapping[str, str],
        out: Path,
        err: Path,
        script: bool,
    ) -> int:
        """Run pytest; see :func:`run_pytest`."""
        assert self._process.stdin
        assert self._process.stdout
        asked = {
            "arguments": [*arguments, "-W", _SILENT],
            "folder": str(folder),
            "found": [str(Path(sys.executable).parent)] if script else [str(folder), str(folder)],
            "environment": dict(environment),
            "streams": [os.devnull, str(out), str(err)],
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the interpreter."""
        self._process.communicate()


def run_pytest(
    arguments: list[str],
    folder: Path,
    environment: Mapping[str, str],
    out: Path,
    err: Path,
    *,
    script: bool = False,
) -> int:
    """Run ``python -m pytest`` in a folder, whose modules its subprocesses find as well.

    Args:
        out: where its output goes; ``err`` may be the same file.
        script: run ``pytest``, which does not find the folder's modules by itself.

    Returns:
        The exit status; minus the signal's number if a signal ended it, as SIGKILL does after two minutes.
    """
    given = dict(environment)
    if not script:
        given["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), given.get("PYTHONPATH")]))
    at_start = ((name, value) for name, value in environment.items() if name.startswith(_AT_START))
    return _warm(frozenset(at_start)).pytest(arguments, folder, given, out, err, script)


@cache
def _warm(at_start: frozenset[tuple[str, str]]) -> Warm:
    others = {name: value for name, value in os.environ.items() if not name.startswith(_AT_START)}
    warm = Warm(others | dict(at_start))
    atexit.register(warm.close)
    return warm


def _import() -> None:
    import pytest
    from _pytest.config import default_plugins

    assert pytest
    for name in (*(f"_pytest.{plugin}" for plugin in default_plugins), *_IMPORTED):
        import_module(name)
    gc.freeze()  # what never changes stays shared with the forks


def _serve() -> None:
    """Answer what is asked; returns in a fork, which is to be the run."""
    for line in sys.stdin:
        fork = os.fork()
        if not fork:
            _become(json.loads(line))
            return
        sys.stdout.write(f"{_exit_status(fork)}\n")
        sys.stdout.flush()
    sys.exit()


def _exit_status(fork: int) -> int:
    deadline = time.monotonic() + _SECONDS
    while True:
        ended, status = os.waitpid(fork, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(fork, signal.SIGKILL)
        time.sleep(0.01)


def _become(asked: dict[str, Any]) -> None:
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[1:] = asked["arguments"]
    sys.path[:1] = asked["found"]
    for number, file in enumerate(asked["streams"]):
        opened = os.open(file, _WRITING if number else os.O_RDONLY, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)


if __name__ == "__main__":
    _import()
    _serve()
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
