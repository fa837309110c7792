"""A pytest project for each pair of a correct and a faulty program, and what its three runs say."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGET = 20
"""Seconds that the mutants of one program may take."""

DOOR = '''"""Calls the program with plain inputs, and reads out what it returns.

The code is no part of the program, and so none of its rules: it stands where no rules are looked for.
"""

from pathlib import Path

exec(Path(__file__).with_name("observed.txt").read_text("utf-8"))
'''

OBSERVED = """
import sys
import types

sys.setrecursionlimit(400)
try:
    from {side}.node import Node
except ImportError:
    pass
from {side}.{name} import {name} as program


def plain(value):
    if isinstance(value, (list, tuple, types.GeneratorType)):
        return [plain(item) for item in value]
    return value


def observed({arguments}):
{body}
"""

TEST = '''import copy
import json
import signal
import sys
from pathlib import Path

import pytest
from pytest_characterize import Function

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())


def endless(*_):
    with Path("hung").open("a") as file:
        file.write("case\\n")
    raise TimeoutError("endless")


def lines_of(inputs):
    """The lines of the correct program that a case runs."""
    from correct.observed import observed

    lines = set()

    def trace(frame, event, _):
        if not frame.f_code.co_filename.endswith("correct/{name}.py"):
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        observed(**copy.deepcopy(inputs))
    finally:
        sys.settrace(None)
    return sorted(lines)


@pytest.mark.characterize(legacy=Function("correct.observed:observed"), cases=CASES)
def test_{name}(request, {arguments}):
    from faulty.observed import observed

    inputs = dict({keywords})
    with Path("lines.jsonl").open("a") as file:
        file.write(json.dumps([request.node.name, lines_of(inputs)]) + "\\n")
    signal.signal(signal.SIGVTALRM, endless)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.5)
    try:
        return observed(**inputs)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
'''

TIMES = """
import json, signal, sys
from correct.observed import observed
class Late(BaseException): pass
def late(*_): raise Late
signal.signal(signal.SIGVTALRM, late)
kept = []
for case in json.load(open("cases.json")):
    text = json.dumps(case)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    try:
        observed(**case)
        kept.append(json.loads(text))
    except Late:
        pass
    except Exception:
        kept.append(json.loads(text))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
json.dump(kept, open("cases.json", "w"))
"""

RUNS = [
    ["--characterize-record=new"],
    ["--characterize-mutants", f"--characterize-budget={BUDGET}"],
    ["--characterize", "--characterize-report=json:report.json"],
]


@dataclass(frozen=True)
class Program:
    """One program twice, and how it is called.

    Attributes:
        name: of its module and of its function.
        correct: source of the correct program, which plays legacy.
        faulty: source of the other, which plays its successor.
        arguments: names of what a case gives.
        observed: body of the function through which both are called.
        cases: the inputs.
        beside: other modules that both need, by file name.
    """

    name: str
    correct: str
    faulty: str
    arguments: Sequence[str]
    observed: str
    cases: Sequence[Mapping[str, Any]]
    beside: Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What the replay said, the lines of the correct program by case, and how many cases hung."""

    report: Mapping[str, Any]
    lines: Mapping[str, Sequence[int]]
    hung: int


class NothingToldError(Exception):
    """A run did not end, or left no report; says why."""


def quixbugs(folder: Path) -> list[Program]:
    """The programs of a checkout of QuixBugs, by name."""
    by_hand = tomllib.loads(Path(__file__).with_name("independent_faults.toml").read_text("utf-8"))
    names = {file.stem for file in (folder / "json_testcases").glob("*.json")} | set(by_hand)
    return [_program(folder, name, by_hand.get(name)) for name in sorted(names)]


def _program(folder: Path, name: str, by_hand: Mapping[str, Any] | None) -> Program:
    correct, faulty = (
        (folder / side / f"{name}.py").read_text("utf-8")
        for side in ("correct_python_programs", "python_programs")
    )
    if by_hand:
        node = (folder / "correct_python_programs" / "node.py").read_text("utf-8")
        return Program(name, correct, faulty, beside={"node.py": node}, **by_hand)
    function = next(
        node for node in ast.parse(correct).body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    arguments = [argument.arg for argument in function.args.args]
    cases: dict[str, dict[str, Any]] = {}
    for line in (folder / "json_testcases" / f"{name}.json").read_text("utf-8").splitlines():
        if line.strip():
            given = json.loads(line)[0]
            given = given if isinstance(given, list) else [given]
            cases.setdefault(json.dumps(given), dict(zip(arguments, given, strict=True)))
    body = f"return plain(program({', '.join(arguments)}))"
    return Program(name, correct, faulty, arguments, body, [*cases.values()], {})


def written(program: Program, folder: Path) -> None:
    """The project, with the cases that the correct program answers within 0.05 s of CPU."""
    arguments = ", ".join(program.arguments)
    body = textwrap.indent(program.observed.strip(), "    ")
    for side, source in (("correct", program.correct), ("faulty", program.faulty)):
        package = folder / side
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("", "utf-8")
        (package / f"{program.name}.py").write_text(source, "utf-8")
        for name, text in program.beside.items():
            (package / name).write_text(text, "utf-8")
        observed = OBSERVED.format(side=side, name=program.name, arguments=arguments, body=body)
        (package / "observed.txt").write_text(observed, "utf-8")
        (package / "observed.py").write_text(DOOR, "utf-8")
    (folder / "cases.json").write_text(json.dumps([*program.cases]), "utf-8")
    keywords = ", ".join(f"{name}={name}" for name in program.arguments)
    test = TEST.format(name=program.name, arguments=arguments, keywords=keywords)
    (folder / f"test_{program.name}.py").write_text(test, "utf-8")
    (folder / "pyproject.toml").write_text(
        f'[tool.pytest.ini_options]\npythonpath = ["."]\n[tool.characterize]\n'
        f'rule_modules = ["correct.{program.name}"]\n',
        "utf-8",
    )
    _run(folder, ["-c", TIMES])


def told(folder: Path) -> Told:
    """Record, try the mutants, and replay."""
    for arguments in RUNS:
        for left in ("hung", "lines.jsonl"):
            (folder / left).unlink(missing_ok=True)
        _run(folder, ["-m", "pytest", "-q", "--tb=short", *arguments])
    report = folder / "report.json"
    if not report.exists():
        raise NothingToldError("no report")
    lines = [json.loads(line) for line in (folder / "lines.jsonl").read_text("utf-8").splitlines()]
    hung = folder / "hung"
    return Told(
        json.loads(report.read_text("utf-8")),
        {name.partition("[")[2].rstrip("]"): found for name, found in lines},
        len(hung.read_text("utf-8").splitlines()) if hung.exists() else 0,
    )


def _run(folder: Path, arguments: Sequence[str]) -> None:
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    env["PYTEST_ADDOPTS"] = "-p no:cacheprovider -p no:django -p no:asyncio"
    with (folder / "output").open("a", encoding="utf-8") as output:
        try:
            subprocess.run(
                [sys.executable, *arguments], cwd=folder, env=env, stdout=output, stderr=output, timeout=90
            )
        except subprocess.TimeoutExpired as late:
            raise NothingToldError(f"not done in 90 s: {arguments[-1]}") from late
