"""Modes: off, record, replay; one a run, and what each of them leaves alone."""

from __future__ import annotations

import pytest

from tests.plugin.project import TESTS, Project


def test_plain_pytest_skips_one_a_function_and_sets_up_no_fixture(project: Project) -> None:
    project.edit(
        "tests/test_shop.py",
        "@pytest.mark.char",
        "@pytest.fixture(autouse=True)\ndef _never(): raise RuntimeError\n\n@pytest.mark.char",
    )
    project.pytest("-rs").exits(0).has("1 skipped", "pytest --characterize")
    project.recorded().pytest("-rs").exits(0).has("1 skipped")


def test_recording_calls_legacy_and_never_the_candidate(project: Project) -> None:
    project.write("shop.py", "def price(quantity): raise SystemExit('candidate was called')\n")
    project.record().exits(0).has("3 recorded", "pytest --characterize").no_traceback()
    assert len(project.goldens()) == 3


def test_recording_deselects_what_is_not_ours(project: Project) -> None:
    project.write("tests/test_other.py", "def test_other(): raise SystemExit\n")
    project.record().exits(0).has("1 passed", "1 deselected")


def test_recording_new_keeps_what_is_there(project: Project) -> None:
    before = project.recorded().store()
    project.write("legacy_shop.py", "def price(quantity): raise RuntimeError\n")
    project.record().exits(0).has("3 kept")
    assert project.store() == before


def test_recording_new_adds_only_what_is_missing(project: Project) -> None:
    before = project.recorded().store()
    project.edit("tests/test_shop.py", '{"quantity": 9}', '{"quantity": 9}, {"quantity": 11}')
    project.record().exits(0).has("1 recorded, 3 kept")
    after = project.store()
    assert {name: after[name] for name in before if "manifest" not in name} == {
        name: data for name, data in before.items() if "manifest" not in name
    }
    project.replay().exits(0).says("PASS", matched=4)


def test_rewriting_unchanged_behaviour_is_no_change(project: Project) -> None:
    before = project.recorded().store()
    project.record(how="rewrite").exits(0).has("3 unchanged")
    assert project.store() == before


def test_replay_does_not_need_legacy(project: Project) -> None:
    project.recorded().write("legacy_shop.py", "raise ImportError('legacy is gone')\n")
    project.replay().exits(0).says("PASS", matched=3)


def test_a_candidates_garbage_is_collected_and_nothing_stays_frozen(project: Project) -> None:
    project.recorded().write(
        "shop.py",
        """
import gc, weakref
from decimal import Decimal

class Node:
    def __init__(self):
        self.me = self

def price(quantity):
    gone = weakref.ref(Node())
    gc.collect()
    total = Decimal(quantity) * 10 * (Decimal("0.95") if quantity >= 10 else 1)
    return {"quantity": quantity if gone() is None else "kept", "total": total}
""",
    )
    project.write(
        "conftest.py",
        """
import gc
import pytest

def pytest_configure():
    gc.unfreeze()

def pytest_runtest_setup():
    print(f"frozen while cases run: {gc.get_freeze_count() > 1000}")

@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    print(f"frozen after: {gc.get_freeze_count()}")
""",
    )
    project.replay("-s").exits(0).says("PASS", matched=3).has("cases run: True", "after: 0")


def test_what_a_drifting_candidate_held_is_not_kept(project: Project) -> None:
    project.recorded().write(
        "shop.py",
        """
import weakref

held = []

class Thing:
    pass

def price(quantity):
    thing = Thing()
    held.append(weakref.ref(thing))
    raise LookupError(quantity)
""",
    )
    project.write(
        "conftest.py",
        """
import gc

def pytest_sessionfinish():
    import shop
    gc.collect()
    print(f"kept: {sum(one() is not None for one in shop.held)} of {len(shop.held)}")
""",
    )
    project.replay("-s").exits(1).says("DRIFT", drifted=3).has("kept: 0 of 3")


@pytest.mark.parametrize("value", ["true", "1"])
def test_recording_is_refused_in_ci(project: Project, value: str) -> None:
    project.record(env={"CI": value}).exits(4).has("CI is set", "hint:").no_traceback()
    assert not project.goldens()


def test_recording_in_ci_can_be_allowed_and_the_report_says_so(project: Project) -> None:
    project.record("--characterize-record-in-ci", env={"CI": "true"}).exits(0)
    run = project.replay(env={"CI": "true"}).exits(0).says("PASS", matched=3)
    assert all("in CI" in case["provenance"]["recorded by"] for case in run.report["cases"])


def test_one_mode_a_run(project: Project) -> None:
    project.pytest("--characterize", "--characterize-record=new").exits(4).has(
        "exclude each other"
    ).no_traceback()


def test_recording_does_not_run_under_xdist(project: Project) -> None:
    project.record("-n2").exits(4).has("pytest-xdist", "hint:").no_traceback()
    project.record("-n0").exits(0)


def test_a_report_needs_a_replay(project: Project) -> None:
    project.pytest("--characterize-report=json:x.json").exits(4).has("needs --characterize").no_traceback()


def test_help_tells_every_option(project: Project) -> None:
    project.pytest("--help").exits(0).has(
        "--characterize ", "--characterize-record=", "--characterize-report=", "--characterize-seed="
    )
    project.pytest("--markers").has("@pytest.mark.characterize(legacy, candidate, cases")


def test_an_interrupted_recording_keeps_what_was_recorded(project: Project) -> None:
    interrupting = (
        "import os\n"
        "def price(quantity):\n"
        "    if quantity == 10 and os.path.exists('interrupt'): raise KeyboardInterrupt\n"
        "    return quantity\n"
    )
    project.write("legacy_shop.py", interrupting).write("interrupt", "")
    project.record().exits(2).has("2 recorded")
    assert len(project.goldens()) == 2
    (project.root / "interrupt").unlink()
    project.record().exits(0).has("1 recorded, 2 kept")
    project.write("shop.py", "def price(quantity): return quantity\n")
    project.replay().exits(0).says("PASS", matched=3)


def test_a_killed_recording_is_taken_up_again(project: Project) -> None:
    killing = (
        "import os, signal\n"
        "def price(quantity):\n"
        "    if quantity == 10 and os.path.exists('kill'): os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return quantity\n"
    )
    project.write("legacy_shop.py", killing).write("kill", "")
    assert project.record().code != 0
    (project.root / "kill").unlink()
    project.record().exits(0)
    project.write("shop.py", "def price(quantity): return quantity\n")
    project.replay().exits(0).says("PASS", matched=3)


def test_two_modules_of_one_name_do_not_share_goldens(project: Project) -> None:
    other = TESTS.replace("legacy_shop:price", "legacy_shop:other").replace("shop.price", "shop.other")
    for name in ("legacy_shop.py", "shop.py"):
        project.write(name, (project.root / name).read_text() + "\ndef other(quantity): return -quantity\n")
    project.write("tests/__init__.py", "").write("tests/more/__init__.py", "").write(
        "tests/more/test_shop.py", other
    )
    project.recorded().replay().exits(0).says("PASS", matched=6)


def test_same_golden_bytes_on_every_recording(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester).recorded()
    first = {path.name: path.read_bytes() for path in project.goldens()}
    for path in sorted((project.root / "characterization").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert {path.name: path.read_bytes() for path in project.recorded().goldens()} == first
