"""A changed table of a legacy module: tried while legacy is at hand, and named when the successor has another one."""

from __future__ import annotations

import pytest

from tests.plugin.project import Project

LEGACY = '''
"""Rates and weights, as they were in 1998."""
RATES = {"G": 4, "P": 6, "X": 0}
WEIGHTS = (7, 3, 1)

def commission(group, cents):
    if group not in RATES:
        return None
    return cents * RATES[group] // 100

def check_digit(number):
    return sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(number)) % 10
'''
TESTS = """
import pytest
import shop
from pytest_characterize import Function

@pytest.mark.characterize(
    legacy=Function("legacy_shop:commission"),
    cases=[{"group": group, "cents": cents} for group in "GPXY" for cents in (100, 2500)],
)
def test_commission(group, cents):
    return shop.commission(group, cents)

@pytest.mark.characterize(
    legacy=Function("legacy_shop:check_digit"), cases=[{"number": number} for number in ("123", "77", "4")]
)
def test_check_digit(number):
    return shop.check_digit(number)
"""


@pytest.fixture
def tables(pytester: pytest.Pytester) -> Project:
    """A recorded project with its mutants."""
    project = Project.make(pytester, tests=TESTS, legacy=LEGACY, shop=LEGACY).recorded()
    project.pytest("--characterize-mutants").exits(0).no_traceback()
    return project


def test_a_changed_table_is_named_and_what_nothing_pins_too(tables: Project) -> None:
    run = tables.replay().exits(0).says("PASS", matched=11)
    told = {one["becomes"]: one for one in run.report["adequacy"]["mutants"]}
    five = told['RATES = {"G": 4, "P": 5, "X": 0}']
    assert (five["id"], five["reached"], five["noticed"]) == ("legacy_shop:3.constant6", 8, 2)
    one_more = told["WEIGHTS = (7, 3, 2)"]
    assert (one_more["reached"], one_more["noticed"]) == (3, 1)
    assert not [one for one in told.values() if one["fate"] == "invalid"]

    tables.edit("shop.py", '"P": 6', '"P": 5')
    run = tables.replay().exits(1).says("DRIFT", matched=9, drifted=2)
    run.has('behaves like  RATES = {"G": 4, "P": 5, "X": 0}', "reproduces 2/2 drifting")
    tables.edit("shop.py", '"P": 5', '"P": 6').edit("shop.py", "(7, 3, 1)", "(7, 1, 3)")
    tables.replay().exits(1).has("behaves like  WEIGHTS = (7, 1, 3)")
