"""Calls left out or given more, things of one sort in each other's place, years and days counted otherwise."""

from __future__ import annotations

import pytest
from mutant_samples import changes, routine, statements

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.mutants.making import mutants


def of(operator: Operator, code: str, declared: str = "v numeric; w numeric;") -> list[tuple[str, str]]:
    """What one operator changes in some statements."""
    return changes(statements(code, declared), operator)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("v := cents(p_b);", [("cents(p_b)", "p_b")]),
        ("v := cents(x.qty * x.price);", [("cents(x.qty * x.price)", "(x.qty * x.price)")]),
        ("v := w - cents(p_b * 2);", [("cents(p_b * 2)", "(p_b * 2)"), ("w - cents(p_b * 2)", "cents(w - (p_b * 2))")]),
        ("RETURN cents(p_b);", [("cents(p_b)", "p_b")]),
        ("RAISE 'over by %', cents(v - w);", [("cents(v - w)", "(v - w)")]),
        ("v := total(p_a);", []),
        ("v := cents(c.price);", []),
        ("v := name(p_text);", []),
        ("v := share(p_b, 2);", []),
        ("PERFORM cents(p_b);", []),
        ("v := abs(p_b);", []),
    ],
)  # fmt: skip
def test_a_call_left_out_leaves_its_argument_where_both_are_of_one_sort(
    code: str, expected: list[tuple[str, str]]
) -> None:
    assert sorted(of(Operator.CALL, code)) == sorted(expected)


def test_a_sum_is_rounded_where_its_items_were_and_the_other_way_round() -> None:
    assert of(Operator.CALL, "SELECT sum(round(x.qty * x.price, 2)) INTO v FROM x;") == [
        ("sum(round(x.qty * x.price, 2))", "round(sum(x.qty * x.price), 2)")
    ]
    assert of(Operator.CALL, "SELECT round(sum(x.price), 2) INTO v FROM x;") == [
        ("round(sum(x.price), 2)", "sum(round(x.price, 2))")
    ]


def test_what_the_sum_gets_in_the_end_is_given_to_each_item() -> None:
    code = "LOOP v := v + x.qty * x.price; EXIT; END LOOP; RETURN round(v, 2);"
    assert of(Operator.CALL, code) == [("v := v + x.qty * x.price", "v := v + round(x.qty * x.price, 2)")]
    assert of(Operator.CALL, "v := v + 1; RETURN round(v, 2);") == []


def test_a_call_gets_all_that_is_put_together() -> None:
    assert of(Operator.CALL, "t := upper(c.name) || ', ' || c.city;", "t text;") == [
        ("upper(c.name) || ', ' || c.city", "upper(c.name || ', ' || c.city)")
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("v := v - w;", [("v - w", "w - v")]),
        ("v := p_b / (w + 1);", [("p_b / (w + 1)", "(w + 1) / p_b")]),
        ("v := p_day - c.since;", []),
        ("t := trim(c.zip) || ' ' || c.city;", [("trim(c.zip) || ' ' || c.city", "c.city || ' ' || trim(c.zip)")]),
        ("INSERT INTO t (a, b) VALUES (v, w);", [("VALUES (v, w", "VALUES (w, v")]),
        ("INSERT INTO t (a, b) VALUES (v, p_text);", []),
        ("SELECT a, b, c INTO v, w, t FROM x;", [("INTO v, w, t", "INTO w, v, t")]),
    ],
)  # fmt: skip
def test_things_of_one_sort_are_exchanged(code: str, expected: list[tuple[str, str]]) -> None:
    assert of(Operator.SWAP, code, "v numeric; w numeric; t text;") == expected


def test_an_arm_is_asked_before_all_others() -> None:
    code = "IF p_a > 1 THEN v := 1; ELSIF p_b > 2 THEN v := 2; ELSIF p_text = 'Y' THEN v := 3; END IF;"
    asked = [becomes for _, becomes in of(Operator.SWAP, code)]
    assert ("IF p_text = 'Y' THEN v := 3; ELSIF p_a > 1 THEN v := 1; ELSIF p_b > 2 THEN v := 2;") in asked
    alike = "IF p_a = 1 THEN v := 1; ELSIF p_a = 2 THEN v := 2; ELSIF p_a = 3 THEN v := 3; END IF;"
    assert all(becomes.startswith(("IF p_a = 1", "ELSIF p_a = 2")) for _, becomes in of(Operator.SWAP, alike))


def test_full_years_are_counted_otherwise() -> None:
    code = "RETURN extract(year FROM age(p_day, v_since));"
    assert of(Operator.TIME, code, "v_since date;") == [
        ("extract(year FROM age(p_day, v_since))", "(extract(year FROM p_day) - extract(year FROM v_since))"),
        ("extract(year FROM age(p_day, v_since))", "((p_day - v_since) / 365)"),
        (
            "extract(year FROM age(p_day, v_since))",
            "extract(year FROM age(p_day - interval '1 day', v_since))",
        ),
    ]


def test_another_day_that_the_routine_knows() -> None:
    code = "v := p_day - i.issued; PERFORM book(p_day, v); PERFORM rate(i.code, i.issued);"
    assert of(Operator.TIME, code, "v integer; i item%ROWTYPE;") == [
        ("book(p_day, v)", "book(i.issued, v)"),
        ("rate(i.code, i.issued)", "rate(i.code, p_day)"),
    ]


def test_what_a_routine_is_given_elsewhere_in_the_same_place() -> None:
    code = "PERFORM book('1400', 'D', v); PERFORM book('2400', 'C', v);"
    assert ("book('1400', 'D', v)", "book('1400', 'C', v)") in of(Operator.CONSTANT, code)
    assert ("book('1400', 'D', v)", "book('2400', 'D', v)") in of(Operator.CONSTANT, code)


def test_the_type_that_is_returned_decides_what_may_be_returned_instead() -> None:
    text = routine(statements("RETURN cents(p_b);"))
    found = [one.mutant.becomes for one in mutants(text.replace("RETURNS integer", "RETURNS text"), "f")]
    assert "p_b" not in found
