"""What statements have in common, dialect by dialect."""

from __future__ import annotations

import pytest

from pytest_characterize.sql.display import LONGEST, laid_out
from pytest_characterize.sql.fingerprints import fingerprint, normalised, opening


@pytest.mark.parametrize(
    ("vendor", "sql", "text"),
    [
        ("", "select  A.x from\n a -- why\n where y = 'it''s' and z=-1.5e3;",
         "SELECT A.x FROM a WHERE y = ? AND z = ?"),
        ("", "SELECT /* a /* nested */ comment */ 1", "SELECT ?"),
        ("", "SELECT $$body; 'x' -- $$, $t$ $$ $t$, E'a\\'b', U&'d' FROM t", "SELECT ?, ?, ?, ? FROM t"),
        ("", "SELECT a::int, b[1], c->>'k', d ?| e, f @> $1", "SELECT a::int, b[?], c ->> ?, d ?| e, f @> ?"),
        ("", "SELECT count (*), max( a ) FROM t", "SELECT count(*), max(a) FROM t"),
        ("", "SELECT a FROM t WHERE b = %s AND c = %(c)s AND d = :d AND e = ?",
         "SELECT a FROM t WHERE b = ? AND c = ? AND d = ? AND e = ?"),
        ("", "SELECT a - 1, a -1, (-1), - - 1, -a", "SELECT a - ?, a - ?, (?), ?, - a"),
        ("", "SELECT a FROM t WHERE b IS TRUE OR c = true", "SELECT a FROM t WHERE b IS TRUE OR c = ?"),
        ("", "SELECT a FROM t WHERE (b, c) IN ((1, 2), (3, 4))", "SELECT a FROM t WHERE (b, c) IN ((?, ?))"),
        ("", "SELECT a WHERE b IN (SELECT 1, 1) AND c = ANY(ARRAY[1, 2])",
         "SELECT a WHERE b IN (SELECT ?, ?) AND c = ANY (ARRAY[?])"),
        ("", "INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, DEFAULT), (3, now())",
         "INSERT INTO t(a, b) VALUES (?, DEFAULT), (?, now())"),
        ("", 'SAVEPOINT "s140_x1"', "SAVEPOINT ?"),
        ("", 'SELECT "a b"."C""d" FROM "T"', 'SELECT "a b"."C""d" FROM "T"'),
        ("postgresql", "SELECT 'C:\\' || a", "SELECT ? || a"),
        ("mysql", "SELECT 'it\\'s', \"it\\\"s\", `a``b` # why\n FROM t -- x\n WHERE 5--1",
         "SELECT ?, ?, `a``b` FROM t WHERE ? - ?"),
        ("mysql", "SELECT /*!40001 SQL_NO_CACHE */ a /* x /* y */", "SELECT SQL_NO_CACHE a"),
        ("mysql", "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a), b = VALUES(b)",
         "INSERT INTO t VALUES (?) ON DUPLICATE KEY UPDATE a = VALUES (a), b = VALUES (b)"),
        ("sqlite", "SELECT [it's], `b` FROM t /* x /* y */ WHERE a = ?1", "SELECT [it's], `b` FROM t WHERE a = ?"),
        ("mssql", "SELECT TOP 5 [a]]b] FROM #tmp WHERE c = @p1", "SELECT TOP ? [a]]b] FROM # tmp WHERE c = @p1"),
        ("oracle", "SELECT q'[it's]' FROM dual WHERE a = :1", "SELECT ? FROM dual WHERE a = ?"),
    ],
)  # fmt: skip
def test_texts(vendor: str, sql: str, text: str) -> None:
    assert normalised(sql, vendor) == text
    assert normalised(text, vendor) == text


@pytest.mark.parametrize(
    "text", ["'a", '"a', "`a", "/* a", "$x$ a", "E'a\\", "(((", ")))", "", ";;", "\x00", "\ud800", "%", "$"]
)
def test_what_is_not_closed_has_a_fingerprint_too(text: str) -> None:
    for vendor in ("", "mysql", "sqlite", "oracle", "mssql"):
        assert len(fingerprint(text, vendor).digest) == 16


def test_a_fingerprint_tells_names_apart_and_nothing_else() -> None:
    assert fingerprint("SELECT a FROM t WHERE b=1") == fingerprint("select a from t where b = 'x'")
    assert fingerprint("SELECT a FROM t WHERE b=1") != fingerprint("SELECT a FROM u WHERE b=1")
    assert fingerprint('SELECT "a"') != fingerprint('SELECT "A"')


@pytest.mark.parametrize(("sql", "word"), [("-- x\n savepoint a", "SAVEPOINT"), ("(SELECT 1)", ""), ("", "")])
def test_how_a_statement_opens(sql: str, word: str) -> None:
    assert opening(sql) == word


def test_statements_are_laid_out_where_that_is_cheap() -> None:
    assert laid_out("SELECT a FROM t WHERE b = ?") == "SELECT a\nFROM t\nWHERE b = ?"
    long = f"SELECT {'a, ' * LONGEST} b"
    assert laid_out(long) == long
