"""Snapshot files: one text a value, strict reading, names that no two tests share."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.codec import values_equal
from pytest_characterize.errors import StoreError, UnsupportedValueError
from pytest_characterize.store.snapshot_files import LONGEST, file_stem, read_snapshot, snapshot_text

FILE = "__snapshots__/test_shop/test_price.golden"


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 1.0, Decimal("1.00"), "a\r\n", (1, [2]), {1: "a"}, {"schema": 9, "value": {"$x": 1}}],
    ids=repr,
)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    text = snapshot_text(value)
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text)["schema"] == 1
    assert values_equal(read_snapshot(text.encode(), FILE), value)


def test_what_is_no_value_is_not_written() -> None:
    with pytest.raises(UnsupportedValueError):
        snapshot_text(object())


@pytest.mark.parametrize(
    ("content", "slug", "part"),
    [
        (b"", "snapshot-damaged", "line 1"),
        (b"{}", "snapshot-damaged", "key 'schema' is missing"),
        (b'{"schema": 1}', "snapshot-damaged", "key 'value' is missing"),
        (b'{"schema": 1, "value": 1, "x": 1}', "snapshot-damaged", "key 'x' is unknown"),
        (b'{"schema": 1.0, "value": 1}', "snapshot-damaged", "$.schema: 1.0 is no schema"),
        (b'{"schema": true, "value": 1}', "snapshot-damaged", "$.schema: True is no schema"),
        (b'{"schema": 0, "value": 1}', "snapshot-damaged", "$.schema: 0 is no schema"),
        (b'{"schema": 1, "value": {"$set": [1, 1]}}', "snapshot-damaged", "one member twice"),
        (b'{"schema": 1, "value": [1, {"$date": 1}]}', "snapshot-damaged", "$[1]"),
        (b'\n{"schema": 1, "value": 1', "snapshot-damaged", "line 2"),
        (b'{"schema": 7, "value": {"$new": 1}}', "snapshot-newer", "has schema 7"),
        (b"{\n<<<<<<< ours\n", "json-conflict", "line 2"),
        (b'{"schema": 1, "value": {"$datetime": "2024-03-01T12:00:00", "zone": "Mars/Base"}}', "value-zone-data", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_place_and_next_step(content: bytes, slug: str, part: str) -> None:
    with pytest.raises(StoreError) as caught:
        read_snapshot(content, FILE)
    assert (caught.value.slug, "\n" in str(caught.value)) == (slug, False)
    assert caught.value.message.startswith(FILE)
    assert caught.value.message.count(FILE) == 1
    assert part in caught.value.message
    assert "record the case" not in caught.value.hint


@pytest.mark.parametrize(
    "name",
    ["test_price", "TestShop.test_price[EUR-7]", "test_price[a b, (c)=1~@+]", "test_price[..]"],
)
def test_good_names_stay(name: str) -> None:
    assert file_stem(name) == name


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("test_price[a/b]", "test_price[a_b]"),
        ("test_price[../../etc/passwd]", "test_price[.._.._etc_passwd]"),
        ("test_price[A:\\B*]", "test_price[A_B_]"),
        ("test_price[\u65e5\u672c]", "test_price[_]"),
        (f"test_price[{'x' * 300}]", f"test_price[{'x' * 160}"),
    ],
)
def test_other_names_stay_readable_and_get_a_hash(name: str, readable: str) -> None:
    kept, _, digest = file_stem(name).rpartition("-")
    assert kept == readable
    assert len(digest) == 8


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_never_meet(one: str, other: str) -> None:
    stems = file_stem(f"test[{one}]"), file_stem(f"test[{other}]")
    assert (stems[0] == stems[1]) is (one == other)
    for stem in stems:
        assert stem.startswith("test[")
        assert stem.isascii()
        assert not set(stem) & set('\\/?*:|"<>\0\n')
        assert len(stem) <= LONGEST
