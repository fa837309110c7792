"""Nothing from outside acts on a terminal, hides in it, or speaks to a CI runner."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from run_strategies import TEXTS

from pytest_characterize.report import marks, showing, visible, words, writing
from pytest_characterize.report.visible import (
    ascii_only,
    columns,
    look_alike,
    pad,
    quoted,
    shorten,
    unspoken,
)


@pytest.mark.parametrize(
    "module", [visible, showing, words, marks, writing], ids=lambda module: module.__name__
)
def test_the_examples_of_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[2J\x1b[1;31mgone", "\\x1b[2J\\x1b[1;31mgone"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb\nc\td\0", "a\\rb\\nc\\td\\x00"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("no\u00a0break", "no\\xa0break"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("half \ud83d", "half \\ud83d"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("filler \u3164 blank \u2800", "filler \\u3164 blank \\u2800"),
        ("selector \ufe0f", "selector \\ufe0f"),
        ("Grüße, 日本, 🙂", "Grüße, 日本, 🙂"),
        (r"C:\x.json", r"C:\x.json"),
    ],
)
def test_what_shows_nothing_becomes_an_escape(text: str, shown: str) -> None:
    assert visible.visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::boo", r"\x3a:error::boo"),
        ("   ::set-output name=x::1", r"   \x3a:set-output name=x::1"),
        ("a::b", "a::b"),
        ("##[error]x", r"\x23#[error]x"),
        ("x ##vso[task.setvariable]y", r"x \x23#vso[task.setvariable]y"),
        ("##teamcity[testFailed]", r"\x23#teamcity[testFailed]"),
        ("## heading", "## heading"),
    ],
)
def test_runner_commands_are_taken_the_voice(text: str, shown: str) -> None:
    assert unspoken(text) == shown
    assert visible.visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "''"),
        ("a b", "'a b'"),
        (" a", "'·a'"),
        ("a  b", "'a··b'"),
        ("   ", "'···'"),
        ("a·b", r"'a\xb7b'"),
        ("it's", '"it\'s"'),
        ("'\"", "'\\'\"'"),
        ("back\\slash", "'back\\\\slash'"),
        ("\n", r"'\n'"),
        ("\\n", r"'\\n'"),
    ],
)
def test_a_quoted_text_is_unambiguous(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_quoted_texts_of_similar_strings_differ() -> None:
    similar = [
        "a b",
        "a  b",
        "a\tb",
        "a·b",
        "a··b",
        "a\\xb7b",
        "a\u00a0b",
        "a\\tb",
        "a b ",
        "'a b'",
        "a\\\\tb",
    ]
    assert len({quoted(text) for text in similar}) == len(similar)


@given(TEXTS)
def test_any_text_becomes_one_printable_line(text: str) -> None:
    for shown in (visible.visible(text), quoted(text), ascii_only(visible.visible(text))):
        assert shown.isprintable()
        assert not shown.lstrip().startswith("::")
        assert "##[" not in shown
        assert shown.encode("utf-8").decode("utf-8") == shown


def test_columns_count_wide_and_combining_characters() -> None:
    assert [columns(text) for text in ("abc", "日本", "e\u0301", "")] == [3, 4, 1, 0]
    assert pad("日本", 6) == "日本  "
    assert pad("too long", 3) == "too long"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語日本", 6, "日本…"), ("", 3, "")],
)
def test_shortening_says_that_something_is_missing(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown
    assert columns(shown) <= width


def test_texts_that_look_alike_are_told_apart() -> None:
    assert look_alike("\u00e9", "e\u0301")
    assert look_alike("ﬁ", "fi")
    assert not look_alike("e", "\u00e9")
    assert ascii_only("e\u0301…") == r"e\u0301…"
