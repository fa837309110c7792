"""The interpreters of this machine that legacy code can be tried in, and recorders that use them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Outcome
from pytest_characterize.processes import OutOfTime
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize_recorders.function import FunctionRecorder
from pytest_characterize_recorders.sources.python.interpreters import places
from pytest_characterize_recorders.sources.python.talking import GoneError, Worker

PYTHON_2 = "python2.7"
OTHERS = [f"python3.{minor}" for minor in range(6, 15)]
THIS = f"python3.{sys.version_info.minor}"


@cache
def works(name: str) -> bool:
    """Whether there is such an interpreter, and no mere stand-in for it."""
    try:
        found = places(name, Path())
    except RecordingError:
        return False
    for place in found:
        worker = Worker(place, Path())
        try:
            worker.answer(30)
        except (GoneError, OutOfTime):
            continue
        else:
            return True
        finally:
            worker.close()
    return False


def needed(name: str) -> str:
    """The interpreter, or a skip that says so: a machine need not have old interpreters."""
    if not works(name):
        pytest.skip(f"there is no {name} on this machine; {the_oldest()} stands in for it in other tests")
    return name


@cache
def the_oldest() -> str:
    """The oldest interpreter of this machine: Python 2.7, or another one where it is missing."""
    return next((name for name in (PYTHON_2, *OTHERS) if works(name)), sys.executable)


def context(
    root: Path, args: Mapping[str, str] | None = None, modules: tuple[str, ...] = ()
) -> RecordingContext:
    return RecordingContext(
        settings=Settings(root=root, rule_modules=modules),
        source=None,
        address="",
        secret=lambda secret: secret.variable,
        scrubber=Scrubber(Redaction(), b"key"),
        args=args or {},
    )


def case(**inputs: Any) -> Case:
    return Case("0" * 64, "tests/test_x.py::test_x", "x", inputs)


@contextmanager
def recording(
    root: Path,
    target: str,
    interpreter: str,
    args: Mapping[str, str] | None = None,
    modules: tuple[str, ...] = (),
    **how: Any,
) -> Iterator[FunctionRecorder]:
    """A recorder of ``old:<target>``, closed at the end."""
    recorder = FunctionRecorder(
        Function(f"old:{target}", interpreter=interpreter, **how), context(root, args, modules)
    )
    try:
        yield recorder
    finally:
        recorder.close()


def observe(root: Path, target: str, interpreter: str, encoding: str = "", **inputs: Any) -> Outcome:
    """What one call does."""
    with recording(root, target, interpreter, encoding=encoding) as recorder:
        observation, hits = recorder.observe(case(**inputs))
    assert hits == ()
    return observation.outcome
