"""What holds of every mutant that is held against a candidate by what both alter."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from strategies_compare import small, values

from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.policies import compiled
from pytest_characterize.deeds import Deeds
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.session.altering import altered
from pytest_characterize.session.likening import Likened, Likening
from pytest_characterize.settings import COMPARED_HEADERS

THOROUGH = settings(
    max_examples=20_000 if os.environ.get("CHARACTERIZE_TORTURE") else 500,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def returned(value: Any) -> Observation:
    return Observation(Outcome("returned", value))


def likened(golden: Any, mutant: Any, candidate: Any) -> Likened:
    alterations = altered(compare(returned(golden), returned(mutant)).differences, compiled(()))
    differences = compare(returned(golden), returned(candidate)).differences
    deed = tuple(range(len(alterations)))
    likening = Likening(Deeds.of(alterations, [deed]), differences, (), COMPARED_HEADERS, {})
    return likening.told(likening.held(deed))


@THOROUGH
@given(small, small, small)
@example([0], [0, 1, 1], [0, 1])
@example([0], [0, 1], [0, 1, 1])
@example([0], [0, True], [0, 1])
@example([1, 2, 3], [3, 1, 2], [1, 3, 2])
def test_a_mutant_is_complete_only_if_nothing_is_left(golden: Any, mutant: Any, candidate: Any) -> None:
    told = likened(golden, mutant, candidate)
    if told.complete:
        assert not compare(returned(mutant), returned(candidate)).differences
        assert told.touches == ()


@THOROUGH
@given(values, values)
@example({Decimal("1.0"): None}, {1.0: None})
def test_who_does_the_same_is_complete(golden: Any, mutant: Any) -> None:
    differences = compare(returned(golden), returned(mutant)).differences
    assume(differences)
    assert likened(golden, mutant, mutant) == Likened(tuple(range(len(differences))), True, (), False)
