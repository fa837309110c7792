from __future__ import annotations

import collections.abc
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from pytest_characterize.errors import ReplayError, UnsupportedValueError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.outcome import raised, returned
from pytest_characterize.values import Raised, Record, Response

DATABASE_ERROR = Raised(("raise_exception",), "limit exceeded", "P0001", {"hint": "pay"})
PYTHON_ERROR = Raised(
    ("old.billing.LimitError", "builtins.ValueError", "builtins.Exception"), "limit exceeded"
)


class LimitExceededError(Exception):
    """The candidate's own."""


class HardLimitError(LimitExceededError):
    """And a special case of it."""


def golden(value: object, how: Any = "raised") -> Observation:
    return Observation(Outcome(how, value))


# -- returned ------------------------------------------------------------------------------------------


def test_a_returned_value_is_frozen() -> None:
    lines = [Decimal("1.00")]
    outcome = returned({"lines": lines})
    lines.append(Decimal("2.00"))
    assert outcome == Outcome("returned", {"lines": [Decimal("1.00")]})


def test_nothing_is_a_value() -> None:
    assert returned(None) == Outcome("returned", None)


def test_adapters_are_asked() -> None:
    class Money:
        amount = 3

    outcome = returned([Money()], (lambda obj: obj.amount if isinstance(obj, Money) else NotImplemented,))
    assert outcome == Outcome("returned", [3])


def test_a_dataclass_becomes_a_record() -> None:
    @dataclass
    class Total:
        net: int

    value = returned(Total(3)).value
    assert isinstance(value, Record)
    assert value.fields == {"net": 3}


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(UnsupportedValueError):
        returned(object())


async def _coroutine() -> int:
    return 3


async def _async_generator() -> collections.abc.AsyncIterator[int]:
    yield 3


@pytest.mark.parametrize(
    ("unfinished", "what", "hint"),
    [
        (_coroutine, "a coroutine that nobody awaited", "await it"),
        (lambda: (number for number in (1, 2)), "a generator that has not run yet", "list"),
        (_async_generator, "a generator that has not run yet", "list"),
    ],
)
def test_what_has_not_run_yet_is_an_error(unfinished: Any, what: str, hint: str) -> None:
    with pytest.raises(UnsupportedValueError, match=what) as caught:
        returned(unfinished())
    assert caught.value.slug == "candidate-unfinished"
    assert hint in caught.value.hint


# -- raised --------------------------------------------------------------------------------------------


def test_without_a_mapping_the_outcome_names_the_candidates_own_exception() -> None:
    outcome = raised(LimitExceededError("limit exceeded"), {}, golden(DATABASE_ERROR))
    assert outcome.how == "raised"
    assert outcome.value.types[0] == f"{__name__}.LimitExceededError"
    assert outcome.value.message == "limit exceeded"


def test_against_a_golden_that_returned_a_mapping_does_nothing() -> None:
    outcome = raised(
        LimitExceededError("x"), {"P0001": f"{__name__}.LimitExceededError"}, golden(3, "returned")
    )
    assert outcome.value.types[0] == f"{__name__}.LimitExceededError"


@pytest.mark.parametrize(
    ("legacy", "name"),
    [
        (DATABASE_ERROR, "P0001"),
        (DATABASE_ERROR, "raise_exception"),
        (PYTHON_ERROR, "old.billing.LimitError"),
        (PYTHON_ERROR, "LimitError"),
        (PYTHON_ERROR, "builtins.ValueError"),
        (PYTHON_ERROR, "ValueError"),
        (PYTHON_ERROR, "Exception"),
    ],
)
@pytest.mark.parametrize("error", [LimitExceededError("too much"), HardLimitError("too much")])
def test_a_mapped_exception_speaks_legacys_language(legacy: Raised, name: str, error: Exception) -> None:
    outcome = raised(error, {name: f"{__name__}.LimitExceededError"}, golden(legacy))
    assert outcome == Outcome("raised", Raised(legacy.types, "too much", legacy.code, legacy.details))


def test_another_exception_than_the_mapped_one_stays_the_candidates_own() -> None:
    outcome = raised(KeyError("x"), {"P0001": f"{__name__}.LimitExceededError"}, golden(DATABASE_ERROR))
    assert outcome.value.types[0] == "builtins.KeyError"
    outcome = raised(LimitExceededError("x"), {"P0001": f"{__name__}.HardLimitError"}, golden(DATABASE_ERROR))
    assert outcome.value.types[0] == f"{__name__}.LimitExceededError"


def test_a_mapping_for_another_error_of_legacy_does_nothing() -> None:
    outcome = raised(
        LimitExceededError("x"), {"P0002": f"{__name__}.LimitExceededError"}, golden(DATABASE_ERROR)
    )
    assert outcome.value.types[0] == f"{__name__}.LimitExceededError"


def test_the_most_specific_name_decides() -> None:
    raises = {"Exception": f"{__name__}.LimitExceededError", "LimitError": "KeyError"}
    assert (
        raised(LimitExceededError("x"), raises, golden(PYTHON_ERROR))
        .value.types[0]
        .endswith("LimitExceededError")
    )
    assert raised(KeyError("x"), raises, golden(PYTHON_ERROR)).value.types == PYTHON_ERROR.types


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("ValueError", ValueError("x")),
        ("builtins.ValueError", ValueError("x")),
        ("json.JSONDecodeError", json.JSONDecodeError("x", "", 0)),  # defined in json.decoder
        (f"{__name__}:LimitExceededError", LimitExceededError("x")),
        ("SystemExit", SystemExit(2)),
    ],
)
def test_a_class_is_named_as_the_candidate_imports_it(name: str, error: BaseException) -> None:
    assert raised(error, {"P0001": name}, golden(DATABASE_ERROR)).value.code == "P0001"


class Outer:
    class InnerError(Exception):
        pass


def test_nested_classes_have_names_too() -> None:
    name = f"{__name__}.Outer.InnerError"
    assert raised(Outer.InnerError("x"), {"P0001": name}, golden(DATABASE_ERROR)).value.code == "P0001"


@pytest.mark.parametrize(
    "name", ["NoSuchError", "no.such.module.Error", "json.NoSuchError", "json.dumps", "int", "json", ""]
)
def test_a_mapping_to_nothing_is_an_error(name: str) -> None:
    with pytest.raises(ReplayError, match="which cannot be used") as caught:
        raised(ValueError("x"), {"P0001": name}, golden(DATABASE_ERROR))
    assert caught.value.slug == "raises-unknown"
    assert repr(name) in caught.value.message


def test_the_same_class_on_both_sides_needs_a_declaration_too() -> None:
    legacy = Raised(("builtins.KeyError", "builtins.LookupError", "builtins.Exception"), "'total'")
    with pytest.raises(ReplayError, match="both raised KeyError") as caught:
        raised(KeyError("total"), {}, golden(legacy))
    assert caught.value.slug == "raises-undeclared"
    assert 'raises={"KeyError": "KeyError"}' in caught.value.hint
    assert raised(KeyError("total"), {"KeyError": "KeyError"}, golden(legacy)) == Outcome("raised", legacy)


# -- responded -----------------------------------------------------------------------------------------


def test_a_response_value_is_a_response() -> None:
    response = Response(200, (), b"x")
    assert returned([response]) == Outcome("returned", [response])
