"""One inserted item is one difference, wherever it is and however long the list."""

from __future__ import annotations

import random
from typing import Any

import pytest
from compare_support import differences, told

from pytest_characterize.compare.alignment import Alignment, align, between, increasing, match
from pytest_characterize.descriptors import Unordered
from pytest_characterize.model import Kind
from pytest_characterize.values import ABSENT, Record

ANY_ORDER = Unordered("$", reason="the order is not promised")


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number, "name": f"customer {number}", "open": number % 2 == 0} for number in numbers]


class TestInOrder:
    def test_a_missing_item(self) -> None:
        (found,) = differences(rows(1, 2, 3, 4), rows(1, 3, 4))
        assert (found.path, found.kind, found.candidate) == ("$[1]", Kind.MISSING, ABSENT)
        assert found.legacy == rows(2)[0]

    def test_an_extra_item_bears_the_candidates_index(self) -> None:
        (found,) = differences(rows(1, 2, 3), rows(1, 2, 9, 3))
        assert (found.path, found.kind, found.legacy) == ("$[2]", Kind.EXTRA, ABSENT)

    @pytest.mark.parametrize("at", [0, 1, 500, 998, 999])
    def test_one_of_a_thousand(self, at: int) -> None:
        many = list(range(1000))
        assert told(many, many[:at] + many[at + 1 :]) == [(f"$[{at}]", "missing")]
        assert told(many[:at] + many[at + 1 :], many) == [(f"$[{at}]", "extra")]
        assert told(rows(*many), rows(*many[:at], *many[at + 1 :])) == [(f"$[{at}]", "missing")]

    def test_a_changed_and_a_missing_item(self) -> None:
        candidate = rows(1, 3, 4)
        candidate[2]["name"] = "customer four"
        assert told(rows(1, 2, 3, 4), candidate) == [("$[1]", "missing"), ("$[3].name", "value")]

    def test_neighbours_are_told_apart_by_what_they_share(self) -> None:
        candidate = rows(1, 3)
        candidate[1]["open"] = True
        assert told(rows(1, 2, 3), candidate) == [("$[1]", "missing"), ("$[2].open", "value")]

    def test_items_changed_in_place(self) -> None:
        assert told([1, 2, 3], [1, 9, 3]) == [("$[1]", "value")]
        assert told([1, 2, 3], [7, 8, 9]) == [("$[0]", "value"), ("$[1]", "value"), ("$[2]", "value")]

    def test_a_shift_in_lists_of_one_length(self) -> None:
        assert told([10, 20, 30, 40], [20, 30, 40, 50]) == [("$[0]", "missing"), ("$[3]", "extra")]
        assert told(rows(1, 2, 3, 4), rows(0, 1, 2, 3)) == [("$[3]", "missing"), ("$[0]", "extra")]

    def test_in_place_where_aligning_saves_nothing(self) -> None:
        assert told(["a", "b"], ["b", "c"]) == [("$[0]", "value"), ("$[1]", "value")]

    def test_a_type_that_python_thinks_equal(self) -> None:
        assert told([0, 1, 2], [0, True, 2]) == [("$[1]", "type")]
        assert told([0, 1, 2, 3, 4], [0, True, 2, 4]) == [("$[1]", "type"), ("$[3]", "missing")]

    def test_a_move_to_another_type(self) -> None:
        assert told([1, 2, 3, 4], [2, 3, True]) == [("$", "order"), ("$[0]", "type"), ("$[3]", "missing")]

    def test_another_order(self) -> None:
        (found,) = differences({"ids": [3, 1, 2]}, {"ids": [1, 2, 3]})
        assert (found.path, found.kind, found.note) == ("$.ids", Kind.ORDER, "[0] is at position 2 now")
        assert (found.legacy, found.candidate) == ([3, 1, 2], [1, 2, 3])
        assert found.order == (1, 2, 0)

    def test_another_order_of_other_types_is_more_than_order(self) -> None:
        assert told([3, 1, 2], [1.0, 2, 3]) == [("$", "order"), ("$[1]", "type")]

    def test_a_moved_item_among_others_that_changed(self) -> None:
        legacy = [*rows(*range(10)), "end"]
        candidate = [*rows(1, 2, 3, 4, 5, 6, 7, 8, 0, 9), "END"]
        (moved, changed) = differences(legacy, candidate)
        assert (moved.path, moved.kind, moved.note) == ("$", Kind.ORDER, "[0] is at position 8 now")
        assert (changed.path, changed.kind) == ("$[10]", Kind.CASE)
        assert (moved.order, changed.order) == ((*range(1, 9), 0, 9, 10), ())

    def test_an_order_with_an_item_more_and_one_less(self) -> None:
        moved, *others = differences(
            [*rows(*range(10)), "end"], [*rows(1, 2, 3, 4, 0, 6, 7), "new", *rows(8, 9)]
        )
        assert (moved.kind, moved.order) == (Kind.ORDER, (1, 2, 3, 4, 0, 6, 7, -1, 8, 9))
        assert {found.kind for found in others} == {Kind.MISSING, Kind.EXTRA}

    def test_another_order_of_many_is_one_difference(self) -> None:
        legacy = rows(*range(100))
        candidate = sorted(rows(*range(1, 100)), key=lambda row: str(row["name"]))
        candidate[7]["open"] = None
        assert [kind for _, kind in told(legacy, candidate)] == ["order", "missing", "null"]

    def test_repeated_items(self) -> None:
        assert told([0] * 10, [0] * 9) == [("$[9]", "missing")]
        assert told([0, 1] * 5, [0, 1] * 4) == [("$[8]", "missing"), ("$[9]", "missing")]
        assert told([1, 1, 2, 1, 1], [1, 1, 3, 2, 1, 1]) == [("$[2]", "extra")]

    def test_items_of_another_shape(self) -> None:
        assert told([1, "a", None], ["b"]) == [("$[0]", "missing"), ("$[1]", "value"), ("$[2]", "missing")]
        assert told([[1], {"a": 1}], [{"a": 2}]) == [("$[0]", "missing"), ("$[1].a", "value")]

    def test_nested_lists(self) -> None:
        legacy = [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9]]]
        assert told(legacy, [[[1, 3], [4, 5, 6]], [[7, 8, 9]]]) == [("$[0][0][1]", "missing")]

    def test_keys_in_another_order_do_not_hide_an_item(self) -> None:
        turned = [dict(reversed(row.items())) for row in rows(1, 3, 4)]
        assert told(rows(1, 2, 3, 4), turned) == [("$[1]", "missing")]

    def test_records_and_dictionaries(self) -> None:
        legacy = [Record("legacy.Row", row) for row in rows(1, 2, 3)]
        assert told(legacy, rows(1, 3)) == [("$[1]", "missing")]

    def test_tuples(self) -> None:
        assert told((1, 2, 3), (1, 3)) == [("$[1]", "missing")]
        assert told(((1, "a"), (2, "b")), ((1, "a"), (2, "c"))) == [("$[1][1]", "value")]


class TestAnyOrder:
    def test_the_same_items(self) -> None:
        assert told(rows(1, 2, 3), rows(3, 1, 2), ANY_ORDER) == []

    def test_items_are_paired_with_their_like(self) -> None:
        candidate = rows(4, 3, 2, 1)
        candidate[1]["name"] = "customer three"
        assert told(rows(1, 2, 3, 4), candidate, ANY_ORDER) == [("$[2].name", "value")]

    def test_missing_and_extra_items(self) -> None:
        assert told(rows(1, 2, 3), rows(3, 1), ANY_ORDER) == [("$[1]", "missing")]
        assert told(rows(3, 1), rows(1, 2, 3), ANY_ORDER) == [("$[1]", "extra")]

    def test_types_count(self) -> None:
        assert told([1, True, 1.0], [1.0, 1, True], ANY_ORDER) == []
        assert told([1, True], [True, True], ANY_ORDER) == [("$[0]", "type")]
        assert told([1, 2], [2, True], ANY_ORDER) == [("$[0]", "type")]

    def test_how_often_counts(self) -> None:
        assert told([1, 1, 2], [2, 1], ANY_ORDER) == [("$[1]", "missing")]

    def test_only_at_its_path(self) -> None:
        inner = Unordered("$[*].ids", reason="a set in all but name")
        assert told([{"ids": [1, 2]}], [{"ids": [2, 1]}], inner) == []
        assert told([{"ids": [1, 2]}], [{"ids": [2, 1]}], ANY_ORDER) == [("$[0].ids", "order")]

    def test_within_an_unordered_list(self) -> None:
        inner = Unordered("$[*].ids", reason="a set in all but name")
        legacy = [{"id": 1, "ids": [1, 2]}, {"id": 2, "ids": [3, 4]}]
        candidate = [{"id": 2, "ids": [4, 3]}, {"id": 1, "ids": [2, 1]}]
        assert told(legacy, candidate, ANY_ORDER, inner) == []


class TestAlignment:
    def test_the_longest_run_in_order(self) -> None:
        assert increasing([(0, 3), (1, 1), (2, 2), (3, 0), (4, 4)]) == [(1, 1), (2, 2), (4, 4)]
        assert increasing([]) == []

    def test_what_lies_between(self) -> None:
        gaps = between([(1, 0), (2, 3)], range(4), range(4))
        assert [(list(old), list(new)) for old, new in gaps] == [([0], []), ([], [1, 2]), ([3], [])]

    @pytest.mark.parametrize("seed", range(200))
    def test_every_item_is_accounted_for_once(self, seed: int) -> None:
        rand = random.Random(seed)
        old = [rand.randrange(8) for _ in range(rand.randrange(30))]
        new = [item for item in old if rand.random() < 0.8]
        for _ in range(rand.randrange(5)):
            new.insert(rand.randint(0, len(new)), rand.randrange(12))
        for alignment in (align(old, new, no_pairs), match(old, new, always, no_pairs)):
            together = alignment.pairs + alignment.moved
            assert sorted([i for i, _ in together] + alignment.missing) == list(range(len(old)))
            assert sorted([j for _, j in together] + alignment.extra) == list(range(len(new)))
            assert all(old[i] == new[j] for i, j in together)
        in_order = align(old, new, no_pairs).pairs
        assert increasing(in_order) == in_order

    @pytest.mark.parametrize("seed", range(50))
    def test_deleted_unique_items_are_exactly_what_is_missing(self, seed: int) -> None:
        rand = random.Random(seed)
        old = rand.sample(range(1000), 60)
        gone = {at for at in range(60) if rand.random() < 0.1}
        new = [item for at, item in enumerate(old) if at not in gone]
        found = align(old, new, no_pairs)
        assert (set(found.missing), found.extra, found.moved) == (gone, [], [])

    def test_nothing(self) -> None:
        assert align([], [], no_pairs) == Alignment()


def always(_i: int, _j: int) -> bool:
    return True


def no_pairs(_olds: object, _news: object) -> list[tuple[int, int]]:
    return []
