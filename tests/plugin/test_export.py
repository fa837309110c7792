"""What the goldens know, in the files of coverage.py: which case exercised which line of legacy."""

from __future__ import annotations

import html
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_characterize.descriptors import Procedure
from pytest_characterize.identity import case_id
from pytest_characterize.model import Case, Golden, Observation, Outcome, RuleHit
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Stamp
from pytest_characterize.store.source_files import SourceText
from tests.plugin.project import Project
from tests.plugin.test_review import review

LEGACY = """
def price(quantity):
    if quantity < 0:
        return None
    return quantity * 9 if quantity >= 10 else quantity * 10


def unused(quantity):
    return quantity
"""

FUNCTION = """
CREATE OR REPLACE FUNCTION public.rate(years integer) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    IF years > 5 THEN
        RETURN 5;
    END IF;
    RETURN 0;
END $$
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    return Project.make(pytester, legacy=LEGACY).recorded()


def report(root: Path, *arguments: str) -> str:
    """What ``coverage`` says of the exported file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "coverage", arguments[0], "--rcfile=legacy.coverage-report.ini", *arguments[1:]],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_line_of_legacy_names_its_cases(project: Project) -> None:
    done = review(project, "export", "coverage", "legacy.coverage")
    assert done.stdout.splitlines() == [
        "exported  legacy.coverage  3 cases, 1 legacy source",
        "next: coverage html --rcfile=legacy.coverage-report.ini",
    ]
    told = report(project.root, "report", "-m").splitlines()[2].split()
    assert told == ["project/legacy_shop", "5", "2", "4", "1", "67%", "3->exit,", "4,", "8"]
    report(project.root, "html", "--show-contexts", "-d", "out")
    (page,) = (project.root / "out").glob("*legacy_shop*.html")
    text = html.unescape(page.read_text("utf-8"))
    contexts = re.findall(r"tests/test_shop\.py::test_price\[quantity-\d+-\w{12}\]", text)
    assert len(set(contexts)) == 3
    lines = {
        int(number): (kind, cases)
        for kind, number, cases in re.findall(
            r'<p class="(\w+)[^>]*><span class="n"><a id="t(\d+)".*?(\d+ ctx|</p>)', text
        )
    }
    assert {number: told for number, told in lines.items() if told[0] != "pln"} == {
        2: ("run", "3 ctx"), 3: ("par", "3 ctx"), 4: ("mis", "</p>"), 5: ("run", "3 ctx"), 8: ("mis", "</p>"),
    }  # fmt: skip
    assert "no case exercises 'if quantity < 0': taken" in text


def test_contexts_are_cases_also_where_an_older_export_is_replaced(project: Project) -> None:
    for _ in range(2):
        assert review(project, "export", "coverage", "legacy.coverage").returncode == 0
    assert len(list(project.root.glob("legacy.coverage*"))) == 2
    with sqlite3.connect(project.root / "legacy.coverage") as data:
        rows = data.execute(
            "select context, fromno from arc join context on context.id = context_id order by context, fromno"
        ).fetchall()
    data.close()
    by_case: dict[str, list[int]] = {}
    for context, line in rows:
        by_case.setdefault(context.partition("[")[2][:-14], []).append(line)
    assert by_case == {"quantity-1": [2, 3, 5], "quantity-9": [2, 3, 5], "quantity-10": [2, 3, 5]}


def test_goldens_of_another_version_are_left_out(project: Project) -> None:
    project.edit("legacy_shop.py", "def unused", "# changed\ndef unused")
    project.record(how="rewrite").exits(0)
    assert review(project, "accept", project.goldens()[0].stem[-12:]).returncode == 0
    done = review(project, "export", "coverage", "legacy.coverage")
    assert "left out  2 goldens of another version of legacy" in done.stdout


@pytest.mark.parametrize(
    ("file", "slug"), [("nowhere/legacy.coverage", "coverage-unwritable"), ("tests", "coverage-unwritable")]
)
def test_a_file_that_cannot_be_written(project: Project, file: str, slug: str) -> None:
    done = review(project, "export", "coverage", file)
    assert done.returncode == 1
    assert slug in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_to_show(pytester: pytest.Pytester) -> None:
    done = review(Project.make(pytester), "export", "coverage", "legacy.coverage")
    assert (done.returncode, "coverage-nothing" in done.stderr) == (1, True)
    assert not (pytester.path / "legacy.coverage").exists()


def test_a_damaged_golden(project: Project) -> None:
    project.golden("quantity-9").write_text("{")
    done = review(project, "export", "coverage", "legacy.coverage")
    assert done.returncode == 1
    assert "quantity-9" in done.stderr
    assert not (project.root / "legacy.coverage").exists()


def test_lines_of_a_procedure_are_those_of_its_kept_text(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester)
    store = Store(project.root, Path("characterization"))
    store.keep_source(SourceText("billing", "public.rate(integer)", "procedure", FUNCTION))
    legacy, given = Procedure("rate", source="billing"), {"years": 6}
    case = Case(case_id(legacy.identity(), given), "tests/test_shop.py::test_rate", "years-6", given)
    hits = tuple(RuleHit(f"public.rate(integer):{rule}") for rule in ("2.entry1", "3.branch1", "4.return1"))
    stamp = Stamp(recorded_at=datetime.now(UTC).isoformat(), at="", duration=0.0, tool="0")
    store.write(Golden(case, legacy.as_value(), Observation(Outcome("returned", 5)), hits), stamp)
    assert review(project, "export", "coverage", "legacy.coverage").returncode == 0
    told = report(project.root, "report", "-m").splitlines()[2]
    assert told.startswith("billing/public.rate")
    assert "5->exit" in told
