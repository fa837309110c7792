"""``unittest.TestCase`` methods cannot be characterization tests, and must not look like ones."""

from __future__ import annotations

import inspect
import unittest

import pytest

from pytest_characterize.errors import UsageError
from pytest_characterize.plugin.marks import MARKER


def refuse_unittest(collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
    """Refuse a ``TestCase`` with marked methods: pytest never hands them to the hooks that replay needs.

    Raises:
        UsageError: ``unittest-method``.
    """
    if not inspect.isclass(obj) or not issubclass(obj, unittest.TestCase):
        return
    methods = [member for member in vars(obj) if member.startswith("test")]
    around = collector.get_closest_marker(MARKER) is not None or _carries(obj)
    marked = [method for method in methods if around or _carries(getattr(obj, method))]
    if marked:
        raise UsageError(
            f"{collector.nodeid}::{name}::{marked[0]}: is a unittest.TestCase method",
            slug="unittest-method",
            hint="make it a function, or a method of a plain class: pytest passes no cases to TestCase methods",
        )


def _carries(obj: object) -> bool:
    marks = getattr(obj, "pytestmark", [])
    return any(mark.name == MARKER for mark in (marks if isinstance(marks, list) else [marks]))
