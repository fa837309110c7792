"""Together with the rest of pytest: selection, debugging, workers, classes, async, other fixtures."""

from __future__ import annotations

import pytest

from tests.plugin.project import LEGACY, TESTS, Project

DRIFTING = LEGACY.replace(">= 10", "> 10")
INI = 'testpaths = ["tests"]'


def test_selecting_a_case_by_its_id(project: Project) -> None:
    identity = project.recorded().golden("quantity-10").stem[-12:][:8]
    project.replay("-k", identity).exits(0).says("INCOMPLETE", matched=1).has("selected by -k")


def test_last_failed(project: Project) -> None:
    project.recorded().write("shop.py", DRIFTING)
    project.pytest("--characterize", "-p", "cacheprovider")
    run = project.pytest(
        "--characterize", "-p", "cacheprovider", "--lf", "--characterize-report=json:out/report.json"
    )
    run.exits(1).says("DRIFT", drifted=1).complete(False)


def test_the_debugger_stops_where_the_candidate_drifted(project: Project) -> None:
    project.recorded().write("shop.py", DRIFTING)
    run = project.pytest("--characterize", "--pdb", "--pdbcls=tests.plugin.quiet_pdb:QuietPdb")
    run.has("post_mortem", "$.total")


@pytest.mark.parametrize("workers", [["-n2"], ["-n2", "--dist=loadfile"], ["-n1"]], ids=" ".join)
def test_workers(project: Project, workers: list[str]) -> None:
    project.recorded().replay(*workers).exits(0).says("PASS", matched=3).complete()
    project.write("shop.py", DRIFTING).replay(*workers).exits(1).says(
        "DRIFT", matched=2, drifted=1
    ).complete()


def test_a_candidate_that_raises_is_shown_where(project: Project) -> None:
    project.recorded().write("shop.py", "def price(quantity):\n    return {}[quantity]\n")
    run = project.replay().exits(1).says("DRIFT", drifted=3).has("shop.py:2 in price", "KeyError")
    run.no_traceback()


def test_a_method_of_a_class(pytester: pytest.Pytester) -> None:
    tests = TESTS.replace("@pytest.mark.char", "class TestShop:\n  @pytest.mark.char").replace(
        "def test_price(quantity):\n    return", "  def test_price(self, quantity):\n      return"
    )
    project = Project.make(pytester, tests=tests).recorded()
    project.replay().exits(0).says("PASS", matched=3)
    project.write("shop.py", DRIFTING).replay().exits(1).says("DRIFT", matched=2, drifted=1)


def test_a_marker_on_the_class(pytester: pytest.Pytester) -> None:
    tests = TESTS.replace(
        "def test_price(quantity):\n    return",
        "class TestShop:\n    def test_price(self, quantity):\n        return",
    )
    Project.make(pytester, tests=tests).recorded().replay().exits(0).says("PASS", matched=3)


@pytest.mark.parametrize(
    ("ini", "plugin"),
    [
        (INI, False),
        (f'asyncio_mode = "auto"\n{INI}', True),
        (f'asyncio_mode = "strict"\n{INI}', True),
    ],
    ids=["no plugin", "auto", "strict, unmarked"],
)
def test_an_async_candidate(pytester: pytest.Pytester, ini: str, plugin: bool) -> None:
    tests = TESTS.replace("def test_price", "async def test_price").replace(
        "    return", "    import asyncio; await asyncio.sleep(0.001)\n    return"
    )
    project = Project.make(pytester, tests=tests, asyncio=plugin).recorded().edit("pyproject.toml", INI, ini)
    project.replay().exits(0).says("PASS", matched=3)
    project.write("shop.py", DRIFTING).replay().exits(1).says("DRIFT", matched=2, drifted=1)


def test_an_async_candidate_with_the_asyncio_marker(pytester: pytest.Pytester) -> None:
    tests = TESTS.replace("@pytest.mark.char", "@pytest.mark.asyncio\n@pytest.mark.char", 1).replace(
        "def test_price", "async def test_price"
    )
    project = Project.make(pytester, tests=tests, asyncio=True).recorded()
    project.write("shop.py", DRIFTING).replay().exits(1).says("DRIFT", matched=2, drifted=1)


def test_a_candidate_that_changes_its_input_does_not_change_what_is_told_of_it(
    pytester: pytest.Pytester,
) -> None:
    tests = TESTS.replace('{"quantity": 1}, {"quantity": 9}, {"quantity": 10}', '{"lines": [1, 2]}')
    tests = tests.replace("def test_price(quantity):", "def test_price(lines):\n    lines.append(3)")
    shop = "def price(lines):\n    return sum(lines)\n"
    tests = tests.replace("price(quantity)", "price(lines)")
    run = Project.make(pytester, tests=tests, legacy=shop, shop=shop).recorded().replay()
    assert run.exits(1).says("DRIFT", drifted=1).report["cases"][0]["input"] == {"lines": [1, 2]}


def test_fixtures_see_the_input(project: Project) -> None:
    project.recorded().edit(
        "tests/test_shop.py",
        "@pytest.mark.char",
        "@pytest.fixture\ndef doubled(quantity): return 2 * quantity\n\n@pytest.mark.char",
    ).edit("tests/test_shop.py", "def test_price(quantity):", "def test_price(quantity, doubled):")
    project.edit("tests/test_shop.py", "shop.price(quantity)", "shop.price(doubled // 2)")
    project.replay().exits(0).says("PASS", matched=3)


def test_a_candidate_that_changes_its_input_changes_nobody_elses(pytester: pytest.Pytester) -> None:
    tests = TESTS.replace(
        '{"quantity": 1}, {"quantity": 9}, {"quantity": 10}', '{"quantity": [1]}, {"quantity": [2]}'
    )
    total = "def price(quantity):\n    quantity.append(1)\n    return sum(quantity)\n"
    Project.make(pytester, tests=tests, legacy=total, shop=total).recorded().replay().says("PASS", matched=2)


def test_unmarked_tests_run_beside(project: Project) -> None:
    project.write("tests/test_other.py", "def test_other(): pass\ndef test_bad(): assert False\n").recorded()
    project.replay().exits(1).says("PASS", matched=3).has("1 failed, 4 passed")


def test_the_clock_stands_at_the_recorded_time(pytester: pytest.Pytester) -> None:
    dated = "import datetime\ndef price(quantity): return datetime.date.today().isoformat()\n"
    project = Project.make(pytester, legacy=dated, shop=dated).recorded()
    manifest = project.manifest()
    manifest.write_text(manifest.read_text().replace('"recorded_at":"20', '"recorded_at":"19'))
    assert '"recorded_at":"19' in manifest.read_text()
    project.replay().exits(1).says("DRIFT", drifted=3)


def test_a_pinned_time_and_an_unfrozen_clock(pytester: pytest.Pytester) -> None:
    tests = TESTS.replace("cases=", "at=datetime.datetime(2001, 2, 3, tzinfo=datetime.UTC), cases=").replace(
        "import pytest", "import pytest, datetime", 1
    )
    project = Project.make(
        pytester,
        tests=tests,
        legacy="def price(quantity): return 2001\n",
        shop="import datetime\ndef price(quantity): return datetime.datetime.now().year\n",
    ).recorded()
    project.replay().exits(0).says("PASS", matched=3)
    project.edit("tests/test_shop.py", "cases=", "freeze=False, cases=").replay().says("DRIFT", drifted=3)


def test_chance_is_the_same_in_every_replay(pytester: pytest.Pytester) -> None:
    shop = "import random\ndef price(quantity): return random.random()\n"
    project = Project.make(pytester, legacy=shop, shop=shop).recorded()
    runs = [project.replay("--characterize-seed=5").report["cases"] for _ in range(2)]
    assert [case["differences"] for case in runs[0]] == [case["differences"] for case in runs[1]]


def test_mapped_exceptions(pytester: pytest.Pytester) -> None:
    legacy = "class Refused(Exception): pass\ndef price(quantity): raise Refused(f'no {quantity}')\n"
    shop = "class Denied(Exception): pass\ndef price(quantity): raise Denied(f'no {quantity}')\n"
    project = Project.make(pytester, legacy=legacy, shop=shop).recorded()
    project.replay().exits(1).says("DRIFT", drifted=3)
    project.edit("tests/test_shop.py", "cases=", "raises={'Refused': shop.Denied}, cases=")
    project.replay().exits(0).says("PASS", matched=3)
    project.edit("shop.py", "no {", "nothing for {").replay().exits(1).says("DRIFT", drifted=3).has(
        "$raised.message"
    )


def test_policies_are_shown_with_reason_and_hits(project: Project) -> None:
    project.recorded().write("shop.py", DRIFTING).edit("tests/test_shop.py", "import Function", "import *")
    project.edit(
        "tests/test_shop.py", "cases=", "policy=[Ignore('$.total', reason='agreed with sales')], cases="
    )
    run = project.replay().exits(0).says("PASS", matched=3).has("agreed with sales")
    hits = [policy["hits"] for case in run.report["cases"] for policy in case["policies"]]
    assert sorted(hits) == [0, 0, 1]


def test_policies_of_the_configuration(pytester: pytest.Pytester) -> None:
    extra = """
[[tool.characterize.policy]]
test = "*test_price*"
action = "tolerance"
path = "$.total"
absolute = "5"
reason = "cents do not matter"
"""
    project = Project.make(pytester, shop=DRIFTING, extra=extra).recorded()
    project.replay().exits(0).says("PASS", matched=3).has("cents do not matter")
