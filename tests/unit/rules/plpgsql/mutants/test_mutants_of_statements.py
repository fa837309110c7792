"""Statements, effects and literals, changed."""

from __future__ import annotations

import pytest
from mutant_samples import changes, statements

from pytest_characterize.rulemutants import Operator


@pytest.mark.parametrize(
    "code",
    [
        "v := 1;",
        "v = 1;",
        "PERFORM g();",
        "CALL g();",
        "INSERT INTO t VALUES (1);",
        "UPDATE t SET a = 1;",
        "DELETE FROM t;",
        "SELECT a INTO v FROM t;",
        "EXECUTE 'SELECT 1';",
        "RAISE EXCEPTION 'x';",
        "RAISE NOTICE 'x';",
        "RETURN NEXT 1;",
        "RETURN QUERY SELECT 1;",
        "RETURN;",
        "GET DIAGNOSTICS v = ROW_COUNT;",
        "TRUNCATE t;",
        "COMMIT;",
    ],
)
def test_statements_left_out(code: str) -> None:
    assert changes(statements(f"PERFORM h(); {code} PERFORM h();"), Operator.STATEMENT)[1] == (code, "")


@pytest.mark.parametrize("code", ["NULL;", "OPEN c;", "FETCH c INTO v;", "CLOSE c;", "RETURN NULL;"])
def test_statements_that_stay(code: str) -> None:
    assert changes(statements(code), Operator.STATEMENT) == []


def test_values_that_are_not_returned() -> None:
    assert changes(statements("RETURN a + b;"), Operator.STATEMENT) == [("RETURN a + b", "RETURN NULL")]


def test_no_loop_becomes_endless_where_its_text_tells() -> None:
    assert changes(statements("WHILE a > 1 LOOP a := a - 1; b := a; END LOOP;"), Operator.STATEMENT) == [
        ("b := a;", "")
    ]
    assert changes(statements("LOOP EXIT; END LOOP;"), Operator.STATEMENT) == []
    assert changes(statements("FOR i IN 1..3 LOOP CONTINUE; EXIT; END LOOP;"), Operator.STATEMENT) == [
        ("CONTINUE;", ""),
        ("EXIT;", ""),
    ]


def test_columns_left_out() -> None:
    assert changes(statements("UPDATE t SET a = 1, b = g(2, 3) WHERE c;"), Operator.STATEMENT) == [
        ("UPDATE t SET a = 1, b = g(2, 3) WHERE c;", ""),
        ("SET a = 1, b = g(2, 3)", "SET b = g(2, 3)"),
        ("SET a = 1, b = g(2, 3)", "SET a = 1"),
    ]
    assert changes(statements("INSERT INTO s.t (a, b) VALUES (1, g(2, 3));"), Operator.STATEMENT)[1:] == [
        ("INSERT INTO s.t (a, b) VALUES (1, g(2, 3))", "INSERT INTO s.t (b) VALUES (g(2, 3))"),
        ("INSERT INTO s.t (a, b) VALUES (1, g(2, 3))", "INSERT INTO s.t (a) VALUES (1)"),
    ]
    assert len(changes(statements("INSERT INTO t (a, b) VALUES (1, 2), (3, 4);"), Operator.STATEMENT)) == 1
    assert len(changes(statements("INSERT INTO t (a, b) SELECT 1, 2;"), Operator.STATEMENT)) == 1


def literals(expression: str) -> list[str]:
    return [after for _, after in changes(statements(f"PERFORM {expression};"), Operator.CONSTANT)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a > 5", ["a > 6", "a > 4"]),
        ("a > 0", ["a > 1", "a > -1"]),
        ("a - 0", ["a - 1", "a - (-1)"]),
        ("a > 0.05", ["a > 0.06", "a > 0.04"]),
        ("a > 0.00", ["a > 0.01", "a > -0.01"]),
        ("a + 1", ["a + 2"]),
        ("a * 2", ["a * 3"]),
        ("a * 100", ["a * 101", "a * 99", "a * 1000", "a * 10"]),
        ("a / 0.01", ["a / 0.02", "a / 0.00", "a / 0.1", "a / 0.001"]),
        ("a IN (1, 3)", ["a IN (2, 3)", "a IN (0, 3)", "a IN (1, 4)", "a IN (1, 2)"]),
        ("a BETWEEN 1 AND b", ["a BETWEEN 2 AND b", "a BETWEEN 0 AND b"]),
        ("a BETWEEN b AND 12", ["a BETWEEN b AND 13", "a BETWEEN b AND 11"]),
        ("a = TRUE", ["a = FALSE"]),
        ("a IS TRUE", []),
        ("g(a, 'x')", ["g(a, '')"]),
        ("a = ''", []),
        ("a = '14'", ["a = ''", "a = '15'", "a = '13'"]),
        ("g(a, '007')", ["g(a, '')", "g(a, '008')", "g(a, '006')"]),
        ("g(a, '30 days')", ["g(a, '')", "g(a, '31 days')", "g(a, '29 days')"]),
        ("g(a, 'Rate 1.50')", ["g(a, '')", "g(a, 'Rate 1.51')", "g(a, 'Rate 1.49')"]),
        ("g(a, '0')", ["g(a, '')", "g(a, '1')"]),
        ("g(a, 'utf8')", ["g(a, '')"]),
        ("g(a, '1 to 9')", ["g(a, '')"]),
        ("a LIKE '1%'", ["a LIKE ''"]),
        ("a IN ('10', '20')", ["a IN ('', '20')", "a IN ('10', '')"]),
        ("a || 'x'", []),
        ("a = 1e5", []),
        ("a::numeric(12,2)", []),
        ("round(a, 2)", []),
        ("a FROM t ORDER BY 1 LIMIT 3", []),
        ("1 WHERE EXISTS (SELECT 1 FROM t)", ["2", "0"]),
    ],
)  # fmt: skip
def test_literals(expression: str, expected: list[str]) -> None:
    assert literals(expression) == expected


def test_texts_that_stand_for_the_same_thing() -> None:
    body = statements(
        "IF c.s = 'a' THEN v := 'x'; ELSIF c.s IN ('b', 'c') THEN v := 'y'; ELSIF c.t = 'z' THEN RETURN 'r'; END IF;"
    )
    assert changes(body, Operator.CONSTANT) == [
        ("c.s = 'a'", "c.s = 'b'"),
        ("c.s = 'a'", "c.s = 'c'"),
        ("c.s = 'a'", "c.s = ''"),
        ("v := 'x'", "v := 'y'"),
        ("v := 'x'", "v := ''"),
        ("c.s IN ('b', 'c')", "c.s IN ('a', 'c')"),
        ("c.s IN ('b', 'c')", "c.s IN ('', 'c')"),
        ("c.s IN ('b', 'c')", "c.s IN ('b', 'a')"),
        ("c.s IN ('b', 'c')", "c.s IN ('b', '')"),
        ("v := 'y'", "v := 'x'"),
        ("v := 'y'", "v := ''"),
        ("c.t = 'z'", "c.t = ''"),
        ("RETURN 'r'", "RETURN ''"),
    ]


def test_the_key_of_something_is_another_known_key() -> None:
    body = statements(
        "PERFORM book('1400', 1); PERFORM book('2400', 1); PERFORM print('R19'); PERFORM print('R20');"
    )
    texts = [after for _, after in changes(body, Operator.CONSTANT) if "'" in after]
    assert "book('2400', 1)" in texts
    assert not {"book('1401', 1)", "book('1399', 1)"} & set(texts)
    assert {"print('R20')", "print('R18')"} <= set(texts)


def test_numbers_that_the_same_thing_gets_elsewhere() -> None:
    body = statements(
        "IF a THEN v := 0; ELSIF b THEN v := 2.5; ELSIF c THEN v := greatest(5, d * 100); ELSE RETURN 7; END IF;"
        " v := d / 8; w := 9; RETURN round(v, 2);"
    )
    found = [
        pair
        for pair in changes(body, Operator.CONSTANT)
        if pair[0] in ("v := 0", "v := 2.5", "w := 9", "RETURN 7")
    ]
    assert found == [
        ("v := 0", "v := 1"),
        ("v := 0", "v := -1"),
        ("v := 0", "v := 2.5"),
        ("v := 2.5", "v := 2.6"),
        ("v := 2.5", "v := 2.4"),
        ("v := 2.5", "v := 0"),
        ("v := 2.5", "v := 5"),
        ("RETURN 7", "RETURN 8"),
        ("RETURN 7", "RETURN 6"),
        ("w := 9", "w := 10"),
        ("w := 9", "w := 8"),
    ]
