"""Rules of Python agree with the branches that coverage.py sees, on code with tests of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from python_packages import Suite, fetched

TORTURE = os.environ.get("CHARACTERIZE_TORTURE") == "1"

DOCUMENTED = ("_pydecimal", "difflib", "heapq", "ipaddress", "statistics", "textwrap")
"""Modules of the standard library with many examples, which are their tests here."""

TESTS = """
import doctest, importlib, pytest

@pytest.mark.parametrize("name", {names!r})
def test_examples(name):
    assert doctest.testmod(importlib.import_module("legacy_library." + name)).attempted
"""

PACKAGES = {
    "boltons": ("boltons", ("tests",), (".",)),
    "click": ("click", ("tests",), ("src",)),
    "mistune": ("mistune", ("tests",), ("src",)),
    "more-itertools": ("more_itertools", ("tests",), (".",)),
    "sqlparse": ("sqlparse", ("tests",), (".",)),
    "xmltodict": ("xmltodict", ("tests",), (".",)),
}
"""Name of the distribution -> package, its tests, and what is put on the import path."""


def test_the_standard_library(tmp_path: Path) -> None:
    package = tmp_path / "legacy_library"
    package.mkdir()
    (package / "__init__.py").touch()
    for name in DOCUMENTED:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        shutil.copy(spec.origin, package)
    (tmp_path / "test_examples.py").write_text(TESTS.format(names=DOCUMENTED))
    found = Suite("legacy_library", tmp_path, ("test_examples.py",)).agreement(tmp_path)
    print(f"standard library: {found.told()}")  # noqa: T201 - the figure that is wanted
    assert found.against == []
    assert found.compared > 1000
    assert 0 < found.taken < found.compared


@pytest.mark.torture
@pytest.mark.skipif(not TORTURE, reason="runs the tests of fetched packages: CHARACTERIZE_TORTURE=1")
@pytest.mark.parametrize("name", PACKAGES)
def test_real_packages(name: str, tmp_path: Path) -> None:
    package, tests, path = PACKAGES[name]
    found = Suite(package, fetched(name, tmp_path / "fetched"), tests, path).agreement(tmp_path)
    print(f"{name}: {found.told()}")  # noqa: T201 - the figure that is wanted
    assert found.against == []
    assert 0 < found.taken < found.compared
