"""Reading the sources of routines: what is code, and what of it could not be undone."""

from __future__ import annotations

import pytest

from pytest_characterize_recorders.sources.mariadb.lexing import tokens
from pytest_characterize_recorders.sources.mariadb.undoing import harm


@pytest.mark.parametrize(
    ("text", "sql_mode", "found"),
    [
        ("a -- b\nc", "", ["a", "c"]),
        ("a--b", "", ["a", "-", "-", "b"]),
        ("a # b\nc", "", ["a", "c"]),
        ("a /* b /* c */ d", "", ["a", "d"]),
        ("a /*!50001 b */ /*M!100400 c */ d", "", ["a", "b", "c", "d"]),
        (r"'it''s \' here' b", "", [r"it''s \' here", "b"]),
        (r"'a\' b", "NO_BACKSLASH_ESCAPES", ["a\\", "b"]),
        ('"a ""b""" c', "", ['a ""b""', "c"]),
        ('"a ""b""" c', "ANSI_QUOTES", ['a "b"', "c"]),
        ("`a``;b`.c", "", ["a`;b", ".", "c"]),
        ("@a := @@session.b", "", ["@a", ":", "=", "@@session.b"]),
        ("1.5 2x $a", "", ["1.5", "2x", "$a"]),
        ("'never closed", "", ["'", "never", "closed"]),
    ],
)
def test_tokens(text: str, sql_mode: str, found: list[str]) -> None:
    assert [token.text for token in tokens(text, sql_mode)] == found


@pytest.mark.parametrize(
    ("mode", "is_code"), [("", False), ("ANSI_QUOTES", False), ("NO_BACKSLASH_ESCAPES", True)]
)
def test_the_mode_decides_what_is_code(mode: str, is_code: bool) -> None:
    source = r"CREATE PROCEDURE p() BEGIN SET @x = 'a\'; COMMIT; SET @y = '; END"
    found = harm(tokens(source, mode))
    assert (found is not None) is is_code


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT a FROM t LIMIT 5 LOCK IN SHARE MODE",
        "SELECT `commit`, t.drop FROM t",
        "SELECT 'COMMIT'",
        "SET x = 'autocommit'",
        "CREATE OR REPLACE TEMPORARY TABLE tmp (n INT) CHECK (n > 0)",
        "SET TIME_ZONE = 'SYSTEM'",
        "SELECT n FROM old FOR UPDATE",
        "INSERT INTO t VALUES (REPLACE('a', 'b', 'c'))",
    ],
)
def test_no_harm(statement: str) -> None:
    assert harm(tokens(f"CREATE PROCEDURE p() BEGIN {statement}; END"), {"old"}) is None
