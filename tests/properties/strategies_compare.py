"""Values to compare, and ways to change them in one place."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from pytest_characterize.values import Member, Record

Way: TypeAlias = tuple[Hashable, ...]
"""Keys and indices from the root to a place."""

offsets = st.sampled_from([None, *(timezone(timedelta(minutes=minutes)) for minutes in (-300, 0, 60, 345))])
numbers = (
    st.integers(-3, 3)
    | st.integers()
    | st.floats()
    | st.sampled_from([0.0, -0.0, 1.0, 0.1 + 0.2, float("nan")])
    | st.decimals(allow_nan=True)
    | st.sampled_from([Decimal(text) for text in ("1", "1.0", "1.00", "-0", "0", "sNaN", "1E+2", "100")])
)
texts = st.text(st.characters(exclude_categories=()), max_size=6) | st.sampled_from(
    ["", " ", "a", "A", "a ", "null", "1", "1.0", "é", "e\u0301", "2024-03-01T10:00:00Z"]
)
scalars = (
    st.none()
    | st.booleans()
    | numbers
    | texts
    | st.binary(max_size=4)
    | st.dates()
    | st.times(timezones=offsets)
    | st.datetimes(timezones=offsets)
    | st.timedeltas()
    | st.uuids()
)
keys = (
    texts
    | st.integers(-3, 3)
    | st.booleans()
    | st.none()
    | st.dates()
    | st.sampled_from([1.0, Decimal("1.0")])
)
elements = st.none() | st.booleans() | st.integers(-3, 3) | texts | st.tuples(st.integers(0, 1), texts)


def _containers(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(texts, values, max_size=4)
    return (
        st.lists(values, max_size=5)
        | st.lists(values, max_size=3).map(tuple)
        | fields
        | st.dictionaries(keys, values, max_size=4)
        | st.sets(elements, max_size=3)
        | st.frozensets(elements, max_size=3)
        | st.builds(Record, st.sampled_from(["a.A", "b.B"]), fields)
        | st.builds(Member, st.sampled_from(["a.A", "b.B"]), st.sampled_from(["X", "Y"]), values)
    )


values = st.recursive(scalars, _containers, max_leaves=20)
small = st.recursive(
    st.sampled_from([None, True, 1, 1.0, Decimal("1"), 0, 0.0, -0.0, "", "a"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.lists(below, max_size=2).map(tuple)
        | st.dictionaries(st.sampled_from(["a", 1, True]), below, max_size=2)
        | st.sets(st.sampled_from([1, True, 1.0, "a", None]), max_size=2)
        | st.builds(
            Record, st.sampled_from(["a.A", "b.B"]), st.dictionaries(st.sampled_from("ab"), below, max_size=2)
        )
    ),
    max_leaves=5,
)
"""So few different values that two of them are often equal, or nearly."""


def leaves(value: Any, way: Way = ()) -> Iterator[Way]:
    """The ways to all scalars in lists, tuples, dictionaries and records."""
    match value:
        case Record():
            yield from leaves(value.fields, way)
        case dict():
            for key, item in value.items():
                yield from leaves(item, (*way, key))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from leaves(item, (*way, index))
        case set() | frozenset() | Member():
            return
        case _:
            yield way


def leaf(value: Any, way: Way) -> Any:
    """The scalar at the end of a way."""
    for step in way:
        value = (value.fields if isinstance(value, Record) else value)[step]  # type: ignore[index]
    return value


def replaced(value: Any, way: Way, new: Any) -> Any:
    """The value with another scalar at the end of a way; everything above it is a new object."""
    if not way:
        return new
    step, rest = way[0], way[1:]
    match value:
        case Record():
            return Record(value.type, replaced(value.fields, way, new))
        case dict():
            return {key: replaced(item, rest, new) if key is step else item for key, item in value.items()}
        case _:
            items = (replaced(item, rest, new) if index == step else item for index, item in enumerate(value))
            return type(value)(items)


def anonymous(value: Any) -> Any:
    """The value as strict equality is to see it: without what is not compared by design."""
    match value:
        case Record():
            return anonymous(value.fields)
        case Member():
            return Member("", value.name, anonymous(value.value))
        case dict():
            return {key: anonymous(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(map(anonymous, value))
        case _:
            return value
