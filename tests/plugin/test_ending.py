"""A process that ends itself in the middle of a run is told, and never green."""

from __future__ import annotations

import os

import pytest

from pytest_characterize.plugin.ending import EndingPlugin
from tests.plugin.project import Project, Run

EXITING = "import os\n\ndef price(quantity):\n    os._exit({status})\n"


def told(run: Run, status: int, during: str) -> None:
    place = "legacy_shop.py:4" if "legacy" in during else "shop.py:4"
    run.has(
        f"{place}: os._exit({status}) ended the run during", during, "[process-ended] hint:"
    ).no_traceback()


@pytest.mark.parametrize(("status", "code"), [(0, 3), (7, 7)])
def test_a_candidate_that_ends_the_process(project: Project, status: int, code: int) -> None:
    run = project.recorded().write("shop.py", EXITING.format(status=status)).replay()
    told(run.exits(code), status, "tests/test_shop.py::test_price[quantity-1-")


def test_a_module_that_ends_the_process_while_it_is_imported(project: Project) -> None:
    run = project.recorded().write("shop.py", "import os\n\n\nos._exit(0)\n").replay()
    told(run.exits(3), 0, "the collection")


def test_legacy_that_ends_the_process(project: Project) -> None:
    run = project.write("legacy_shop.py", EXITING.format(status=0)).record().exits(3)
    run.has("legacy_shop.py:4: os._exit(0)", "test_price", "[process-ended]").no_traceback()


def test_a_worker_that_ends_itself(project: Project) -> None:
    run = project.recorded().write("shop.py", EXITING.format(status=0)).replay("-n1")
    assert {"case-crashed"} == run.exits(1).problems()


def test_a_child_may_end_so(project: Project) -> None:
    forking = (
        "import os\n    child = os.fork()\n    if not child:\n        os._exit(0)\n    os.waitpid(child, 0)\n"
    )
    project.recorded().edit("shop.py", "def price(quantity):\n", f"def price(quantity):\n    {forking}")
    project.replay().exits(0).says("PASS", matched=3).complete()


def test_the_call_is_given_back(pytestconfig: pytest.Config) -> None:
    before, plugin = os._exit, EndingPlugin(pytestconfig)
    plugin.pytest_sessionstart()
    assert os._exit != before
    finishing = plugin.pytest_sessionfinish()
    next(finishing)
    finishing.close()
    assert os._exit is before
