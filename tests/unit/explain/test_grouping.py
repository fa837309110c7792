"""Drifts by cause: one test, one place, one kind."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pytest_characterize.explain.grouping import group, pattern
from pytest_characterize.model import CaseResult, Difference, DriftGroup, Kind, Verdict

TEST = "tests/test_billing.py::test_total"


def difference(
    path: str = "$.total", kind: Kind = Kind.VALUE, legacy: Any = 1, candidate: Any = 2
) -> Difference:
    return Difference(path, kind, legacy, candidate)


def result(
    label: str, *found: Difference, test: str = TEST, verdict: Verdict | None = None, **input_: Any
) -> CaseResult:
    ended = verdict or (Verdict.DRIFTED if found else Verdict.MATCHED)
    return CaseResult(
        test, label, label, ended, legacy="billing.total", input=input_ or {"n": label}, differences=found
    )


def summary(groups: tuple[DriftGroup, ...]) -> list[tuple[str, str, str, list[str]]]:
    return [(one.name, one.pattern, one.kind.value, [case.label for case in one.cases]) for one in groups]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", "$"),
        ("$.lines[2].price", "$.lines[*].price"),
        ("$[0][1]", "$[*][*]"),
        ("$.body/html/body/table/tr[2]/td[3]", "$.body/html/body/table/tr[*]/td[*]"),
        ("$effects.tables.ledger.inserted[*].vat", "$effects.tables.ledger.inserted[*].vat"),
    ],
)
def test_patterns(path: str, expected: str) -> None:
    assert pattern(path) == expected


def test_nothing_drifts() -> None:
    assert group([]) == ()
    assert group([result("a"), result("b", verdict=Verdict.ERRORED)]) == ()


def test_by_place_and_kind() -> None:
    groups = group(
        [
            result("a", difference("$.lines[0].price"), difference("$.lines[3].price")),
            result("b", difference("$.lines[1].price"), difference("$.total", Kind.SCALE)),
            result("c", difference("$.total", Kind.VALUE)),
            result("d"),
        ]
    )
    assert summary(groups) == [
        ("D1", "$.lines[*].price", "value", ["a", "b"]),
        ("D2", "$.total", "scale", ["b"]),
        ("D3", "$.total", "value", ["c"]),
    ]
    assert [one.of for one in groups] == [4, 4, 4]
    assert {one.legacy for one in groups} == {"billing.total"}


def test_by_test() -> None:
    other = "tests/test_orders.py::test_total"
    groups = group(
        [result("a", difference(), test=other), result("b", difference()), result("c", test=other)]
    )
    assert [(one.name, one.test, one.of) for one in groups] == [("D1", TEST, 1), ("D2", other, 2)]


def test_an_expired_waiver_is_a_drift_again_and_a_waived_drift_is_none() -> None:
    groups = group(
        [
            result("a", difference(), verdict=Verdict.EXPIRED),
            result("b", difference(), verdict=Verdict.WAIVED),
            result("c", difference()),
        ]
    )
    assert summary(groups) == [("D1", "$.total", "value", ["a", "c"])]


def test_the_largest_first() -> None:
    rare, often = difference("$.a"), difference("$.b")
    groups = group([result("1", rare, often), result("2", often), result("3", often)])
    assert [one.pattern for one in groups] == ["$.b", "$.a"]


def test_the_smallest_input_is_the_witness() -> None:
    groups = group(
        [
            result("big", difference("$[0]"), a=1, b=2),
            result("z", difference("$[1]"), difference("$[2]"), a=1),
            result("y", difference("$[3]"), a=2),
            result("longer", difference("$[4]"), a=10**6),
        ]
    )
    (one,) = groups
    assert (one.witness.label, one.difference.path) == ("y", "$[3]")
    assert [case.label for case in one.cases] == ["big", "z", "y", "longer"]


def test_the_witness_shows_its_first_difference_of_the_group() -> None:
    (first, second) = group([result("a", difference("$.x[5]"), difference("$.y"), difference("$.x[2]"))])
    assert (first.difference.path, second.difference.path) == ("$.x[5]", "$.y")


def test_an_input_too_deep_to_be_written_is_the_last_choice() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    (one,) = group([result("deep", difference(), a=deep), result("flat", difference(), a=[1] * 500)])
    assert one.witness.label == "flat"


def test_every_drifting_case_is_in_a_group_and_the_order_of_results_does_not_matter() -> None:
    rand = random.Random(3)
    paths = ["$.a", "$.b[0]", "$.b[7]", "$raised.message", "$effects.tables.t.inserted[0]"]
    results = [
        result(
            f"case {at:03}",
            *(difference(path, rand.choice(list(Kind))) for path in rand.sample(paths, rand.randint(0, 3))),
            test=rand.choice(["t1", "t2", "t3"]),
        )
        for at in range(200)
    ]
    groups = group(results)
    drifting = {case.label for case in results if case.differences}
    assert {case.label for one in groups for case in one.cases} == drifting
    assert [one.name for one in groups] == [f"D{at}" for at in range(1, len(groups) + 1)]
    sizes = [len(one.cases) for one in groups]
    assert sizes == sorted(sizes, reverse=True)
    assert all(one.witness in one.cases and one.difference in one.witness.differences for one in groups)
    shuffled = rand.sample(results, len(results))
    again = group(shuffled)
    assert [(one.name, one.test, one.pattern, one.kind, one.witness) for one in again] == [
        (one.name, one.test, one.pattern, one.kind, one.witness) for one in groups
    ]
    assert [{case.label for case in one.cases} for one in again] == [
        {case.label for case in one.cases} for one in groups
    ]
