"""Interpreters that are not there, do not work, hang or die: each costs its own case, and leaves nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Outcome
from pytest_characterize_recorders.function import FunctionRecorder
from pytest_characterize_recorders.sources.python.interpreters import names, places
from tests.living import alive, ended
from tests.plugin.project import Project
from tests.recorders.interpreters import THIS, case, context, observe, recording, the_oldest

LEGACY = '''
import os, signal, subprocess, sys, threading, time

def does(what):
    sys.stderr.write("about to do %s\\n" % what)
    if what == "exit":
        os._exit(3)
    elif what == "crash":
        import ctypes
        ctypes.string_at(0)
    elif what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "interrupt":
        raise KeyboardInterrupt
    elif what == "hang":
        time.sleep(600)
    elif what == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif what == "stubborn":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass
    elif what == "close":
        os.closerange(0, 256)
    elif what == "chatter":
        while True:
            sys.stderr.write("chatter " * 10000)
    elif what == "recursion":
        return does(what)
    elif what == "fork":
        return os.fork() and "the parent"
    return what

def leaves(pids):
    """Processes behind: one in the group, one in a session of its own, and one that holds the pipes."""
    started = [
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], **how)
        for how in ({}, {"preexec_fn": os.setsid}, {"close_fds": False})
    ]
    with open(pids, "w") as file:
        file.write(" ".join(str(process.pid) for process in started))
    return len(started)

def leaves_and_dies(pids):
    leaves(pids)
    os._exit(1)

def threads():
    thread = threading.Thread(target=time.sleep, args=(600,))
    thread.daemon = False
    thread.start()
    return "going on"
'''

both = pytest.mark.parametrize("name", [the_oldest(), THIS])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "old.py").write_text(LEGACY)
    return tmp_path


@pytest.fixture
def does(root: Path, name: str) -> Iterator[FunctionRecorder]:
    with recording(root, "does", name, timeout=1.0) as recorder:
        yield recorder


# -- legacy that ends its interpreter --------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("what", "slug", "told"),
    [
        ("exit", "worker-died", "exit status 3; the last that it printed: about to do exit"),
        ("crash", "worker-died", "killed by SIGSEGV; the last that it printed: about to do crash"),
        ("kill", "worker-died", "killed by SIGKILL; the last that it printed: about to do kill"),
        ("interrupt", "worker-died", "KeyboardInterrupt"),
        ("close", "worker-died", "in this case"),
        ("hang", "worker-timeout", "no answer after 1 s"),
        ("stop", "worker-timeout", "no answer after 1 s"),
        ("stubborn", "worker-timeout", "no answer after 1 s"),
        ("chatter", "worker-timeout", "no answer after 1 s"),
    ],
)
def test_a_case_that_ends_its_interpreter_costs_itself_only(
    does: FunctionRecorder, name: str, what: str, slug: str, told: str
) -> None:
    fine = Outcome("returned", "nothing")
    assert does.observe(case(what="nothing"))[0].outcome == fine
    with pytest.raises(RecordingError) as caught:
        does.observe(case(what=what))
    assert caught.value.slug == slug
    assert told in caught.value.message
    assert f"'old:does' in {name}" in caught.value.message
    assert "\n" not in str(caught.value)
    assert does.observe(case(what="nothing"))[0].outcome == fine


@both
def test_a_child_that_comes_back_says_nothing(does: FunctionRecorder, name: str) -> None:
    for _ in range(3):
        assert does.observe(case(what="fork"))[0].outcome == Outcome("returned", "the parent")


@both
def test_a_recursion_without_end_is_behaviour(does: FunctionRecorder, name: str) -> None:
    outcome = does.observe(case(what="recursion"))[0].outcome
    assert outcome.how == "raised"
    assert "builtins.RuntimeError" in outcome.value.types


@pytest.mark.parametrize(
    ("target", "ends"), [("leaves", nullcontext()), ("leaves_and_dies", pytest.raises(RecordingError))]
)
def test_no_process_stays_behind(
    root: Path, tmp_path: Path, target: str, ends: AbstractContextManager[object]
) -> None:
    pids = tmp_path / "pids"
    with recording(root, target, the_oldest(), timeout=20) as recorder, ends:
        recorder.observe(case(pids=str(pids)))
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 3
    assert ended(*started)


def test_threads_of_legacy_do_not_hold_the_end_up(root: Path) -> None:
    start = time.monotonic()
    assert observe(root, "threads", the_oldest()).value == "going on"
    assert time.monotonic() - start < 30


def test_the_worker_ends_with_its_recorder(root: Path) -> None:
    (root / "old.py").write_text("import os\ndef number():\n    return os.getpid()\n")
    with recording(root, "number", the_oldest()) as recorder:
        number = recorder.observe(case())[0].outcome.value
        assert alive(number)
        assert recorder.observe(case())[0].outcome.value == number
    assert not alive(number)


# -- legacy that cannot be imported ----------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("source", "target", "slug", "told"),
    [
        (None, "old:x", "function-unknown", "its module cannot be imported: "),
        ("", "old:x", "function-unknown", "old has no attribute 'x'"),
        ("class X: pass", "old:X.y", "function-unknown", "X has no attribute 'y'"),
        ("x = 3", "old:x", "function-unknown", "it is no function, but of type int"),
        ("x = 3", "old", "function-unknown", 'must read "package.module:qualified.name"'),
        ("def x(:", "old:x", "function-unknown", "SyntaxError: "),
        ("1 / 0", "old:x", "function-unknown", "ZeroDivisionError: "),
        ("raise SystemExit(3)", "old:x", "function-unknown", "SystemExit: 3"),
        ("raise ValueError(b'\\xe4'.decode('latin-1'))", "old:x", "function-unknown", "ValueError: "),
        ("import os; os._exit(4)", "old:x", "worker-died", "while it was imported: exit status 4"),
        ("import time; time.sleep(60)", "old:x", "worker-timeout", "while it was imported"),
    ],
)
def test_what_cannot_be_imported_is_one_clear_line(
    tmp_path: Path, name: str, source: str | None, target: str, slug: str, told: str
) -> None:
    if source is not None:
        (tmp_path / "old.py").write_text(source + "\n")
    with pytest.raises(RecordingError) as caught:
        FunctionRecorder(Function(target, interpreter=name, timeout=1.0), context(tmp_path))
    assert caught.value.slug == slug
    assert told in caught.value.message
    assert repr(target) in caught.value.message
    assert "\n" not in str(caught.value)


# -- interpreters ----------------------------------------------------------------------------------------


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["python9.9", "no/such/python", "~/no/such/python", "/no/such/python"])
def test_an_interpreter_that_is_not_there(root: Path, name: str) -> None:
    with pytest.raises(RecordingError) as caught:
        observe(root, "does", name, what="nothing")
    assert caught.value.slug == "interpreter-unknown"
    assert f"no interpreter {name!r}" in caught.value.message
    assert "(found: " in caught.value.message
    assert "python3" in caught.value.message.partition("(found: ")[2]


def test_nothing_is_found_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "missing"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(RecordingError, match=r"\(found: none\)"):
        places("python3", tmp_path)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 1", "exit status 1"),
        ("echo not a python >&2; exit 127", "not a python"),
        ("kill -9 $$", "killed by SIGKILL"),
        ("exec cat", "no answer after"),
    ],
)
def test_a_program_that_is_no_python(
    root: Path, script: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_characterize_recorders.sources.python.elsewhere._GREETING", 0.5)
    program(root / "bin/odd", script)
    with pytest.raises(RecordingError) as caught:
        observe(root, "does", "bin/odd", what="nothing")
    assert caught.value.slug == "interpreter-unusable"
    assert told in caught.value.message


def test_a_file_that_no_system_can_start(root: Path) -> None:
    program(root / "bin/odd", "").write_bytes(b"\x7fELF nonsense")
    with pytest.raises(RecordingError) as caught:
        observe(root, "does", "bin/odd", what="nothing")
    assert caught.value.slug == "interpreter-unusable"


def test_a_stand_in_is_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pyenv's are, which stand on ``PATH`` for versions that are not switched on."""
    program(root / "pyenv/shims/pythonX", "echo pyenv: command not found >&2; exit 127")
    program(root / "broken/pythonX", "exit 1")
    program(root / "pyenv/versions/3.0.0/bin/pythonX", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PYENV_ROOT", str(root / "pyenv"))
    monkeypatch.setenv("PATH", f"{root / 'pyenv/shims'}:{root / 'broken'}:{os.environ['PATH']}")
    assert [place.relative_to(root).parts[0] for place in places("pythonX", root)] == [
        "broken",
        "pyenv",
        "pyenv",
    ]
    assert observe(root, "does", "pythonX", what="nothing").value == "nothing"


def test_the_newest_of_pyenvs_versions_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.9.2", "3.9.18", "3.10.1"):
        program(tmp_path / f"versions/{version}/bin/python3.9", "exit 0")
    program(tmp_path / "shims/python3.7", "exit 1")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    found = [place.relative_to(tmp_path).parts[1] for place in places("python3.9", tmp_path)]
    assert found == ["3.10.1", "3.9.18", "3.9.2"]
    assert names() == {"python3.9"}


def test_a_path_may_begin_at_home(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "home").mkdir()
    (root / "home/python").symlink_to(sys.executable)
    monkeypatch.setenv("HOME", str(root / "home"))
    assert observe(root, "does", "~/python", what="nothing").value == "nothing"


# -- a story -------------------------------------------------------------------------------------------

TESTS = """
import pytest
from pytest_characterize import Function

@pytest.mark.characterize(
    legacy=Function("legacy_shop:does", interpreter="{python}", timeout=2),
    cases=[{{"what": what}} for what in ("one", "exit", "two", "hang", "crash", "three")],
)
def test_does(what):
    return what
"""


def test_the_other_cases_are_recorded(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester, tests=TESTS.format(python=the_oldest()), legacy=LEGACY)
    run = project.record().exits(1).no_traceback()
    run.has(
        "3 recorded, 3 failed", "what-exit-", "what-hang-", "what-crash-", "worker-died", "worker-timeout"
    )
    assert sorted(path.name.split("-")[1] for path in project.goldens()) == ["one", "three", "two"]
