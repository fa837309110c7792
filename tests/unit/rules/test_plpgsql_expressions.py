"""CASE expressions, operands, and what can be told from words."""

from __future__ import annotations

import pytest

from pytest_characterize.rules.plpgsql.expressions import (
    combines_queries,
    find_cases,
    is_repeatable,
    operands,
    source_of,
    without_tail,
)
from pytest_characterize.rules.plpgsql.lexer import tokenize
from pytest_characterize.rules.plpgsql.queries import into_variables, may_match_none
from pytest_characterize.rules.plpgsql.tree import Span


def whole(source: str) -> Span:
    return Span(0, len(tokenize(source)))


def cases(source: str) -> list[tuple[str, list[str], bool]]:
    """Subject, conditions, and whether there is an ELSE, of each CASE."""
    tokens = tokenize(source)
    return [
        (
            source_of(tokens, case.subject) if case.subject else "",
            [source_of(tokens, condition) for _, condition in case.whens],
            case.otherwise is not None,
        )
        for case in find_cases(tokens, whole(source))
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + 1", []),
        ("CASE WHEN a THEN 1 END", [("", ["a"], False)]),
        ("CASE x WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END", [("x", ["1", "3"], True)]),
        (
            "CASE WHEN CASE WHEN a THEN b END THEN CASE y WHEN 1 THEN 2 END END",
            [("", ["CASE WHEN a THEN b END"], False), ("", ["a"], False), ("y", ["1"], False)],
        ),
        ("CASE WHEN (SELECT CASE z WHEN 1 THEN 2 END) THEN 3 END", [
            ("", ["(SELECT CASE z WHEN 1 THEN 2 END)"], False), ("z", ["1"], False),
        ]),
        ("SELECT a AS case, b AS end, c.when FROM d", []),
        ("SELECT CASE WHEN a THEN b END AS end", [("", ["a"], False)]),
        ("MERGE INTO a USING b ON CASE WHEN c THEN d END WHEN MATCHED THEN DELETE", [("", ["c"], False)]),
        ("f(CASE WHEN a THEN b) END", []),
        ("CASE END", []),
        ("CASE WHEN a END", []),
        ("SELECT 1 case", []),
    ],
)  # fmt: skip
def test_cases(source: str, expected: list[tuple[str, list[str], bool]]) -> None:
    assert cases(source) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a", ["a"]),
        ("a AND b", ["a", "b"]),
        ("a OR b AND c", ["a", "b", "c"]),
        ("a AND (b OR c)", ["a", "b", "c"]),
        ("NOT (a AND b)", ["a", "b"]),
        ("NOT a", ["a"]),
        ("NOT a = 1 AND NOT b", ["a = 1", "b"]),
        ("a BETWEEN 1 AND 2", ["a BETWEEN 1 AND 2"]),
        ("a BETWEEN 1 AND 2 AND b", ["a BETWEEN 1 AND 2", "b"]),
        ("a NOT BETWEEN SYMMETRIC 1 AND 2 OR b BETWEEN 3 AND 4", [
            "a NOT BETWEEN SYMMETRIC 1 AND 2", "b BETWEEN 3 AND 4",
        ]),
        ("(a)", ["(a)"]),
        ("((a AND b))", ["a", "b"]),
        ("(a, b) = (1, 2) AND c", ["(a, b) = (1, 2)", "c"]),
        ("(SELECT a AND b) OR c", ["(SELECT a AND b)", "c"]),
        ("CASE WHEN a AND b THEN c END", ["CASE WHEN a AND b THEN c END"]),
        ("CASE WHEN a AND b THEN c END AND d", ["CASE WHEN a AND b THEN c END", "d"]),
        ("(a) AND (b)", ["(a)", "(b)"]),
        ("f(a AND b)", ["f(a AND b)"]),
        ("'x AND y' = a AND b", ["'x AND y' = a", "b"]),
    ],
)  # fmt: skip
def test_operands(condition: str, expected: list[str]) -> None:
    tokens = tokenize(condition)
    assert [source_of(tokens, span) for span in operands(tokens, whole(condition))] == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a > 1", "a > 1"),
        ("count(*) > 0 FROM t WHERE b", "count(*) > 0"),
        ("a IS DISTINCT FROM b", "a IS DISTINCT FROM b"),
        ("extract(day FROM a) = 1", "extract(day FROM a) = 1"),
        ("t.limit > 1", "t.limit > 1"),
        ("CASE WHEN a THEN b END ORDER BY c", "CASE WHEN a THEN b END"),
    ],
)
def test_without_tail(condition: str, expected: str) -> None:
    tokens = tokenize(condition)
    assert source_of(tokens, without_tail(tokens, whole(condition))) == expected


def test_combined_queries() -> None:
    for condition, expected in {
        "a UNION SELECT b": True, "a FROM t EXCEPT SELECT b": True, "a = (SELECT 1 UNION SELECT 2)": False,
    }.items():  # fmt: skip
        assert combines_queries(tokenize(condition), whole(condition)) is expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("a", True), ("t.a", True), ("$1", True), ("a + 1", True), ("upper(a)", True), ("a::numeric(5,2)", True),
        ("substring(a from 1 for 2)", True), ("'x' || a", True), ("TG_OP", True), ("left(a, 2)", True),
        ("(a + (b))", True), ("f(a)", False), ("((a, b))", False),
        ("a AND (b)", True), ("mod((a), 3)", True), ("ARRAY[a, b]", False), ("xs[1]", True),
        ("'x'", False), ("NULL", False), ("random()", False), ("nextval('s')", False), ("s.upper(a)", False),
        ("(SELECT 1)", False), ("(a, b)", False), ("ROW(a, b)", False), ('"Do it"(a)', False), ("a || 'x\ny'", False),
    ],
)  # fmt: skip
def test_repeatable(subject: str, expected: bool) -> None:
    assert is_repeatable(tokenize(subject), whole(subject)) is expected


def test_source_is_one_line_without_comments() -> None:
    source = "a -- c\n  >\n'x\n  y' /* d */ AND f(b)"
    assert source_of(tokenize(source), whole(source)) == "a > 'x y' AND f(b)"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select a from b", True),
        ("select 1", False),
        ("select f ( a )", False),
        ("select count ( * ) from b", False),
        ("select count ( * ) from b group by c", True),
        ("select count ( * ) over ( ) from b", True),
        ("select sum ( a ) filter ( where c ) over ( ) from b", True),
        ("select coalesce ( max ( a ) , 0 ) + 1 from b", False),
        ("select ( select max ( a ) from c ) from b", True),
        ("select max ( a ) from b limit 1", True),
        ("perform f ( a )", False),
        ("perform a from b where c", True),
        ("insert into a values ( 1 )", False),
        ("insert into a values ( 1 ) on conflict do nothing", True),
        ("insert into a default values", False),
        ("insert into a select b from c", True),
        ("values ( 1 )", False),
        ("update a set b = 1", True),
        ("delete from a", True),
        ("with x as ( select 1 ) select a from x", True),
        ("execute a", True),
        ("", True),
    ],
)
def test_statements_that_may_match_none(statement: str, expected: bool) -> None:
    assert may_match_none(statement.split()) is expected


def test_into() -> None:
    assert into_variables(["select", "a", "from", "b"]) == ""
    assert into_variables(["insert", "into", "a", "values", "(", "1", ")"]) == ""
    assert into_variables(["merge", "into", "a", "using", "b"]) == ""
    assert into_variables(["insert", "into", "a", "select", "b", "returning", "c", "into", "d"]) == "into"
    assert into_variables(["select", "a", "into", "strict", "b"]) == "strict"
