"""Trying changed functions on many cases: each on the same state, and nothing of it stays."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case
from pytest_characterize.recording.protocols import RecordingContext, Trial, TrialRecorder
from pytest_characterize.rules.mutation import mutants
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize.values import Raised
from pytest_characterize_recorders.function import FunctionRecorder
from pytest_characterize_recorders.sources.python import forking

EXAMPLE = Path(__file__).parents[2] / "example_legacy"
LEGACY = """
import datetime, decimal, enum, logging, os, signal, socket, subprocess, sys, time
from dataclasses import dataclass

SEEN = []
OPEN = open(os.devnull, "w")

class Colour(enum.Enum):
    RED = 1

@dataclass
class Line:
    net: decimal.Decimal
    when: datetime.datetime

def total(amount):
    if amount > 5:
        return amount * 2
    return amount

def counted(amount):
    SEEN.append(amount)
    return len(SEEN)

def kinds(value):
    return [Line(decimal.Decimal("1.00"), datetime.datetime(2024, 3, 1, 12)), Colour.RED, {1: b"x"}, value, -0.0]

def fails(code):
    raise KeyError(code)

def prints():
    print("noise")
    sys.stderr.write("noise")
    os.write(1, b"noise")

def large(size):
    return "x" * size

def action(what):
    WHAT[what]()
    return what

def _loops():
    while True:
        pass

def _sleeps():
    time.sleep(60)

def _writes():
    with open("leftover.txt", "w") as target:
        target.write("x")

def _hides():
    try:
        _writes()
    except BaseException:
        pass

def _grows():
    "x" * (1 << 33)

def _interrupts():
    raise KeyboardInterrupt

WHAT = {
    "loops": _loops, "sleeps": _sleeps, "writes": _writes, "hides": _hides, "grows": _grows,
    "interrupts": _interrupts,
    "exits": lambda: os._exit(0),
    "exits with 3": lambda: os._exit(3),
    "dies": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "aborts": os.abort,
    "forks": os.fork,
    "starts": lambda: subprocess.call(["true"]),
    "removes": lambda: os.remove("leftover.txt"),
    "connects": lambda: socket.create_connection(("127.0.0.1", 9), 1),
    "strange": lambda: WHAT.__setitem__("nothing", None),
    "nothing": lambda: None,
}

def strange():
    return object()

def traced(function):
    def wrapper(amount):
        return function(amount) + 1
    return wrapper

@traced
def wrapped(amount):
    return amount
"""
_numbers = count(1)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FunctionRecorder]]:
    """Opens recorders of a legacy module of its own."""
    module = f"legacy_trials_{next(_numbers)}"
    (tmp_path / f"{module}.py").write_text(LEGACY, "utf-8")
    monkeypatch.chdir(tmp_path)
    recorders: list[FunctionRecorder] = []

    def opened(name: str) -> FunctionRecorder:
        recorders.append(FunctionRecorder(Function(f"{module}:{name}"), context(tmp_path)))
        return recorders[-1]

    yield opened
    for recorder in recorders:
        recorder.close()
    sys.modules[module].OPEN.close()
    del sys.modules[module]


Opened = Callable[[str], FunctionRecorder]


def context(root: Path) -> RecordingContext:
    return RecordingContext(
        settings=Settings(root=root),
        source=None,
        address="",
        secret=lambda secret: secret.variable,
        scrubber=Scrubber(Redaction(), b"key"),
        args={},
    )


def case(**inputs: Any) -> Case:
    return Case("0" * 64, "tests/test_x.py::test_x", "x", inputs)


def outcomes(trials: Iterator[Trial]) -> list[Any]:
    return [trial.observation.outcome.value if trial.observation else trial.why for trial in trials]


def changed(recorder: FunctionRecorder, old: str, new: str) -> Mapping[str, str]:
    [(name, text)] = recorder.sources(case()).items()
    assert old in text
    return {name: text.replace(old, new)}


def test_it_is_a_recorder_that_can_try(opened: Opened) -> None:
    assert isinstance(opened("total"), TrialRecorder)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("total", [{"amount": amount} for amount in (1, 5, 6, 1 << 70)]),
        ("kinds", [{"value": value} for value in ("é\\ud800", None, float("inf"), [1, (2,)])]),
        ("fails", [{"code": "a"}]),
        ("prints", [{}]),
        ("large", [{"size": 3_000_000}, {"size": 1}]),
    ],
)
def test_unchanged_legacy_does_what_it_does_when_it_is_recorded(
    opened: Opened, capfd: pytest.CaptureFixture[str], name: str, inputs: list[dict[str, Any]]
) -> None:
    recorder = opened(name)
    cases = [case(**one) for one in inputs]
    tried = list(recorder.trials(cases, {}, 10))
    assert capfd.readouterr() == ("", "")
    assert tried == [Trial(recorder.observe(one)[0]) for one in cases]


@pytest.mark.parametrize(
    ("target", "inputs"),
    [
        ("helpers:parse_amount", [{"text": text} for text in ("1.234,56", "12,5-", "", "abc")]),
        ("helpers:due_date", [{"issued": None, "terms": "NOW"}]),
        ("helpers:check_digit", [{"number": "123"}]),
        (
            "agents:statement",
            [
                {"agent": "A017 G 1999", "year": 2004, "turnovers": turnovers}
                for turnovers in ("1:99", "x", "")
            ],
        ),
    ],
)
def test_the_functions_of_the_example(target: str, inputs: list[dict[str, Any]]) -> None:
    recorder = FunctionRecorder(Function(f"example_legacy.legacy.{target}"), context(EXAMPLE.parent))
    cases = [case(**one) for one in inputs]
    assert list(recorder.trials(cases, {}, 10)) == [Trial(recorder.observe(one)[0]) for one in cases]
    recorder.close()


def test_a_change_is_tried_and_gone_afterwards(opened: Opened) -> None:
    recorder = opened("total")
    cases = [case(amount=amount) for amount in (4, 5, 6)]
    assert outcomes(recorder.trials(cases, changed(recorder, "> 5", ">= 5"), 10)) == [4, 10, 12]
    assert recorder.observe(cases[1])[0].outcome.value == 5
    assert outcomes(recorder.trials(cases, {}, 10)) == [4, 5, 12]


def test_each_case_meets_the_same_state(opened: Opened) -> None:
    recorder = opened("counted")
    assert outcomes(recorder.trials([case(amount=1)] * 3, {}, 10)) == [1, 1, 1]
    assert recorder.observe(case(amount=1))[0].outcome.value == 1


def test_many_inputs_are_told_in_their_order_whichever_of_them_ends_its_process(opened: Opened) -> None:
    before = children()
    recorder = opened("action")
    cases = [case(what=what) for what in ("nothing", "exits", "loops", "nothing") * 3]
    stopped = "it had not come to its end after 0.5 s"
    assert (
        outcomes(recorder.trials(cases, {}, 0.5))
        == ["nothing", "it ended its process", stopped, "nothing"] * 3
    )
    with pytest.raises(RecordingError, match="variant"):
        list(recorder.trials(cases, changed(recorder, "def action", "def action("), 10))
    assert children() <= before


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("loops", "it had not come to its end after 0.5 s"),
        ("sleeps", "it had not come to its end after 0.5 s"),
        ("writes", "it reaches out to files, where what it does would stay"),
        ("hides", "it reaches out to files, where what it does would stay"),
        ("removes", "it reaches out to files, where what it does would stay"),
        ("grows", "it took more memory than it was given"),
        ("interrupts", "KeyboardInterrupt ended it"),
        ("exits", "it ended its process"),
        ("exits with 3", "it ended its process with status 3"),
        ("dies", "it reaches out to another process, where what it does would stay"),
        ("aborts", "its process was ended by SIGABRT"),
        ("forks", "it reaches out to another process, where what it does would stay"),
        ("starts", "it reaches out to another process, where what it does would stay"),
        ("connects", "it reaches out to the network, where what it does would stay"),
    ],
)
def test_what_may_not_be_is_no_observation_and_the_next_case_is_tried(
    opened: Opened, tmp_path: Path, what: str, why: str
) -> None:
    recorder = opened("action")
    cases = [case(what="nothing"), case(what=what), case(what="nothing")]
    assert outcomes(recorder.trials(cases, {}, 0.5)) == ["nothing", why, "nothing"]
    assert not (tmp_path / "leftover.txt").exists()


def test_what_cannot_be_kept_is_no_observation(opened: Opened) -> None:
    [trial] = opened("strange").trials([case()], {}, 10)
    assert trial.observation is None
    assert "object" in trial.why


def test_inputs_that_do_not_fit_are_no_observation(opened: Opened) -> None:
    [trial] = opened("total").trials([case(other=1)], {}, 10)
    assert trial.observation is None
    assert "cannot be called" in trial.why


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [("> 5", "> (5", "variant-broken"), ("return function(amount) + 1", "return 1", "variant-broken")],
)
def test_a_variant_that_cannot_be_installed_is_an_error(
    opened: Opened, old: str, new: str, slug: str
) -> None:
    recorder = opened("wrapped")
    with pytest.raises(RecordingError) as caught:
        list(recorder.trials([case(amount=1)], changed(recorder, old, new), 10))
    assert caught.value.slug == slug
    assert outcomes(recorder.trials([case(amount=1)], {}, 10)) == [2]


def test_a_module_that_was_not_told_is_an_error(opened: Opened) -> None:
    with pytest.raises(RecordingError, match="is no module"):
        list(opened("total").trials([case(amount=1)], {"other": ""}, 10))


def test_connections_of_this_process_are_not_used_and_not_closed(opened: Opened) -> None:
    here, there = socket.socketpair()
    recorder = opened("total")
    sys.modules[recorder._target.partition(":")[0]].SOCKET = here  # type: ignore[attr-defined]
    variant = changed(
        recorder,
        "return amount\n",
        "os.write(SOCKET.fileno(), b'x')\n    SOCKET.close()\n    return -amount\n",
    )
    assert outcomes(recorder.trials([case(amount=1)], variant, 10)) == [-1]
    there.setblocking(False)
    with pytest.raises(BlockingIOError):
        there.recv(1)
    here.sendall(b"y")
    assert there.recv(2) == b"y"
    here.close()
    there.close()


def children() -> set[str]:
    """The processes that this one has started, those that nobody has waited for among them."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    return {line.split()[0] for line in listed if line.split()[1] != "ps"}


def test_no_process_stays_when_the_caller_loses_interest(opened: Opened) -> None:
    before = children()
    trials = opened("action").trials([case(what="nothing"), case(what="sleeps")], {}, 60)
    start = perf_counter()
    assert next(trials).observation
    trials.close()  # type: ignore[attr-defined]
    assert perf_counter() - start < 20
    assert children() <= before


def test_where_it_cannot_be_forked_each_case_has_a_worker(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forking, "POSSIBLE", False)
    recorder = opened("counted")
    variant = changed(recorder, "len(SEEN)", "len(SEEN) + 5")
    assert outcomes(recorder.trials([case(amount=1)] * 2, variant, 20)) == [6, 6]
    [trial] = opened("action").trials([case(what="sleeps")], {}, 0.5)
    assert trial.observation is None
    assert "did not come to its end" in trial.why
    with pytest.raises(RecordingError) as caught:
        list(recorder.trials([case(amount=1)], changed(recorder, "len(SEEN)", "len(SEEN"), 20))
    assert caught.value.slug == "variant-broken"


def test_mutants_of_a_module(opened: Opened) -> None:
    recorder = opened("total")
    cases = [case(amount=amount) for amount in (4, 5, 6)]
    found = {}
    for one in mutants("function", recorder.sources(cases[0])):
        if one.mutant.was == "amount > 5":
            found[one.mutant.becomes] = outcomes(recorder.trials(cases, one.variant, 10))
    assert found == {
        "amount >= 5": [4, 10, 12],
        "amount < 5": [8, 5, 6],
        "amount <= 5": [8, 10, 6],
        "amount > 6": [4, 5, 6],
        "amount > 4": [4, 10, 12],
    }


def test_a_raised_outcome_is_an_observation(opened: Opened) -> None:
    [trial] = opened("fails").trials([case(code="a")], {}, 10)
    assert trial.observation is not None
    assert isinstance(trial.observation.outcome.value, Raised)
