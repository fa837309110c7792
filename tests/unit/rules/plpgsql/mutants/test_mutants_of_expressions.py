"""Calculations, rounding, texts, times, defaults and the clauses of queries, changed."""

from __future__ import annotations

import pytest
from mutant_samples import changes, made, statements

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.mutants.roundings import SETUP


def becomes(expression: str, operator: Operator, declared: str = "") -> list[str]:
    """What an expression becomes, or the part of it that is shown."""
    return [after for _, after in changes(statements(f"v := {expression};", declared), operator)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", ["b", "a - b", "a"]),
        ("a - b * c", ["b * c", "a + b * c", "a", "c", "b / c", "b"]),
        ("a / b % c", ["b", "a * b", "a", "a / b / c", "a / b"]),
        ("a + b + c", ["b", "a - b", "a", "a + b - c", "a + b"]),
        ("-a", ["a"]),
        ("g(-1, a)", ["1"]),
        ("p_day + 1", ["p_day - 1", "p_day"]),
        ("p_day - DATE '2020-01-01'", []),
        ("p_day - c.since", []),
        ("p_a / 4", ["4", "p_a * 4", "p_a / 4::numeric", "p_a"]),
        ("min(a)", ["max(a)"]),
        ("sum(a)", ["avg(a)", "max(a)"]),
        ("count(a)", ["count(*)"]),
        ("count(*)", []),
        ("greatest(a, 0)", ["greatest(0)", "greatest(a)", "least(a, 0)"]),
        ("c.sum", []),
        (
            "lag(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) + 1",
            [
                "1",
                "lag(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) - 1",
                "lag(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            ],
        ),
        ("open + query", ["query", "open - query", "open"]),
        ("s.sum(a)", []),
    ],
)
def test_calculations(expression: str, expected: list[str]) -> None:
    assert sorted(becomes(expression, Operator.ARITHMETIC)) == sorted(expected)


def test_nothing_is_assigned_to_itself() -> None:
    assert changes(statements("a := a + 1; p_day := p_day + 1; t := t || u;"), Operator.ARITHMETIC) == [
        ("a + 1", "1"),
        ("a + 1", "a - 1"),
        ("p_day + 1", "p_day - 1"),
    ]
    assert changes(statements("t := t || u;"), Operator.TEXT) == [("t || u", "u")]


@pytest.mark.parametrize(
    ("expression", "rounding", "scale"),
    [
        (
            "round(a * b, 2)",
            ["trunc(a * b, 2)", "(a * b)", "pg_temp.characterize_half_even(a * b, 2)"],
            ["round(a * b, 3)", "round(a * b, 1)"],
        ),
        ("round(a)", ["trunc(a)", "a", "pg_temp.characterize_half_even(a)"], []),
        ("trunc(a, 0)", ["round(a, 0)", "a"], ["trunc(a, 1)"]),
        ("ceil(a)", ["floor(a)", "a"], []),
        ("floor(a + 0.5)", ["ceil(a + 0.5)", "(a + 0.5)", "pg_temp.characterize_half_even(a)"], []),
        (
            "(a / b)::numeric(12,2)",
            [
                "(a / b)::numeric",
                "pg_temp.characterize_half_even(a / b, 2)::numeric(12,2)",
                "trunc(a / b, 2)::numeric(12,2)",
            ],
            ["(a / b)::numeric(12,3)", "(a / b)::numeric(12,1)"],
        ),
        ("CAST(a AS decimal(8,1))", ["decimal"], ["decimal(8,2)", "decimal(8,0)"]),
        ("c.round", [], []),
    ],
)
def test_rounding(expression: str, rounding: list[str], scale: list[str]) -> None:
    assert sorted(becomes(expression, Operator.ROUNDING)) == sorted(rounding)
    assert sorted(becomes(expression, Operator.SCALE)) == sorted(scale)


def test_rounding_by_assignment() -> None:
    found = changes(
        statements("v_x := a * b; v_y := a;", "v_x numeric(10,2); v_y numeric;"), Operator.ROUNDING
    )
    assert found == [
        ("v_x numeric(10,2)", "v_x numeric"),
        ("v_x := a * b", "v_x := pg_temp.characterize_half_even(a * b, 2)"),
        ("v_x := a * b", "v_x := trunc(a * b, 2)"),
    ]


def test_half_even_brings_its_function() -> None:
    by_setup = {bool(one.setup): one for one in made(statements("v := round(a);"))}
    assert by_setup[True].setup == SETUP
    assert list(by_setup[True].variant) == ["f"]
    assert by_setup[True].variant["f"].startswith("CREATE OR REPLACE FUNCTION pg_temp.")
    assert by_setup[True].variant["f"].endswith(by_setup[True].text)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("rest >= 0.5", ["IF rest > 0.5 OR rest = 0.5 AND n % 2 <> 0 THEN"]),
        ("rest = .5", ["IF rest = .5 AND n % 2 <> 0 THEN"]),
        ("rest > 0.5", []),
        ("rest >= 5", []),
    ],
)
def test_rounding_by_hand(condition: str, expected: list[str]) -> None:
    found = changes(statements(f"IF {condition} THEN n := n + 1; END IF;"), Operator.ROUNDING)
    assert [after for _, after in found] == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("upper(trim(a))", ["trim(a)", "lower(trim(a))", "a"]),
        ("trim(both ' ' from c.a)", ["c.a"]),
        ("lpad(a || b, 8, '0')", ["(a || b)", "rpad(a || b, 8, '0')", "b", "a"]),
        ("substring(a from 1 for 2)", ["a"]),
        ("a || b || c", ["b", "a", "a || b"]),
        ("c.upper", []),
    ],
)
def test_texts(expression: str, expected: list[str]) -> None:
    assert sorted(becomes(expression, Operator.TEXT)) == sorted(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a AT TIME ZONE 'Europe/Berlin' > b", ["a", "a AT TIME ZONE 'UTC'"]),
        ("a AT TIME ZONE 'UTC'", ["a"]),
        ("date_trunc('month', a)", ["date_trunc('quarter', a)", "date_trunc('week', a)", "a"]),
        ("extract(isodow FROM a)", ["extract(dow FROM a)"]),
        ("date_part('dow', a)", ["date_part('isodow', a)"]),
        ("current_date", ["v := (current_date + 1)", "v := (current_date - 1)", "v := now()"]),
        ("now()", ["current_date"]),
        ("a::date", ["a"]),
        ("a > DATE '2020-02-29'", ["a > DATE '2020-03-01'", "a > DATE '2020-02-28'"]),
        ("a > '2020-01-01 12:00'", ["a > '2020-01-02 12:00'", "a > '2019-12-31 12:00'"]),
        ("a > '2020-13-01'", []),
        ("a > TIME '18:00'", ["a > TIME '19:00'", "a > TIME '17:00'"]),
        ("a + interval '1 month'", ["a + interval '2 month'", "a + interval '30 days'"]),
        ("a + interval '14 days'", ["a + interval '15 day'", "a + interval '13 day'"]),
        ("a + '14 days'::interval", ["a + '15 day'::interval", "a + '13 day'::interval"]),
    ],
)
def test_times(expression: str, expected: list[str]) -> None:
    assert sorted(one.removeprefix("v := ") for one in becomes(expression, Operator.TIME)) == sorted(
        one.removeprefix("v := ") for one in expected
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("coalesce(a, 0)", ["a"]),
        ("coalesce(a + b, c, 0) * 2", ["coalesce(a + b, c)"]),
        ("coalesce(a + b, 0) * 2", ["(a + b)"]),
        ("nullif(a, '')", ["a"]),
        ("coalesce(a, '-')", ["a", "coalesce(nullif(a, ''), '-')"]),
        ("coalesce(c.text, 'x')", ["c.text", "coalesce(nullif(c.text, ''), 'x')"]),
        ("coalesce(a, '')", ["a"]),
        ("coalesce(', ' || a, '-')", ["(', ' || a)"]),
        ("coalesce(nullif(a, '0'), '-')", ["nullif(a, '0')", "a"]),
        ("coalesce(p_a, '5')", ["p_a"]),
        ("coalesce(p_day, '2020-01-01')", ["p_day"]),
    ],
)
def test_defaults(expression: str, expected: list[str]) -> None:
    assert becomes(expression, Operator.DEFAULT) == expected


def test_initial_values() -> None:
    declared = (
        "v_a int := 0; v_b int = 1; v_c int DEFAULT 2; v_d CONSTANT int := 3; v_e int NOT NULL := 4; v_f int;"
    )
    assert changes(statements("NULL;", declared), Operator.DEFAULT) == [
        ("v_a int := 0", "v_a int"),
        ("v_b int = 1", "v_b int"),
        ("v_c int DEFAULT 2", "v_c int"),
    ]


def queried(query: str, operator: Operator) -> list[str]:
    return [after for _, after in changes(statements(f"PERFORM {query};"), operator)]


def test_order() -> None:
    assert sorted(queried("a FROM t ORDER BY b, f(c) DESC LIMIT 1", Operator.ORDER)) == sorted([
        "",
        "ORDER BY f(c) DESC",
        "ORDER BY b DESC, f(c) DESC",
        "ORDER BY b NULLS FIRST, f(c) DESC",
        "ORDER BY b",
        "ORDER BY b, f(c) ASC",
    ])  # fmt: skip
    assert queried("string_agg(a, ',' ORDER BY b NULLS LAST) FROM t", Operator.ORDER) == [
        "",
        "ORDER BY b DESC NULLS LAST",
        "ORDER BY b NULLS FIRST",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a FROM t LIMIT 1", ["LIMIT 2", "LIMIT 0", ""]),
        ("a FROM t LIMIT n OFFSET 0", ["LIMIT n + 1", "LIMIT n - 1", "", "OFFSET 1", ""]),
        ("DISTINCT a FROM t", ["PERFORM a"]),
        ("count(DISTINCT a) FROM t", ["(a"]),
        ("a IS DISTINCT FROM b", []),
        ("a FROM t UNION SELECT b FROM u", ["UNION ALL"]),
        ("a FROM t UNION ALL SELECT b FROM u", ["UNION"]),
    ],
)
def test_limits(query: str, expected: list[str]) -> None:
    assert sorted(queried(query, Operator.LIMIT)) == sorted(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a FROM t JOIN u ON g(t, u)", ["LEFT JOIN u ON"]),
        ("a FROM t INNER JOIN u USING (b)", ["LEFT JOIN u USING"]),
        ("a FROM t LEFT OUTER JOIN u USING (b)", ["JOIN u USING"]),
        ("a FROM t CROSS JOIN u", []),
        ("left(a, 1)", []),
    ],
)
def test_joins(query: str, expected: list[str]) -> None:
    assert queried(query, Operator.RELATION) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a FROM t WHERE b ORDER BY c", [""]),
        ("a FROM t WHERE b AND c", ["c", "b"]),
        ("a FROM t WHERE (b OR c) GROUP BY a HAVING d", ["", "c", "b", ""]),
        ("count(*) FILTER (WHERE b) FROM t", [""]),
    ],
)
def test_conditions_of_queries_left_out(query: str, expected: list[str]) -> None:
    assert sorted(queried(query, Operator.OPERAND)) == sorted(expected)


def test_exchanged_arguments() -> None:
    assert changes(statements("PERFORM g(p_a, 5, p_text, 'x', p_day);"), Operator.SWAP) == [
        ("g(p_a, 5, p_text, 'x', p_day)", "g(5, p_a, p_text, 'x', p_day)"),
        ("g(p_a, 5, p_text, 'x', p_day)", "g(p_a, 5, 'x', p_text, p_day)"),
    ]
    assert changes(statements("PERFORM coalesce(p_a, 5), round(p_a, 2);"), Operator.SWAP) == []


def test_errors_that_are_answered() -> None:
    body = statements("IF a THEN RAISE EXCEPTION 'x'; END IF; RETURN 1;")
    assert ("RAISE EXCEPTION 'x';", "RETURN 1;") in changes(body, Operator.STATEMENT)
    body = statements("IF a THEN RAISE NOTICE 'x'; END IF; RETURN 1;")
    assert ("RAISE NOTICE 'x';", "RETURN 1;") not in changes(body, Operator.STATEMENT)


def test_errors_without_their_options() -> None:
    found = changes(
        statements("RAISE EXCEPTION 'x %', a USING ERRCODE = 'P0002', HINT = 'y';"), Operator.STATEMENT
    )
    assert [after for _, after in found] == ["", "RAISE EXCEPTION 'x %', a;"]


def test_strict() -> None:
    assert changes(statements("SELECT a INTO STRICT v FROM t;"), Operator.BRANCH) == [
        ("INTO STRICT v", "INTO v")
    ]


def test_numbers_that_comments_remember() -> None:
    body = statements("\n-- was 400 (DM 800) until 12/2011, see BILL-7\nv := 500;  -- 600 for VIPs\nw := 1;")
    assert [after for before, after in changes(body, Operator.CONSTANT) if before == "v := 500"] == [
        "v := 501",
        "v := 499",
        "v := 600",
        "v := 400",
        "v := 800",
    ]
