"""Comparing costs about one walk: counted in calls, which do not depend on how busy the machine is."""

from __future__ import annotations

import inspect
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest
from compare_support import compared, response

from pytest_characterize.descriptors import Ignore, Unordered
from pytest_characterize.values import MAX_DEPTH

Documents = Callable[[int], tuple[Any, Any]]


def calls(legacy: Any, candidate: Any, *policies: Any) -> int:
    """Function calls, Python's and C's, of one comparison."""
    count = 0

    def tick(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    compared(legacy, candidate, *policies)  # caches and lazy imports are filled before
    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        compared(legacy, candidate, *policies)
    finally:
        sys.setprofile(before)
    return count


def row(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"customer {number}", "open": number % 3 == 0, "tags": [number, "x"]}


def equal(size: int) -> tuple[Any, Any]:
    return [row(at) for at in range(size)], [row(at) for at in range(size)]


def changed(size: int) -> tuple[Any, Any]:
    legacy, candidate = equal(size)
    for at in range(0, size, 10):
        candidate[at]["name"] = f"{at} renamed"
    return legacy, candidate


def inserted(size: int) -> tuple[Any, Any]:
    legacy, candidate = equal(size)
    for at in range(0, size, 10):
        candidate.insert(at, row(size + at))
    return legacy, candidate


def every_row_changed_and_one_missing(size: int) -> tuple[Any, Any]:
    legacy, candidate = equal(size)
    for at in range(size):
        candidate[at]["id"] += size
    return legacy, candidate[: size // 2] + candidate[size // 2 + 1 :]


def shuffled(size: int) -> tuple[Any, Any]:
    legacy, candidate = equal(size)
    return legacy, sorted(candidate, key=lambda row: str(row["id"]))


def repeated(size: int) -> tuple[Any, Any]:
    return [0, 1, 1, 0, 2] * (size // 5), [0, 1, 0, 2] * (size // 5)


def unlike(size: int) -> tuple[Any, Any]:
    return [row(at) for at in range(size)], [{"key": f"other {at}"} for at in range(size + 1)]


def tree(size: int) -> tuple[Any, Any]:
    def nested(depth: int, leaf: Any) -> Any:
        return [nested(depth - 1, leaf) for _ in range(2)] if depth else row(leaf)

    depth = size.bit_length() - 1
    return nested(depth, 1), nested(depth, 2)


def table(size: int) -> tuple[Any, Any]:
    size //= 4

    def page(at: int) -> Any:
        rows = "".join(f"<tr><td>{n}<td>{n * at % 7}.00" for n in range(size))
        return response(f"<h1>Invoices</h1><table>{rows}</table>", "text/html")

    return page(2), page(3)


@pytest.mark.parametrize(
    "documents",
    [equal, changed, inserted, every_row_changed_and_one_missing, shuffled, repeated, unlike, tree, table],
    ids=lambda documents: documents.__name__,
)
def test_four_times_the_document_is_four_times_the_work(documents: Documents) -> None:
    small, large = calls(*documents(256)), calls(*documents(1024))
    assert large < 4 * small * 1.35


@pytest.mark.parametrize("documents", [equal, changed, inserted, shuffled], ids=lambda one: one.__name__)
def test_the_same_without_order(documents: Documents) -> None:
    policy = Unordered("$", reason="r")
    assert calls(*documents(1024), policy) < 4 * calls(*documents(256), policy) * 1.35


def nested(depth: int, leaf: Any) -> Any:
    value: Any = leaf
    for level in range(depth):
        value = [level, "a", "b", value, "c"] if level % 2 else {"level": level, "below": value, "z": [level]}
    return value


@pytest.mark.parametrize("leaves", [(1, 1), (1, 2)], ids=["equal", "changed at the bottom"])
def test_depth_costs_no_more_than_size(leaves: tuple[int, int]) -> None:
    shallow, deep = (calls(nested(depth, leaves[0]), nested(depth, leaves[1])) for depth in (45, 180))
    assert deep < 4 * shallow * 1.35


@pytest.mark.parametrize("spare", [80, 200, 500])
def test_little_stack_is_enough(spare: int) -> None:
    deepest = MAX_DEPTH
    legacy, candidate = (
        [nested(deepest - 1, leaf), nested(deepest - 1, leaf), nested(deepest - 1, -leaf)] for leaf in (1, 2)
    )
    copy = pickle.loads(pickle.dumps(legacy))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + spare)
    try:
        found = compared(legacy, candidate).differences
        equal = compared(legacy, copy).differences
    finally:
        sys.setrecursionlimit(limit)
    assert [one.path.count("[") + one.path.count(".") for one in found] == [deepest] * 3
    assert equal == ()


def test_an_equal_document_costs_less_than_a_changed_one() -> None:
    assert calls(*equal(1000)) < calls(*changed(1000)) * 0.8


def test_policies_cost_nothing_where_nothing_differs() -> None:
    policies = [Ignore(f"$[*].field{at}", reason="r") for at in range(50)]
    assert calls(*equal(1000), *policies) < calls(*equal(1000)) + 500
