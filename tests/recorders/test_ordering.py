"""Whether a statement asks for an order."""

from __future__ import annotations

import pytest

from pytest_characterize_recorders.sources.ordering import asks_for_order

ORDERED = [
    "SELECT a FROM t ORDER BY a",
    "select a from t order\n by a;",
    "SELECT a FROM t ORDER/**/BY a",
    "SELECT a FROM t ORDER -- by nothing\n BY a",
    "SELECT a FROM t ORDER /* a /* nested */ comment */ BY a",
    "(SELECT a FROM t ORDER BY a)",
    "((SELECT a FROM t ORDER BY a)) ;",
    "(SELECT a FROM t) UNION (SELECT b FROM u) ORDER BY 1",
    "WITH x AS (SELECT 1 AS a) SELECT a FROM x ORDER BY a LIMIT 3",
    "SELECT '(' AS a FROM t ORDER BY a",
    "SELECT E'\\'(' AS a FROM t ORDER BY a",
    'SELECT "(" FROM t ORDER BY 1',
    "SELECT $$ ( $$ FROM t ORDER BY 1",
    "SELECT $tag$ $$ ( $tag$ FROM t ORDER BY 1",
    "SELECT %(name)s FROM t ORDER BY 1",
    "SELECT a FROM t -- (\nORDER BY a",
    "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b DESC",
    "SELECT 'it''s (' FROM t ORDER BY 1",
]
UNORDERED = [
    "SELECT a FROM t",
    "SELECT rank() OVER (ORDER BY a) FROM t",
    "SELECT array_agg(a ORDER BY a) FROM t",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
    "SELECT a FROM (SELECT a FROM t ORDER BY a) AS x",
    "WITH x AS (SELECT a FROM t ORDER BY a) SELECT a FROM x",
    "(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT b FROM u ORDER BY b LIMIT 1)",
    "SELECT 'ORDER BY a' FROM t",
    'SELECT "ORDER BY" FROM t',
    "SELECT a FROM t -- ORDER BY a",
    "SELECT a FROM t /* ORDER BY a",
    "SELECT $$ ORDER BY $$ FROM t",
    "SELECT $a$ ORDER BY $b$ FROM t",
    "SELECT E'\\' ORDER BY a' FROM t",
    "SELECT a AS border, by FROM t",
    "SELECT a FROM orders",
    "",
    ")",
]


@pytest.mark.parametrize("statement", ORDERED)
def test_ordered(statement: str) -> None:
    assert asks_for_order(statement)


@pytest.mark.parametrize("statement", UNORDERED)
def test_unordered(statement: str) -> None:
    assert not asks_for_order(statement)
