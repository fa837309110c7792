from __future__ import annotations

import pytest

from tests.plugin.project import Project


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """A project of three cases whose successor behaves as legacy does; not recorded yet."""
    return Project.make(pytester)
