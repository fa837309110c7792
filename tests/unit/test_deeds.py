"""Deeds that are read when they are asked for."""

from __future__ import annotations

from pytest_characterize.deeds import Alteration, Deeds

ONE, TWO = Alteration("$", "number+", 1), Alteration("$", "number-", -1)


def test_they_are_read_when_somebody_asks_and_once() -> None:
    asked: list[int] = []

    def read() -> tuple[list[Alteration], list[tuple[int, ...]]]:
        asked.append(1)
        return [ONE, TWO], [(0,), (0, 1)]

    deeds = Deeds(read)
    assert asked == []
    assert (deeds.alterations, deeds.all, asked) == ([ONE, TWO], [(0,), (0, 1)], [1])
    assert deeds == deeds, "the same need not be read to be equal"


def test_equal_ones_have_equal_content() -> None:
    assert Deeds(lambda: ([ONE], [(0,)])) == Deeds(lambda: ((ONE,), ((0,),)))
    assert Deeds(lambda: ([ONE], [(0,)])) != Deeds(lambda: ([TWO], [(0,)]))
    assert Deeds(lambda: ([ONE, TWO], [(0,)])) != Deeds(lambda: ([ONE, TWO], [(1,)]))
    assert Deeds() != ()
