"""What a matcher and filters leave of a live object."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.codec import dumps
from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.freezing import freeze
from pytest_characterize.selection import Path, Selection
from pytest_characterize.values import MAX_DEPTH, Cell, Record

Pair = namedtuple("Pair", "first second")


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: Any
    y: Any = None


@dataclass(frozen=True)
class Tag:
    name: str


class Half:
    """Something that only an adapter knows."""

    def __init__(self, of: object) -> None:
        self.of = of


def half(obj: object) -> object:
    return obj.of if isinstance(obj, Half) else NotImplemented


LIVE = [
    1,
    "text",
    None,
    [1, (2, [3])],
    {"a": {1: 2}},
    {1, 2},
    frozenset({"a"}),
    Point([1], {"b": 2}),
    Pair(1, Point(2)),
    {Tag("a"), Tag("b")},
    Colour.RED,
    ValueError("no"),
    deque([1, 2]),
    Counter("aab"),
    OrderedDict(b=1, a=2),
    defaultdict(list, a=[1]),
    MappingProxyType({"a": 1}),
    Record("m.C", {"a": [1]}),
    Cell("postgresql", "text", "a"),
    bytearray(b"a"),
    Decimal("1.00"),
]


@pytest.mark.parametrize("live", LIVE, ids=lambda live: type(live).__name__)
def test_without_matcher_and_filters_a_value_is_the_same(live: object) -> None:
    assert dumps(freeze(Selection().of(live))) == dumps(freeze(live))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda children: (
            st.lists(children)
            | st.dictionaries(st.text() | st.integers(), children)
            | st.tuples(children, children)
            | st.builds(Point, children)
        ),
    )
)
def test_any_value_is_the_same(live: object) -> None:
    selection = Selection(lambda data, path: data, lambda prop, path: False, lambda prop, path: True)
    assert dumps(freeze(selection.of(live))) == dumps(freeze(live))


def test_the_object_stays_as_it_is() -> None:
    point = Point([1, {"a": 2}])
    Selection(exclude=lambda prop, path: prop == "a").of(point)
    assert point == Point([1, {"a": 2}])


def test_a_matcher_sees_every_object_with_its_path() -> None:
    seen: list[tuple[tuple[Any, ...], type]] = []

    def matcher(*, data: Any, path: Path) -> Any:
        assert not path or path[-1][1] is type(data)
        seen.append((tuple(key for key, _ in path), type(data)))
        return data

    Selection(matcher).of({"a": [1, Point(x="x", y={2})], 3: (None,)})
    assert seen == [
        ((), dict),
        (("a",), list),
        (("a", 0), int),
        (("a", 1), Point),
        (("a", 1, "x"), str),
        (("a", 1, "y"), set),
        (("a", 1, "y", 2), int),
        ((3,), tuple),
        ((3, 0), type(None)),
    ]


def test_what_a_matcher_gives_is_looked_into_but_not_matched_again() -> None:
    paths = []

    def matcher(*, data: Any, path: Path) -> Any:
        paths.append(tuple(key for key, _ in path))
        return Half(Half({"a": 1})) if data == "deep" else data

    assert Selection(matcher, adapters=[half]).of(["deep"]) == [{"a": 1}]
    assert paths == [(), (0,), (0, "a")]


@pytest.mark.parametrize("name", ["x", "y"])
def test_filters_choose_keys_fields_and_items(name: str) -> None:
    live = {"x": Point(1, 2), "y": [Point(3, 4)]}
    excluded = Selection(exclude=lambda prop, path: prop == name).of(live)
    assert name not in excluded  # type: ignore[operator]
    indexes = Selection(exclude=lambda prop, path: prop == 0).of(live)
    assert indexes == {"x": Record(f"{__name__}.Point", {"x": 1, "y": 2}), "y": []}
    included = Selection(include=lambda prop, path: prop == name).of(Point(1, 2))
    assert included == Record(f"{__name__}.Point", {name: 1 if name == "x" else 2})


def test_a_filter_is_told_where_it_is() -> None:
    def exclude(*, prop: Any, path: Path) -> bool:
        return (*(key for key, _ in path), prop) == ("a", 1, "b")

    assert Selection(exclude=exclude).of({"a": [{"b": 1}, {"b": 1}], "b": 2}) == {"a": [{"b": 1}, {}], "b": 2}


def test_adapters_come_before_fields_and_are_looked_into() -> None:
    selection = Selection(exclude=lambda prop, path: prop == "secret", adapters=[half])
    assert selection.of(Half(Half({"secret": 1, "other": Half(2)}))) == {"other": 2}


def test_what_is_left_out_may_be_anything() -> None:
    selection = Selection(exclude=lambda prop, path: prop == "connection")
    assert freeze(selection.of({"connection": object(), "a": 1})) == {"a": 1}


def test_members_that_cannot_be_members_any_more_are_told_by_freezing() -> None:
    live = {Tag("a")}
    unhashable = Selection(lambda data, path: [1] if isinstance(data, Tag) else data)
    assert unhashable.of(live) is live


def test_a_field_that_was_never_set_is_told_by_freezing() -> None:
    point = Point(1)
    del point.x
    with pytest.raises(UnsupportedValueError, match=r"\$\.a\.x: the field was never set"):
        freeze(Selection().of({"a": point}))


@pytest.mark.parametrize("branches", [1, 2])
def test_what_contains_itself_is_an_error_at_once(branches: int) -> None:
    cycle: list[Any] = []
    cycle.extend([cycle] * branches)
    with pytest.raises(UnsupportedValueError) as caught:
        Selection().of(cycle)
    assert caught.value.slug == "value-too-deep"


def test_depth_is_limited_as_everywhere() -> None:
    nested: Any = 1
    for _ in range(MAX_DEPTH):
        nested = [nested]
    assert dumps(freeze(Selection().of(nested))) == dumps(freeze(nested))
    with pytest.raises(UnsupportedValueError) as caught:
        Selection().of([nested])
    assert caught.value.slug == "value-too-deep"


def test_too_little_stack_is_an_error_of_ours() -> None:
    nested: Any = 1
    for _ in range(MAX_DEPTH):
        nested = [nested]

    def deeper(levels: int) -> object:
        return deeper(levels - 1) if levels else Selection().of(nested)

    with pytest.raises(UnsupportedValueError, match="nested deeper"):
        deeper(700)
