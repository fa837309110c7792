"""Probes in other versions of Python, down to 2.7: nothing changes, and the same rules are heard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from python_generator import Programs

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize_recorders.sources.python import probing

TORTURE = os.environ.get("CHARACTERIZE_TORTURE") == "1"
SCRIPT = Path(__file__).with_name("probed_elsewhere.py")
CALLS = ["f(0, 0)", "f(1, 2)", "f(2, 1)", "f(5, 3)"]

PYTHON_2 = """# -*- coding: latin-1 -*-
import sys
class Old:
    def rate(self, years, what=u"\xe9"):
        if years > 5 or what <> u"\xe9": return 5 / 2
        try:
            raise KeyError, what
        except (KeyError, ValueError), error:
            print >> sys.stdout, `years`, error.args[0] == what,
        exec "years = 3" in {}
        return 0777 if years else 1L
def f(a, b):
    for i in xrange(a):
        if i % 2: continue
        print i
    else:
        print
    return Old().rate(a), [x for x in 1, b if x], (lambda (x, y): x and y)((a, b))
"""


def interpreter(version: str) -> str:
    """A Python of this version that runs."""
    beside = sorted(Path(sys.base_prefix).parent.glob(f"{version}*/bin/python"))
    for place in [*map(str, beside), shutil.which(f"python{version}")]:
        if place and subprocess.run([place, "-c", ""], capture_output=True, check=False).returncode == 0:
            return place
    pytest.skip(f"Python {version} is not installed here; the other versions are tried")


def answers(place: str, jobs: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Of each call: what it shows without probes, and with them, and what was heard."""
    done = subprocess.run(
        [place, "-W", "ignore", str(SCRIPT), probing.__file__],
        input=json.dumps(jobs), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    yield from json.loads(done.stdout)


def job(source: str) -> list[Any]:
    instrumented = instrument(source, "legacy", depth=Depth(operands=True, every=True))
    assert not instrumented.unknown
    assert instrumented.probes
    return [source, instrumented.text, CALLS]


@cache
def generated() -> tuple[list[Any], list[tuple[Any, Any, Any]]]:
    """Jobs that every version can do, and the answers of this one."""
    jobs = [job(Programs(Random(seed), modern=False).module()) for seed in range(1000 if TORTURE else 60)]
    return jobs, list(answers(sys.executable, jobs))


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.12", "3.13"])
def test_generated_programs(version: str) -> None:
    place = interpreter(version)
    jobs, all_here = generated()
    same = 0
    for there, here in zip(answers(place, jobs), all_here, strict=True):
        plain, probed, heard = there
        assert probed == plain
        assert heard
        if version != "2.7" and plain[:2] == here[0][:2]:  # whose values compare otherwise
            assert heard == here[2]
            same += 1
    assert version == "2.7" or same > len(jobs)


def test_what_only_python_2_has() -> None:
    place = interpreter("2.7")
    told = list(answers(place, [job(PYTHON_2)]))
    for plain, probed, heard in told:
        assert plain[2] == ""
        assert probed == plain
        assert heard
    assert [plain[1] for plain, _, _ in told] == [
        "(1L, [1], 0)",
        "(511, [1, 2], 2)",
        "(511, [1, 1], 1)",
        "(511, [1, 3], 3)",
    ]
    rules = {rule.id: f"{rule.text}: {rule.arm}" for rule in instrument(PYTHON_2, "legacy").rules}
    words = [{rules[rule] for rule, _ in heard if rule in rules} for _, _, heard in told]
    assert "for i in xrange(a): zero iterations" in words[0]
    assert "except (KeyError, ValueError), error: caught" in words[1]
