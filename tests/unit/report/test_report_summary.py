"""The figures that all reports share: they add up, and no case is lost between them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from report_samples import BILLING, CENT, LINES, PAGES, SAMPLES, STAMP, case, cases, drift, run
from run_strategies import of_runs, run_results

from pytest_characterize.descriptors import Ignore, Tolerance
from pytest_characterize.model import Difference, Kind, PolicyHit, Problem, RunResult, RunVerdict, Verdict
from pytest_characterize.report.summary import loosenings, shared_cases, tallies, together, troubles
from pytest_characterize.report.words import (
    KIND_WORDS,
    VERDICT_WORDS,
    action,
    node_id,
    standing,
    sum_line,
    where,
)

CHANGED = Difference("$", Kind.VALUE, 1, 2)


def test_every_kind_and_every_verdict_has_words() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert set(VERDICT_WORDS) == set(Verdict)


@pytest.mark.parametrize(
    ("name", "line", "rest"),
    [
        ("all_pass", "15 cases = 15 matched", "complete"),
        ("drifts", "24 cases = 6 matched + 18 drifted", "complete"),
        (
            "mixture",
            "58 cases = 8 matched + 5 errored + 41 unrecorded + 1 unplayed + 3 skipped",
            "no evidence for 50 cases",
        ),
        (
            "partial",
            "4 cases = 4 matched",
            "incomplete: partial run: 12 deselected by -k; stopped early by -x",
        ),
        ("empty", "0 cases: no case was replayed", ""),
        ("waived", "8 cases = 5 matched + 2 waived + 1 expired", "complete"),
    ],
)
def test_the_verdict_in_words(name: str, line: str, rest: str) -> None:
    result = SAMPLES[name]()
    assert sum_line(result.counts()) == line
    assert standing(result) == rest


def test_one_case_is_singular() -> None:
    assert sum_line(run(RunVerdict.PASS, [case(1)]).counts()) == "1 case = 1 matched"


def test_tallies_keep_the_tests_apart_and_name_legacy_where_any_case_does() -> None:
    unknown = case(1, Verdict.ERRORED, legacy="")
    first, second = tallies([unknown, *cases(range(2, 5)), *cases(range(2), test=PAGES)])
    assert (first.test, first.legacy, first.total) == (BILLING, "billing.invoice_total", 4)
    assert (first.counts[Verdict.MATCHED], first.counts[Verdict.ERRORED]) == (3, 1)
    assert (second.test, second.total) == (PAGES, 2)


@of_runs
@given(run_results())
def test_tallies_add_up_to_the_run(result: RunResult) -> None:
    per_test = tallies(result.results)
    assert together(per_test, "all").counts == result.counts()
    assert sum(tally.total for tally in per_test) == len(result.results)


@of_runs
@given(run_results())
def test_every_case_that_did_not_match_is_told_exactly_once(result: RunResult) -> None:
    told = [one.case for trouble in troubles(result) for one in trouble.cases]
    grouped = {one.case for group in result.groups for one in group.cases}
    failing = {one.case for one in result.results if one.verdict is not Verdict.MATCHED}
    assert len(told) == len(set(told))
    assert set(told) | grouped == failing


def test_a_drift_without_a_group_is_told() -> None:
    lonely = case(1, Verdict.DRIFTED, differences=(CHANGED,))
    (trouble,) = troubles(run(RunVerdict.DRIFT, [lonely]))
    assert (trouble.verdict, trouble.message, trouble.cases) == (Verdict.DRIFTED, "value at $", (lonely,))


def test_messages_that_differ_only_in_the_cases_names_are_one_trouble() -> None:
    results = []
    for number in range(3):
        broken = case(number, Verdict.ERRORED)
        message = f"{broken.golden}: cut short; {node_id(broken)} ({broken.case}) of {broken.test}"
        hint = f"pytest-characterize prune {broken.case[:8]}"
        results.append(case(number, Verdict.ERRORED, problem=Problem("golden-damaged", message, hint)))
    (trouble,) = troubles(run(RunVerdict.INCOMPLETE, results))
    assert trouble.hint == "pytest-characterize prune <case>"
    assert trouble.message == "<golden>: cut short; <case> (<case>) of <test>"
    assert len(trouble.cases) == 3


def test_a_single_case_keeps_its_own_message() -> None:
    broken = case(1, Verdict.ERRORED)
    message, hint = f"{broken.golden}: cut short", f"pytest-characterize prune {broken.case[:8]}"
    (trouble,) = troubles(
        run(RunVerdict.INCOMPLETE, [case(1, Verdict.ERRORED, problem=Problem("x", message, hint))])
    )
    assert (trouble.message, trouble.hint) == (message, hint)


def test_troubles_come_by_gravity() -> None:
    verdicts = [one for one in reversed(Verdict) if one not in (Verdict.MATCHED, Verdict.DRIFTED)]
    found = troubles(run(RunVerdict.DRIFT, [case(n, verdict) for n, verdict in enumerate(verdicts)]))
    assert [one.verdict.value for one in found] == [
        "errored",
        "unrecorded",
        "unplayed",
        "skipped",
        "expired",
        "waived",
    ]


def test_loosenings_add_their_hits_and_keep_the_useless_ones_last() -> None:
    hits = (PolicyHit(STAMP, 2), PolicyHit(CENT, 0))
    results = cases(range(3), policy_hits=hits) + cases(
        range(2), test=PAGES, policy_hits=(PolicyHit(LINES, 9),)
    )
    found = loosenings(results)
    assert [(one.policy, one.hits, one.cases, one.tests) for one in found] == [
        (LINES, 18, 2, (PAGES,)),
        (STAMP, 6, 3, (BILLING,)),
        (CENT, 0, 0, (BILLING,)),
    ]


def test_the_same_path_with_another_reason_is_another_policy() -> None:
    hits = (PolicyHit(Ignore("$.a", reason="one"), 1), PolicyHit(Ignore("$.a", reason="two"), 1))
    assert [one.policy.reason for one in loosenings(cases(range(1), policy_hits=hits))] == ["one", "two"]


@pytest.mark.parametrize(
    ("absolute", "relative", "told"),
    [
        (Decimal("0.01"), 0, "$.t within 0.01"),
        (0, "0.001", "$.t within 0.001 x legacy"),
        ("0.01", "0.001", "$.t within 0.01 or 0.001 x legacy"),
        (0, "0", "$.t within 0"),
    ],
)
def test_a_tolerance_says_how_much(absolute: object, relative: object, told: str) -> None:
    policy = Tolerance("$.t", absolute=absolute, relative=relative, reason="r")  # type: ignore[arg-type]
    assert (action(policy), where(policy)) == ("tolerance", told)


def test_cases_with_several_causes_are_counted_once() -> None:
    twice = case(1, Verdict.DRIFTED, differences=(CHANGED, CHANGED))
    once = case(2, Verdict.DRIFTED, differences=(CHANGED,))
    assert shared_cases([drift("D1", [twice, once], 2, ""), drift("D2", [twice], 2, "")]) == 1
