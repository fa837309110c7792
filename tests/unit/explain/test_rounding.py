"""Modes of rounding: told only where the numbers tell them apart."""

from __future__ import annotations

import decimal
import random
from decimal import Decimal

import pytest

from pytest_characterize.explain.evidence import evidence
from pytest_characterize.model import Difference, Kind

CENT = Decimal("0.01")
FINE = [Decimal(text) for text in ("1.004", "2.005", "3.015", "4.016", "7.025")]
SIGNED = [*FINE, *(-number for number in FINE)]


def said(pairs: list[tuple[Decimal, Decimal]]) -> str:
    return evidence([Difference("$", Kind.ROUNDING, old, new) for old, new in pairs])


def units(*numbers: tuple[int, int]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(old).scaleb(-2), Decimal(new).scaleb(-2)) for old, new in numbers]


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (decimal.ROUND_HALF_UP, "half up"),
        (decimal.ROUND_HALF_EVEN, "half to even"),
        (decimal.ROUND_HALF_DOWN, "half down"),
        (decimal.ROUND_DOWN, "down (cut off)"),
        (decimal.ROUND_UP, "up, away from zero"),
        (decimal.ROUND_FLOOR, "down to the lower number (floor)"),
        (decimal.ROUND_CEILING, "up to the higher number (ceiling)"),
    ],
)
def test_the_one_mode_that_gives_all_numbers(mode: str, told: str) -> None:
    pairs = [(number, number.quantize(CENT, mode)) for number in SIGNED]
    counted = f"rounded {told} to 2 decimal places: 10 of 10"
    assert said(pairs) == f"the candidate has legacy's number {counted}"
    assert said([(new, old) for old, new in pairs]) == f"legacy has the candidate's number {counted}"


def test_modes_that_the_numbers_do_not_tell_apart() -> None:
    near = [(Decimal(text), Decimal(text).quantize(CENT)) for text in ("1.004", "1.006", "2.009")]
    assert (
        said(near) == "the candidate has legacy's number rounded to the nearest to 2 decimal places: 3 of 3"
    )
    assert said([(number, number.quantize(CENT)) for number in (Decimal("1.001"), Decimal("2.003"))]) == ""
    cut = [(number, number.quantize(CENT, decimal.ROUND_FLOOR)) for number in FINE]
    assert "rounded down (cut off)" in said(cut), "of positive numbers, the lower one is what is cut off"
    assert said(cut[:1]) == "", "one number is rounded right by several modes"


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (
            units((101, 100), (112, 111), (124, 123), (136, 135)),
            "the candidate is one unit of the 2nd decimal place lower: 4 of 4, as if it cuts off where legacy rounds",
        ),
        (
            units((100, 101), (111, 112), (123, 124), (135, 136)),
            "the candidate is one unit of the 2nd decimal place higher: 4 of 4, "
            "as if legacy cuts off where it rounds",
        ),
        (
            units((101, 100), (112, 111), (-123, -124), (-135, -136)),
            "the candidate is one unit of the 2nd decimal place lower: 4 of 4, "
            "as if it rounds down where legacy rounds",
        ),
        (
            units((101, 100), (112, 111), (-124, -123), (-136, -135)),
            "the candidate is one unit of the 2nd decimal place nearer to zero: 4 of 4, "
            "as if it cuts off where legacy rounds",
        ),
        (
            units((100, 101), (111, 112), (-123, -124), (-135, -136)),
            "the candidate is one unit of the 2nd decimal place further from zero: 4 of 4, "
            "as if legacy cuts off where it rounds",
        ),
        (units((101, 100), (112, 113), (124, 123), (137, 136)), ""),
        (units((10101, 10100), (7112, 7110), (9124, 9123), (137, 136)), ""),
        (
            units((101, 100), (113, 112), (125, 124), (137, 136)),
            "the candidate rounds half to even at 2 decimal places: 4 of 4",
        ),
    ],
)
def test_one_unit_the_same_way(pairs: list[tuple[Decimal, Decimal]], told: str) -> None:
    assert said(pairs) == told


def test_few_numbers_say_nothing_of_a_way() -> None:
    assert "unit" not in said(units((101, 100), (112, 111), (124, 123)))


@pytest.mark.parametrize("seed", range(30))
def test_numbers_off_by_chance_have_no_mode(seed: int) -> None:
    rand = random.Random(seed)
    numbers = [rand.randint(100, 10**6) for _ in range(12)]
    pairs = [(number, number + rand.choice((-1, 1))) for number in numbers]
    if len({new - old for old, new in pairs}) == 2 and len({new % 2 for _, new in pairs}) == 2:
        assert said(units(*pairs)) == ""
