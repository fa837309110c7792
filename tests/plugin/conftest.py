from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count

import pytest
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from tests.plugin.project import Project
from tests.plugin.rule_projects import DISCOUNT, OPAQUE, PERCENT, SHOP, TESTS, Legacy

_numbers = count()


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """A project of three cases whose successor behaves as legacy does; not recorded yet."""
    return Project.make(pytester)


@pytest.fixture(scope="module")
def rule_server() -> Iterator[PostgresServer]:
    """An empty server."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def legacy(rule_server: PostgresServer, pytester: pytest.Pytester) -> Legacy:
    """A project of eleven cases of a stored procedure that calls another one; not recorded yet."""
    dsn = rule_server.create_database(f"rules_{next(_numbers)}")
    host = conninfo_to_dict(dsn)["host"]
    source = f'[tool.characterize.sources.billing]\nkind = "postgresql"\nhosts = [{json.dumps(host)}]\n'
    project = Project.make(pytester, tests=TESTS, shop=SHOP, extra=source)
    return Legacy(project, dsn).run(PERCENT).run(DISCOUNT)


@pytest.fixture
def opaque(pytester: pytest.Pytester) -> Project:
    """A project whose legacy has no source that could be read."""
    return Project.make(pytester, tests=OPAQUE, shop=SHOP)
