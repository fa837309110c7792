"""The same procedures in PostgreSQL and MariaDB, one successor for both, and changes of it that must be found."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.errors import ConfigurationError
from pytest_characterize_recorders.embedded.binaries import mariadb_programs
from tests.stories.depot_project import PROJECT, SOURCES, Depot, procedure_of
from tests.stories.project import Run

SCRIPTS = [(PROJECT / f"legacy_{source}.sql").read_text("utf-8") for source in SOURCES]


@dataclass(frozen=True)
class Change:
    """A textual change of the successor, and everything that must differ then.

    Attributes:
        shows: paths and kinds, indices as ``[*]``.
        mariadb: the same there, where it differs.
        cases: how many cases drift.
    """

    procedure: str
    rule: str
    old: str
    new: str
    shows: list[list[str]]
    cases: int
    mariadb: list[list[str]] | None = None
    file: str = "depot/services.py"

    def expected(self, source: str) -> list[tuple[str, str]]:
        found = self.mariadb if source == "mariadb" and self.mariadb is not None else self.shows
        return [(path, kind) for path, kind in found]


CHANGES = [
    Change(**change) for change in tomllib.loads((PROJECT / "changes.toml").read_text("utf-8"))["change"]
]


def batches() -> list[list[Change]]:
    """All changes, no two of one procedure together: what differs then tells which of them it is of."""
    seen: Counter[str] = Counter()
    found: list[list[Change]] = []
    for change in CHANGES:
        number = seen[change.procedure]
        seen[change.procedure] += 1
        if number == len(found):
            found.append([])
        found[number].append(change)
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Depot:
    """The project, recorded from both databases; their servers have stopped."""
    try:
        mariadb_programs()
    except ConfigurationError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    depot = Depot.copied(tmp_path_factory.mktemp("depot") / "recorded")
    run = depot.record()
    assert run.code == 0, run.output
    return depot


def found(run: Run, change: Change, source: str) -> tuple[set[tuple[str, str]], int]:
    """What differs of a procedure, and in how many cases."""
    cases = [case for case in run.drifted() if procedure_of(case) == (source, change.procedure)]
    shown = {
        (re.sub(r"\[\d+\]", "[*]", difference["path"]), difference["kind"])
        for case in cases
        for difference in case["differences"]
    }
    return shown, len(cases)


def assert_found(run: Run, changes: list[Change]) -> None:
    """Each of the changes shows on both databases as it must, and nothing else does."""
    assert run.code == 1, run.output
    assert (run.report["verdict"], run.report["complete"]) == ("DRIFT", True)
    for change in changes:
        for source in SOURCES:
            expected = change.expected(source)
            assert found(run, change, source) == (set(expected), change.cases), (change.rule, source)
    assert sum(change.cases for change in changes) * len(SOURCES) == len(run.drifted())
    assert set(run.counts) == {"matched", "drifted"}


def test_the_same_procedures_in_both_languages() -> None:
    made = [re.findall(r"^CREATE (?:FUNCTION|PROCEDURE) (\w+)", script, re.MULTILINE) for script in SCRIPTS]
    assert made[0] == made[1]
    assert len(made[0]) >= 20
    assert {change.procedure for change in CHANGES} == set(made[0])
    assert len(CHANGES) >= 40


def test_green_on_both_databases(recorded: Depot) -> None:
    run = recorded.replay()
    assert run.code == 0, run.output
    assert (run.report["verdict"], run.report["complete"], set(run.counts)) == ("PASS", True, {"matched"})
    cases: Counter[Any] = Counter(procedure_of(case) for case in run.report["cases"])
    for procedure in {change.procedure for change in CHANGES}:
        assert cases["postgresql", procedure] == cases["mariadb", procedure] > 1


def test_changes_are_found_where_they_are(recorded: Depot, tmp_path: Path) -> None:
    one_of_each = batches()[0]
    assert len(one_of_each) >= 20
    assert_found(changed(recorded, tmp_path / "changed", *one_of_each), one_of_each)


@pytest.mark.torture
@pytest.mark.skipif(
    os.environ.get("CHARACTERIZE_TORTURE") != "1", reason="a run of all tests for each change"
)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.procedure}-{change.rule}")
def test_each_change_alone_is_found(recorded: Depot, tmp_path: Path, change: Change) -> None:
    assert_found(changed(recorded, tmp_path / "changed", change), [change])


def changed(recorded: Depot, folder: Path, *changes: Change) -> Run:
    """A replay of a copy with these changes."""
    depot = recorded.copy(folder)
    for change in changes:
        depot.edit(change.file, change.old, change.new)
    return depot.replay()
