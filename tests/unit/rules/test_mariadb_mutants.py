"""Mutants of MariaDB's routines, as far as a source alone tells; servers are asked in tests/recorders."""

from __future__ import annotations

import pytest

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.mariadb.mutants.making import mutants
from pytest_characterize.rules.mariadb.probes import instrument
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.mutation import left_out
from pytest_characterize.rules.mutation import mutants as any_mutants


def made(
    body: str, head: str = "PROCEDURE `p`(a int, b decimal(8,2))", modes: str = ""
) -> tuple[MutatedText, ...]:
    return mutants(f"SET sql_mode = '{modes}';\nCREATE DEFINER=`r`@`h` {head}\n{body}", "d.p(int)")


def changes(body: str, operator: Operator, **options: str) -> list[str]:
    """The mutants of one operator in words."""
    return [
        f"{one.mutant.was} => {one.mutant.becomes}"
        for one in made(body, **options)
        if one.mutant.operator is operator
    ]


def test_comparisons_and_conditions() -> None:
    body = "BEGIN IF a > 5 AND b <= 2 THEN SET @x = 1; END IF; END"
    assert changes(body, Operator.BOUNDARY) == ["a > 5 => a >= 5", "b <= 2 => b < 2"]
    assert "a > 5 AND b <= 2 => NOT (a > 5 AND b <= 2)" in changes(body, Operator.NEGATION)
    assert changes(body, Operator.OPERAND) == ["a > 5 AND b <= 2 => b <= 2", "a > 5 AND b <= 2 => a > 5"]


def test_values_that_are_assigned() -> None:
    body = "BEGIN DECLARE v, w INT DEFAULT 3; SET v = a * 2, NEW.x = ROUND(b, 2), @y := 'END'; END"
    assert "a * 2 => a / 2" in changes(body, Operator.ARITHMETIC)
    assert "ROUND(b, 2) => truncate(b, 2)" in changes(body, Operator.ROUNDING)
    assert "v, w INT DEFAULT 3 => v, w INT" in changes(body, Operator.DEFAULT)
    assert "v, w INT DEFAULT 3 => v, w INT DEFAULT 4" in changes(body, Operator.CONSTANT)


def test_where_a_statement_is_needed_an_empty_block_stands() -> None:
    body = "BEGIN DECLARE EXIT HANDLER FOR 1062 SET @x = 1; IF a THEN DELETE FROM t; END IF; SET @y = 2; END"
    left = changes(body, Operator.STATEMENT)
    assert left == ["SET @x = 1; => BEGIN END;", "DELETE FROM t; => BEGIN END;", "SET @y = 2; => "]


def test_handlers_cursors_and_loops() -> None:
    body = (
        "BEGIN DECLARE c CURSOR FOR SELECT id FROM t ORDER BY id DESC LIMIT 3;"
        " DECLARE EXIT HANDLER FOR 1062 BEGIN SET @x = 1; END; REPEAT SET a = a + 1; UNTIL a > 5 END REPEAT; END"
    )
    assert "LIMIT 3 => LIMIT 4" in changes(body, Operator.LIMIT)
    assert "ORDER BY id DESC => ORDER BY id ASC" in changes(body, Operator.ORDER)
    assert changes(body, Operator.BOUNDARY) == ["a > 5 => a >= 5"]
    [raised] = [text for text in changes(body, Operator.BRANCH) if "HANDLER" in text]
    assert raised.endswith("FOR 1062 RESIGNAL;")


def test_what_only_postgresql_understands_is_left_out() -> None:
    body = "BEGIN SET @x = ROUND(b / 3, 2); SELECT id FROM t WHERE name LIKE 'a%' ORDER BY id; END"
    for one in made(body):
        assert "::" not in one.text
        assert "ILIKE" not in one.text
        assert "NULLS" not in one.text
        assert "pg_temp" not in one.text


def test_modes_are_kept() -> None:
    [one, *_] = made('BEGIN IF "a" > 5 THEN SET @x = 1; END IF; END', modes="ANSI_QUOTES")
    assert one.text.startswith("SET sql_mode = 'ANSI_QUOTES';\nCREATE ")
    assert '"a" > 5 => "a" >= 5' in changes(
        'BEGIN IF "a" > 5 THEN SET @x = 1; END IF; END', Operator.BOUNDARY, modes="ANSI_QUOTES"
    )


def test_mutants_name_the_rules_that_lead_to_them() -> None:
    body = "BEGIN\nIF a > 5 THEN\nSET @x = 1;\nEND IF;\nEND"
    [inner] = [one.mutant for one in made(body) if one.mutant.was == "SET @x = 1;"]
    assert inner.rules == ("d.p(int):3.branch1",)
    assert inner.line == 4


def test_every_mutant_can_be_instrumented() -> None:
    body = (
        "BEGIN DECLARE v INT DEFAULT 0; CASE a WHEN 1 THEN SET v = IF(b > 1, 2, 3); ELSE "
        "UPDATE t SET x = v WHERE y = 1; END CASE;"
        " l: WHILE v > 0 DO SET v = v - 1; IF v = 1 THEN LEAVE l; END IF; END WHILE; SELECT COUNT(*) INTO v FROM t; END"
    )
    found = made(body)
    assert len(found) > 40
    assert all(instrument(one.text, "p").probes for one in found)
    assert len({one.mutant.id for one in found}) == len({one.text for one in found}) == len(found)


@pytest.mark.parametrize("text", ["BEGIN IF", "", "BEGIN 'open END"])
def test_what_cannot_be_read_has_no_mutants(text: str) -> None:
    assert made(text) == ()


def test_procedures_have_those_of_their_dialect() -> None:
    text = "SET sql_mode = '';\nCREATE PROCEDURE `p`(a int)\nIF a > 1 THEN SELECT 1; END IF"
    assert any_mutants("procedure", {"d.p(int)": text}) == mutants(text, "d.p(int)")
    assert left_out("procedure", {"d.p(int)": text}) == {}


def test_empty_texts_numbers_in_texts_and_numbers_of_other_arms() -> None:
    head = "PROCEDURE `p`(a varchar(9), b decimal(8,2))"
    body = "BEGIN IF a IS NULL THEN SET b = 2; ELSE SET b = 5; END IF; SET a = IFNULL(COALESCE(a, 'x'), '014'); END"
    assert "a IS NULL => (a IS NULL OR a = '')" in changes(body, Operator.RELATION, head=head)
    assert "COALESCE(a, 'x') => COALESCE(nullif(a, ''), 'x')" in changes(body, Operator.DEFAULT, head=head)
    constants = changes(body, Operator.CONSTANT, head=head)
    assert {"b = 2 => b = 5", "b = 5 => b = 2"} <= set(constants)
    assert {text.partition(" => ")[2][-6:] for text in constants} >= {"'015')", "'013')"}
