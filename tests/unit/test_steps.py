"""Steps of a scenario: what is kept of them, and ids by name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.codec import dumps
from pytest_characterize.errors import UnsupportedValueError, UsageError
from pytest_characterize.model import Outcome
from pytest_characterize.steps import Steps, step_of
from pytest_characterize.values import Raised, Record, Value


def steps_that_return(*values: Value) -> Steps:
    return Steps(lambda function, arguments, number: Outcome("returned", values[number]))


def kept(steps: Steps) -> list[Any]:
    return [dict(step.fields) for step in steps.outcome().value]


def test_every_step_is_kept_in_its_order() -> None:
    asked = []

    def drive(function: str, arguments: dict[str, Value], number: int) -> Outcome:
        asked.append((function, arguments, number))
        return Outcome("returned", number) if number else Outcome("raised", Raised(("m.No",), "no"))

    steps = Steps(drive)
    assert steps.call("first", a=1) == Raised(("m.No",), "no")
    assert steps.call("second", function="an argument of that name") == 1
    assert asked == [("first", {"a": 1}, 0), ("second", {"function": "an argument of that name"}, 1)]
    assert kept(steps) == [
        {"call": "first", "with": {"a": 1}, "raised": Raised(("m.No",), "no")},
        {"call": "second", "with": {"function": "an argument of that name"}, "returned": 1},
    ]
    assert steps.outcome().how == "returned"


def test_neither_script_nor_side_reaches_what_is_kept() -> None:
    answer = [1]

    def drive(function: str, arguments: dict[str, Value], number: int) -> Outcome:
        arguments["lines"].append("changed by the side")
        return Outcome("returned", answer)

    steps, lines = Steps(drive), ["a"]
    got = steps.call("order", lines=lines)
    got.append("changed by the script")
    lines.append("changed later")
    assert kept(steps) == [{"call": "order", "with": {"lines": ["a"]}, "returned": [1]}]


def test_an_argument_that_is_no_value_is_an_error_and_no_step() -> None:
    steps = steps_that_return(1)
    with pytest.raises(UnsupportedValueError):
        steps.call("order", connection=object())
    with pytest.raises(UsageError, match="took no step") as caught:
        steps.outcome()
    assert caught.value.slug == "scenario-empty"


def test_a_script_that_broke_off_has_one_entry_more() -> None:
    steps = steps_that_return(1)
    steps.call("order")
    steps.broke_off(LookupError("no such key"))
    *_, last = steps.outcome().value
    assert last.type == "characterize.BrokeOff"
    assert last.fields["raised"].types[0] == "builtins.LookupError"


# -- ids ---------------------------------------------------------------------------------------------


def bound(name: str) -> Record:
    return Record("characterize.Id", {"name": name})


@pytest.mark.parametrize("number", [17, "O-17", UUID(int=17)])
def test_an_id_is_compared_by_name_where_it_was_said_to_be_one(number: Value) -> None:
    steps = steps_that_return({"number": number, "quantity": number}, {"orders": [number, 18]})
    order = steps.call("place", sku="A")
    assert steps.bind("order", order["number"], "number", "orders") == number
    steps.call("show", order=number, text=f"order {number}")
    first, second = kept(steps)
    assert first["returned"] == {"number": bound("order"), "quantity": number}
    assert second["with"] == {"order": bound("order"), "text": f"order {number}"}
    assert second["returned"] == {"orders": [bound("order"), 18]}


def test_two_sides_with_other_ids_are_equal_and_a_mix_up_is_not() -> None:
    def story(first: int, second: int, shown: int) -> str:
        steps = steps_that_return(first, second, {"order": shown})
        steps.bind("a", steps.call("place"), "returned", "order")
        steps.bind("b", steps.call("place"), "returned", "order")
        steps.call("show", order=first)
        return dumps(steps.outcome().value)

    assert story(1, 2, shown=1) == story(8, 5, shown=8)
    assert story(1, 2, shown=1) != story(8, 5, shown=5)
    assert story(1, 2, shown=1) != story(8, 5, shown=1)


def test_a_quantity_that_equals_an_id_stays_a_quantity() -> None:
    def story(number: int, quantity: int) -> str:
        steps = steps_that_return({"number": number, "quantity": quantity})
        steps.bind("order", steps.call("place")["number"], "number")
        return dumps(steps.outcome().value)

    assert story(1, 1) != story(2, 2)
    assert story(1, 7) == story(2, 7)


@pytest.mark.parametrize("value", [None, True, 1.0, [1], {"id": 1}, b"1"])
def test_what_is_no_id_is_refused(value: Value) -> None:
    with pytest.raises(UsageError) as caught:
        steps_that_return().bind("order", value)
    assert caught.value.slug == "scenario-id"


def test_ids_that_cannot_be_told_apart_are_refused() -> None:
    steps = steps_that_return()
    steps.bind("cart", 1, "id")
    steps.bind("cart", 1, "id")
    steps.bind("order", 1, "number")
    with pytest.raises(UsageError, match="'order' and 'cart' are both 1, below 'id'"):
        steps.bind("order", 1, "id")


def test_true_is_no_id_that_is_one() -> None:
    steps = steps_that_return({"paid": True})
    steps.call("pay")
    steps.bind("paid", 1)
    assert kept(steps)[0]["returned"] == {"paid": True}


@given(st.lists(st.integers() | st.text() | st.booleans() | st.lists(st.none()), min_size=1))
def test_steps_without_ids_are_kept_as_they_are(values: list[Value]) -> None:
    steps = steps_that_return(*values)
    for number in range(len(values)):
        steps.call("f", n=number)
    assert [step["returned"] for step in kept(steps)] == values


def test_a_goldens_step() -> None:
    steps = steps_that_return(1, 2)
    steps.call("f")
    steps.call("g")
    steps.broke_off(LookupError())
    golden = steps.outcome().value
    assert step_of(golden, 1)["call"] == "g"
    for value, number in ((golden, 2), (golden, 3), ("text", 0), ([7], 0), (None, 0)):
        assert step_of(value, number) == {}
