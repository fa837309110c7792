"""Scenarios: one script, two sides; every way in which steps may differ is red."""

from __future__ import annotations

import json

import pytest

from tests.plugin.project import Project
from tests.plugin.test_django import site

LEGACY = """
from itertools import count

ORDERS, NUMBERS = {}, count(17)

def place_order(sku, quantity):
    if quantity > 100:
        raise ValueError(f"{quantity} is too many")
    number = next(NUMBERS)
    ORDERS[number] = {"number": number, "sku": sku, "quantity": quantity, "paid": False}
    return dict(ORDERS[number])

def pay(order, amount):
    if amount <= 0:
        raise KeyError("amount")
    ORDERS[order]["paid"] = True
    return {"order": order, "paid": amount}

def show(order):
    return dict(ORDERS[order])
"""

CANDIDATE = LEGACY.replace("count(17)", "count(3)")

TESTS = """
import pytest
from pytest_characterize import Scenario

@pytest.mark.characterize(legacy=Scenario("legacy_shop"), candidate="shop", raises={"KeyError": "builtins.KeyError"})
def test_order(characterize):
    order = characterize.call("place_order", sku="A-1", quantity=2)
    number = characterize.bind("order", order["number"], "number")
    characterize.call("pay", order=number, amount=0)
    characterize.call("pay", order=number, amount=7)
    characterize.call("show", order=number)
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    return Project.make(pytester, legacy=LEGACY, shop=CANDIDATE, tests=TESTS).recorded()


def test_a_scenario_is_one_case_of_all_its_steps(project: Project) -> None:
    (golden,) = project.goldens()
    steps = json.loads(golden.read_text())["outcome"]["returned"]
    fields = [step["$record"]["fields"] for step in steps]
    assert [step["call"] for step in fields] == ["place_order", "pay", "pay", "show"]
    assert [("raised" in step, "returned" in step) for step in fields] == [
        (False, True), (True, False), (False, True), (False, True),
    ]  # fmt: skip
    bound = {"$record": {"type": "characterize.Id", "fields": {"name": "order"}}}
    assert fields[0]["returned"]["number"] == bound
    assert fields[3]["with"]["order"] == bound
    assert "17" not in golden.read_text().partition('"outcome"')[2].partition('"provenance"')[0]
    project.replay().exits(0).says("PASS", matched=1).complete()


def test_recording_again_changes_nothing(project: Project) -> None:
    before = project.store()
    project.record(how="rewrite").exits(0).has("1 unchanged")
    assert project.store() == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"paid": amount}', '"paid": amount + 1}', "$[2].returned.paid"),
        ('["paid"] = True', '["paid"] = False', "$[3].returned.paid"),
        ('raise KeyError("amount")', "return None", "$[1]"),
        ('raise KeyError("amount")', 'raise KeyError("sum")', "$[1].raised"),
        ('raise KeyError("amount")', 'raise IndexError("amount")', "$[1].raised"),
        ('return {"order": order,', 'return {"order": order + 1,', "$[2].returned.order"),
        ('["paid"] = True', '["paid"] = 1', "$[3].returned.paid"),
        ("return dict(ORDERS[order])", "raise SystemExit(3)", "$[3]"),
    ],
)
def test_a_step_that_does_something_else_is_a_drift(project: Project, old: str, new: str, told: str) -> None:
    run = project.edit("shop.py", old, new).replay().exits(1).says("DRIFT", drifted=1).no_traceback()
    run.has(told)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    characterize.call("pay", order=number, amount=7)\n', ""),
        ('    characterize.call("show", order=number)\n', ""),
        ('    characterize.call("show", order=number)\n', '    characterize.call("show", order=number)\n' * 2),
        ("amount=7", "amount=8"),
        ('call("show", order=number)', 'call("pay", order=number, amount=7)'),
        (
            'amount=0)\n    characterize.call("pay", order=number, amount=7)',
            'amount=7)\n    characterize.call("pay", order=number, amount=0)',
        ),
        ('bind("order", order["number"], "number")', 'bind("order", order["number"])'),
        ('    characterize.call("show", order=number)\n', '    1 / 0\n    characterize.call("show", order=number)\n'),
        ('    characterize.call("show", order=number)\n', '    characterize.call("show", order=number)\n    1 / 0\n'),
        ('    order = ', "    if True:\n        return\n    order = "),
    ],
    ids=[
        "missing in the middle", "missing at the end", "extra", "other argument", "other function", "other order",
        "unbound", "broken off", "broken off after all", "none",
    ],
)  # fmt: skip
def test_a_script_that_takes_other_steps_is_red(project: Project, old: str, new: str) -> None:
    run = project.edit("tests/test_shop.py", old, new).replay().exits(1).no_traceback()
    assert run.report["verdict"] in ("DRIFT", "INCOMPLETE")
    assert run.report["counts"]["matched"] == 0


def test_a_candidate_that_hands_out_other_ids_must_be_consistent(project: Project) -> None:
    project.edit("shop.py", 'return {"order": order, "paid"', 'return {"order": 17, "paid"')
    project.replay().exits(1).says("DRIFT", drifted=1).has("$[2].returned.order")


def test_a_function_that_the_candidate_lacks_is_an_error(project: Project) -> None:
    run = project.edit("shop.py", "def show(", "def display(").replay().exits(1).no_traceback()
    assert run.says("INCOMPLETE", errored=1).problems() == {"candidate-unknown"}
    run = project.edit("tests/test_shop.py", 'candidate="shop"', 'candidate="nowhere"').replay().exits(1)
    assert run.says("INCOMPLETE", errored=1).problems() == {"candidate-unknown"}


def test_an_assertion_is_no_behaviour(project: Project) -> None:
    project.edit(
        "tests/test_shop.py", '    characterize.call("show"', '    assert 0\n    characterize.call("show"'
    )
    assert project.replay().exits(1).says("INCOMPLETE", errored=1).problems() == {"candidate-asserted"}
    project.edit("tests/test_shop.py", "assert 0", "pytest.skip('no')")
    assert project.replay().exits(1).says("INCOMPLETE", skipped=1).problems() == {"candidate-skipped"}


def test_a_scenario_that_is_gone_is_unplayed(project: Project) -> None:
    project.edit("tests/test_shop.py", "def test_order", "def check_order")
    project.replay().exits(1).says("INCOMPLETE", unplayed=1)


def test_a_scenario_without_golden_is_unrecorded(project: Project) -> None:
    project.goldens()[0].unlink()
    project.manifest().unlink()
    project.replay().exits(1).says("INCOMPLETE", unrecorded=1)


def test_what_a_script_does_to_an_answer_does_not_reach_the_golden(project: Project) -> None:
    project.edit("tests/test_shop.py", "    number = ", "    order['quantity'] = 99\n    number = ")
    project.replay().exits(0).says("PASS", matched=1)
    project.record(how="rewrite").exits(0).has("1 unchanged")


MORE = """
import pytest
from pytest_characterize import Scenario

class TestShop:
    @pytest.mark.characterize(
        legacy=Scenario("legacy_shop"), candidate="shop", cases=[{"quantity": n} for n in (1, 2, 100, 101)],
        raises={"ValueError": "builtins.ValueError"}, args={"sku": "article"},
    )
    def test_order(self, characterize, quantity):
        order = characterize.call("place_order", article="A-1", quantity=quantity)
        if isinstance(order, dict):
            characterize.bind("order", order["number"], "number")

@pytest.mark.parametrize("n", range(8))
def test_other(n):
    assert n >= 0
"""


def test_inputs_methods_and_workers(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester, legacy=LEGACY, shop=CANDIDATE.replace("sku, quantity", "article, quantity")
                           .replace(": sku", ": article"), tests=MORE).recorded()  # fmt: skip
    assert len(project.goldens()) == 4
    project.replay("-n2").exits(0).says("PASS", matched=4).complete()
    project.edit("shop.py", "quantity > 100", "quantity > 99")
    project.replay("-n2").exits(1).says("DRIFT", drifted=1, matched=3)


def test_plain_pytest_skips_a_scenario(project: Project) -> None:
    project.pytest("-rs").exits(0).has("1 skipped", "pytest --characterize")


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        (
            '    characterize.call("show", order=number)\n',
            "    raise LookupError('x')\n",
            "scenario-broke-off",
        ),
        ('    characterize.call("show", order=number)\n', "    pytest.skip('x')\n", "scenario-broke-off"),
        ('    characterize.call("show", order=number)\n', "    return order\n", "scenario-returned"),
        ("    order = ", "    if True:\n        return\n    order = ", "scenario-empty"),
        ('bind("order", order["number"],', 'bind("order", order["paid"],', "scenario-id"),
        ('call("show"', 'call("display"', "function-unknown"),
        ("quantity=2", "quantities=2", "function-arguments"),
        ("quantity=2", "quantity=object()", "value-unsupported"),
    ],
)
def test_what_cannot_be_recorded_is_told_and_not_written(
    pytester: pytest.Pytester, old: str, new: str, slug: str
) -> None:
    project = Project.make(pytester, legacy=LEGACY, shop=CANDIDATE, tests=TESTS)
    project.edit("tests/test_shop.py", old, new)
    project.record().exits(1).has(f"[{slug}]").no_traceback()
    assert project.goldens() == []


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        (', candidate="shop"', "", "scenario-signature"),
        ('candidate="shop"', "candidate=7", "scenario-signature"),
        ("(characterize)", "()", "scenario-signature"),
        ("(characterize)", "(characterize, tmp_path)", "scenario-signature"),
        ("def test_order", "async def test_order", "scenario-signature"),
        ('Scenario("legacy_shop")', 'Function("legacy_shop:show"), cases=[{}]', "scenario-signature"),
        ("candidate=", 'cases=[{"characterize": 1}], candidate=', "scenario-signature"),
        ("@pytest.mark.char", "@pytest.mark.parametrize('n', [1])\n@pytest.mark.char", "hidden-replay"),
    ],
)
@pytest.mark.parametrize("mode", ["--characterize", "--characterize-record=new"])
def test_a_marker_that_makes_no_sense_is_a_usage_error(
    project: Project, mode: str, old: str, new: str, slug: str
) -> None:
    project.edit("tests/test_shop.py", old, new)
    project.edit("tests/test_shop.py", "import Scenario", "import Function, Scenario")
    project.pytest(mode).exits(4).has(slug).no_traceback()


def test_the_fixture_is_for_scenarios(project: Project) -> None:
    project.write("tests/test_other.py", "def test_it(characterize):\n    pass\n")
    project.replay().exits(1).has("scenario-unmarked")


# -- Django ------------------------------------------------------------------------------------------

STOCK = """
CODES = []

def receive(code):
    if code in CODES:
        raise ValueError("it is there")
    CODES.append(code)

def count():
    return len(CODES)
"""

STOCK_CANDIDATE = """
from django.db import IntegrityError
from stock.models import Item

class Doubled(Exception):
    pass

def receive(code):
    try:
        Item.objects.create(code=code)
    except IntegrityError:
        raise Doubled("it is there") from None

async def count():
    return await Item.objects.acount()
"""

STOCK_TESTS = """
import pytest
from pytest_characterize import Scenario

@pytest.mark.characterize(
    legacy=Scenario("legacy_codes"), candidate="stock.flow", raises={"ValueError": "stock.flow.Doubled"}
)
@pytest.mark.django_db
def test_stock(characterize):
    characterize.call("receive", code="A")
    characterize.call("receive", code="A")
    characterize.call("receive", code="B")
    characterize.call("count")
"""


def test_a_step_that_fails_does_not_break_the_next_ones_transaction(pytester: pytest.Pytester) -> None:
    project = site(pytester, STOCK_TESTS).write("legacy_codes.py", STOCK)
    project.write("stock/flow.py", STOCK_CANDIDATE).recorded()
    project.replay().exits(0).says("PASS", matched=1)
    project.edit("stock/flow.py", '"it is there"', '"no"').replay().exits(1).says("DRIFT", drifted=1)
