"""The rules of a run (no false green): one test a rule, each red where it must be red."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.plugin.project import LEGACY, TESTS, Project

DRIFTING = LEGACY.replace(">= 10", "> 10")


def test_a_faithful_successor_passes(project: Project) -> None:
    project.recorded().replay().exits(0).says("PASS", matched=3).complete()


def test_a_changed_rule_is_drift_and_names_the_place(project: Project) -> None:
    run = project.recorded().write("shop.py", DRIFTING).replay()
    run.exits(1).says("DRIFT", matched=2, drifted=1).has("$.total", "quantity=10").complete()
    (drifting,) = [case for case in run.report["cases"] if case["verdict"] == "drifted"]
    assert [difference["path"] for difference in drifting["differences"]] == ["$.total"]


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_missing_golden(project: Project, workers: list[str]) -> None:
    project.recorded().golden("quantity-9").unlink()
    run = project.replay(*workers).exits(1).says("INCOMPLETE", matched=2, errored=1)
    assert run.problems() == {"golden-missing"}


def test_a_golden_deleted_with_its_manifest_line(project: Project) -> None:
    path = project.recorded().golden("quantity-9")
    path.unlink()
    lines = project.manifest().read_text().splitlines(keepends=True)
    project.manifest().write_text("".join(line for line in lines if path.stem[-12:] not in line))
    run = project.replay().exits(1).says("INCOMPLETE", matched=2, unrecorded=1)
    run.has("--characterize-record=new")


def test_the_whole_store_deleted(project: Project) -> None:
    shutil.rmtree(project.recorded().root / "characterization")
    project.replay().exits(1).says("INCOMPLETE", unrecorded=3)


def test_a_deleted_manifest(project: Project) -> None:
    project.recorded().manifest().unlink()
    run = project.replay().exits(1)
    assert run.report["verdict"] == "INCOMPLETE"
    assert run.report["counts"]["matched"] == 0


def test_a_truncated_golden(project: Project) -> None:
    path = project.recorded().golden("quantity-9")
    path.write_bytes(path.read_bytes()[:-40])
    project.replay().exits(1).says("INCOMPLETE", matched=2, errored=1).has(path.name).no_traceback()


def test_an_edited_golden(project: Project) -> None:
    path = project.recorded().golden("quantity-9")
    path.write_text(path.read_text().replace('"90"', '"91"'))
    run = project.replay().exits(1).says("INCOMPLETE", matched=2, errored=1).no_traceback()
    assert run.problems() == {"golden-edited"}


def test_a_golden_edited_to_what_the_successor_wrongly_does(project: Project) -> None:
    path = project.recorded().write("shop.py", DRIFTING).golden("quantity-10")
    path.write_text(path.read_text().replace('"95.00"', '"100"'))
    project.replay().exits(1).says("INCOMPLETE", matched=2, errored=1)


def test_a_doubled_golden(project: Project) -> None:
    path = project.recorded().golden("quantity-9")
    shutil.copy(path, path.with_name("copy-of-" + path.name))
    run = project.replay().exits(1)
    assert run.report["verdict"] == "INCOMPLETE"
    assert run.report["counts"]["errored"] >= 1


def test_a_doubled_manifest_line(project: Project) -> None:
    manifest = project.recorded().manifest()
    line = manifest.read_text().splitlines(keepends=True)[0].replace('"duration":', '"duration":1')
    manifest.write_text(manifest.read_text() + line)
    run = project.replay().exits(1)
    assert run.report["counts"]["errored"] >= 1


def test_a_merge_conflict_in_the_manifest(project: Project) -> None:
    manifest = project.recorded().manifest()
    manifest.write_text("<<<<<<< ours\n" + manifest.read_text() + "=======\n>>>>>>> theirs\n")
    project.replay().exits(1).no_traceback().has("manifest.jsonl")


def test_a_foreign_file_among_the_goldens(project: Project) -> None:
    (project.recorded().manifest().parent / "notes-000000000000.json").write_text("{}")
    run = project.replay().exits(1)
    assert run.report["counts"] | {"total": 0} == run.report["counts"] | {
        "matched": 3,
        "errored": 1,
        "total": 0,
    }


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_deleted_test_module(project: Project, workers: list[str]) -> None:
    project.write("tests/test_other.py", "def test_other(): pass\n").recorded()
    (project.root / "tests/test_shop.py").unlink()
    project.replay(*workers).exits(1).says("INCOMPLETE", unplayed=3).has("is gone")


def test_a_renamed_test(project: Project) -> None:
    project.recorded().edit("tests/test_shop.py", "def test_price", "def test_pricing")
    project.replay().exits(1).says("INCOMPLETE", unplayed=3, unrecorded=3).has(
        "gone, renamed or no longer marked"
    )


def test_a_test_that_lost_its_marker(project: Project) -> None:
    project.recorded().write("tests/test_shop.py", "def test_price(): pass\n")
    project.replay().exits(1).says("INCOMPLETE", unplayed=3)


def test_a_module_that_imports_or_skips(project: Project) -> None:
    project.recorded().write("tests/test_shop.py", "import pytest\npytest.importorskip('no_such')\n" + TESTS)
    project.replay().exits(1).says("INCOMPLETE", unplayed=3).has("skipped while it was imported")


def test_a_module_that_cannot_be_imported(project: Project) -> None:
    project.recorded().write("tests/test_shop.py", "import no_such_module\n")
    run = project.replay().exits(2).complete(False)
    assert run.report["verdict"] == "INCOMPLETE"


def test_a_new_case_without_golden(project: Project) -> None:
    project.recorded().edit("tests/test_shop.py", '{"quantity": 9}', '{"quantity": 9}, {"quantity": 11}')
    project.replay().exits(1).says("INCOMPLETE", matched=3, unrecorded=1)


def test_a_case_that_the_code_no_longer_names(project: Project) -> None:
    project.recorded().edit("tests/test_shop.py", '{"quantity": 9}, ', "")
    project.replay().exits(1).says("INCOMPLETE", matched=2, unplayed=1)


@pytest.mark.parametrize("mark", ["xfail", "skip", "skipif(True, reason='x')", "parametrize('n', [1, 2])"])
def test_markers_that_would_hide_a_replay(project: Project, mark: str) -> None:
    project.recorded().edit(
        "tests/test_shop.py", "@pytest.mark.char", f"@pytest.mark.{mark}\n@pytest.mark.char"
    )
    run = project.replay().exits(4).has("hidden-replay").no_traceback()
    assert run.report["verdict"] == "INCOMPLETE"


@pytest.mark.parametrize("mark", ["xfail", "skip"])
def test_markers_that_a_conftest_adds_late(project: Project, mark: str) -> None:
    project.recorded().write(
        "conftest.py",
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        f"    for item in items: item.add_marker(pytest.mark.{mark})\n",
    )
    run = project.write("shop.py", DRIFTING).replay().exits(1)
    assert run.report["verdict"] == "INCOMPLETE"
    assert run.report["counts"]["matched"] == 0


@pytest.mark.parametrize("what", ["skip", "xfail"])
def test_a_candidate_that_skips(project: Project, what: str) -> None:
    project.recorded().edit(
        "tests/test_shop.py", "    return", f"    if quantity == 10: pytest.{what}('later')\n    return"
    )
    project.replay().exits(1).says("INCOMPLETE", matched=2, skipped=1)


def test_a_fixture_that_skips(project: Project) -> None:
    project.recorded().edit(
        "tests/test_shop.py",
        "@pytest.mark.char",
        "@pytest.fixture(autouse=True)\ndef _later(): pytest.skip('later')\n\n@pytest.mark.char",
    )
    project.replay().exits(1).says("INCOMPLETE", skipped=3)


def test_a_fixture_that_fails(project: Project) -> None:
    project.recorded().edit(
        "tests/test_shop.py",
        "@pytest.mark.char",
        "@pytest.fixture(autouse=True)\ndef _broken(): raise ValueError('quantity 1')\n\n@pytest.mark.char",
    )
    run = project.replay().exits(1).says("INCOMPLETE", errored=3)
    assert run.problems() == {"fixture-failed"}


def test_a_teardown_that_fails(project: Project) -> None:
    project.recorded().edit(
        "tests/test_shop.py",
        "@pytest.mark.char",
        "@pytest.fixture(autouse=True)\ndef _broken():\n    yield\n    raise ValueError\n\n@pytest.mark.char",
    )
    project.replay().exits(1).says("INCOMPLETE", errored=3)


def test_an_assertion_in_the_candidate(project: Project) -> None:
    project.recorded().edit("tests/test_shop.py", "    return", "    assert quantity != 10\n    return")
    run = project.replay().exits(1).says("INCOMPLETE", matched=2, errored=1)
    assert run.problems() == {"candidate-asserted"}


SOCKETS = """
import socket
def price(quantity):
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    except BaseException:
        pass
    import legacy_shop
    return legacy_shop.price(quantity)
"""


def test_a_candidate_that_swallows_the_guards_error(project: Project) -> None:
    run = project.recorded().write("shop.py", SOCKETS).replay().exits(1).says("INCOMPLETE", errored=3)
    assert run.problems() == {"legacy-contacted"}
    run.has("127.0.0.1")


@pytest.mark.parametrize("plugin", [False, True], ids=["no plugin", "pytest-asyncio"])
def test_a_null_golden_with_an_async_candidate(pytester: pytest.Pytester, plugin: bool) -> None:
    tests = TESTS.replace("def test_price", "async def test_price")
    project = Project.make(pytester, tests=tests, legacy="def price(quantity): return None\n", asyncio=plugin)
    if plugin:
        project.edit("pyproject.toml", "testpaths", 'asyncio_mode = "auto"\ntestpaths')
    project.recorded().replay().exits(1).says("DRIFT", drifted=3)


def test_a_unittest_method(project: Project) -> None:
    project.recorded().write(
        "tests/test_case.py",
        "import unittest\nimport pytest\nfrom pytest_characterize import Function\n"
        "class TestPrice(unittest.TestCase):\n"
        "    @pytest.mark.characterize(legacy=Function('legacy_shop:price'), cases=[{'quantity': 1}])\n"
        "    def test_price(self): pass\n",
    )
    project.replay().exits(4).has("unittest-method").no_traceback()


@pytest.mark.parametrize(
    "selection",
    [
        ["-k", "quantity-9"],
        ["-k", "not quantity-9"],
        ["tests/test_shop.py"],
        ["-x"],
        ["--deselect", "tests/test_shop.py"],
    ],
    ids=["-k", "-k not", "path", "-x", "--deselect"],
)
@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_partial_run_says_so(project: Project, selection: list[str], workers: list[str]) -> None:
    project.write("tests/test_other.py", "def test_other(): pass\n").recorded()
    if selection == ["-x"]:
        project.write("shop.py", "def price(quantity): raise RuntimeError\n")
    run = project.replay(*selection, *workers).complete(False)
    assert run.report["verdict"] in ("INCOMPLETE", "DRIFT")
    assert run.report["incomplete_because"]
    run.has("INCOMPLETE" if selection != ["-x"] else "stopped early")


def test_a_partial_run_that_matches_exits_zero_but_is_no_pass(project: Project) -> None:
    project.recorded().replay("-k", "quantity-9").exits(0).says("INCOMPLETE", matched=1)


def test_a_plugin_that_drops_items(project: Project) -> None:
    project.recorded().write(
        "conftest.py", "def pytest_collection_modifyitems(items): items[:] = items[:1]\n"
    )
    project.replay().exits(1).says("INCOMPLETE", matched=1).complete(False).has("2 cases were dropped")


def test_a_candidate_that_becomes_another_program(project: Project) -> None:
    shop = "import os\ndef price(quantity): os.execv('/bin/true', ['true'])\n"
    run = project.recorded().write("shop.py", shop).replay().exits(1).says("INCOMPLETE", errored=3)
    assert run.problems() == {"legacy-contacted"}


def test_a_plugin_that_multiplies_items(project: Project) -> None:
    project.recorded().edit(
        "tests/test_shop.py",
        "@pytest.mark.char",
        "@pytest.fixture(autouse=True, params=[1, 2])\ndef _twice(request): pass\n\n@pytest.mark.char",
    )
    project.replay().exits(4).has("case-multiplied").no_traceback()


KILL = """
import os, signal
def price(quantity):
    import legacy_shop
    if quantity == 10:
        os.kill(os.getpid(), signal.SIGKILL)
    return legacy_shop.price(quantity)
"""


def test_a_worker_that_is_killed(project: Project) -> None:
    run = project.recorded().write("shop.py", KILL).replay("-n2")
    assert run.code != 0
    assert run.report["counts"]["errored"] >= 1
    assert run.report["counts"]["total"] == 3
    assert run.problems() <= {"case-crashed", "case-lost"}


def test_all_workers_killed_and_not_replaced(project: Project) -> None:
    run = project.recorded().write("shop.py", KILL).replay("-n2", "--max-worker-restart=0")
    assert run.code != 0
    assert run.report["verdict"] == "INCOMPLETE"


def test_a_surrogate_in_a_failure_text_under_xdist(project: Project) -> None:
    project.recorded().write(
        "shop.py",
        "def price(quantity):\n    if quantity == 10: raise ValueError('\\ud800')\n    import legacy_shop\n"
        "    return legacy_shop.price(quantity)\n",
    )
    project.replay("-n2").exits(1).says("DRIFT", matched=2, drifted=1)


def test_a_surrogate_in_an_assertion_under_xdist(project: Project) -> None:
    project.recorded().edit(
        "tests/test_shop.py", "    return", "    assert quantity != 10, '\\ud800'\n    return"
    )
    project.replay("-n2").exits(1).says("INCOMPLETE", matched=2, errored=1)


def test_a_rerun_does_not_turn_a_drift_green(project: Project) -> None:
    """A rerunning plugin reports the same item again; the failing verdict stays."""
    project.recorded().write(
        "conftest.py",
        "from _pytest.runner import runtestprotocol\nimport shop\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    for attempt in range(2):\n"
        "        shop.OFF = attempt == 0\n"
        "        item._initrequest()\n"
        "        for report in runtestprotocol(item, nextitem=nextitem, log=False):\n"
        "            item.ihook.pytest_runtest_logreport(report=report)\n"
        "    return True\n",
    ).write(
        "shop.py",
        "OFF = False\ndef price(quantity):\n    import legacy_shop\n"
        "    return 0 if OFF else legacy_shop.price(quantity)\n",
    )
    run = project.replay()
    assert run.report["verdict"] == "DRIFT"
    assert run.report["counts"]["drifted"] == 3


def test_no_marked_test_is_no_pass(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester, tests="def test_nothing(): pass\n")
    run = project.replay()
    assert run.code == pytest.ExitCode.NO_TESTS_COLLECTED
    run.says("INCOMPLETE").has("no case was replayed")


def test_counts_add_up_in_the_report(project: Project) -> None:
    run = project.recorded().write("shop.py", DRIFTING).replay()
    counts = dict(run.report["counts"])
    assert counts.pop("total") == sum(counts.values()) == len(run.report["cases"])
    assert json.dumps(run.report)
