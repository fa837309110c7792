"""What holds for all mutants of a routine: ids, places, the rules before them, one text each."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutant_samples import all_mutants, changes, made, routine, statements

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules import mutation
from pytest_characterize.rules.plpgsql.lexer import tokenize
from pytest_characterize.rules.plpgsql.mutants import making
from pytest_characterize.rules.plpgsql.mutants.making import mutants
from pytest_characterize.rules.plpgsql.probes import instrument

NESTED = """
DECLARE
  v_x integer := 0;
BEGIN
  IF p_a > 1 THEN  -- not too small
    v_x := g(p_a,
             p_b > 2);
    FOR i IN 1..p_a LOOP
      CONTINUE WHEN i = 3;
      v_x := v_x + 1;
    END LOOP;
  ELSE
    UPDATE t
       SET a = 1
     WHERE b = 2;
  END IF;
  RETURN v_x;
EXCEPTION
  WHEN OTHERS THEN RETURN 7;
END
"""


def test_ids_and_places() -> None:
    found = all_mutants(NESTED)
    assert [(one.id, one.was, one.becomes) for one in found if one.line == 5] == [
        ("f:5.branch1", "IF p_a > 1 THEN", "IF FALSE THEN"),
        ("f:5.branch2", "IF p_a > 1 THEN", "IF TRUE THEN"),
        ("f:5.boundary1", "p_a > 1", "p_a >= 1"),
        ("f:5.relation1", "p_a > 1", "p_a <> 1"),
        ("f:5.relation2", "p_a > 1", "p_a <= 1"),
        ("f:5.constant1", "p_a > 1", "p_a > 2"),
        ("f:5.constant2", "p_a > 1", "p_a > 0"),
    ]
    assert len({one.id for one in found}) == len(found)
    assert {one.routine for one in found} == {"f"}
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_odd_names_are_encoded_as_in_the_ids_of_rules() -> None:
    name = 'a:b"ü"(integer)'
    found = mutants(routine(statements("v := 1;")), name)
    (entry,) = instrument(routine(statements("v := 1;")), name).rules
    assert {one.mutant.id.rpartition(":")[0] for one in found} == {entry.id.rpartition(":")[0]}
    assert {one.mutant.routine for one in found} == {name}


def test_the_rules_before_a_place() -> None:
    found = {(one.line, one.operator.value, one.was): one.rules for one in all_mutants(NESTED)}
    entry, taken, otherwise, loop = "f:4.entry1", "f:5.branch1", "f:12.branch1", "f:8.loop1"
    assert found[3, "constant", "v_x integer := 0"] == (entry,)
    assert found[5, "boundary", "p_a > 1"] == (entry,)
    assert found[7, "boundary", "p_b > 2"] == (taken,)
    assert found[8, "constant", "1..p_a"] == (taken,)
    assert found[9, "relation", "i = 3"] == (loop,)
    assert found[10, "statement", "v_x := v_x + 1;"] == (loop,)
    assert found[15, "relation", "b = 2"] == (otherwise,)
    assert found[17, "statement", "RETURN v_x"] == (entry,)
    assert found[19, "branch", "WHEN OTHERS THEN"] == (entry,)
    assert found[19, "statement", "RETURN 7"] == ("f:19.handler1",)


def test_what_may_fail_before_the_entry_is_reached_by_nobody_knows_whom() -> None:
    body = "DECLARE v_x int := 10 / p_a; v_y int := 3; BEGIN RETURN v_x; END"
    assert {one.rules for one in all_mutants(body) if one.operator is Operator.CONSTANT} == {()}


def test_rules_are_those_of_the_probes() -> None:
    known = {rule.id for rule in instrument(routine(NESTED), "f").rules}
    assert {rule for one in all_mutants(NESTED) for rule in one.rules} <= known


def test_swapped_arms_are_reached_by_either() -> None:
    body = "BEGIN IF a THEN b := 1; c := 1;\nELSE c := 2; END IF; END"
    (swap,) = [one for one in all_mutants(body) if one.operator is Operator.SWAP]
    assert swap.rules == ("f:1.branch1", "f:2.branch1")


def test_language_sql_has_no_rules_before() -> None:
    found = made("SELECT 1 WHERE p_a > 5; DELETE FROM t WHERE a = 1", "sql")
    assert {one.mutant.rules for one in found} == {()}
    assert ("p_a > 5", "p_a >= 5") in changes("SELECT 1 WHERE p_a > 5", language="sql")


def words(text: str) -> tuple[str, ...]:
    return tuple(token.word or token.text for token in tokenize(text.replace("$f$", " ")))


def test_every_mutant_is_another_text_and_none_is_the_source() -> None:
    found = Counter(words(one.text) for one in made(NESTED))
    assert max(found.values()) == 1
    assert words(routine(NESTED)) not in found


def test_lines_stay_where_they_were() -> None:
    before = routine(NESTED).splitlines()
    for one in made(NESTED):
        after = one.text.splitlines()
        assert len(after) == len(before), one.mutant.id
        changed = [line for line, pair in enumerate(zip(before, after, strict=True), 0) if pair[0] != pair[1]]
        assert changed, one.mutant.id
        first = before.index("BEGIN") - 3
        assert one.mutant.line - 1 + first == changed[0], one.mutant.id


def test_long_pieces_are_shown_without_what_stays() -> None:
    columns = ", ".join(f"column_{number}" for number in range(30))
    found = changes(statements(f"PERFORM g({columns}, 5, {columns});"), Operator.CONSTANT)
    assert found == [
        (
            "... column_26, column_27, column_28, column_29, 5, column_0, column_1, column_2, column_3, ...",
            after,
        )
        for after in (
            "... column_26, column_27, column_28, column_29, 6, column_0, column_1, column_2, column_3, ...",
            "... column_26, column_27, column_28, column_29, 4, column_0, column_1, column_2, column_3, ...",
        )
    ]


@pytest.mark.parametrize(
    "text", ["", "SELECT 1", routine("BEGIN IF"), routine("BEGIN /* ~pc */ END"), routine("", "sql"), routine("x")]
)  # fmt: skip
def test_what_cannot_be_read_has_no_mutants(text: str) -> None:
    assert mutants(text, "f") == ()


def test_more_than_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST", 20)
    body = statements("\n".join(f"IF p_a > {number} THEN PERFORM g(); END IF;" for number in range(10)))
    making.made.cache_clear()
    some = making.made(routine(body), "f")
    making.made.cache_clear()
    assert len(some.mutants) == 20
    monkeypatch.undo()
    everything = making.made(routine(body), "f")
    assert some.left_out == len(everything.mutants) - 20
    assert {one.mutant.id for one in some.mutants} <= {one.mutant.id for one in everything.mutants}
    assert {one.mutant.line for one in some.mutants} == set(range(1, 11))


def test_the_door_of_the_room() -> None:
    text = routine(statements("v := 1;"))
    assert mutation.mutants("procedure", {"f": text}) == mutants(text, "f")


WORDS = (
    "IF THEN ELSE ELSIF END CASE WHEN LOOP WHILE FOR IN EXIT RETURN ; a ( ) 'x' 5 := = < > + - * / AND OR NOT "
    "BETWEEN IS NULL DISTINCT FROM SELECT UPDATE SET WHERE ORDER BY LIMIT , :: [ ] round count . JOIN ON "
    "INSERT INTO VALUES LIKE IS DISTINCT 'x' true trunc floor 0.5 numeric (12,2) coalesce greatest upper || extract "
    "date_trunc AT TIME ZONE 'UTC' interval '1_month' current_date ::date UNION ALL LEFT sum DESC NULLS "
    "RAISE EXCEPTION OFFSET FILTER HAVING CAST AS PERFORM x.y"
)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*WORDS.split(), "--\n", "\n"]), max_size=40).map(" ".join), st.booleans())
def test_no_source_is_an_error(body: str, in_sql: bool) -> None:
    text = routine(body, "sql") if in_sql else routine(statements(body))
    known = {rule.id for rule in instrument(text, "f").rules}
    seen = {text}
    for one in mutants(text, "f"):
        assert one.text not in seen
        seen.add(one.text)
        assert known.issuperset(one.mutant.rules)
        assert one.text.count("\n") == text.count("\n")
        assert "\n" not in one.mutant.was + one.mutant.becomes


def test_defaults_of_parameters_have_no_line() -> None:
    text = (
        "CREATE FUNCTION f(p_a integer DEFAULT 5, p_b text DEFAULT 'x'::text, p_c date DEFAULT now())\n"
        " RETURNS int LANGUAGE plpgsql AS $f$\nBEGIN RETURN 1; END$f$"
    )
    found = [one for one in mutants(text, "f") if one.mutant.operator is Operator.DEFAULT]
    assert [(one.mutant.id, one.mutant.was, one.mutant.becomes) for one in found] == [
        ("f:0.default1", "p_a integer DEFAULT 5", "p_a integer DEFAULT 6"),
        ("f:0.default2", "p_a integer DEFAULT 5", "p_a integer DEFAULT 4"),
        ("f:0.default3", "p_a integer DEFAULT 5", "p_a integer DEFAULT NULL"),
        ("f:0.default4", "p_b text DEFAULT 'x'::text", "p_b text DEFAULT ''::text"),
        ("f:0.default5", "p_b text DEFAULT 'x'::text", "p_b text DEFAULT NULL"),
        ("f:0.default6", "p_c date DEFAULT now()", "p_c date DEFAULT NULL"),
    ]
    assert {one.mutant.rules for one in found} == {()}
    assert found[0].text == text.replace("DEFAULT 5", "DEFAULT 6")


def test_what_was_left_out_is_told() -> None:
    text = routine(statements("v := 1;"))
    assert mutation.left_out("procedure", {"f": text}) == {}
    assert mutation.left_out("query", {"f": text}) == {}
    many = routine(statements("\n".join(f"v := {number} + w * 7;" for number in range(120))))
    assert mutation.left_out("procedure", {"f": many}) == {"f": making.made(many, "f").left_out}
    assert making.made(many, "f").left_out > 0
    assert len(making.made(many, "f").mutants) == making.MOST
