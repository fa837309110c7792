"""Fingerprints hold for any text: they never fail, take linear time, and do not see what has no meaning."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.sql.fingerprints import fingerprint, normalised
from pytest_characterize.sql.lexer import Sort, dialect, skeleton, tokens

VENDORS = ("", "postgresql", "mysql", "sqlite", "oracle", "microsoft")
PIECES = (
    "'", '"', "`", "$$", "$a$", "/*", "*/", "--", "#", "\n", "\\", "(", ")", "[", "]", ",", ";", ":", "::", ".",
    "?", "%s", "%(a)s", "@", "E'", "q'[", "]'", "1", "-", "+", " ", "IN", "VALUES", "SELECT", "ARRAY", "TRUE",
    "NOT", "SAVEPOINT", "a", "é", "E", "N", "|", "&",
)  # fmt: skip
texts = st.text() | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
vendors = st.sampled_from(VENDORS)

gaps = st.sampled_from([" ", "\n\t", " /* x */ ", " -- ' x\n", " /**/\r\n"])
values = st.sampled_from(["1", "-2.5", "'it''s'", "%s", "$3", "'-- x'", "0x1F", "1e-5", ":name", "TRUE"])
statements = st.sampled_from(
    [
        "SELECT a . b , count ( * ) FROM t WHERE c = {} AND d IN ( {} , {} ) ORDER BY e LIMIT {}",
        "INSERT INTO t ( a , b ) VALUES ( {} , {} ) , ( {} , now ( ) )",
        "UPDATE t SET a = {} , b = a + {} WHERE c BETWEEN {} AND {}",
        "SELECT \"AB\" FROM t JOIN u ON t . x = u . x WHERE f ( {} , {} ) > {} OR NOT EXISTS ( SELECT {} )",
    ]
)  # fmt: skip


@given(texts, vendors)
def test_every_text_has_one_and_its_normal_form_is_final(text: str, vendor: str) -> None:
    once = normalised(text, vendor)
    assert normalised(once, vendor) == once
    assert fingerprint(text, vendor) == fingerprint(once, vendor)


@given(
    texts
    | st.lists(st.sampled_from((*PIECES, "e", "q", "n", "_", "0", "$1", "=", "@?", "''", "''"))).map("".join),
    vendors,
)
def test_a_skeleton_has_the_tokens_of_its_text(text: str, vendor: str) -> None:
    found = skeleton(text, dialect(vendor))
    if found is not None:
        told, expected = (
            [(sort, word if sort is not Sort.LITERAL else "") for sort, word in tokens(one, dialect(vendor))]
            for one in (found, text)
        )
        assert told == expected


@given(st.data(), statements, vendors)
def test_values_leave_a_skeleton_behind(data: st.DataObject, statement: str, vendor: str) -> None:
    words = (data.draw(values) if word == "{}" else word for word in statement.split())
    text = " ".join(words)
    assert skeleton(text, dialect(vendor)) is not None
    assert fingerprint(text, vendor).text == normalised(text, vendor)


@given(st.data(), statements, vendors)
def test_layout_comments_and_values_do_not_count(data: st.DataObject, statement: str, vendor: str) -> None:
    words = [data.draw(values) if word == "{}" else word for word in statement.split()]
    written = "".join(word + data.draw(gaps) for word in words)
    plain = statement.replace("{}", "?")
    assert normalised(written, vendor) == normalised(plain, vendor)


@given(statements, st.integers(1, 40), vendors)
def test_the_length_of_lists_does_not_count(statement: str, times: int, vendor: str) -> None:
    one = "SELECT a FROM t WHERE b IN (?)"
    assert normalised(f"SELECT a FROM t WHERE b IN ({', '.join('5' * times)})", vendor) == one
    rows = ", ".join(["('x', 1, now())"] * times)
    assert normalised(f"INSERT INTO t VALUES {rows}", vendor) == "INSERT INTO t VALUES (?, ?, now())"


@pytest.mark.parametrize(
    "piece",
    [
        "'", "''", '"', "$a$ ", "/*", "*/", "(", "(1,", "IN (", "VALUES (1),", "[", "-", "- 1 ", "a", "1", "%(a", ":a",
        "E'\\", "0x", "1.", "$1$",
    ],
)  # fmt: skip
@pytest.mark.parametrize("vendor", ["", "mysql", "oracle"])
def test_time_grows_as_the_text_does(piece: str, vendor: str) -> None:
    def cost(times: int) -> float:
        text, best = piece * times, float("inf")
        for _ in range(3):
            start = process_time()
            normalised(text, vendor)
            best = min(best, process_time() - start)
        return best

    small = max(cost(2_000), 0.001)
    assert cost(16_000) < 8 * 5 * small  # 64 times were quadratic
