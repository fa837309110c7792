"""Observations that are read when they are asked for."""

from __future__ import annotations

from pytest_characterize.model import Observation, Outcome
from pytest_characterize.observations import Observations, Unread

ONE, TWO, THREE = (Observation(Outcome("returned", number)) for number in (1, 2, 3))


def never() -> Observation:
    raise AssertionError("nobody has asked for it")


def test_one_is_read_when_it_is_asked_for_and_once() -> None:
    asked: list[int] = []

    def read() -> Observation:
        asked.append(1)
        return ONE

    found = Observations([Unread(read), Unread(never)])
    assert (len(found), asked) == (2, [])
    assert (found[0], found[0], asked) == (ONE, ONE, [1])


def test_what_is_picked_or_copied_stays_unread() -> None:
    found = Observations([ONE, Unread(never), Unread(lambda: TWO)])
    picked = found.picked([2, 1])
    assert (picked[0], len(picked)) == (TWO, 2)
    assert found == Observations(found), "the same parts need not be read to be equal"
    assert picked != found
    assert found[1:] == Observations(found).picked([1, 2])


def test_it_is_equal_to_other_sequences_of_the_same_ones() -> None:
    found = Observations([ONE, Unread(lambda: TWO)])
    assert found == (ONE, TWO)
    assert found == [ONE, TWO]
    assert found == Observations([ONE, TWO])
    assert found != (ONE, THREE)
    assert found != (ONE,)
    assert found != 7


def test_what_is_added_stands_at_the_end_and_in_no_copy() -> None:
    found = Observations([ONE])
    copy = Observations(found)
    copy.append(TWO)
    assert (list(copy), list(found)) == ([ONE, TWO], [ONE])
