"""What holds of every comparison."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from strategies_compare import Way, anonymous, leaf, leaves, replaced, scalars, small, values

from pytest_characterize.codec import dumps, loads, values_equal
from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.paths import RETURNED, Pattern, render
from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.model import Comparison, Kind, Observation, Outcome
from pytest_characterize.values import Response

pytestmark = pytest.mark.torture
THOROUGH = settings(
    max_examples=4_000 if os.environ.get("CHARACTERIZE_TORTURE") else 400,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def compared(legacy: Any, candidate: Any, *policies: Policy) -> Comparison:
    return compare(
        Observation(Outcome("returned", legacy)), Observation(Outcome("returned", candidate)), policies
    )


def path_of(way: Way) -> str:
    path = RETURNED
    for step in way:
        path = (path, step)
    return render(path)


@THOROUGH
@given(values)
def test_a_value_equals_itself_and_its_copy(value: Any) -> None:
    assert compared(value, value).differences == ()
    assert compared(value, loads(dumps(value), "copy")).differences == ()


@THOROUGH
@given(small, small)
@example([1, True], [True, 1])
@example({"a": 1}, {"a": 1.0})
@example({True: 0}, {1: 0})
@example([[], [[]]], [[[]], []])
def test_nothing_differs_only_if_both_are_strictly_equal(one: Any, other: Any) -> None:
    equal = values_equal(anonymous(one), anonymous(other))
    assert (not compared(one, other).differences) is equal
    assert (not compared(other, one).differences) is equal


@THOROUGH
@given(values, values)
def test_every_difference_is_one(one: Any, other: Any) -> None:
    for found in compared(one, other).differences:
        assert isinstance(found.kind, Kind)
        assert found.legacy is not found.candidate
        assert Pattern("$").covers(found.path)
        assert Pattern(found.path).at(found.path)
        assert "\n" not in found.note


@THOROUGH
@given(values, st.data())
def test_a_changed_leaf_is_one_difference_at_its_path(value: Any, data: st.DataObject) -> None:
    ways = list(leaves(value))
    assume(ways)
    way = data.draw(st.sampled_from(ways))
    old, new = leaf(value, way), data.draw(scalars)
    assume(not values_equal(old, new))
    (found,) = compared(value, replaced(value, way, new)).differences
    assert found.path == path_of(way)
    assert found.legacy is old
    assert found.candidate is new
    assert (found.kind in (Kind.TYPE, Kind.NULL, Kind.EMPTY)) >= (type(old) is not type(new))


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=4),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=3), below, max_size=4),
    max_leaves=20,
)


@THOROUGH
@given(documents, st.data())
def test_a_changed_leaf_of_a_json_body(document: Any, data: st.DataObject) -> None:
    def response(body: Any, **spelling: Any) -> Response:
        return Response(200, (("content-type", "application/json"),), json.dumps(body, **spelling).encode())

    def differences(legacy: Response, candidate: Response) -> list[tuple[str, Any, Any]]:
        found = compare(
            Observation(Outcome("responded", legacy)), Observation(Outcome("responded", candidate))
        )
        return [(one.path, one.legacy, one.candidate) for one in found.differences]

    spelled = response(document, indent=2, sort_keys=True, ensure_ascii=False)
    assert differences(response(document), spelled) == []
    ways = list(leaves(document))
    assume(ways)
    way = data.draw(st.sampled_from(ways))
    expected = path_of(way).replace("$", "$.body", 1)
    changed = response(replaced(document, way, "changed"), sort_keys=True)
    assert differences(response(document), changed) == [(expected, leaf(document, way), "changed")]


POLICIES = st.lists(
    st.builds(Ignore, st.sampled_from(["$", "$.a", "$[0]", "$.*", "$.**.a", "$[*][*]"]), reason=st.just("r"))
    | st.builds(
        Tolerance,
        st.sampled_from(["$", "$.a", "$[*]", "$.**"]),
        absolute=st.sampled_from([0, 1, Decimal("0.5")]),
        reason=st.just("r"),
    ),
    max_size=3,
)


@THOROUGH
@given(small, small, POLICIES)
def test_policies_only_take_away_and_only_at_their_paths(
    one: Any, other: Any, policies: list[Policy]
) -> None:
    strict = compared(one, other).differences
    loose = compared(one, other, *policies)
    gone = [found for found in strict if found not in loose.differences]
    assert [found for found in strict if found in loose.differences] == list(loose.differences)
    assert [hit.policy for hit in loose.policy_hits] == policies
    assert sum(hit.count for hit in loose.policy_hits) == len(strict) - len(loose.differences)
    for found in gone:
        assert any(Pattern(policy.path).covers(found.path) for policy in policies)


@THOROUGH
@given(st.lists(small, max_size=5), st.lists(small, max_size=5), small, small)
def test_an_unordered_sequence_changes_nothing_elsewhere(
    one: list[Any], other: list[Any], left: Any, right: Any
) -> None:
    legacy, candidate = {"here": one, "there": left}, {"here": other, "there": right}
    elsewhere = Pattern("$.there")
    strict = compared(legacy, candidate).differences
    loose = compared(legacy, candidate, Unordered("$.here", reason="r")).differences
    assert [f for f in strict if elsewhere.covers(f.path)] == [f for f in loose if elsewhere.covers(f.path)]


@THOROUGH
@given(st.lists(small, max_size=6), st.randoms(use_true_random=False))
def test_order_alone_is_one_difference_and_none_where_it_does_not_matter(items: list[Any], rand: Any) -> None:
    shuffled = rand.sample(items, len(items))
    found = compared(items, shuffled).differences
    assume(not values_equal(anonymous(items), anonymous(shuffled)))
    assert found
    assert compared(items, shuffled, Unordered("$", reason="r")).differences == ()


@THOROUGH
@given(st.lists(st.integers(), unique=True, min_size=1, max_size=40), st.data())
def test_items_taken_out_are_exactly_what_is_missing(items: list[int], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(0, len(items) - 1), max_size=len(items) - 1))
    left = [item for at, item in enumerate(items) if at not in gone]
    found = compared(items, left).differences
    assert [(one.path, one.kind) for one in found] == [(f"$[{at}]", Kind.MISSING) for at in sorted(gone)]
    back = compared(left, items).differences
    assert [(one.path, one.kind) for one in back] == [(f"$[{at}]", Kind.EXTRA) for at in sorted(gone)]
