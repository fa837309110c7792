"""Rules of a Python legacy, from the recording to the run's rule book."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.project import Project, Run
from tests.plugin.test_review import review

LEGACY = '''"""A legacy module."""

CALLS = []


def price(quantity):
    CALLS.append(quantity)
    if quantity < 0:
        raise ValueError("quantity %s" % quantity)
    for _ in range(quantity - 100):
        raise OverflowError(quantity)
    return quantity * 9 if quantity >= 10 else quantity * 10


def calls(nth):
    CALLS.append(nth)
    return len(CALLS)
'''

CONFTEST = """
import json
import pytest

@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(config):
    ledger = config.pluginmanager.get_plugin("characterize-ledger")
    if ledger is not None and ledger.result is not None:
        book = ledger.result.rules
        told = {
            "rules": {
                f"{one.routine}:{rule.line} {rule.text}: {rule.arm}": [rule.cases, rule.matched, rule.raised]
                for one in book.routines for rule in one.rules
            },
            "stale": len(book.stale),
        }
        with open("book.json", "w") as file:
            json.dump(told, file)
"""


def candidates(function: str, **cases: list[Any]) -> str:
    ((name, values),) = cases.items()
    return (
        "import pytest\nfrom pytest_characterize import Function\nimport importlib\n"
        f"@pytest.mark.characterize(legacy=Function({function!r}), cases=[{{{name!r}: v}} for v in {values!r}],\n"
        "    raises={'ValueError': ValueError})\n"
        f"def test_price({name}):\n"
        f"    module, _, function = {function!r}.partition(':')\n"
        f"    return getattr(importlib.import_module(module), function)({name})\n"
    )


def made(pytester: pytest.Pytester, tests: str, legacy: str = LEGACY) -> Project:
    return Project.make(pytester, tests=tests, legacy=legacy).write("conftest.py", CONFTEST)


def book(project: Project, *options: str, expect: int = 0) -> dict[str, Any]:
    project.replay(*options).exits(expect)
    told: dict[str, Any] = json.loads((project.root / "book.json").read_text())
    return told


def golden(project: Project, part: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(project.golden(part).read_text())
    return told


PRICES = candidates("legacy_shop:price", quantity=[1, 2, 10, -1])


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_what_cases_exercise_and_what_none_does(pytester: pytest.Pytester, workers: list[str]) -> None:
    project = made(pytester, PRICES).recorded()
    assert golden(project, "quantity-10")["hits"]
    rules = book(project, *workers)["rules"]
    assert {name: numbers for name, numbers in rules.items() if " def " not in name} == {
        "legacy_shop:8 if quantity < 0: taken": [1, 1, 1],
        "legacy_shop:8 if quantity < 0: no branch taken": [3, 3, 0],
        "legacy_shop:10 for _ in range(quantity - 100): body entered": [0, 0, 0],
        "legacy_shop:10 for _ in range(quantity - 100): zero iterations": [3, 3, 0],
        "legacy_shop:12 quantity * 9 if quantity >= 10 else quantity * 10: true": [1, 1, 0],
        "legacy_shop:12 quantity * 9 if quantity >= 10 else quantity * 10: false": [2, 2, 0],
    }


def test_the_source_is_kept_beside_the_goldens(pytester: pytest.Pytester) -> None:
    project = made(pytester, PRICES).recorded()
    kept = json.loads((project.root / "characterization/legacy/project/legacy_shop.json").read_text())
    assert "\n".join(kept["text"]) == LEGACY
    (project.root / "legacy_shop.py").unlink()
    rules = book(project, "-k", "nothing", expect=5)["rules"]
    assert len(rules) == 8


def test_each_case_runs_once(pytester: pytest.Pytester) -> None:
    project = made(pytester, candidates("legacy_shop:calls", nth=[1, 2, 3])).recorded()
    outcomes = [golden(project, f"nth-{nth}")["outcome"]["returned"] for nth in (1, 2, 3)]
    assert outcomes == [1, 2, 3]


def test_recording_again_changes_nothing(pytester: pytest.Pytester) -> None:
    project = made(pytester, PRICES).recorded()
    before = project.store()
    project.record(how="rewrite").exits(0).has("4 unchanged")
    assert project.store() == before


def test_hits_of_a_changed_module_do_not_count(pytester: pytest.Pytester) -> None:
    project = made(pytester, PRICES).recorded()
    project.edit("legacy_shop.py", '"""A legacy module."""', '"""A legacy module,\nchanged."""')
    project.record(how="rewrite").exits(0).has("4 same behaviour of another legacy version")
    assert book(project)["stale"] == 0  # goldens and kept texts are both the older ones still
    assert review(project, "accept", project.goldens()[0].stem[-12:]).returncode == 0
    told = book(project, expect=1)
    assert told["stale"] == 3
    assert all(cases <= 1 for cases, _, _ in told["rules"].values())
    assert review(project, "accept", "--all").returncode == 0
    told = book(project)
    assert told["stale"] == 0
    assert told["rules"]["legacy_shop:9 if quantity < 0: taken"] == [1, 1, 1]


LAZY = """
def price(quantity):
    if quantity > 1:
        from shoplib.reductions import reduced
        return reduced(quantity)
    return quantity
"""

REDUCTIONS = """
CALLS = []
def reduced(quantity):
    CALLS.append(quantity)
    if quantity > 10:
        return {result}
    return quantity
"""


def lazy(pytester: pytest.Pytester, result: str) -> Project:
    project = made(pytester, candidates("shoplib.prices:price", quantity=[1, 2, 11, 12]))
    project.write("shoplib/__init__.py", "").write("shoplib/prices.py", LAZY)
    return project.write("shoplib/reductions.py", REDUCTIONS.format(result=result)).recorded()


def candidatess_that_a_case_loads(pytester: pytest.Pytester) -> None:
    rules = book(lazy(pytester, "quantity - 1"))["rules"]
    assert rules["shoplib.prices:3 if quantity > 1: taken"] == [3, 3, 0]
    assert rules["shoplib.reductions:5 if quantity > 10: no branch taken"] == [1, 1, 0]
    assert rules["shoplib.reductions:5 if quantity > 10: taken"] == [2, 2, 0]


def test_a_case_that_loads_a_module_and_cannot_be_repeated(pytester: pytest.Pytester) -> None:
    project = made(pytester, candidates("shoplib.prices:price", quantity=[11, 12]))
    project.write("shoplib/__init__.py", "").write("shoplib/prices.py", LAZY)
    project.write("shoplib/reductions.py", REDUCTIONS.format(result="len(CALLS)"))
    project.record().exits(0).has("rules not seen in 1 case", "does something else when it is run again")
    first, second = golden(project, "quantity-11"), golden(project, "quantity-12")
    assert first["outcome"]["returned"] == 1
    assert {hit["rule"].partition(":")[0] for hit in first["hits"]} == {"shoplib.prices"}
    assert {hit["rule"].partition(":")[0] for hit in second["hits"]} == {
        "shoplib.prices",
        "shoplib.reductions",
    }


def unseen(pytester: pytest.Pytester, conftest: str, legacy: str = LEGACY) -> Run:
    project = made(pytester, PRICES, legacy)
    project.write("conftest.py", CONFTEST + conftest)
    run = project.record().exits(0).has("4 recorded", "rules not seen in 4 cases")
    assert len(project.goldens()) == 4
    assert golden(project, "quantity-10")["outcome"]["returned"] == 90
    assert "hits" not in golden(project, "quantity-10")
    return run.no_traceback()


def test_a_module_that_is_not_what_its_file_holds(pytester: pytest.Pytester) -> None:
    rewrite = "import inspect, legacy_shop\ntext = inspect.getsource(legacy_shop)\n"
    rewrite += "open('legacy_shop.py', 'w').write(text.replace('CALLS =', '\\nCALLS ='))\n"
    unseen(pytester, rewrite).has("[variant-stale]")


def test_a_source_with_what_looks_like_a_secret_is_not_kept(pytester: pytest.Pytester) -> None:
    secret = 'KEY = "AKIA' + "IOSFODNN7EXAMPLQ" + '"\n'
    unseen(pytester, "", LEGACY + secret).has("[scrub-leak]")
    assert not list(pytester.path.glob("characterization/legacy/*/*"))


PYTHON_2 = next(map(str, Path(sys.base_prefix).parent.glob("2.7*/bin/python")), "python2.7")


@pytest.mark.parametrize("place", [PYTHON_2, sys.executable], ids=["oldest", "this"])
def test_another_interpreter_hears_the_same_rules(pytester: pytest.Pytester, place: str) -> None:
    if subprocess.run(
        [shutil.which(place) or "false", "-c", ""], capture_output=True, check=False
    ).returncode:
        pytest.skip("there is no Python 2.7 on this machine; another interpreter is tried")
    project = made(pytester, PRICES).recorded()
    here = {path.name[:11]: golden(project, path.name)["hits"] for path in project.goldens()}
    shutil.rmtree(project.root / "characterization")
    other = f"Function('legacy_shop:price', interpreter={place!r})"
    project.edit("tests/test_shop.py", "Function('legacy_shop:price')", other).recorded()
    assert {path.name[:11]: golden(project, path.name)["hits"] for path in project.goldens()} == here
    assert book(project)["rules"]["legacy_shop:8 if quantity < 0: taken"] == [1, 1, 1]


def test_another_interpreter_runs_each_case_once(pytester: pytest.Pytester) -> None:
    tests = candidates("legacy_shop:calls", nth=[1, 2, 3])
    other = f"Function('legacy_shop:calls', interpreter={sys.executable!r})"
    project = made(pytester, tests.replace("Function('legacy_shop:calls')", other)).recorded()
    outcomes = [golden(project, f"nth-{nth}")["outcome"]["returned"] for nth in (1, 2, 3)]
    assert outcomes == [1, 2, 3]
    assert golden(project, "nth-1")["hits"]
