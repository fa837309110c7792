"""Doubled rows, and doubles that are gone: from the comparison's notes to what all of them show."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_characterize.compare.comparing import compare
from pytest_characterize.explain.changes import place
from pytest_characterize.explain.evidence import evidence
from pytest_characterize.model import Difference, Kind, Observation, Outcome
from pytest_characterize.values import ABSENT

ROWS = [{"no": number, "name": f"row {number}"} for number in range(6)]
A, B, C = ROWS[:3]


def returned(value: Any) -> Observation:
    return Observation(Outcome("returned", value))


def effects(rows: list[Any]) -> Observation:
    return Observation(Outcome("returned", None), {"ledger": rows})


def compared(*pairs: tuple[list[Any], list[Any]]) -> list[Difference]:
    return [found for old, new in pairs for found in compare(returned(old), returned(new)).differences]


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (
            [([A, B], [A, A, B]), ([B, C], [B, C, C])],
            "the same item once in legacy and twice in the candidate: 2 of 2",
        ),
        (
            [([A, A, B], [A, B]), ([B, B, C], [B, C])],
            "the same item twice in legacy and once in the candidate: 2 of 2",
        ),
        (
            [([A, B], [A, A, B]), ([B, B, C], [B, B, B, B, C])],
            "the candidate has items twice as often as legacy: 3 of 3",
        ),
        (
            [([A, B], [A, A, B]), ([B, C], [B, B, B, C])],
            "the candidate repeats items that legacy has less often: 3 of 3",
        ),
        (
            [([A, A, B], [A, B]), ([B, B, B, C], [B, C])],
            "the candidate has once what legacy repeats: 3 of 3",
        ),
        (
            [([A, A, B], [A, B]), ([B, B, B, B, C], [B, B, C])],
            "legacy repeats items that the candidate has less often: 3 of 3",
        ),
        ([([A, B], [A, A, B]), ([B, C], [B, C, A])], ""),
        ([([A, A, B], [B, C, C, C])], ""),
    ],
)
def test_how_often_items_stand(pairs: list[tuple[list[Any], list[Any]]], told: str) -> None:
    assert evidence(compared(*pairs)) == told


def test_one_item_keeps_the_note() -> None:
    assert evidence(compared(([A, B], [A, A, B]))) == "legacy has it 1 time, the candidate 2"


def test_more_here_and_less_there_is_no_rule() -> None:
    notes = ("legacy has it 1 time, the candidate 2", "legacy has it 3 times, the candidate 2")
    found = [Difference("$[0]", Kind.EXTRA, ABSENT, A, note) for note in notes]
    assert evidence(found) == ""


def test_rows_that_were_written_twice_are_effects() -> None:
    found = [
        one
        for old, new in (([A, B], [A, A, B]), ([B, C], [B, C, C]))
        for one in compare(effects(old), effects(new)).differences
    ]
    assert {(one.kind, one.note) for one in found} == {
        (Kind.EFFECT, "extra; legacy has it 1 time, the candidate 2")
    }
    assert evidence(found) == "the same item once in legacy and twice in the candidate: 2 of 2"
    assert place(found[0]).change.name == "extra", "how often it stands is no other sort of change"
