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

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "scripts" / "demo.py"
PICTURE = re.compile(r"```console\n\$ make demo\n(.*?)```", re.DOTALL)
VARYING = re.compile(r"\d[\d.,]*|/\S*\.demo|[0-9a-f]{8,}")


@dataclass
class Demo:
    """One run of the demo; everything that it starts carries a mark in its environment."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: f"CHARACTERIZE_DEMO_MARK={uuid.uuid4().hex}")

    def start(self) -> subprocess.Popen[str]:
        name, _, value = self.mark.partition("=")
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
        return subprocess.Popen(
            [sys.executable, str(DEMO), "--here", "--folder", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**env, "CHARACTERIZE_DEMO_FIXED": "0", **self.env, name: value},
        )

    def run(self) -> tuple[int, str]:
        process = self.start()
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def report(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.folder / "reports" / "drift.json").read_text("utf-8"))
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
    """A text without what varies from run to run."""
    lines = (VARYING.sub("#", line) for line in text.splitlines())
    return [" ".join(line.split()) for line in lines if line.strip()]


def test_the_planted_drifts_are_found_and_nothing_else(tmp_path: Path) -> None:
    checkout = subprocess.run(
        ["git", "status", "--porcelain", "example_legacy"], cwd=ROOT, capture_output=True, check=True
    )
    demo = Demo(tmp_path / ".demo")
    status, output = demo.run()
    assert status == 0, output
    assert "4 of 4 planted drifts found, 0 differences that nobody planted, verdict DRIFT" in output
    assert "unchanged" in output
    assert "\x1b" not in output
    report = demo.report()
    assert report["complete"] is True
    assert report["counts"]["total"] >= 60  # type: ignore[index]
    assert (demo.folder / "reports" / "drift.md").read_text("utf-8").startswith("#")
    assert demo.survivors() == []
    after = subprocess.run(
        ["git", "status", "--porcelain", "example_legacy"], cwd=ROOT, capture_output=True, check=True
    )
    assert after.stdout == checkout.stdout
    picture = PICTURE.search((ROOT / "README.md").read_text("utf-8"))
    assert picture is not None
    assert shape(picture[1]) == shape(output), f"the README's picture should read:\n{output}"


def test_the_corrected_successor_passes(tmp_path: Path) -> None:
    demo = Demo(tmp_path / ".demo", {"CHARACTERIZE_DEMO_FIXED": "1"})
    status, output = demo.run()
    assert status == 0, output
    assert "0 differences that nobody planted, verdict PASS" in output
    assert demo.report()["verdict"] == "PASS"
    assert demo.survivors() == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
@pytest.mark.parametrize("stage", ["legacy system:", "recording", "replay on"])
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


def _read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    seen = ""
    while text not in seen:
        letter = process.stdout.read(1)
        assert letter, seen
        seen += letter
    return seen
