"""Programs that hang, print without end, die, or leave others behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pytest_characterize.processes import (
    MARK,
    Family,
    Finished,
    OutOfTime,
    TooMuchOutput,
    family,
    finish,
)
from tests.living import ended

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def run(script: str, folder: Path, stdin: bytes = b"", seconds: float = 20, limit: int = 10**6) -> Finished:
    with family(["sh", "-c", script], folder, ENVIRONMENT) as found:
        return finish(found, stdin, seconds, limit)


def noted(folder: Path) -> list[int]:
    """The processes that a script has written down."""
    return [int(line) for path in folder.glob("*.pid") for line in path.read_text().split()]


@pytest.mark.parametrize(
    ("script", "finished"),
    [
        ("exit 3", Finished(3, b"", b"")),
        ("echo out; echo err >&2", Finished(0, b"out\n", b"err\n")),
        ("kill -9 $$", Finished(-signal.SIGKILL, b"", b"")),
        ("kill -SEGV $$", Finished(-signal.SIGSEGV, b"", b"")),
        ("exec >&- 2>&-; sleep 0.1; exit 4", Finished(4, b"", b"")),
        ("pwd", None),
    ],
)
def test_how_programs_end(tmp_path: Path, script: str, finished: Finished | None) -> None:
    assert run(script, tmp_path) == (finished or Finished(0, f"{tmp_path}\n".encode(), b""))


def test_much_goes_in_and_out_at_once(tmp_path: Path) -> None:
    content = os.urandom(400_000)
    assert run("tee /dev/stderr", tmp_path, content) == Finished(0, content, content)


def test_input_that_nobody_reads(tmp_path: Path) -> None:
    assert run("exec <&-; echo done", tmp_path, b"x" * 10**6) == Finished(0, b"done\n", b"")
    assert run("sleep 0.1; echo done", tmp_path, b"x" * 10**6) == Finished(0, b"done\n", b"")


def test_nothing_to_read_is_an_end_at_once(tmp_path: Path) -> None:
    assert run("cat; echo end", tmp_path) == Finished(0, b"end\n", b"")


@pytest.mark.parametrize(
    "script",
    [
        "sleep 600",
        "exec >&- 2>&-; sleep 600",
        "trap '' TERM INT HUP; while :; do :; done",
        "kill -STOP $$",
        "cat >/dev/null; sleep 600 | cat",
    ],
)
def test_a_program_that_does_not_end(tmp_path: Path, script: str) -> None:
    start = time.monotonic()
    with pytest.raises(OutOfTime, match=r"0\.3 s"):
        run(f"echo $$ >own.pid; {script}", tmp_path, seconds=0.3)
    assert time.monotonic() - start < 15
    assert ended(*noted(tmp_path))


@pytest.mark.parametrize("script", ["yes", "yes >&2", "yes | cat & yes"])
def test_a_program_that_prints_without_end(tmp_path: Path, script: str) -> None:
    with pytest.raises(TooMuchOutput, match="1 MiB"):
        run(f"echo $$ >own.pid; {script}", tmp_path, limit=2**20)
    assert ended(*noted(tmp_path))


@pytest.mark.parametrize(
    "start",
    [
        "sleep 600 & echo $! >one.pid",
        "sleep 600 >/dev/null 2>&1 & echo $! >one.pid",
        "setsid sh -c 'echo $$ >one.pid; exec sleep 600' & sleep 0.2",
        "setsid sh -c 'setsid sh -c \"echo \\$\\$ >two.pid; exec sleep 600\" & echo $$ >one.pid; wait' & sleep 0.3",
        "(trap '' HUP; nohup sleep 600 >/dev/null 2>&1 & echo $! >one.pid)",
    ],
)
def test_what_it_starts_ends_with_it(tmp_path: Path, start: str) -> None:
    """In the background, in a session of its own, without terminal, orphaned: none is left."""
    begun = time.monotonic()
    assert run(f"{start}; echo done", tmp_path).stdout == b"done\n"
    assert time.monotonic() - begun < 15
    assert noted(tmp_path)
    assert ended(*noted(tmp_path))


def test_those_who_leave_it_by_two_forks(tmp_path: Path) -> None:
    daemon = (
        "import os, time\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "open('daemon.pid', 'w').write(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    (tmp_path / "daemon.py").write_text(daemon)
    done = run(
        f"{sys.executable} daemon.py; while ! test -s daemon.pid; do sleep 0.05; done; echo up", tmp_path
    )
    assert done.stdout == b"up\n"
    assert ended(*noted(tmp_path))


def test_an_interrupt_of_ours_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with family(["sleep", "600"], tmp_path, ENVIRONMENT) as found:
            pids.append(found.process.pid)
            raise KeyboardInterrupt

    pids: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ended(*pids)


def test_families_do_not_end_each_other(tmp_path: Path) -> None:
    with family(["sleep", "600"], tmp_path, ENVIRONMENT) as one:
        assert run("echo fine", tmp_path).stdout == b"fine\n"
        assert not one.ended
    assert one.process.returncode == -signal.SIGKILL


def test_several_at_once(tmp_path: Path) -> None:
    found: dict[int, Finished] = {}

    def one(number: int) -> None:
        found[number] = run(f"sleep 0.1; echo {number}", tmp_path)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: Finished(0, f"{number}\n".encode(), b"") for number in range(4)}


def test_ending_twice_is_ending_once(tmp_path: Path) -> None:
    found = Family(["sh", "-c", "exit 7"], tmp_path, ENVIRONMENT)
    while not found.ended:
        time.sleep(0.01)
    assert [found.end(), found.end()] == [7, 7]
    found.close()
    assert found.ended


def test_it_gets_what_it_is_given_and_the_mark(tmp_path: Path) -> None:
    names = [line.partition(b"=")[0].decode() for line in run("env", tmp_path).stdout.splitlines()]
    assert set(names) - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", MARK}


def test_a_crash_leaves_no_core(tmp_path: Path) -> None:
    resource = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    with family(
        [sys.executable, "-c", f"import time; time.sleep(0.2); {resource}"], tmp_path, ENVIRONMENT
    ) as found:
        assert finish(found, b"", 20, 1000).stdout == b"(0, 0)\n"


def test_what_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"), family(["/no/such/program"], tmp_path, {}):
        pytest.fail("it was started")


def test_a_script_that_is_killed_from_outside(tmp_path: Path) -> None:
    with family(["sh", "-c", "echo begun; sleep 600"], tmp_path, ENVIRONMENT) as found:
        threading.Timer(0.3, subprocess.run, args=[["kill", "-TERM", str(found.process.pid)]]).start()
        assert finish(found, b"", 20, 1000) == Finished(-signal.SIGTERM, b"begun\n", b"")
