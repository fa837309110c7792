"""Real packages with their own tests, run with probes and under coverage.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
from python_branches import Agreement, compare

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.python.probes import instrument

_AGAIN = 2
PROBED_RUN = Path(__file__).with_name("python_probed_run.py")


@dataclass(frozen=True)
class Suite:
    """A package and its tests.

    Attributes:
        folder: where pytest is started.
        path: folders that are put on the import path, relative to it.
    """

    package: str
    folder: Path
    tests: tuple[str, ...]
    path: tuple[str, ...] = (".",)

    def agreement(self, scratch: Path) -> Agreement:
        """Run the tests twice, and compare what both runs say of every file of the package.

        Against it is what is so in each of several such comparisons: threads may decide otherwise in every run.
        """
        found = self._compared(scratch)
        for _ in range(_AGAIN):
            if found.against:
                again = self._compared(scratch).against
                found.against = [one for one in found.against if one in again]
        return found

    def _compared(self, scratch: Path) -> Agreement:
        hits = self._probed(scratch / "hits.json")
        measured = self._covered(scratch / ".coverage")
        total = Agreement()
        for path, hit in sorted(hits.items()):
            text = Path(path).read_text("utf-8")
            module = next(iter(hit), "").rpartition(":")[0] or "unknown"
            rules = instrument(text, module, depth=Depth(imports=True)).rules
            total += compare(path, rules, frozenset(hit), measured._analyze(path), text)
        return total

    def _probed(self, hits: Path) -> dict[str, list[str]]:
        self._run([str(PROBED_RUN), self.package, str(hits)])
        found: dict[str, list[str]] = json.loads(hits.read_text("utf-8"))
        return found

    def _covered(self, data: Path) -> coverage.Coverage:
        config = data.with_suffix(".ini")
        config.write_text(f"[run]\nbranch = true\ncore = ctrace\nsource_pkgs = {self.package}\n", "utf-8")
        self._run(["-m", "coverage", "run", f"--rcfile={config}", f"--data-file={data}", "-m", "pytest"])
        measured = coverage.Coverage(data_file=str(data), config_file=False, branch=True)
        measured.load()
        return measured

    def _run(self, command: Sequence[str]) -> None:
        path = [str(self.folder / one) for one in self.path]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTEST_"))
        } | {
            "PYTHONPATH": os.pathsep.join([*path, *filter(None, [os.environ.get("PYTHONPATH", "")])]),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONHASHSEED": "0",
        }
        ran = subprocess.run(
            [sys.executable, *command, "-q", "-p", "no:cacheprovider", "-W", "ignore", *self.tests],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode in (0, 1), ran.stdout[-3000:] + ran.stderr[-3000:]


def fetched(name: str, folder: Path) -> Path:
    """The unpacked source distribution of a package, fetched for this run only."""
    command = ["-m", "pip", "download", "-q", "--no-deps", "--no-binary", name, "-d", str(folder), name]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (unpacked,) = [one for one in folder.iterdir() if one.is_dir()]
    return unpacked
