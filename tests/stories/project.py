"""A project of pytest in a folder of its own: copied, edited, recorded, replayed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

QUICK = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:hypothesispytest",
    "-p",
    "no:anyio",
    "-p",
    "no:asyncio",
    "-p",
    "no:xdist",
)
INHERITED = ("PATH", "HOME", "PYTHONPATH", "TMPDIR")


@dataclass(frozen=True)
class Run:
    """One finished run of pytest in a project."""

    code: int
    output: str
    report: dict[str, Any]

    @property
    def counts(self) -> dict[str, int]:
        """How many cases have which verdict."""
        return {name: n for name, n in self.report["counts"].items() if n and name != "total"}

    def drifted(self) -> list[dict[str, Any]]:
        """The cases that drifted."""
        return [case for case in self.report["cases"] if case["verdict"] == "drifted"]


@dataclass(frozen=True)
class Project:
    """A project that lies in a folder of its own."""

    folder: Path

    def copy(self, folder: Path) -> Self:
        """Another copy, of which the goldens are a part."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return type(self)(folder)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one place of a file."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")

    def replay(self) -> Run:
        """Replay everything; no server runs."""
        return self.pytest("--characterize", "--characterize-report=json:report.json")

    def pytest(self, *arguments: str, **environment: str) -> Run:
        """Run pytest in a process of its own."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *QUICK, *arguments],
            cwd=self.folder,
            env=inherited | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = json.loads(report.read_text("utf-8")) if report.exists() else {}
        return Run(done.returncode, done.stdout, found)
