"""Deeds that are read when they are asked for."""

from __future__ import annotations

from pytest_characterize.deeds import Alteration, Deeds, Site, Tree, plain_key

ONE, TWO = Alteration("$", "number+", 1), Alteration("$", "number-", -1)


def test_they_are_read_when_somebody_asks_and_once() -> None:
    asked: list[str] = []

    def trees() -> tuple[str, list[int]]:
        asked.append("trees")
        return "", [1, 2]

    def read() -> tuple[list[Site], list[tuple[int, ...]]]:
        asked.append("deeds")
        return [Site("$", "number+", False, 2, trees)], [(0,), (0, 1)]

    deeds = Deeds(read)
    assert asked == []
    assert (deeds.all, deeds.place(1).path, asked) == ([(0,), (0, 1)], "$", ["deeds"])
    assert (deeds.alterations, deeds.alterations) == ([ONE, ONE._replace(tree=2)],) * 2
    assert asked == ["deeds", "trees"]
    assert deeds == deeds, "the same need not be read to be equal"


def test_alterations_of_a_site_stand_side_by_side() -> None:
    deeds = Deeds.of([ONE, ONE._replace(tree=2), TWO, ONE, ONE._replace(moved=True)], [(0, 4)])
    assert [site.direction for site in deeds.sites] == ["number+", "number-", "number+", "number+"]
    assert [
        (place.path, place.moved, len(place.sites), place.first, place.size) for place in deeds.places
    ] == [
        ("$", False, 3, 0, 4),
        ("$", True, 1, 4, 1),
    ]
    assert [deeds.place(number).moved for number in range(5)] == [False] * 4 + [True]
    assert deeds.alterations == [ONE, ONE._replace(tree=2), TWO, ONE, ONE._replace(moved=True)]


def place_of(site: Site, tree: Tree) -> int:
    key = plain_key(tree)
    assert key is not None
    return site.find(key)


def test_plain_trees_of_a_site() -> None:
    site = Deeds.of(
        [Alteration("$", "", tree) for tree in (1, True, 1.0, {"$float": "1.0"}, {}, [1])], []
    ).sites[0]
    assert [place_of(site, tree) for tree in (1, True, 0)] == [0, 1, -1]
    assert (site.others, site.contents[0]) == ([2, 3, 4, 5], "")


def test_trees_of_one_tag_are_kept_under_it() -> None:
    trees = [{"$decimal": "1.0"}, {"$decimal": "1.00"}]
    site = Deeds.of([Alteration("$", "", tree) for tree in trees], []).sites[0]
    assert (site.contents, site.trees, site.tree(1)) == (("$decimal", ["1.0", "1.00"]), trees, trees[1])
    assert ([place_of(site, tree) for tree in trees], site.others) == ([0, 1], [])
    assert (place_of(site, {"$decimal": "2.0"}), place_of(site, {"$date": "1.0"}), place_of(site, "1.0")) == (
        -1,
    ) * 3


def test_equal_ones_have_equal_content() -> None:
    assert Deeds.of([ONE], [(0,)]) == Deeds.of((ONE,), ((0,),))
    assert Deeds.of([ONE], [(0,)]) != Deeds.of([TWO], [(0,)])
    assert Deeds.of([ONE, TWO], [(0,)]) != Deeds.of([ONE, TWO], [(1,)])
    assert Deeds() != ()
