"""How the demo counts the legacy decisions that a report names behind its drifts."""

from __future__ import annotations

from typing import Any

from planted import Decision, Plant, Predicate
from suspected import nameless, suspicions, tally, told_apart

RIGHT = {"routine": "round_money", "line": 13, "text": "IF v_rest = 0.5", "arm": "taken"}
OTHER_ARM = RIGHT | {"arm": "no branch taken"}
TEST = "tests/a.py::test_total"


def plant(name: str = "rounding", breaks: Decision | None = None) -> Plant:
    shows = (Predicate(name, "*::test_total", "$", frozenset({"rounding"})),)
    return Plant(name, "rounding", "half a cent goes up", shows, breaks)


ROUNDING = plant(breaks=Decision("round_money", "IF v_rest = 0.5", "taken"))


def report(*suspects: list[dict[str, Any]], kind: str = "rounding", hits: int = 1) -> dict[str, Any]:
    places = [{"test": TEST, "pattern": "$", "kind": kind, "follows": False}]
    tests = [{"test": TEST, "cases": ["a-1"]}]
    drifts = [
        {"name": f"D{number}", "tests": tests, "places": places, "suspects": several}
        for number, several in enumerate(suspects, 1)
    ]
    return {"cases": [{"test": TEST, "label": "a-1", "hits": [{}] * hits}], "drifts": drifts}


def test_places_are_counted() -> None:
    found = suspicions(report([RIGHT], [OTHER_ARM, RIGHT], [], [OTHER_ARM]), [ROUNDING])
    assert [(one.place, one.silent) for one in found] == [(1, False), (2, False), (0, True), (0, False)]
    assert str(tally(found)) == "named first in 1 of 4 drifts, in the first 3 in 2, silent in 1, wrong in 1"
    assert list(nameless(found, [ROUNDING])) == []


def test_one_drift_named_first() -> None:
    assert str(tally(suspicions(report([RIGHT]), [ROUNDING]))) == "named first in 1 of 1 drift"


def test_the_fourth_suspect_is_none() -> None:
    found = suspicions(report([OTHER_ARM, OTHER_ARM, OTHER_ARM, RIGHT]), [ROUNDING])
    assert str(tally(found)) == "named first in 0 of 1 drift, wrong in 1"


def test_a_plant_that_no_drift_names() -> None:
    found = suspicions(report([OTHER_ARM], []), [ROUNDING, plant("padding")])
    assert list(nameless(found, [ROUNDING, plant("padding")])) == [
        "no drift names what it breaks: rounding: round_money: IF v_rest = 0.5, taken"
    ]


def test_drifts_of_other_plants_do_not_count() -> None:
    assert suspicions(report([RIGHT], kind="value"), [ROUNDING]) == ()


def test_drifts_whose_cases_tell_no_rules_do_not_count() -> None:
    assert suspicions(report([], hits=0), [ROUNDING]) == ()


def test_plants_without_a_decision_do_not_count() -> None:
    assert suspicions(report([RIGHT]), [plant()]) == ()


def test_plants_that_are_one_entry_each_are_told_apart() -> None:
    assert told_apart(report([RIGHT]), [ROUNDING]) == "1 of 1 planted drifts are one entry of the report each"


def test_a_plant_in_two_entries_and_two_plants_in_one_are_told() -> None:
    said = told_apart(report([RIGHT], [RIGHT]), [ROUNDING])
    assert said == "0 of 1 planted drifts are one entry of the report each; rounding: D1 D2"
    said = told_apart(report([RIGHT]), [ROUNDING, plant("padding")])
    assert said == "0 of 2 planted drifts are one entry of the report each; rounding: D1; padding: D1"
