"""How likely a coincidence is, held against counting."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.explain.chance import chance


@given(st.integers(0, 7), st.integers(0, 7), st.integers(0, 7), st.integers(1, 7))
def test_it_is_the_share_of_draws_that_have_so_much_in_common(
    together: int, one: int, other: int, cases: int
) -> None:
    one, other = min(one, cases), min(other, cases)
    draws = list(combinations(range(cases), one))
    hits = sum(len(set(draw) & set(range(other))) >= together for draw in draws)
    assert chance(together, one, other, cases) == pytest.approx(hits / len(draws))


def test_large_numbers_cost_nothing() -> None:
    assert chance(2_000, 2_000, 2_000, 100_000) == 0.0
    assert chance(100, 5_000, 5_000, 100_000) == 1.0 or chance(100, 5_000, 5_000, 100_000) > 0.99
