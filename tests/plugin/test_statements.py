"""The candidate's SQL statements: told, never silently, and held to a limit where a test sets one."""

from __future__ import annotations

import pytest

from tests.plugin.project import Project
from tests.plugin.test_django import DJANGO, MODELS, SETTINGS

LEGACY = """
def stock(size):
    return size
"""

SERVICES = """
from stock.models import Item

def stock(size):
    Item.objects.bulk_create(Item(code=str(n), quantity=1) for n in range(size))
    return sum(Item.objects.get(code=str(n)).quantity for n in range(size))
"""

TESTS = """
import pytest
from pytest_characterize import Function
from stock import services

@pytest.mark.characterize(legacy=Function("legacy_stock:stock"), cases=[{"size": 1}, {"size": 12}]%s)
@pytest.mark.django_db
def test_stock(size):
    return services.stock(size)
"""

ALCHEMY_LEGACY = """
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")

def stock(size):
    with engine.begin() as connection:
        return connection.execute(text("SELECT :size"), {"size": size}).scalar()
"""

ALCHEMY = """
import sqlalchemy
from sqlalchemy import text

engine = sqlalchemy.create_engine("sqlite://")
kept = engine.connect()

def stock(size):
    return sum(kept.execute(text("SELECT 1 WHERE :n >= 0"), {"n": n}).scalar() for n in range(size))
"""

ALCHEMY_TESTS = """
import pytest
from pytest_characterize import Function

@pytest.fixture
def shop():
    import shop
    return shop

@pytest.mark.characterize(legacy=Function("legacy_shop:stock"), cases=[{"size": 1}, {"size": 7}]%s)
def test_stock(size, shop):
    return shop.stock(size)
"""


CALLING = """
from django.db import connections
from django.db.backends.utils import CursorWrapper

class Driver:
    '''A cursor as MySQL's and Oracle's drivers have it.'''

    def callproc(self, name, params=()):
        return params

def stock(size):
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    for _ in range(size):
        CursorWrapper(Driver(), connection).callproc("close_month", (size, "x"))
    return size
"""


def django(pytester: pytest.Pytester, marker: str = "", extra: str = "", services: str = SERVICES) -> Project:
    project = (
        Project.make(pytester)
        .write("pyproject.toml", DJANGO + extra)
        .write("site_settings.py", SETTINGS)
        .write("legacy_stock.py", LEGACY)
        .write("stock/__init__.py", "")
        .write("stock/models.py", MODELS)
        .write("stock/urls.py", "urlpatterns = []")
        .write("stock/services.py", services)
        .write("tests/test_shop.py", TESTS % marker)
    )
    project.record()
    return project


def test_a_query_in_a_loop_is_told_and_is_not_red(pytester: pytest.Pytester) -> None:
    run = django(pytester).replay("--characterize-report=md:report.md").exits(0).says("PASS", matched=2)
    run.has("STATEMENTS", "13 statements (legacy: not counted)", "test_stock[size-12-", "12 x SELECT")
    (small, large) = sorted(
        (case["statements"] for case in run.report["cases"]), key=lambda one: one["candidate"]
    )
    assert (small["candidate"], large["candidate"]) == (2, 13)
    assert [group["times"] for group in large["groups"]] == [12, 1]
    assert large["groups"][0]["text"].endswith('WHERE "stock_item"."code" = ? LIMIT ?')
    summary = (pytester.path / "report.md").read_text("utf-8")
    assert "## SQL statements" in summary
    assert "| 2 | 15 | 13 |  | 12 x `SELECT" in summary
    assert 'FROM "stock_item"\nWHERE "stock_item"."code" = ?\nLIMIT ?\n```\n' in summary


@pytest.mark.parametrize(
    ("marker", "extra"), [(", queries=12", ""), ("", "[tool.characterize]\nqueries = 12\n")]
)
def test_a_limit_makes_more_statements_red(pytester: pytest.Pytester, marker: str, extra: str) -> None:
    run = django(pytester, marker, extra).replay().exits(1).says("DRIFT", drifted=1, matched=1)
    run.has("$queries", "at most 12 allowed; most often, 12 x SELECT", "candidate  13")


@pytest.mark.parametrize("marker", [", queries=13", ", queries=None"])
def test_a_test_may_have_a_limit_of_its_own(pytester: pytest.Pytester, marker: str) -> None:
    project = django(pytester, marker, "[tool.characterize]\nqueries = 1\n")
    project.replay().exits(0).says("PASS", matched=2)


@pytest.mark.parametrize("limit", ["-1", "True", "'5'", "2.0"])
def test_a_limit_is_a_number(pytester: pytest.Pytester, limit: str) -> None:
    project = Project.make(pytester)
    project.write(
        "tests/test_shop.py", TESTS.replace("from stock import services", "") % f", queries={limit}"
    )
    project.replay().has("queries= must be a whole number", "[marker-wrong-type]").no_traceback()


def test_a_limit_that_nobody_can_hold_is_no_match(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester, legacy=LEGACY, shop=LEGACY, tests=ALCHEMY_TESTS % ", queries=5")
    project.record()
    run = project.replay().exits(1).says("INCOMPLETE", errored=2)
    assert run.problems() == {"statements-not-counted"}


def test_sqlalchemy_is_counted_on_both_sides(pytester: pytest.Pytester) -> None:
    tests = "import sqlalchemy\n" + ALCHEMY_TESTS % ""
    project = Project.make(pytester, legacy=ALCHEMY_LEGACY, shop=ALCHEMY, tests=tests)
    project.record()
    run = project.replay().exits(0).says("PASS", matched=2)
    run.has("7 statements (legacy: 1)", "7 x SELECT ? WHERE ? >= ?")


def test_statements_travel_from_workers(pytester: pytest.Pytester) -> None:
    project = django(pytester, ", queries=2")
    run = project.replay("-n2").exits(1).says("DRIFT", drifted=1, matched=1)
    assert sorted(case["statements"]["candidate"] for case in run.report["cases"]) == [2, 13]


def test_procedures_that_a_cursor_calls_are_counted(pytester: pytest.Pytester) -> None:
    run = django(pytester, services=CALLING).replay().exits(0).says("PASS", matched=2)
    (case,) = [case for case in run.report["cases"] if case["label"].startswith("size-12")]
    told = [(group["times"], group["text"]) for group in case["statements"]["groups"]]
    assert told == [(12, "CALL close_month(?, ?)"), (1, "SELECT ?")]
