"""Policies take differences away at their own paths only, and every one of them is told with its count."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from compare_support import compared, told

from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.policies import check_policy
from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.errors import UsageError
from pytest_characterize.model import Observation, Outcome

LEGACY = {"id": 1, "lines": [{"price": Decimal("1.00"), "tax": "A"}, {"price": Decimal("2.00"), "tax": "B"}]}
CANDIDATE = {
    "id": 2,
    "lines": [{"price": Decimal("1.01"), "tax": "A"}, {"price": Decimal("2.02"), "tax": "b"}],
}
ALL = [
    ("$.id", "value"),
    ("$.lines[0].price", "rounding"),
    ("$.lines[1].price", "value"),
    ("$.lines[1].tax", "case"),
]


def hits(legacy: Any, candidate: Any, *policies: Policy) -> list[int]:
    result = compared(legacy, candidate, *policies)
    assert [hit.policy for hit in result.policy_hits] == list(policies)
    return [hit.count for hit in result.policy_hits]


def test_without_policies() -> None:
    assert told(LEGACY, CANDIDATE) == ALL
    assert hits(LEGACY, CANDIDATE) == []


def test_ignore_at_and_below() -> None:
    prices = Ignore("$.lines[*].price", reason="r")
    assert told(LEGACY, CANDIDATE, prices) == [ALL[0], ALL[3]]
    assert hits(LEGACY, CANDIDATE, prices) == [2]
    assert hits(LEGACY, CANDIDATE, Ignore("$.lines", reason="r")) == [3]
    assert hits(LEGACY, CANDIDATE, Ignore("$", reason="r")) == [4]


def test_every_policy_is_told_even_without_a_hit() -> None:
    policies = (
        Ignore("$.never", reason="r"),
        Tolerance("$.id", absolute=1, reason="r"),
        Unordered("$.lines", reason="r"),
    )
    assert hits(LEGACY, CANDIDATE, *policies) == [0, 1, 0]
    assert hits(1, 1, *policies) == [0, 0, 0]


def test_the_first_policy_that_fits_has_the_hit() -> None:
    one, other = Ignore("$.id", reason="one"), Ignore("$.*", reason="other")
    assert hits(LEGACY, CANDIDATE, one, other) == [1, 3]
    assert hits(LEGACY, CANDIDATE, other, one) == [4, 0]


@pytest.mark.parametrize(
    ("limits", "legacy", "candidate", "taken"),
    [
        ({"absolute": "0.01"}, Decimal("1.00"), Decimal("1.01"), True),
        ({"absolute": "0.01"}, Decimal("1.00"), Decimal("0.99"), True),
        ({"absolute": "0.01"}, Decimal("1.00"), Decimal("1.0101"), False),
        ({"absolute": "0.01"}, 0.3, 0.31, True),
        ({"absolute": "0.01"}, 0.3, 0.3100001, False),
        ({"absolute": 1}, 10, 11, True),
        ({"absolute": 1}, 10, 12, False),
        ({"absolute": Decimal("1e-9")}, 0.1 + 0.2, 0.3, True),
        ({"relative": "0.1"}, 100, 110, True),
        ({"relative": "0.1"}, 100, 111, False),
        ({"relative": "0.1"}, -100, -90, True),
        ({"relative": "0.1"}, 110, 100, True),
        ({"relative": "0.1"}, 0, 1, False),
        ({"absolute": 5, "relative": "0.1"}, 10, 15, True),
        ({}, Decimal("1.0"), Decimal("1.00"), True),
        ({}, 0.0, -0.0, True),
        ({"absolute": 10}, 1, True, False),
        ({"absolute": 10}, 1, 1.0, False),
        ({"absolute": 10}, Decimal(1), 1, False),
        ({"absolute": 10}, 1, None, False),
        ({"absolute": 10}, float("nan"), 1.0, False),
        ({"absolute": 10}, Decimal("NaN"), Decimal(1), False),
        ({"absolute": 10}, Decimal("sNaN"), Decimal(1), False),
        ({"absolute": 10}, float("inf"), float("-inf"), False),
        ({"absolute": 10}, Decimal("Infinity"), Decimal(1), False),
        ({"absolute": 10}, "1.50", "1.55", True),
        ({"absolute": 10}, "1.50", "abc", False),
        ({"absolute": 10}, "1.50", 1.55, False),
        ({"absolute": 10}, 10**40, 10**40 + 11, False),
        ({"absolute": 10}, 10**40, 10**40 + 10, True),
        ({"absolute": "0.00000000000000000000000000000000001"}, Decimal(1), Decimal("1.0000000001"), False),
    ],
)
def test_tolerance(limits: dict[str, Any], legacy: Any, candidate: Any, taken: bool) -> None:
    policy = Tolerance("$.x", reason="r", **limits)
    assert hits({"x": legacy}, {"x": candidate}, policy) == [int(taken)]
    assert bool(told({"x": legacy}, {"x": candidate}, policy)) is not taken


def test_tolerance_only_at_its_path() -> None:
    assert hits({"x": [1]}, {"x": [2]}, Tolerance("$.x", absolute=5, reason="r")) == [0]
    assert hits({"x": [1]}, {"x": [2]}, Tolerance("$.x.**", absolute=5, reason="r")) == [1]


def test_unordered_counts_once_a_sequence() -> None:
    policy = Unordered("$[*].ids", reason="r")
    legacy = [{"ids": [1, 2, 3]}, {"ids": [4, 5]}, {"ids": [6, 7]}]
    candidate = [{"ids": [3, 2, 1]}, {"ids": [5, 4]}, {"ids": [6, 7]}]
    assert hits(legacy, candidate, policy) == [2]
    assert told(legacy, candidate, policy) == []


def test_unordered_takes_nothing_but_the_order() -> None:
    policy = Unordered("$", reason="r")
    assert told([1, 2, 3], [3, 2], policy) == [("$[0]", "missing")]
    assert hits([1, 2, 3], [3, 2], policy) == [1]
    assert told([1, 2], [1, 3], policy) == [("$[1]", "value")]
    assert told({"a": 1}, {"a": 2}, policy) == [("$.a", "value")]


@pytest.mark.parametrize(
    "policy", [Ignore("lines", reason="r"), Unordered("$.", reason="r"), Tolerance("", reason="r")]
)
def test_a_bad_path(policy: Policy) -> None:
    for refuse in (check_policy, lambda policy: compared(1, 1, policy)):
        with pytest.raises(UsageError) as caught:
            refuse(policy)
        assert caught.value.slug == "policy-bad-path"


@pytest.mark.parametrize("limit", ["a lot", "-1", "NaN", "Infinity", Decimal("-0.01"), None, [1]])
@pytest.mark.parametrize("name", ["absolute", "relative"])
def test_a_bad_limit(name: str, limit: Any) -> None:
    with pytest.raises(UsageError) as caught:
        check_policy(Tolerance("$.x", reason="r", **{name: limit}))
    assert caught.value.slug == "policy-bad-limit"
    assert f"{name}={limit!r}" in caught.value.message


def test_policies_from_a_list() -> None:
    golden, observed = Observation(Outcome("returned", 1)), Observation(Outcome("returned", 2))
    assert compare(golden, observed, [Ignore("$", reason="r")]).differences == ()
