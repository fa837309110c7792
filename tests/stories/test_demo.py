"""``make demo`` as a whole, in a folder of its own: what a newcomer sees, and what is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
PLANTED = ROOT / "example_legacy" / "planted.toml"
PICTURE = re.compile(r"```console\n\$ make demo\n(.*?)```", re.DOTALL)
VARYING = re.compile(r"\b[0-9a-f]{8,}\b|\d[\d.,]*")
OF_THE_MACHINE = ("virtual environment", "the accounting server's Python")
"""How steps begin that a run in here leaves out, or that depend on the interpreters that there are."""
CUT = "..."
"""A line of the README's picture that stands for any lines."""


@dataclass
class Demo:
    """One run of the demo; everything that it starts carries a mark in its environment."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: f"CHARACTERIZE_DEMO_MARK={uuid.uuid4().hex}")

    def start(self, *, fresh: bool = False) -> subprocess.Popen[str]:
        """Start it with this interpreter, or with a fresh environment as a newcomer gets it."""
        name, _, value = self.mark.partition("=")
        env = {key: text for key, text in os.environ.items() if not key.startswith("PYTEST_")}
        return subprocess.Popen(
            [
                sys.executable,
                str(SCRIPTS / "demo.py"),
                *([] if fresh else ["--here"]),
                "--folder",
                str(self.folder),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**env, "CHARACTERIZE_DEMO_FIXED": "0", **self.env, name: value},
        )

    def run(self, *, fresh: bool = False) -> tuple[int, str]:
        """Run it to its end: exit status and output."""
        process = self.start(fresh=fresh)
        output, _ = process.communicate(timeout=600)
        return process.returncode, output

    def report(self) -> dict[str, Any]:
        """The JSON report that it wrote."""
        found: dict[str, Any] = json.loads((self.folder / "reports" / "drift.json").read_text("utf-8"))
        return found

    def survivors(self) -> list[str]:
        """Commands of the processes that carry our mark."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found


def shape(text: str) -> list[str]:
    """A text without what varies from run to run and from machine to machine."""
    lines = (VARYING.sub("#", line) for line in text.splitlines() if not line.startswith(OF_THE_MACHINE))
    return [" ".join(line.split()) for line in lines if line.strip()]


def assert_pictured(output: str) -> None:
    """The README's picture of the demo is what the demo prints, but for lines left out."""
    picture = PICTURE.search((ROOT / "README.md").read_text("utf-8"))
    assert picture is not None
    printed, position = shape(output), 0
    for block in re.split(rf"^{re.escape(CUT)}$", picture[1], flags=re.MULTILINE):
        lines = shape(block)
        starts = range(position, len(printed) - len(lines) + 1)
        found = [start for start in starts if printed[start : start + len(lines)] == lines]
        assert found, f"the demo does not print this block of the README's picture:\n{block}\nbut\n{output}"
        position = found[0] + len(lines)


def assert_planted_to_the_last(demo: Demo, tmp_path: Path) -> None:
    """Without any one of its plants the demo's own judge finds fault with the same report."""
    head, *plants = re.split(r"(?=^\[\[plant\]\])", PLANTED.read_text("utf-8"), flags=re.MULTILINE)
    fewer = tmp_path / "fewer.toml"
    for left_out in plants:
        fewer.write_text(head + "".join(plant for plant in plants if plant is not left_out), "utf-8")
        command = [
            sys.executable,
            str(SCRIPTS / "planted.py"),
            str(demo.folder / "reports/drift.json"),
            str(fewer),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "not planted: tests/characterization/" in done.stdout


def checkout() -> str:
    """What git says about the example in the checkout."""
    command = ["git", "status", "--porcelain", "--ignored", "example_legacy"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return "".join(line for line in done.stdout.splitlines() if "__pycache__" not in line)


def test_the_planted_drifts_are_found_and_nothing_else(tmp_path: Path) -> None:
    before = checkout()
    demo = Demo(tmp_path / ".demo")
    status, output = demo.run()
    assert status == 0, output
    assert "10 of 10 planted drifts found, 0 false differences, verdict DRIFT" in output
    assert "8 of 8 broken legacy decisions named first; named first in 8 of 8 drifts\n" in output
    assert "10 of 10 planted drifts are one entry of the report each\n" in output
    assert "unchanged" in output
    assert "\x1b" not in output
    report = demo.report()
    assert report["complete"] is True
    assert report["counts"]["total"] >= 200
    assert (demo.folder / "reports" / "drift.md").read_text("utf-8").startswith("#")
    assert demo.survivors() == []
    assert checkout() == before
    assert_pictured(output)
    assert_planted_to_the_last(demo, tmp_path)


@pytest.mark.torture
def test_changed_rules_name_the_planted_mistakes_to_the_word(tmp_path: Path) -> None:
    demo = Demo(tmp_path / ".demo", {"CHARACTERIZE_DEMO_MUTANTS": "1"})
    status, output = demo.run()
    assert status == 0, output
    assert "8 of 8 broken legacy decisions named first; named first in 8 of 8 drifts\n" in output
    assert "10 of 10 planted drifts are one entry of the report each\n" in output
    reproduced = {
        (suspect["routine"], suspect["was"], suspect["becomes"])
        for drift in demo.report()["drifts"]
        for suspect in drift["suspects"]
        if suspect["found"] == "reproduces"
    }
    assert ("value_date", "p_received AT TIME ZONE 'Europe/Berlin'", "p_received") in reproduced
    assert ("invoice_total", "v_tenure >= 5", "v_tenure > 5") in reproduced
    assert demo.report()["adequacy"]["counts"]["noticed"] > 1_000
    assert demo.survivors() == []


def test_the_corrected_successor_passes(tmp_path: Path) -> None:
    demo = Demo(tmp_path / ".demo", {"CHARACTERIZE_DEMO_FIXED": "1"})
    status, output = demo.run()
    assert status == 0, output
    assert "nothing planted, 0 false differences, verdict PASS" in output
    assert demo.report()["verdict"] == "PASS"
    assert demo.survivors() == []


@pytest.mark.parametrize(
    ("stage", "signum"),
    [
        ("legacy system:", signal.SIGINT),
        ("recording", signal.SIGINT),
        ("recording", signal.SIGTERM),
        ("replay on", signal.SIGINT),
    ],
)
def test_nothing_is_left_after_an_interruption(tmp_path: Path, stage: str, signum: signal.Signals) -> None:
    demo = Demo(tmp_path / ".demo")
    process = demo.start()
    seen = _read_until(process, stage)
    time.sleep(1)
    os.kill(process.pid, signum)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signum, seen + rest
    assert f"interrupted by {signum.name}" in rest
    assert "Traceback" not in rest
    assert demo.survivors() == []


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.write_text("by a file")
    status, output = Demo(folder).run()
    assert status == 2
    assert re.fullmatch(r"failed: .*File exists.*; remove \S+, or name another with --folder\n", output)


@pytest.mark.torture
@pytest.mark.skipif(os.environ.get("CHARACTERIZE_TORTURE") != "1", reason="installs everything afresh")
def test_a_fresh_environment(tmp_path: Path) -> None:
    demo = Demo(tmp_path / ".demo")
    begun = time.monotonic()
    status, output = demo.run(fresh=True)
    assert status == 0, output
    assert time.monotonic() - begun < 180
    assert demo.survivors() == []


@pytest.mark.torture
@pytest.mark.skipif(os.environ.get("CHARACTERIZE_TORTURE") != "1", reason="installs everything afresh")
def test_nothing_is_left_after_an_interrupted_installation(tmp_path: Path) -> None:
    demo = Demo(tmp_path / ".demo")
    process = demo.start(fresh=True)
    seen = _read_until(process, "virtual environment")
    time.sleep(12)
    os.kill(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130, seen + rest
    assert demo.survivors() == []


def _read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    seen = ""
    while text not in seen:
        letter = process.stdout.read(1)
        assert letter, seen
        seen += letter
    return seen
