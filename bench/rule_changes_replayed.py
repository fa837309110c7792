"""Replays of the example on changed copies of its successor, each in a fork of a process that is warm."""

from __future__ import annotations

import gc
import json
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from rule_changes_judged import Change
from rule_changes_reached import Reached, concerned

REPLAY = [
    "-p",
    "characterize",
    "-p",
    "django",
    "--characterize",
    "--tb=no",
    "-q",
    "-r",
    "N",
    "--characterize-report=json:report.json",
]


@dataclass(frozen=True)
class Replays:
    """The example with its goldens, a folder for the copies, and the environment of a replay."""

    example: Path
    scratch: Path
    env: Mapping[str, str]

    def reports(self, every: Iterable[Change], jobs: int) -> Iterator[tuple[Change, dict[str, Any]]]:
        """The report of each change, in the order of the changes."""
        _warm_up(self.example)
        reached = self._reached()
        left = enumerate(every)
        running: list[tuple[Change, int, int]] = []
        while True:
            for number, change in islice(left, jobs - len(running)):
                running.append((change, number, self._started(change, number, reached)))
            if not running:
                return
            change, number, pid = running.pop(0)
            os.waitpid(pid, 0)
            yield change, self._report(number)

    def _reached(self) -> dict[str, set[tuple[str, str]]]:
        """What each test runs of the successor as it is."""
        folder = self._copied("unchanged")
        pid = os.fork()
        if pid == 0:
            reached = Reached()

            def tell() -> None:
                """Leave it where the parent finds it."""
                Path("reached").write_bytes(pickle.dumps(reached.tests))

            _replay(folder, self.env, (), (reached,), tell)
        os.waitpid(pid, 0)
        if _read(folder)["verdict"] != "PASS":
            raise SystemExit("the unchanged successor drifts:\n" + (folder / "output").read_text("utf-8"))
        found: dict[str, set[tuple[str, str]]] = pickle.loads((folder / "reached").read_bytes())
        return found

    def _copied(self, name: str) -> Path:
        folder = self.scratch / name
        shutil.copytree(
            self.example, folder, copy_function=os.link, ignore=shutil.ignore_patterns("__pycache__")
        )
        return folder

    def _started(self, change: Change, number: int, reached: Mapping[str, set[tuple[str, str]]]) -> int:
        folder = self._copied(str(number))
        tests = concerned(change.edits, folder / "successor" / "billing", reached)
        for edit in change.edits:
            file = folder / "successor" / "billing" / edit.file
            text = file.read_text("utf-8")
            if text.count(edit.was) != 1:
                raise SystemExit(f"{change.name}: {text.count(edit.was)} times in {edit.file}: {edit.was}")
            file.unlink()  # the original is linked here
            file.write_text(text.replace(edit.was, edit.becomes), "utf-8")
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _replay(folder, self.env, tests)
        return pid

    def _report(self, number: int) -> dict[str, Any]:
        folder = self.scratch / str(number)
        found = _read(folder)
        shutil.rmtree(folder)
        return found


def _read(folder: Path) -> dict[str, Any]:
    """The report of a replay that has ended."""
    report = folder / "report.json"
    if not report.exists():
        raise SystemExit("no report\n" + (folder / "output").read_text("utf-8"))
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def _warm_up(example: Path) -> None:
    """Import what every replay imports, and read the matrices: no replay changes them."""
    import django.contrib.auth
    import django.contrib.sessions
    import django.core.management
    import django.db.backends.sqlite3.base
    import django.db.migrations
    import django.template.loader
    import django.test  # noqa: F401
    import pytest_django.plugin  # noqa: F401

    import pytest_characterize.explain.causes
    import pytest_characterize.plugin
    import pytest_characterize.report.json_report
    import pytest_characterize.session.judging  # noqa: F401
    from pytest_characterize.store import atomic_store

    read = atomic_store.read_matrix
    atomic_store.read_matrix = cache(lambda content, where: read(content, where))  # type: ignore[attr-defined]
    for file in (example / "characterization" / "mutants").rglob("*.jsonl.gz"):
        where = file.relative_to(example).as_posix()
        atomic_store.read_matrix(file.read_bytes(), where)  # type: ignore[attr-defined]
    gc.freeze()


def _replay(
    folder: Path,
    env: Mapping[str, str],
    tests: Sequence[str],
    plugins: Sequence[object] = (),
    then: Callable[[], None] = lambda: None,
) -> None:
    """Run pytest in a fork; does not come back."""
    status = 99
    try:
        output = os.open(folder / "output", os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        os.environ.update(
            CHARACTERIZE_DEMO_FIXED="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTHONDONTWRITEBYTECODE="1"
        )
        os.environ.pop("CI", None)
        sys.dont_write_bytecode = True
        import pytest

        status = pytest.main([*REPLAY, *tests], [*plugins])
        then()
    finally:
        sys.stdout.flush()
        os._exit(status)
