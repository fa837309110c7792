"""Rule mutants: tried on a real PostgreSQL, kept beside the goldens, used with legacy gone."""

from __future__ import annotations

import gzip
import json
import re
from hashlib import sha256
from typing import Any

from pytest_characterize.store.matrix_file import SCHEMA
from tests.plugin.project import Run
from tests.plugin.rule_projects import BOUNDARY, Legacy, declare

TESTS_OF_PERCENT = """
import pytest
from pytest_characterize import Procedure

@pytest.mark.characterize(
    legacy=Procedure("percent", source="billing"), cases=[{"amount": 100, "rate": rate} for rate in (5, None)]
)
def test_percent(amount, rate):
    return amount * rate // 100 if rate else 0
"""


def adequacy(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = run.report["adequacy"]
    return found


def mutants(run: Run, was: str) -> dict[str, dict[str, Any]]:
    """The mutants of a piece of source, by what stands there instead."""
    return {one["becomes"]: one for one in adequacy(run)["mutants"] if one["was"] == was}


def runs(told: Run) -> int:
    found = re.search(r"(\d+) runs? of legacy", told.out)
    assert found, told.out
    return int(found[1])


def test_from_mutants_to_adequacy(legacy: Legacy) -> None:
    project = legacy.recorded()
    before = project.store()
    told = legacy.mutate().exits(0).no_traceback()
    told.has("characterize: trying mutants", "mutants: ", "next: commit characterization/mutants/")
    after = project.store()
    assert {name: after[name] for name in before} == before, "goldens stay as they are"
    assert after.keys() - before.keys() == {"mutants/tests.test_shop/test_discount.jsonl.gz"}

    run = project.replay("--characterize-report=md:out/drift.md").exits(0).says("PASS", matched=11)
    counts = adequacy(run)["counts"]
    assert counts["made"] == counts["noticed"] + counts["survived"] + counts["unreached"]
    assert 0 < counts["survived"] < counts["noticed"]
    pinned = mutants(run, "years > 5")
    assert pinned["years >= 5"]["noticed"] == 2
    assert pinned["years >= 5"]["reached"] >= 4
    holes = mutants(run, "years > 10")
    assert holes["years >= 10"]["noticed"] == 0
    [telling] = holes["years >= 10"]["telling"]
    assert telling["input"]["years"] == 10
    run.has("add to test_discount: total=100 years=10")
    run.has("ADEQUACY  ", "not pinned    ")
    markdown = (project.root / "out/drift.md").read_text("utf-8")
    assert "## Would the goldens notice?" in markdown
    assert "| `discount:6` | `years > 10` |" in markdown


def test_a_drift_is_named_by_the_mutant_that_does_the_same(legacy: Legacy) -> None:
    project = legacy.recorded()
    legacy.mutate().exits(0)
    project.edit("shop.py", "years > 5", "years >= 5")
    run = project.replay("-n2").exits(1).says("DRIFT", matched=9, drifted=2)
    [drift] = run.report["drifts"]
    assert len(drift["cases"]) == 2


def test_a_second_run_does_only_what_is_new(legacy: Legacy) -> None:
    project = legacy.recorded()
    first = runs(legacy.mutate().exits(0))
    kept = project.store()
    assert runs(legacy.mutate().exits(0)) == 0
    assert project.store() == kept
    project.edit("tests/test_shop.py", "(0, 3, 5, 6, 9)", "(0, 3, 5, 6, 9, 10)")  # as the report says
    legacy.record().exits(0)
    project.replay().exits(0).has("no mutant was run on 2 of its", "pytest --characterize-mutants")
    second = runs(legacy.mutate().exits(0))
    assert 0 < second < first / 2
    pinned = mutants(project.replay().exits(0), "years > 10")
    assert pinned["years >= 10"]["noticed"] == 2


def test_a_budget_and_going_on(legacy: Legacy) -> None:
    project = legacy.recorded()
    told = legacy.mutate("--characterize-budget=0.001").exits(0)
    told.has("not run yet", "next: run the same command again")
    counts = adequacy(project.replay().exits(0))["counts"]
    assert counts["pending"] > 0
    legacy.mutate().exits(0)
    assert adequacy(project.replay().exits(0))["counts"]["pending"] == 0


def test_adequacy_as_a_gate(legacy: Legacy) -> None:
    project = legacy.recorded()
    project.replay("--characterize-adequacy-under=1").exits(1).has("cannot be judged, no mutant was run")
    legacy.mutate().exits(0)
    project.replay("--characterize-adequacy-under=20").exits(0).has("adequacy is at least 20 %, as required")
    project.replay("--characterize-adequacy-under=100").exits(1).has("FAIL --characterize-adequacy-under=100")
    project.replay("--characterize-adequacy-under=20", "-k", "total-1000").exits(1).has(
        "the run is incomplete"
    )


def test_a_test_whose_mutants_are_missing_does_not_raise_the_adequacy(legacy: Legacy) -> None:
    project = legacy.recorded()
    legacy.mutate().exits(0)
    project.write("tests/test_percent.py", TESTS_OF_PERCENT)
    legacy.record().exits(0)
    missing = "tests/test_percent.py::test_percent: no mutant was run on its cases"
    run = project.replay("--characterize-adequacy-under=1").exits(1).says("PASS", matched=13)
    run.has(f"cannot be judged: {missing}", "run pytest --characterize-mutants")
    assert adequacy(run)["notes"] == [missing]
    legacy.mutate().exits(0)
    project.replay("--characterize-adequacy-under=1").exits(0)
    (project.root / "characterization/mutants/tests.test_shop/test_discount.jsonl.gz").unlink()
    project.replay("--characterize-adequacy-under=1").exits(1).has("test_discount: no mutant was run")


def test_a_loosening_after_the_fact_makes_no_adequacy(legacy: Legacy) -> None:
    project = legacy.recorded()
    legacy.mutate().exits(0)
    project.edit(
        "tests/test_shop.py", "    raises={", '    policy=[Ignore("$", reason="why not")],\n    raises={'
    )
    project.edit("tests/test_shop.py", "import Procedure", "import Ignore, Procedure")
    run = project.replay("-n2", "--characterize-adequacy-under=1").exits(1)
    run.has("cannot be judged", "compared under other")
    legacy.mutate().exits(0)
    counts = adequacy(project.replay("-n2").exits(0))["counts"]
    assert counts["made"] > counts["noticed"]


def test_equivalent_mutants_do_not_count(legacy: Legacy) -> None:
    project = legacy.recorded()
    legacy.mutate().exits(0)
    before = project.replay().exits(0)
    survivor = mutants(before, "years > 10")["years >= 10"]
    declare(project, f'[[equivalent]]\nmutant = "{survivor["id"]}"\nreason = "nobody stays ten years"\n')
    after = project.replay().exits(0)
    assert adequacy(after)["counts"]["made"] == adequacy(before)["counts"]["made"] - 1
    assert mutants(after, "years > 10")["years >= 10"]["equivalent"] == "nobody stays ten years"

    noticed = mutants(before, "years > 5")["years >= 5"]
    declare(project, f'[[equivalent]]\nmutant = "{noticed["id"]}"\nreason = "wrong"\n')
    project.replay().exits(1).has("is declared equivalent, but 2 goldens", "[equivalent-wrong]")
    declare(project, '[[equivalent]]\nmutant = "f:1.boundary1"\nreason = "gone"\n')
    project.replay().exits(1).has("[equivalent-wrong]")
    declare(project, '[[equivalent]]\nmutant = "f:1.boundary1"\nreason = " "\n')
    project.replay().exits(4).has("must say why no input can tell")


def test_mutants_of_another_legacy_say_nothing(legacy: Legacy) -> None:
    from tests.plugin.rule_projects import DISCOUNT

    project = legacy.recorded()
    legacy.mutate().exits(0)
    legacy.run(DISCOUNT.replace(*BOUNDARY))
    legacy.mutate().exits(1).has("mutants-stale", "--characterize-record=rewrite").no_traceback()
    project.replay().exits(0)


def test_a_damaged_matrix_is_told_and_made_anew(legacy: Legacy) -> None:
    project = legacy.recorded()
    legacy.mutate().exits(0)
    file = project.root / "characterization/mutants/tests.test_shop/test_discount.jsonl.gz"
    good = file.read_bytes()
    file.write_bytes(gzip.compress(gzip.decompress(good).replace(b"years >= 5", b"years >= 4")))
    run = project.replay("--characterize-adequacy-under=0").exits(1).no_traceback()
    run.has("is not the matrix of rule mutants that was recorded")
    assert adequacy(run)["counts"]["made"] == 0
    legacy.mutate().exits(0)
    assert file.read_bytes() == good


def test_a_matrix_of_an_earlier_version_is_told_and_made_anew(legacy: Legacy) -> None:
    project = legacy.recorded()
    legacy.mutate().exits(0)
    file = project.root / "characterization/mutants/tests.test_shop/test_discount.jsonl.gz"
    good = file.read_bytes()
    lines = gzip.decompress(good).decode().splitlines(keepends=True)
    assert f'"schema":{SCHEMA}' in lines[0]
    body = "".join(lines[:-1]).replace(f'"schema":{SCHEMA}', '"schema":1', 1)
    end = json.dumps({"sha256": sha256(body.encode()).hexdigest()})
    file.write_bytes(gzip.compress(f"{body}{end}\n".encode()))
    run = project.replay("--characterize-adequacy-under=0").exits(1).no_traceback()
    run.has("an earlier pytest-characterize wrote", "pytest --characterize-mutants")
    legacy.mutate().exits(0)
    assert file.read_bytes() == good


def test_options_that_make_no_sense(legacy: Legacy) -> None:
    for args, told in (
        (("--characterize", "--characterize-mutants"), "exclude each other"),
        (("--characterize-mutants", "--characterize-budget=0"), "must be more than 0"),
        (("--characterize-budget=3",), "--characterize-budget needs --characterize-mutants"),
        (("--characterize", "--characterize-adequacy-under=x"), "must be a number from 0 to 100"),
        (("--characterize-mutants", "-n2"), "does not run under pytest-xdist"),
    ):
        legacy.project.pytest(*args).exits(4).has(told).no_traceback()


def test_not_in_ci(legacy: Legacy) -> None:
    env = {"CHARACTERIZE_SOURCE_BILLING_DSN": legacy.dsn, "CI": "true"}
    run = legacy.project.pytest("--characterize-mutants", env=env)
    run.exits(4).has("refused because the environment variable CI")
