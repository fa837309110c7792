"""What the differences of a group have in common; nothing is claimed that the values do not show."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pytest_characterize.explain.evidence import evidence
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import ABSENT

CENT = Decimal("0.01")


def said(pairs: list[tuple[Any, Any]], note: str = "") -> str:
    return evidence([Difference("$", Kind.VALUE, old, new, note) for old, new in pairs])


def decimals(*pairs: tuple[str, str]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(old), Decimal(new)) for old, new in pairs]


class TestRatio:
    def test_exact(self) -> None:
        assert said(decimals(("95.00", "100.00"), ("47.50", "50.00"))) == "legacy = 0.95 x candidate"

    @pytest.mark.parametrize("mode", [ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN])
    @pytest.mark.parametrize("ratio", ["0.95", "1.19", "0.5", "2", "1.005", "-1", "100", "0.8403"])
    def test_rounded_by_legacy(self, ratio: str, mode: str) -> None:
        rand = random.Random(ratio)
        candidates = [Decimal(rand.randint(10_000, 9_999_999)) / 100 for _ in range(20)]
        pairs = [((new * Decimal(ratio)).quantize(CENT, mode), new) for new in candidates]
        assert said(pairs) == f"legacy = {ratio} x candidate"

    def test_of_floats(self) -> None:
        assert said([(10.0 * 1.1, 10.0), (20.0 * 1.1, 20.0), (0.7 * 1.1, 0.7)]) == "legacy = 1.1 x candidate"

    def test_of_whole_numbers(self) -> None:
        assert said([(1200, 100), (3600, 300)]) == "legacy = 12 x candidate"

    def test_of_texts(self) -> None:
        assert said([("95.00", "100.00"), ("190.00", "200.00")]) == "legacy = 0.95 x candidate"

    def test_not_of_one_pair(self) -> None:
        assert said(decimals(("95.00", "100.00"))) == ""
        assert said(decimals(("95.00", "100.00"), ("95.00", "100.00"))) == ""

    def test_not_where_one_pair_disobeys(self) -> None:
        assert said(decimals(("95.00", "100.00"), ("47.50", "50.00"), ("9.40", "10.00"))) == ""

    def test_not_where_the_numbers_are_too_small_to_tell(self) -> None:
        assert said([(1, 2), (2, 5)]) == ""
        assert said([(3, 5), (4, 7)]) == ""
        assert said(decimals(("0.01", "0.02"), ("0.02", "0.03"), ("0.03", "0.05"))) == ""

    def test_rounding_is_no_ratio(self) -> None:
        assert said(decimals(("95.00", "95.01"), ("120.33", "120.32"), ("7.10", "7.11"))) == ""

    def test_not_with_zero(self) -> None:
        assert said(decimals(("0.00", "0.00"), ("95.00", "100.00"))) == ""
        assert said(decimals(("0.00", "10.00"), ("0.00", "100.00"))) == ""

    @pytest.mark.parametrize("seed", range(100))
    def test_not_of_numbers_that_have_nothing_in_common(self, seed: int) -> None:
        rand = random.Random(seed)
        pairs = [
            (Decimal(rand.randint(1, 10**6)) / 100, Decimal(rand.randint(1, 10**6)) / 100) for _ in range(3)
        ]
        assert said(pairs) == ""


class TestOffset:
    def test_exact(self) -> None:
        assert said(decimals(("105.00", "100.00"), ("7.50", "2.50"))) == "legacy = candidate + 5.00"
        assert said([(1, 2), (10, 11), (5, 6)]) == "legacy = candidate - 1"

    def test_it_goes_before_a_ratio(self) -> None:
        assert said([(2, 1), (3, 2)]) == "legacy = candidate + 1"

    def test_not_of_one_pair(self) -> None:
        assert said([(1, 2)]) == ""


class TestTimes:
    noon = datetime(2024, 3, 1, 12)

    def test_a_shift(self) -> None:
        pairs = [
            (self.noon, self.noon + timedelta(hours=1)),
            (self.noon.replace(day=2), self.noon.replace(day=2, hour=13)),
        ]
        assert said(pairs) == "legacy = candidate - 1:00:00"
        days = [(date(2024, 3, 2), date(2024, 3, 1)), (date(2024, 4, 1), date(2024, 3, 31))]
        assert said(days) == "legacy = candidate + 1 day, 0:00:00"

    def test_no_shift(self) -> None:
        assert said([(self.noon, self.noon.replace(hour=13)), (self.noon, self.noon.replace(hour=14))]) == ""
        assert said([(self.noon, self.noon.replace(hour=13))]) == ""
        assert (
            said(
                [
                    (self.noon, self.noon.replace(tzinfo=UTC)),
                    (self.noon, self.noon.replace(day=2, tzinfo=UTC)),
                ]
            )
            == ""
        )
        assert said([(self.noon, self.noon.date()), (self.noon.date(), self.noon)]) == ""


class TestNotes:
    def test_a_common_note(self) -> None:
        assert (
            said([("a ", "a"), ("b ", "b")], "legacy has 1 more trailing blank")
            == "legacy has 1 more trailing blank"
        )

    def test_only_a_common_one(self) -> None:
        pair = [Difference("$", Kind.VALUE, "a", "b", note) for note in ("one", "other")]
        assert evidence(pair) == ""

    @pytest.mark.parametrize(
        "pairs",
        [
            [(1, ABSENT), (2, ABSENT)],
            [(None, 1), (None, 2)],
            [(True, 2), (False, 1)],
            [(float("nan"), 1.0), (float("inf"), 2.0)],
            [("a", "b"), ("1.0", "2.0")],
            [([1], [2]), ([2], [4])],
            [({"a": 1}, {}), (1, 2)],
        ],
    )
    def test_values_without_a_rule(self, pairs: list[tuple[Any, Any]]) -> None:
        assert said(pairs) == ""
        assert said(pairs, "the note") == "the note"
