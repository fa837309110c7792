"""Steps on the candidate: functions found by name, called once, their ends told in legacy's language."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from pytest_characterize.errors import ReplayError, UnsupportedValueError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.scenario import CandidateSide
from pytest_characterize.values import Raised, Record

SHOP = """
class NoItem(Exception): pass

def show(item): return {"item": item}

async def ashow(item): return {"item": item}

async def afails(item): raise NoItem(item)

def fails(item): raise NoItem(item)

def leaves(item): raise SystemExit(item)

def asserts(item): assert not item

def streams(item): yield item

class Cart:
    @staticmethod
    def add(item): return item

RATE = 7
"""


@pytest.fixture
def side(monkeypatch: pytest.MonkeyPatch) -> CandidateSide:
    shop = ModuleType("shop_of_this_test")
    exec(SHOP, shop.__dict__)
    monkeypatch.setitem(sys.modules, "shop_of_this_test", shop)
    steps = [Record("characterize.Step", {"call": "x", "with": {}, "raised": Raised(("m.Gone",), "A")})]
    golden = Observation(Outcome("returned", steps))
    return CandidateSide("shop_of_this_test", golden, {"Gone": "shop_of_this_test.NoItem"})


@pytest.mark.parametrize("function", ["show", "ashow"])
def test_a_function_that_returns(side: CandidateSide, function: str) -> None:
    assert side.step(function, {"item": "A"}, 0) == Outcome("returned", {"item": "A"})
    assert side.step("Cart.add", {"item": "A"}, 0) == Outcome("returned", "A")


@pytest.mark.parametrize("function", ["fails", "afails"])
def test_an_exception_speaks_legacys_language_where_legacy_raised(side: CandidateSide, function: str) -> None:
    assert side.step(function, {"item": "A"}, 0) == Outcome("raised", Raised(("m.Gone",), "A"))
    other = side.step(function, {"item": "A"}, 1)
    assert other.how == "raised"
    assert other.value.types[0].endswith("NoItem")


def test_leaving_and_wrong_arguments_are_behaviour(side: CandidateSide) -> None:
    assert side.step("leaves", {"item": "A"}, 1).value.types[0] == "builtins.SystemExit"
    assert side.step("show", {"article": "A"}, 1).value.types[0] == "builtins.TypeError"


def test_what_is_no_behaviour_passes(side: CandidateSide) -> None:
    with pytest.raises(AssertionError):
        side.step("asserts", {"item": "A"}, 0)
    with pytest.raises(UnsupportedValueError, match="generator"):
        side.step("streams", {"item": "A"}, 0)


@pytest.mark.parametrize("function", ["nowhere", "Cart.nowhere", "RATE"])
def test_a_function_that_is_not_there(side: CandidateSide, function: str) -> None:
    with pytest.raises(ReplayError) as caught:
        side.step(function, {}, 0)
    assert caught.value.slug == "candidate-unknown"
    assert f"shop_of_this_test:{function}" in caught.value.message


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(ReplayError, match="no_such_shop:show"):
        CandidateSide("no_such_shop", Observation(Outcome("returned", []))).step("show", {}, 0)
