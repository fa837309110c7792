"""Paths as text, and the patterns of policies."""

from __future__ import annotations

from datetime import date

import pytest
from compare_support import told

from pytest_characterize.compare.paths import (
    EFFECTS,
    RETURNED,
    Pattern,
    check_pattern,
    markup_step,
    render,
)
from pytest_characterize.errors import UsageError


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("price", "$.price"),
        ("content-type", "$.content-type"),
        ("odd key", '$["odd key"]'),
        ("", '$[""]'),
        ("a.b", '$["a.b"]'),
        ('say "hi"', '$["say \\"hi\\""]'),
        ("größe", '$["gr\\u00f6\\u00dfe"]'),
        ("\ud800", '$["\\ud800"]'),
        ("7", '$["7"]'),
        (7, "$[7]"),
        (-7, "$[-7]"),
        (True, "$[True]"),
        (None, "$[None]"),
        (date(2024, 3, 1), "$[2024-03-01]"),
        ((1, "a"), "$[\"(1, 'a')\"]"),
    ],
)
def test_a_key_as_a_step(key: object, shown: str) -> None:
    assert render((RETURNED, key)) == shown
    assert told({key: 1}, {key: 2}) == [(shown, "value")]
    assert Pattern(shown).at(shown)
    assert Pattern("$.*").at(shown)
    assert Pattern("$").covers(shown)


def test_a_long_path() -> None:
    path = ((((EFFECTS, "tables"), "ledger"), "inserted"), 0)
    assert render((path, "amount")) == "$effects.tables.ledger.inserted[0].amount"


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (markup_step("td"), "/td"),
        (markup_step("td", 3), "/td[3]"),
        (markup_step("text()", 2), "/text()[2]"),
        (markup_step("href", attribute=True), "/@href"),
        (markup_step("xlink:href", attribute=True), "/@xlink:href"),
        (markup_step('a"b[', attribute=True), '/@"a\\"b["'),
    ],
)
def test_a_markup_step(step: str, shown: str) -> None:
    path = render(((RETURNED, "body"), step))
    assert path == f"$.body{shown}"
    assert Pattern("$.body").covers(path)
    assert Pattern("$.body/*").at(path)


MATCHES = [
    ("$", "$"),
    ("$.lines[*].price", "$.lines[2].price"),
    ("$.lines.*.price", "$.lines[2].price"),
    ("$[*].price", "$.lines.price"),
    ("$.lines[2]", "$.lines[2]"),
    ("$.**.price", "$.price"),
    ("$.**.price", "$.lines[2].taxes[0].price"),
    ("$.**", "$.lines[2]"),
    ("$.lines.**", "$.lines"),
    ('$["odd key"].x', '$["odd key"].x'),
    ("$['odd key'].x", '$["odd key"].x'),
    ('$["plain"]', "$.plain"),
    ("$.größe", '$["gr\\u00f6\\u00dfe"]'),
    ("$[2024-03-01]", "$[2024-03-01]"),
    ("$raised.message", "$raised.message"),
    ("$notices[*]", "$notices[3]"),
    ("$effects.tables.*.inserted[*].id", "$effects.tables.ledger.inserted[0].id"),
    ("$effects.tables.ledger.inserted[*].vat", "$effects.tables.ledger.inserted[*].vat"),
    ("$.body/html/body/table/tr/td", "$.body/html/body/table[2]/tr[1]/td[3]"),
    ("$.body/html/body/table/tr[*]/td[3]", "$.body/html/body/table/tr[1]/td[3]"),
    ("$.body/**/td[3]", "$.body/html/body/table/tr[1]/td[3]"),
    ("$.body/**/@class", "$.body/html/body/table/@class"),
    ("$.body/*/body", "$.body/html/body"),
    ("$.headers.content-type", "$.headers.content-type"),
]


@pytest.mark.parametrize(("pattern", "path"), MATCHES)
def test_a_pattern_that_names_a_path(pattern: str, path: str) -> None:
    check_pattern(pattern)
    assert Pattern(pattern).at(path)
    assert Pattern(pattern).covers(path)
    assert Pattern(pattern).covers(path + ("/tr[3]/@id" if "/" in path else ".below[3]"))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("$.line", "$.lines"),
        ("$.lines", "$"),
        ("$.lines[*]", "$.lines"),
        ("$.lines[1]", "$.lines[11]"),
        ("$.a.c", "$.a.b.c"),
        ("$.a.*.c", "$.a.c"),
        ("$.body/tr[1]", "$.body/tr[10]"),
        ("$.body/tr[1]", "$.body/tr"),
        ("$.body/t", "$.body/tr"),
        ("$raised", "$"),
        ("$", "$raised.message"),
        ("$", "$effects.tables"),
        ("$effects", "$"),
    ],
)
def test_a_pattern_that_does_not(pattern: str, path: str) -> None:
    assert not Pattern(pattern).at(path)
    assert not Pattern(pattern).covers(path)


def test_a_pattern_above_covers_but_is_not_at() -> None:
    assert Pattern("$.lines").covers("$.lines[2].price")
    assert not Pattern("$.lines").at("$.lines[2].price")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "does not begin"),
        ("lines", "does not begin"),
        ("**.price", "does not begin"),
        ("$lines", "does not begin"),
        ("$.", "'.' is no step"),
        ("$.a..b", "'..b' is no step"),
        ("$.a b", "' b' is no step"),
        ("$.lines[", "'[' is no step"),
        ("$.lines[]", "'[]' is no step"),
        ("$.lines[*", "'[*' is no step"),
        ("$.lines['a]", "is no step"),
        ('$["\\x"]', "is no JSON string"),
        ("$.a*", "'*' is no step"),
        ("$.body/", "'/' is no step"),
        ("$.body/tr[*", "is no step"),
        ("$ .a", "is no step"),
    ],
)
def test_what_is_no_pattern(pattern: str, why: str) -> None:
    with pytest.raises(UsageError, match="policy-bad-path") as caught:
        check_pattern(pattern)
    assert caught.value.slug == "policy-bad-path"
    assert why in caught.value.message
    assert repr(pattern) in caught.value.message
    assert "\n" not in str(caught.value)


def test_many_wildcards_cost_little() -> None:
    pattern = Pattern("$" + ".**.x" * 6)
    path = "$" + ".x.y[3]" * 60
    assert not pattern.at(path + ".z")
    assert pattern.covers(path)
