"""Comparisons, conditions and arms, changed."""

from __future__ import annotations

import pytest
from mutant_samples import changes, made, statements

from pytest_characterize.rulemutants import Operator

RELATIONS = (Operator.BOUNDARY, Operator.RELATION)


def compared(condition: str) -> list[str]:
    """What a condition becomes."""
    return [after for _, after in changes(statements(f"PERFORM g({condition});"), *RELATIONS)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("p_a < 5", ["p_a <= 5", "p_a <> 5", "p_a >= 5"]),
        ("p_a <= 5", ["p_a < 5", "p_a = 5", "p_a > 5"]),
        ("p_a > 5", ["p_a >= 5", "p_a <> 5", "p_a <= 5"]),
        ("p_a >= 5", ["p_a > 5", "p_a = 5", "p_a < 5"]),
        ("p_a = 5", ["p_a <> 5", "p_a <= 5", "p_a >= 5"]),
        ("p_a != 5", ["p_a = 5", "p_a < 5", "p_a > 5"]),
        ("c.name = p_text", ["c.name <> p_text"]),
        ("c.name <> 'x'", ["c.name = 'x'"]),
        ("c.x IS NULL", ["c.x IS NOT NULL"]),
        ("c.x IS NOT NULL", ["c.x IS NULL"]),
        ("a IS DISTINCT FROM b", ["a <> b", "a IS NOT DISTINCT FROM b"]),
        ("a IS NOT DISTINCT FROM b", ["a = b", "a IS DISTINCT FROM b"]),
        ("c.name LIKE 'A%'", ["c.name = 'A%'", "c.name NOT LIKE 'A%'", "c.name ILIKE 'A%'"]),
        ("c.name NOT ILIKE 'A%'", ["c.name ILIKE 'A%'", "c.name NOT LIKE 'A%'"]),
        ("c.name ~* 'a'", ["c.name ~ 'a'"]),
        ("c.name !~ 'a'", ["c.name ~ 'a'"]),
        (
            "c.x IN ('a', 'b', 'c')",
            ["c.x NOT IN ('a', 'b', 'c')", "c.x IN ('b', 'c')", "c.x IN ('a', 'c')", "c.x IN ('a', 'b')"],
        ),
        ("c.x NOT IN ('a')", ["c.x IN ('a')"]),
        ("c.x IN (SELECT y FROM t)", ["c.x NOT IN (SELECT y FROM t)"]),
        (
            "p_a BETWEEN 1 AND 12",
            [
                "(p_a > 1 AND p_a <= 12)",
                "(p_a >= 1 AND p_a < 12)",
                "p_a NOT BETWEEN 1 AND 12",
            ],
        ),
        (
            "a + b * 2 > -c AND d",
            ["a + b * 2 >= -c", "a + b * 2 <> -c", "a + b * 2 <= -c"],
        ),
        ("NOT a = b", ["a <> b"]),
        (
            "count(*) FILTER (WHERE b) > 1",
            [f"count(*) FILTER (WHERE b) {sign} 1" for sign in (">=", "<>", "<=")],
        ),
        ("f(a, b)[1] = (c)::int + 1", ["f(a, b)[1] <> (c)::int + 1"]),
    ],
)
def test_comparisons(condition: str, expected: list[str]) -> None:
    assert sorted(compared(condition)) == sorted(expected)


@pytest.mark.parametrize(
    "code",
    [
        "v_x = p_a;",
        "v_x.y[1] = p_a;",
        "UPDATE t SET a = 1, (b, c) = (2, 3), d = 4;",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a, b = 2;",
        "PERFORM g(a => 1, b := 2);",
        "RAISE EXCEPTION 'x' USING ERRCODE = 'P0001', HINT = 'y';",
        "GET DIAGNOSTICS v_x = ROW_COUNT;",
        "FOR i IN 1..5 LOOP END LOOP;",
        "EXECUTE 'SELECT 1 WHERE a = 1';",
        "CREATE TEMP TABLE x AS SELECT 1 WHERE a = 1;",
    ],
)
def test_what_compares_nothing(code: str) -> None:
    assert changes(statements(code, "v_x int = 5; v_y CONSTANT int = 3;"), *RELATIONS) == []


def test_what_compares_beside_an_assignment() -> None:
    assert changes(
        statements("UPDATE t SET a = b = c, d = 1 WHERE e = f;", "v_x bool = a = b;"), Operator.RELATION
    ) == [("a = b", "a <> b"), ("b = c", "b <> c"), ("e = f", "e <> f")]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("NOT FOUND", [("NOT FOUND", "FOUND")]),
        ("v_x", [("v_x", "NOT v_x")]),
        ("EXISTS (SELECT 1)", [("EXISTS (SELECT 1)", "NOT EXISTS (SELECT 1)")]),
        ("v_a > 5", []),
        ("v_a IS NULL", []),
        (
            "v_a > 5 AND g(v_b)",
            [("v_a > 5 AND g(v_b)", "NOT (v_a > 5 AND g(v_b))"), ("g(v_b)", "NOT g(v_b)")],
        ),
        ("NOT (a > 1 OR b > 1)", [("NOT (a > 1 OR b > 1)", "NOT (NOT (a > 1 OR b > 1))")]),
    ],
)
def test_negated_conditions(condition: str, expected: list[tuple[str, str]]) -> None:
    found = changes(statements(f"IF {condition} THEN PERFORM g(); END IF;"), Operator.NEGATION)
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a AND b", ["b", "a"]),
        ("a OR b AND c", ["b AND c", "a", "a OR c", "a OR b"]),
        ("x BETWEEN 1 AND 2 AND b", ["b", "x BETWEEN 1 AND 2", "(x >= 1) AND b", "(x <= 2) AND b"]),
        ("(a OR b) AND NOT c", ["(b) AND NOT c", "(a) AND NOT c", "NOT c", "(a OR b)"]),
        ("CASE WHEN a AND b THEN c END", ["CASE WHEN b THEN c END", "CASE WHEN a THEN c END"]),
    ],
)
def test_operands_left_out(condition: str, expected: list[str]) -> None:
    body = statements(f"v := {condition};")
    found = [
        " ".join(one.text.partition("v :=")[2].partition(";")[0].split())
        for one in made(body)
        if one.mutant.operator is Operator.OPERAND
    ]
    assert sorted(found) == sorted(expected)


def test_arms() -> None:
    body = statements("IF a > 1 THEN v := 1; w := 1; ELSIF b > 2 THEN v := 2; ELSE v := 3; w := 4; END IF;")
    assert changes(body, Operator.BRANCH) == [
        ("IF a > 1 THEN", "IF FALSE THEN"),
        ("IF a > 1 THEN", "IF TRUE THEN"),
        ("ELSIF b > 2 THEN", "ELSIF FALSE THEN"),
        ("ELSIF b > 2 THEN", "ELSIF TRUE THEN"),
        ("ELSE v := 3; w := 4;", "ELSE"),
    ]
    assert changes(body, Operator.SWAP) == [
        (
            "IF a > 1 THEN v := 1; w := 1; ELSIF b > 2 THEN v := 2;",
            "IF b > 2 THEN v := 2; ELSIF a > 1 THEN v := 1; w := 1;",
        ),
        (
            "IF a > 1 THEN v := 1; w := 1; ELSIF b > 2 THEN v := 2;",
            "IF a > 1 THEN v := 2; ELSIF b > 2 THEN v := 1; w := 1;",
        ),
        (
            "ELSIF b > 2 THEN v := 2; ELSE v := 3; w := 4;",
            "ELSIF b > 2 THEN v := 3; w := 4; ELSE v := 2;",
        ),
    ]


def test_arms_that_exclude_each_other_have_no_order() -> None:
    body = statements("IF a = 'x' THEN v := 1; ELSIF a = 'y' THEN v := 2; END IF;")
    assert [after for _, after in changes(body, Operator.SWAP)] == [
        "IF a = 'x' THEN v := 2; ELSIF a = 'y' THEN v := 1;"
    ]


def test_an_arm_that_only_does_one_thing_is_left_out_once() -> None:
    body = statements("IF a > 1 THEN PERFORM g(); END IF;")
    assert changes(body, Operator.BRANCH, Operator.STATEMENT) == [
        ("IF a > 1 THEN", "IF TRUE THEN"),
        ("PERFORM g();", ""),
    ]


def test_arms_of_case() -> None:
    body = statements("CASE p_text WHEN 'a' THEN v := 1; WHEN 'b' THEN v := 2; ELSE v := 3; END CASE;")
    assert changes(body, Operator.BRANCH) == [
        ("WHEN 'a' THEN v := 1;", ""),
        ("WHEN 'b' THEN v := 2;", ""),
        ("ELSE v := 3;", "ELSE"),
    ]
    assert changes(body, Operator.SWAP) == [
        ("WHEN 'a' THEN v := 1; WHEN 'b' THEN v := 2;", "WHEN 'a' THEN v := 2; WHEN 'b' THEN v := 1;"),
        ("WHEN 'b' THEN v := 2; ELSE v := 3;", "WHEN 'b' THEN v := 3; ELSE v := 2;"),
    ]


def test_case_expressions() -> None:
    assert changes(statements("v := CASE WHEN a > 1 THEN b ELSE c END;"), Operator.BRANCH, Operator.SWAP) == [
        ("WHEN a > 1", "WHEN FALSE"),
        ("WHEN a > 1", "WHEN TRUE"),
        ("CASE WHEN a > 1 THEN b ELSE c END", "CASE WHEN a > 1 THEN c ELSE b END"),
        ("CASE WHEN a > 1 THEN b ELSE c END", "CASE WHEN a > 1 THEN b END"),
    ]
    assert changes(statements("v := CASE a WHEN 1 THEN b WHEN 2 THEN c END;"), Operator.BRANCH) == [
        ("CASE a WHEN 1 THEN b WHEN 2 THEN c END", "CASE a WHEN 2 THEN c END"),
        ("CASE a WHEN 1 THEN b WHEN 2 THEN c END", "CASE a WHEN 1 THEN b END"),
    ]


def test_handlers() -> None:
    body = "BEGIN v := 1; EXCEPTION WHEN no_data_found OR too_many_rows THEN v := 2; WHEN OTHERS THEN v := 3; END"
    assert changes(body, Operator.BRANCH) == [
        ("WHEN no_data_found OR too_many_rows THEN", "WHEN no_data_found THEN"),
        ("WHEN no_data_found OR too_many_rows THEN", "WHEN too_many_rows THEN"),
        (
            "WHEN no_data_found OR too_many_rows THEN v := 2;",
            "WHEN no_data_found OR too_many_rows THEN RAISE;",
        ),
        ("WHEN OTHERS THEN", "WHEN integrity_constraint_violation THEN"),
        ("WHEN OTHERS THEN", "WHEN data_exception THEN"),
        ("WHEN OTHERS THEN", "WHEN raise_exception THEN"),
        ("WHEN OTHERS THEN v := 3;", "WHEN OTHERS THEN RAISE;"),
    ]


def test_loops() -> None:
    assert changes(statements("WHILE a > 1 LOOP a := a - 1; END LOOP;"), Operator.BRANCH) == [
        ("WHILE a > 1 LOOP", "WHILE FALSE LOOP")
    ]
    assert changes(statements("LOOP EXIT WHEN a > 1; a := a - 1; END LOOP;"), Operator.BRANCH) == [
        ("EXIT WHEN a > 1", "EXIT WHEN TRUE")
    ]
    assert changes(
        statements("FOR i IN 1..3 LOOP CONTINUE WHEN a > 1; EXIT WHEN b; END LOOP;"), Operator.BRANCH
    ) == [
        ("CONTINUE WHEN a > 1", "CONTINUE WHEN FALSE"),
        ("CONTINUE WHEN a > 1", "CONTINUE WHEN TRUE"),
        ("EXIT WHEN b", "EXIT WHEN FALSE"),
        ("EXIT WHEN b", "EXIT WHEN TRUE"),
    ]


def test_an_arm_that_ends_in_a_block() -> None:
    body = statements("IF a > 1 THEN BEGIN v := 1; w := 1; END; ELSE v := 3; w := 4; END IF;")
    assert [after for _, after in changes(body, Operator.SWAP)] == [
        "IF a > 1 THEN v := 3; w := 4; ELSE BEGIN v := 1; w := 1; END;"
    ]


@pytest.mark.parametrize(
    ("condition", "rest", "expected"),
    [
        ("p_text IS NULL", "", ["(p_text IS NULL OR p_text = '')"]),
        ("p_text IS NOT NULL", "", ["(p_text IS NOT NULL AND p_text <> '')"]),
        ("p_a IS NULL", "", []),
        ("c.name IS NULL", "", []),
        ("c.name IS NULL", "PERFORM trim(c.name);", ["(c.name IS NULL OR c.name = '')"]),
        ("c.name IS NULL", "p_text := c.name;", ["(c.name IS NULL OR c.name = '')"]),
        ("c.name IS NULL", "v := c.name || '!';", ["(c.name IS NULL OR c.name = '')"]),
        ("c.name IS NULL", "p_a := c.name; p_text := c.nam;", []),
        ("p_text IS DISTINCT FROM NULL", "", []),
    ],
)
def test_an_empty_text_is_unknown(condition: str, rest: str, expected: list[str]) -> None:
    found = changes(statements(f"IF {condition} THEN RETURN 1; END IF; {rest}"), Operator.RELATION)
    assert [after for _, after in found if "''" in after] == expected
