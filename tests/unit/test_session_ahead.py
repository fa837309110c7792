"""Goldens are read ahead in the order of the cases, each once, and what is wrong with one stays its own."""

from __future__ import annotations

from typing import cast

import pytest

from pytest_characterize.errors import StoreError
from pytest_characterize.model import Golden
from pytest_characterize.session import ahead
from pytest_characterize.session.ahead import Ahead
from pytest_characterize.session.planning import PlannedCase
from pytest_characterize.specs import TestSpec
from pytest_characterize.store.manifest import Entry


def planned(number: int) -> PlannedCase:
    entry = Entry("t.py::t", str(number), str(number), f"{number}.json", "", "given", "", "", 0.0, "")
    return PlannedCase(cast(TestSpec, None), entry, "")


class Shelf:
    """Stands for the store: tells what was read, and cannot read some."""

    def __init__(self, *damaged: int) -> None:
        self.read: list[str] = []
        self._damaged = {str(number) for number in damaged}

    def load(self, one: PlannedCase) -> Golden:
        self.read.append(one.entry.id)
        if one.entry.id in self._damaged:
            raise StoreError(f"{one.entry.file}: is damaged", slug="golden-damaged", hint="restore it")
        return cast(Golden, f"golden {one.entry.id}")


def test_every_golden_is_read_once_and_some_before_their_turn() -> None:
    shelf, order = Shelf(), [planned(number) for number in range(100)]
    goldens, early = Ahead(shelf.load, order), 0
    for number, one in enumerate(order):
        early = max(early, len(shelf.read) - number)
        assert goldens.load(one) == f"golden {number}"
    assert shelf.read == [one.entry.id for one in order]
    assert 1 < early <= 32


def test_a_damaged_golden_is_told_with_its_own_case_only() -> None:
    shelf, order = Shelf(5, 6), [planned(number) for number in range(20)]
    goldens = Ahead(shelf.load, order)
    for number, one in enumerate(order):
        if number in (5, 6):
            with pytest.raises(StoreError, match=f"^{number}.json: is damaged"):
                goldens.load(one)
        else:
            assert goldens.load(one) == f"golden {number}"


def test_cases_that_come_in_another_order_are_not_guessed_at() -> None:
    shelf, order = Shelf(), [planned(number) for number in range(100)]
    goldens, coming = Ahead(shelf.load, order), [number * 37 % 100 for number in range(100)]
    assert [goldens.load(order[number]) for number in coming] == [f"golden {number}" for number in coming]
    assert len(shelf.read) <= 110


def test_a_case_that_runs_again_is_read_again() -> None:
    shelf, order = Shelf(), [planned(number) for number in range(4)]
    goldens = Ahead(shelf.load, order)
    for number in (0, 1, 1, 2, 3, 3):
        assert goldens.load(order[number]) == f"golden {number}"
    assert goldens.load(planned(9)) == "golden 9"


def test_large_goldens_are_not_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_SECONDS", 0.0)
    shelf, order = Shelf(), [planned(number) for number in range(100)]
    goldens = Ahead(shelf.load, order)
    for number, one in enumerate(order):
        goldens.load(one)
        assert len(shelf.read) <= number + 2
