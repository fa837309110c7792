"""Drifts by cause: what belongs together is one entry, what does not stays apart, and nothing is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from explain_samples import BOOK, PAGE, TEST, difference, matching, result

from pytest_characterize.explain.causes import causes
from pytest_characterize.model import CaseResult, Difference, DriftGroup, Kind, Verdict
from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleStatus
from pytest_characterize.values import ABSENT, Raised

CENT = Decimal("0.01")
ROW = "$effects.tables.ledger.inserted"


def found(results: Iterable[CaseResult], rules: RuleBook = BOOK) -> tuple[DriftGroup, ...]:
    return causes(list(results), matrices={}, rules=rules)


def summary(groups: Iterable[DriftGroup]) -> list[tuple[str, str, list[str]]]:
    """Of each cause its name, its first place, and its cases."""
    return [(one.name, one.pattern, [case.label for case in one.cases]) for one in groups]


def rounding(path: str, legacy: str) -> Difference:
    old = Decimal(legacy)
    return difference(path, Kind.ROUNDING, old, old - CENT, "1 unit in the last place (0.01)")


class TestWithinATest:
    def test_one_place_is_one_cause(self) -> None:
        groups = found([result("b", difference()), result("a", difference()), *matching(3)])
        assert summary(groups) == [("D1", "$.total", ["a", "b"])]
        (one,) = groups
        assert (one.of, one.kind, one.places[0].cases) == (5, Kind.VALUE, 2)
        assert [(test.test, test.cases, test.of) for test in one.tests] == [(TEST, ("a", "b"), 5)]

    def test_nothing_drifts(self) -> None:
        assert found(matching(4)) == ()

    def test_the_same_cases_are_one_cause(self) -> None:
        both = difference(), difference("$.tax")
        (one,) = found([result("a", *both), result("b", *both), *matching(6)])
        assert [(place.pattern, place.cases) for place in one.places] == [("$.tax", 2), ("$.total", 2)]

    def test_a_row_and_the_returned_value_of_one_fault_are_one(self) -> None:
        """Though two of ten are no evidence that they have anything to do with each other."""
        row = difference(ROW, Kind.EFFECT, [{"amount": 1}], [], "empty")
        several = [result(f"c{n}", difference("$"), *([row] if n < 2 else [])) for n in range(9)]
        (one,) = found([*several, *matching(1)])
        assert [(place.pattern, place.cases) for place in one.places] == [("$", 9), (ROW, 2)]

    def test_a_few_of_nearly_all_cases_are_no_evidence(self) -> None:
        several = [
            result(f"c{n}", difference("$.total"), *([difference("$.name", legacy="x")] if n < 2 else []))
            for n in range(9)
        ]
        groups = found([*several, *matching(1)])
        assert [(one.pattern, len(one.cases)) for one in groups] == [("$.total", 9), ("$.name", 2)]

    def test_a_few_of_a_few_of_many_are(self) -> None:
        several = [
            result(f"c{n}", difference("$.total"), *([difference("$.name", legacy="x")] if n < 3 else []))
            for n in range(6)
        ]
        (one,) = found([*several, *matching(30)])
        assert [(place.pattern, place.cases) for place in one.places] == [("$.total", 6), ("$.name", 3)]

    def test_another_manner_in_the_same_cases_is_another_cause(self) -> None:
        padded = difference("$.code", Kind.PADDING, "AB ", "AB", "legacy has 1 more trailing blank")
        both = [result(f"c{n}", padded, rounding("$.total", f"10{n}.11")) for n in range(4)]
        groups = found([*both, *matching(20)])
        assert [one.kind for one in groups] == [Kind.PADDING, Kind.ROUNDING]

    def test_a_manner_is_one_cause_wherever_it_shows(self) -> None:
        several = [
            result("a", rounding("$", "10.11")),
            result("b", rounding(f"{ROW}[0].amount", "20.21")),
            *matching(3),
        ]
        (one,) = found(several)
        assert [place.pattern for place in one.places] == ["$", f"{ROW}[*].amount"]

    def test_rounding_the_other_way_is_another_manner(self) -> None:
        down = replace(rounding("$.tax", "10.11"), candidate=Decimal("10.12"))
        groups = found(
            [result("a", rounding("$.fee", "30.31"), down), result("b", rounding("$.fee", "40.41"))]
        )
        assert [(one.pattern, len(one.cases)) for one in groups] == [("$.fee", 2), ("$.tax", 1)]

    def test_rounding_now_up_and_now_down_at_one_place_is_one(self) -> None:
        down = replace(rounding("$.fee", "10.11"), candidate=Decimal("10.12"))
        (one,) = found([result("a", down), result("b", rounding("$.fee", "40.41"))])
        assert len(one.cases) == 2

    def test_a_cent_that_comes_from_a_wrong_value_is_no_cause(self) -> None:
        several = [
            result(f"c{n}", difference(), *([rounding("$.tax", f"1{n}.11")] if n else [])) for n in range(5)
        ]
        (one,) = found([*several, *matching(30)])
        assert [place.kind for place in one.places] == [Kind.VALUE, Kind.ROUNDING]

    def test_a_cent_elsewhere_is_a_cause(self) -> None:
        wrong = [result(f"c{n}", difference(), rounding("$.tax", f"1{n}.11")) for n in range(5)]
        rounded = [result(f"d{n}", rounding("$.tax", f"2{n}.11")) for n in range(2)]
        groups = found([*wrong, *rounded, *matching(30)])
        assert [(one.pattern, len(one.cases)) for one in groups] == [("$.tax", 7), ("$.total", 5)]

    def test_statuses_that_change_in_other_ways_are_apart(self) -> None:
        groups = found(
            [
                result("a", difference("$.status", Kind.STATUS, 200, 404)),
                result("b", difference("$.status", Kind.STATUS, 302, 307)),
            ]
        )
        assert [one.difference.legacy for one in groups] == [200, 302]

    def test_keys_that_are_missing_in_all_cases_are_apart(self) -> None:
        gone = [difference(f"$.{key}", Kind.MISSING, 1, ABSENT) for key in ("a", "b")]
        assert [one.pattern for one in found(result(f"c{n}", *gone) for n in range(5))] == ["$.a", "$.b"]

    def test_keys_that_are_missing_in_the_same_few_cases_are_one(self) -> None:
        gone = [difference(f"$.{key}", Kind.MISSING, 1, ABSENT) for key in ("a", "b")]
        (one,) = found([*(result(f"c{n}", *gone) for n in range(3)), *matching(20)])
        assert [place.pattern for place in one.places] == ["$.a", "$.b"]

    def test_a_header_of_the_error_page_goes_with_its_status(self) -> None:
        page = (
            difference("$.status", Kind.STATUS, 200, 404),
            difference("$.headers.content-type", Kind.HEADER, "text/html", "application/json"),
        )
        (one,) = found([*(result(f"c{n}", *page) for n in range(3)), *matching(20)])
        assert {place.kind for place in one.places} == {Kind.STATUS, Kind.HEADER}

    def test_different_cases_that_together_point_to_a_rule(self) -> None:
        """Nobody has a limit: some are refused, some get another answer."""
        refused = difference("$", Kind.ERROR, "OK", Raised(("Refused",), "no"))
        several = [
            *(result(f"e{n}", refused, hits=("old", "vip")) for n in range(4)),
            *(result(f"v{n}", difference("$"), hits=("old", "vip", "odd")) for n in range(3)),
            *matching(1, hits=("old", "vip", "odd")),
            *matching(12, hits=("old", "odd")),
        ]
        (one,) = found(several)
        assert [(place.kind, place.cases) for place in one.places] == [(Kind.ERROR, 4), (Kind.VALUE, 3)]
        assert one.suspects[0].text == "IF vip"

    def test_different_cases_with_a_rule_each_are_apart(self) -> None:
        refused = difference("$", Kind.ERROR, "OK", Raised(("Refused",), "no"))
        several = [
            *(result(f"e{n}", refused, hits=("old", "vip")) for n in range(4)),
            *(result(f"v{n}", difference("$"), hits=("old", "odd")) for n in range(3)),
            *matching(12, hits=("paid",)),
        ]
        groups = found(several)
        assert [one.suspects[0].text for one in groups] == ["IF vip", "IF odd"]

    def test_an_expired_waiver_is_a_drift_again_and_a_waived_drift_is_none(self) -> None:
        groups = found(
            [
                result("a", difference(), verdict=Verdict.EXPIRED),
                result("b", difference(), verdict=Verdict.WAIVED),
                result("c", difference()),
            ]
        )
        assert summary(groups) == [("D1", "$.total", ["a", "c"])]


def test_an_input_at_a_boundary_of_legacy_is_told() -> None:
    rule = RuleStatus("old", 1, "branch", "IF p_years > 5", "taken", written=True)
    book = RuleBook((RoutineStatus("billing", "f", "billing", (rule,)),))
    several = [result(f"a{at}", difference(), input={"years": 5}, hits=("old",)) for at in range(3)]
    several += [result(f"b{at}", input={"years": at}, hits=("old",)) for at in range(10)]
    (one,) = found(several, book)
    assert one.evidence == "every drifting case has years = 5, and 1 of 10 others"


class TestAcrossTests:
    def test_the_same_values_are_the_same_cause(self) -> None:
        (one,) = found(
            [
                result("a", rounding("$", "99.53")),
                result("b", rounding("$", "78.11")),
                result("p", rounding("$.body.total", "99.53"), test=PAGE),
                *matching(5),
                *matching(4, test=PAGE),
            ]
        )
        assert [(test.test, len(test.cases), test.of) for test in one.tests] == [(TEST, 2, 7), (PAGE, 1, 5)]
        assert (len(one.cases), one.of, one.test, one.pattern) == (3, 12, TEST, "$")

    @pytest.mark.parametrize(
        ("legacy", "candidate", "kind"),
        [
            (Decimal("0.10"), Decimal("0.11"), Kind.ROUNDING),
            ("OK", "MANUAL", Kind.VALUE),
            (100, 200, Kind.VALUE),
            (True, False, Kind.VALUE),
        ],
    )
    def test_values_that_say_little_are_not(self, legacy: Any, candidate: Any, kind: Kind) -> None:
        same = difference("$", kind, legacy, candidate)
        assert len(found([result("a", same), result("p", same, test=PAGE)])) == 2

    def test_the_same_values_of_another_kind_are_not(self) -> None:
        one = rounding("$", "99.53")
        assert len(found([result("a", one), result("p", replace(one, kind=Kind.VALUE), test=PAGE)])) == 2

    @pytest.mark.parametrize(
        ("legacy", "candidate"),
        [
            ("Total: 99,53 EUR", "Total: 99,52 EUR"),
            ("1 of 2: 0099.530", "1 of 2: 0099.520"),
            ("9953", "9952"),
        ],
    )
    def test_a_number_in_a_text_is_the_same_in_any_dress(self, legacy: str, candidate: str) -> None:
        (one,) = found(
            [
                result("p", difference("$.body/p[0]", legacy=legacy, candidate=candidate), test=PAGE),
                result("a", rounding("$", "99.53")),
                *matching(5),
            ]
        )
        assert [test.test for test in one.tests] == [TEST, PAGE]

    @pytest.mark.parametrize(
        ("legacy", "candidate"),
        [
            ("Total: 99,53", "Sum: 99,52"),
            ("99,53 of 200", "99,54 of 200"),
            ("99,5 and more", "99,4 and more"),
            ("line 1", "line 2"),
        ],
    )
    def test_texts_that_differ_otherwise_are_not(self, legacy: str, candidate: str) -> None:
        page = difference("$.body/p[0]", legacy=legacy, candidate=candidate)
        assert len(found([result("a", rounding("$", "99.53")), result("p", page, test=PAGE)])) == 2

    def test_the_same_rule_for_the_same_kind_is_the_same_cause(self) -> None:
        other = {"test": "tests/test_billing.py::test_tax", "hits": ("old", "vip")}
        several = [
            *(result(f"a{n}", difference(legacy=n), hits=("old", "vip")) for n in range(4)),
            *matching(20, hits=("old",)),
            *(result(f"t{n}", difference("$.tax", legacy=n), source="billing", **other) for n in range(3)),
            *(replace(one, test=other["test"]) for one in matching(20, hits=("old",))),
        ]
        (one,) = found(several)
        assert (len(one.cases), one.of, len(one.tests)) == (7, 47, 2)
        assert (one.suspects[0].text, one.suspects[0].drifting, one.suspects[0].others) == ("IF vip", 7, 0)

    def test_another_rule_is_another_cause(self) -> None:
        other = "tests/test_billing.py::test_tax"
        several = [
            *(result(f"a{n}", difference(legacy=n), hits=("old", "vip")) for n in range(4)),
            *matching(20, hits=("old",)),
            *(result(f"t{n}", difference("$.tax", legacy=n), test=other, hits=("odd",)) for n in range(3)),
            *(replace(one, test=other) for one in matching(20, hits=("old",))),
        ]
        assert len(found(several)) == 2


class TestScenarios:
    def test_what_differs_later_follows(self) -> None:
        first = difference("$[0].responded.status", Kind.STATUS, 400, 201)
        later = [difference("$[2].responded.body.number", legacy=n) for n in range(2)]
        (one,) = found([result("s", first, *later, difference("$effects.mail"), flow=True)])
        assert [(place.pattern, place.follows) for place in one.places] == [
            ("$[*].responded.status", False),
            ("$[*].responded.body.number", True),
            ("$effects.mail", True),
        ]
        assert one.difference == first

    def test_what_is_elsewhere_the_first_is_a_cause(self) -> None:
        first = difference("$[0].responded.status", Kind.STATUS, 400, 201)
        later = difference("$[2].responded.body.name", legacy="a")
        groups = found([result("s", first, later, flow=True), result("t", later, flow=True)])
        assert [(one.pattern, len(one.cases)) for one in groups] == [
            ("$[*].responded.body.name", 2),
            ("$[*].responded.status", 1),
        ]
        assert not any(place.follows for one in groups for place in one.places)

    def test_blanks_do_not_come_from_an_earlier_step(self) -> None:
        first = difference("$[0].responded.status", Kind.STATUS, 400, 201)
        padded = difference("$[1].responded.body.code", Kind.PADDING, "A ", "A")
        assert len(found([result("s", first, padded, flow=True)])) == 2

    def test_a_list_of_another_test_is_no_scenario(self) -> None:
        groups = found([result("a", difference("$[0].a"), difference("$[2].b"))])
        assert not any(place.follows for one in groups for place in one.places)


class TestWitness:
    def test_the_smallest_input(self) -> None:
        (one,) = found(
            [
                result("big", difference("$[0]"), input={"a": 1, "b": 2}),
                result("z", difference("$[1]"), difference("$[2]"), input={"a": 1}),
                result("y", difference("$[3]"), input={"a": 2}),
                result("longer", difference("$[4]"), input={"a": 10**6}),
            ]
        )
        assert (one.witness.label, one.difference.path) == ("y", "$[3]")

    def test_rather_a_case_without_another_cause(self) -> None:
        padded = difference("$.code", Kind.PADDING, "A ", "A")
        groups = found(
            [
                result("small", padded, rounding("$.total", "10.11"), input={}),
                result("large", rounding("$.total", "20.21"), input={"customer": 1017}),
            ]
        )
        assert [(one.kind, one.witness.label) for one in groups] == [
            (Kind.ROUNDING, "large"),
            (Kind.PADDING, "small"),
        ]

    def test_its_first_difference_of_the_place_that_shows_most(self) -> None:
        (one,) = found(
            [
                result("a", difference("$.x[5]"), difference("$.y"), difference("$.x[2]")),
                result("b", difference("$.x[0]"), difference("$.y"), input={"more": 1}),
            ]
        )
        assert (one.pattern, one.difference.path) == ("$.x[*]", "$.x[5]")

    def test_an_input_too_deep_to_be_written_is_the_last_choice(self) -> None:
        deep: Any = 1
        for _ in range(300):
            deep = [deep]
        (one,) = found(
            [
                result("deep", difference(), input={"a": deep}),
                result("flat", difference(), input={"a": [1] * 500}),
            ]
        )
        assert one.witness.label == "flat"


def any_results(rand: random.Random, number: int) -> list[CaseResult]:
    """Cases of any mixture of differences."""
    paths = ["$", "$.a", "$.b[0]", "$.b[7]", "$raised.message", f"{ROW}[0]", "$[1].x", "$[3].x"]
    return [
        result(
            f"case {at:04}",
            *(
                difference(path, rand.choice(list(Kind)), rand.randint(0, 9999), rand.choice([None, "x", 7]))
                for path in rand.sample(paths, rand.choice([0, 0, 0, 1, 2, 3]))
            ),
            test=rand.choice(["t1", "t2", "t3"]),
            source="billing",
            flow=rand.random() < 0.3,
            hits=tuple(rand.sample(["old", "vip", "odd", "paid"], rand.randint(0, 4))),
        )
        for at in range(number)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_every_difference_has_one_cause_and_the_counts_add_up(seed: int) -> None:
    results = any_results(random.Random(seed), 200)
    groups = found(results)
    told = [one.name for one in groups]
    assert told == [f"D{number}" for number in range(1, len(groups) + 1)]
    sizes = [len(one.cases) for one in groups]
    assert sizes == sorted(sizes, reverse=True)
    drifting = {case.label for case in results if case.differences}
    assert {case.label for one in groups for case in one.cases} == drifting
    for one in groups:
        assert one.witness in one.cases
        assert one.difference in one.witness.differences
        assert [label for test in one.tests for label in test.cases] == [case.label for case in one.cases]
        assert one.of == sum(test.of for test in one.tests)
        assert (one.places[0].test, one.places[0].pattern, one.places[0].kind) == (
            one.test,
            one.pattern,
            one.kind,
        )
        assert {place.test for place in one.places} == {test.test for test in one.tests}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_results_does_not_matter(seed: int) -> None:
    rand = random.Random(seed)
    results = any_results(rand, 120)
    assert found(rand.sample(results, len(results))) == found(results)


def test_thousands_of_cases_cost_little() -> None:
    rand = random.Random(1)
    several = matching(6_000, hits=("old", "vip"))
    results = [*several, *any_results(rand, 200)]
    begun = time.perf_counter()
    found(results)
    assert time.perf_counter() - begun < 3
