"""Mutants of functions, tried beside those of a database: the same matrices, whatever happens to either process."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.plugin.project import _CLEAN, Project
from tests.plugin.rule_projects import Legacy

FEE = """
import os
import time

def fee(weight, express):
    time.sleep(float(os.environ["FEE_PAUSE"]))
    return 450 if express else weight * 10 + 190
"""
FEE_TESTS = """
import pytest
import shop_fee
from pytest_characterize import Function

@pytest.mark.characterize(
    legacy=Function("legacy_fee:fee"),
    cases=[{"weight": weight, "express": express} for weight in (1, 20) for express in (True, False)],
)
def test_fee(weight, express):
    return shop_fee.fee(weight, express)
"""
DISCOUNT_MATRIX = "mutants/tests.test_shop/test_discount.jsonl.gz"
FEE_MATRIX = "mutants/tests.test_a_fee/test_fee.jsonl.gz"
PROC = Path("/proc")

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or (os.cpu_count() or 1) < 2, reason="everything is done by one process there"
)
needs_proc = pytest.mark.skipif(not PROC.is_dir(), reason="the other process is looked up in /proc")


@pytest.fixture(autouse=True)
def quick_fees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEE_PAUSE", "0")


def with_fees(legacy: Legacy) -> Project:
    """A recorded project of a stored procedure and of a function, whose test comes first."""
    project = legacy.project.write("legacy_fee.py", FEE).write("shop_fee.py", FEE)
    project.write("tests/test_a_fee.py", FEE_TESTS)
    return legacy.recorded()


def matrices(project: Project) -> Mapping[str, bytes]:
    return {name: content for name, content in project.store().items() if name.startswith("mutants/")}


def text_of(project: Project, name: str) -> str:
    return gzip.decompress(project.store()[name]).decode()


def alone(legacy: Legacy) -> Mapping[str, bytes]:
    """The matrices as they are when each test's mutants are tried by themselves, which are thrown away."""
    for test in ("test_discount", "test_fee"):
        legacy.mutate("-k", test).exits(0)
    found = matrices(legacy.project)
    assert found.keys() == {DISCOUNT_MATRIX, FEE_MATRIX}
    for name in found:
        (legacy.project.root / "characterization" / name).unlink()
    return found


def started(legacy: Legacy, pause: str) -> tuple[subprocess.Popen[bytes], int]:
    """A run in a process group of its own, in which each fee takes a while; its other process."""
    env = {name: value for name, value in os.environ.items() if name not in _CLEAN}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--characterize-mutants"],
        cwd=legacy.project.root,
        env=env | {"CHARACTERIZE_SOURCE_BILLING_DSN": legacy.dsn, "FEE_PAUSE": pause},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    wait_for(lambda: bool(forked(process.pid)))
    [other] = forked(process.pid)
    return process, other


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    deadline = monotonic() + seconds
    while not happened():
        assert monotonic() < deadline, "it did not happen in time"
        sleep(0.02)


def is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for_forks(process: int) -> None:
    """Until a process has forked so often that it must have tried some mutants, two forks each at most."""
    seen: set[int] = set()
    wait_for(lambda: seen.update(forked(process)) or len(seen) > 6)  # type: ignore[func-returns-value]


def forked(process: int) -> list[int]:
    """The children of a process that are copies of it."""
    children = (PROC / f"{process}/task/{process}/children").read_text("ascii").split()
    return [int(child) for child in children if command_of(child) == command_of(process)]


def command_of(process: int | str) -> bytes:
    try:
        return (PROC / f"{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def test_both_do_what_each_would_do_alone(legacy: Legacy) -> None:
    project = with_fees(legacy)
    before = project.store()
    wanted = alone(legacy)
    legacy.mutate("--characterize-budget=0.001").exits(0).has("not run yet")
    told = legacy.mutate().exits(0).no_traceback()
    assert matrices(project) == wanted
    assert {name: project.store()[name] for name in before} == before
    lines = [line for line in told.out.splitlines() if "::test_" in line]
    assert [line.partition("::")[2].partition(":")[0] for line in lines] == ["test_fee", "test_discount"]
    assert "0 runs of legacy" in legacy.mutate().exits(0).out
    assert matrices(project) == wanted


def test_what_cannot_be_tried_there_is_told_here_and_keeps_nobody_back(legacy: Legacy) -> None:
    project = with_fees(legacy)
    project.edit("legacy_fee.py", "190", "180")
    legacy.mutate().exits(1).has("mutants-stale", "legacy_fee", "1 failed, 1 passed").no_traceback()
    assert matrices(project).keys() == {DISCOUNT_MATRIX}


@needs_proc
@pytest.mark.parametrize("whole_group", [True, False], ids=["by the terminal", "by its number"])
def test_an_interrupted_run_keeps_what_both_know(legacy: Legacy, whole_group: bool) -> None:
    project = with_fees(legacy)
    process, other = started(legacy, "0.3")
    wait_for_forks(other)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, out.decode()
    wait_for(lambda: is_gone(process.pid), 5)
    fees = text_of(project, FEE_MATRIX)
    assert '"fate":"pending"' in fees
    assert '{"sites":[[' in fees
    assert not (project.root / "characterization/.lock").exists()


@needs_proc
def test_what_a_lost_process_was_to_do_is_done_here(legacy: Legacy) -> None:
    project = with_fees(legacy)
    process, other = started(legacy, "0.01")
    os.kill(other, signal.SIGKILL)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out.decode()
    assert '"fate":"pending"' not in text_of(project, FEE_MATRIX)
    assert '"fate":"pending"' not in text_of(project, DISCOUNT_MATRIX)


@needs_proc
def test_a_run_that_is_killed_takes_the_other_process_with_it(legacy: Legacy) -> None:
    project = with_fees(legacy)
    process, other = started(legacy, "0.3")
    wait_for_forks(other)
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: is_gone(process.pid), 10)
    assert '{"sites":[[' in text_of(project, FEE_MATRIX), "what it knew is kept"
