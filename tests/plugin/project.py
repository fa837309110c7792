"""A small project that is recorded, changed and replayed: a story reads as a chain of calls."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.warm import run_pytest

LEGACY = '''
from decimal import Decimal

def price(quantity):
    """A rule nobody wrote down: from ten pieces on, five percent off."""
    if quantity < 0:
        raise ValueError(f"quantity {quantity}")
    total = Decimal(quantity) * 10
    return {"quantity": quantity, "total": total * Decimal("0.95") if quantity >= 10 else total}
'''

TESTS = """
import pytest
from decimal import Decimal
from pytest_characterize import Function
import shop

@pytest.mark.characterize(
    legacy=Function("legacy_shop:price"),
    cases=[{"quantity": 1}, {"quantity": 9}, {"quantity": 10}],
)
def test_price(quantity):
    return shop.price(quantity)
"""

PYPROJECT = """
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
"""


@dataclass(frozen=True)
class Run:
    """One finished pytest run in a project."""

    code: int
    out: str
    report: Mapping[str, Any]

    def has(self, *texts: str) -> Run:
        for text in texts:
            assert text in self.out, f"{text!r} is not in:\n{self.out}"
        return self

    def exits(self, *codes: int) -> Run:
        assert self.code in codes, f"exit {self.code}, wanted {codes}:\n{self.out}"
        return self

    def says(self, verdict: str, **counts: int) -> Run:
        """The run's verdict, and exactly these cases a verdict (others 0)."""
        assert self.report, f"no report was written:\n{self.out}"
        found = {name: n for name, n in self.report["counts"].items() if n and name != "total"}
        assert (self.report["verdict"], found) == (verdict, counts), self.out
        assert sum(counts.values()) == self.report["counts"]["total"] == len(self.report["cases"])
        assert re.search(rf"characterize: .*\b{verdict}\b", self.out), self.out
        return self

    def complete(self, wanted: bool = True) -> Run:
        assert self.report["complete"] is wanted, self.report["incomplete_because"]
        return self

    def problems(self) -> set[str]:
        return {case["problem"]["slug"] for case in self.report["cases"] if case.get("problem")}

    def no_traceback(self) -> Run:
        assert "Traceback" not in self.out, self.out
        assert "INTERNALERROR" not in self.out, self.out
        assert not re.search(r"pytest_characterize/\S+\.py:\d+", self.out), self.out
        return self


@dataclass(frozen=True)
class Project:
    """A folder with a legacy module, a successor and characterization tests."""

    pytester: pytest.Pytester
    asyncio: bool = False

    @classmethod
    def make(
        cls,
        pytester: pytest.Pytester,
        *,
        tests: str = TESTS,
        legacy: str = LEGACY,
        shop: str = LEGACY,
        extra: str = "",
        asyncio: bool = False,
    ) -> Project:
        project = cls(pytester, asyncio)
        project.write("pyproject.toml", PYPROJECT + extra)
        return (
            project.write("legacy_shop.py", legacy).write("shop.py", shop).write("tests/test_shop.py", tests)
        )

    @property
    def root(self) -> Path:
        return self.pytester.path

    def write(self, name: str, text: str) -> Project:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
        return self

    def edit(self, name: str, old: str, new: str) -> Project:
        text = (self.root / name).read_text("utf-8")
        assert old in text
        return self.write(name, text.replace(old, new))

    def goldens(self) -> list[Path]:
        return sorted(self.root.glob("characterization/goldens/*/*/*.json"))

    def golden(self, part: str) -> Path:
        return next(path for path in self.goldens() if part in path.name)

    def manifest(self) -> Path:
        return next(self.root.glob("characterization/goldens/*/*/manifest.jsonl"))

    def store(self) -> dict[str, bytes]:
        """Every file of the store, to see that a run left it alone."""
        folder = self.root / "characterization"
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    def record(self, *args: str, how: str = "new", env: Mapping[str, str] | None = None) -> Run:
        return self.pytest(f"--characterize-record={how}", *args, env=env)

    def recorded(self) -> Project:
        self.record().exits(0)
        assert self.goldens()
        return self

    def replay(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """Replay in a process of its own, and check that the store was left alone."""
        before = self.store()
        run = self.pytest("--characterize", "--characterize-report=json:out/report.json", *args, env=env)
        assert self.store() == before, "a replay must not write into the store"
        return run

    def pytest(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        report = self.root / "out/report.json"
        report.unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if name not in _CLEAN} | dict(
            env or {}
        )
        quick = _QUICK if self.asyncio else (*_QUICK, "-p", "no:asyncio")
        code, out = self._run([*quick, *args], environment)
        return Run(code, out, json.loads(report.read_text("utf-8")) if report.exists() else {})

    def _run(self, arguments: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
        files = self.root / "stdout", self.root / "stderr"
        code = run_pytest(arguments, self.root, environment, *files)
        out = "\n".join(line for file in files for line in file.read_text("utf-8").splitlines())
        return code, out


_QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio")
"""Plugins that have no part in these stories, and take half of a run's time to load."""

_CLEAN = (
    "CI",
    "PYTHONDONTWRITEBYTECODE",
    "PYTEST_ADDOPTS",
    "CHARACTERIZE_SCRUB_KEY",
    "PYTEST_XDIST_WORKER",
    "PYTEST_CURRENT_TEST",
    "COLUMNS",
)
