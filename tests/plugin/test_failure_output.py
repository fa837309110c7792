"""What pytest prints of a case that drifted, besides the drift."""

from __future__ import annotations

import pytest

from tests.plugin.project import Project

TALKATIVE = """
import pytest


@pytest.fixture(autouse=True)
def till(request):
    print("opening", request.node.name)
    yield
    print("closing", request.node.name)
"""


@pytest.mark.parametrize("options", [(), ("-n2",), ("--capture=no",)], ids=["here", "workers", "uncaptured"])
def test_output_of_a_teardown_stands_below_its_own_case(project: Project, options: tuple[str, ...]) -> None:
    project.recorded().write("tests/conftest.py", TALKATIVE)
    run = project.edit("shop.py", "return", "return 1 +").replay(*options).exits(1)
    assert run.out.count("closing test_price") == 3, run.out
    if "--capture=no" in options:
        return
    sections = run.out.split("Captured stdout teardown")[1:]
    assert len(sections) == 3
    for name, section in zip(_headlines(run.out), sections, strict=True):
        assert f"closing {name}" in section.partition("___")[0]


def _headlines(text: str) -> list[str]:
    """The names of the cases in the order in which their failures are printed."""
    return [line.strip("_ ") for line in text.splitlines() if line.startswith("___") and "test_price" in line]
