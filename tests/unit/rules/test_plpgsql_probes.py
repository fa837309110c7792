"""From source to instrumented source and its catalogue; what the server makes of it is tested elsewhere."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_characterize.rules.catalogue import Cause, Depth, Instrumented, RuleKind
from pytest_characterize.rules.plpgsql.helpers import SETUP
from pytest_characterize.rules.plpgsql.messages import rules_of
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize.rules.plpgsql.text import MARK, restore

DISCOUNT = """CREATE OR REPLACE FUNCTION billing.discount(p_customer integer, p_total numeric)
 RETURNS numeric
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_tenure int;  -- in years
BEGIN
  SELECT tenure INTO v_tenure FROM customer WHERE id = p_customer;
  IF NOT FOUND THEN
    RETURN 0;
  ELSIF v_tenure > 5 AND p_total >= 100 THEN
    RETURN round(p_total * CASE WHEN v_tenure > 10 THEN 0.10 ELSE 0.05 END, 2);
  END IF;
  RETURN 0;
EXCEPTION
  WHEN numeric_value_out_of_range THEN RETURN NULL;
END
$function$"""


def function(body: str, name: str = "f", language: str = "plpgsql") -> str:
    return f"CREATE FUNCTION {name}() RETURNS int LANGUAGE {language} AS $f${body}$f$"


def catalogue(made: Instrumented) -> list[tuple[str, str, str]]:
    return [(rule.id, rule.text, rule.arm) for rule in made.rules]


def test_the_catalogue_of_a_routine() -> None:
    made = instrument(DISCOUNT)
    assert catalogue(made) == [
        ("billing.discount:4.entry1", "BEGIN", "entered"),
        (
            "billing.discount:5.rows1",
            "SELECT tenure INTO v_tenure FROM customer WHERE id = p_customer",
            "some rows",
        ),
        (
            "billing.discount:5.rows2",
            "SELECT tenure INTO v_tenure FROM customer WHERE id = p_customer",
            "no row",
        ),
        ("billing.discount:6.branch1", "IF NOT FOUND", "taken"),
        ("billing.discount:8.branch1", "ELSIF v_tenure > 5 AND p_total >= 100", "taken"),
        ("billing.discount:6.branch2", "IF NOT FOUND", "no branch taken"),
        ("billing.discount:7.return1", "RETURN 0", "reached"),
        (
            "billing.discount:9.return1",
            "RETURN round(p_total * CASE WHEN v_tenure > 10 THEN 0.10 ELSE 0.05 END, 2)",
            "reached",
        ),
        ("billing.discount:9.expression1", "CASE WHEN v_tenure > 10", "taken"),
        ("billing.discount:9.expression2", "CASE WHEN v_tenure > 10", "no WHEN holds"),
        ("billing.discount:11.return1", "RETURN 0", "reached"),
        ("billing.discount:13.handler1", "EXCEPTION WHEN numeric_value_out_of_range", "caught"),
        ("billing.discount:13.return1", "RETURN NULL", "reached"),
    ]
    assert made.routine == "billing.discount"
    assert made.unknown == ()


def test_lines_are_those_of_the_body_as_the_server_counts_them() -> None:
    made = instrument(DISCOUNT)
    body = DISCOUNT[DISCOUNT.index("$function$") + len("$function$") :].splitlines()
    for rule in made.rules:
        assert rule.text.split()[-1] in " ".join(body[rule.line - 1 :])
        if rule.kind is RuleKind.RETURN:
            assert rule.text in body[rule.line - 1]


def test_the_arms_of_one_decision_name_each_other() -> None:
    arms = [rule for rule in instrument(DISCOUNT).rules if rule.kind is RuleKind.BRANCH]
    assert {rule.decision for rule in arms} == {"billing.discount:6.branch1"}
    assert [rule.written for rule in arms] == [True, True, False]


def test_lines_stay_and_probes_can_be_taken_out() -> None:
    for depth in (Depth(), Depth(operands=True), Depth(every=True), Depth(expressions=False)):
        made = instrument(DISCOUNT, depth=depth)
        assert restore(made.text) == DISCOUNT
        lines = made.text.splitlines()
        assert [restore(line) for line in lines] == DISCOUNT.splitlines()
        assert MARK in made.text


def test_ids_do_not_depend_on_depth() -> None:
    """A golden that was recorded with more detail can be read beside one that was not."""
    detailed = {rule.id: rule for rule in instrument(DISCOUNT, depth=Depth(operands=True)).rules}
    for depth in (Depth(), Depth(every=True), Depth(expressions=False)):
        for rule in instrument(DISCOUNT, depth=depth).rules:
            assert detailed[rule.id] == rule
    assert [rule.text for rule in detailed.values() if rule.kind is RuleKind.OPERAND] == [
        "v_tenure > 5 in ELSIF v_tenure > 5 AND p_total >= 100",
        "v_tenure > 5 in ELSIF v_tenure > 5 AND p_total >= 100",
        "p_total >= 100 in ELSIF v_tenure > 5 AND p_total >= 100",
        "p_total >= 100 in ELSIF v_tenure > 5 AND p_total >= 100",
    ]


def test_every_rule_has_a_probe_and_every_probe_its_place() -> None:
    made = instrument(DISCOUNT, depth=Depth(operands=True))
    assert {rule for probe in made.probes for rule in probe.rules} == {rule.id for rule in made.rules}
    for probe in made.probes:
        assert 0 < probe.offset < len(DISCOUNT)
        for rule in probe.rules:
            assert rule.rpartition(":")[2] in probe.text


def test_a_return_at_the_start_of_an_arm_shares_its_probe() -> None:
    """Reporting costs more than anything else that a probe does."""
    made = instrument(DISCOUNT)
    assert ("billing.discount:6.branch1", "billing.discount:7.return1") in [
        probe.rules for probe in made.probes
    ]
    assert made.text.count("RAISE INFO") == 8


def test_only_what_calls_helpers_needs_them() -> None:
    assert instrument(DISCOUNT).setup == SETUP
    assert instrument(DISCOUNT, depth=Depth(expressions=False, every=True)).setup == ()


def test_a_name_of_the_recorders_choice() -> None:
    made = instrument(DISCOUNT, "billing.discount(integer,numeric)")
    assert made.rules[0].routine == "billing.discount(integer,numeric)"
    assert made.rules[0].id == "billing.discount(integer,numeric):4.entry1"


@pytest.mark.parametrize("name", ['"a: b"', '"100%"', '"it\'s"', '"ü"', '"a\nb"', '"~"'])
def test_ids_of_odd_names_travel_in_messages(name: str) -> None:
    made = instrument(function("BEGIN RETURN 1; END", name))
    (message,) = re.findall(r"RAISE INFO '([^']*)'", made.text)
    assert rules_of("INFO", message.replace("%%", "%")) == [rule.id for rule in made.rules]
    assert made.rules[0].routine == name
    assert made.rules[0].id.isascii()


def test_equal_expressions_of_a_grouping_query_get_equal_probes() -> None:
    made = instrument(
        function(
            "BEGIN PERFORM CASE WHEN t.a > 1 THEN CASE WHEN b THEN 1 END END FROM t\n"
            "GROUP BY CASE WHEN a > 1 /* same */ THEN case when t.b then 1 end END, CASE WHEN b THEN 1 END; END"
        )
    )
    first, *others = re.findall(r"\(([tab.]+(?: > 1)?)(?: |),('f','pc[^)]*)\)", made.text)
    probes = {condition.replace("t.", ""): set() for condition, _ in (first, *others)}
    for condition, arguments in (first, *others):
        probes[condition.replace("t.", "")].add(arguments)
    assert {condition: len(found) for condition, found in probes.items()} == {"a > 1": 1, "b": 1}
    assert len([rule for rule in made.rules if rule.kind is RuleKind.EXPRESSION]) == 4


def test_unequal_expressions_stay_apart() -> None:
    made = instrument(
        function("BEGIN PERFORM CASE WHEN x.a THEN 1 END, CASE WHEN y.a THEN 1 END, CASE WHEN 'A' THEN 1 END,"
                 " CASE WHEN 'a' THEN 1 END FROM x, y; END")
    )  # fmt: skip
    assert len([rule for rule in made.rules if rule.kind is RuleKind.EXPRESSION]) == 8


def unknown(body: str, depth: Depth = Depth()) -> list[tuple[str, str]]:  # noqa: B008
    made = instrument(function(body), depth=depth)
    assert restore(made.text) == function(body)
    return [(told.text, told.reason) for told in made.unknown]


def test_what_stays_as_it_is_is_told() -> None:
    assert unknown(
        "BEGIN CREATE VIEW v AS SELECT CASE WHEN a THEN CASE WHEN b THEN 1 END END FROM t; END"
    ) == [("CASE WHEN a THEN CASE WHEN b THEN 1 END END", "the statement stores the expression")]
    assert unknown("BEGIN RETURN CASE f(1) WHEN 1 THEN CASE WHEN a THEN 2 END END; END") == [
        (
            "CASE f(1) WHEN 1 THEN CASE WHEN a THEN 2 END END",
            "what it compares cannot be evaluated twice with certainty",
        )
    ]
    assert unknown("BEGIN EXECUTE 'SELECT Case WHEN a THEN 1 END' || b; END") == [
        ("'SELECT Case WHEN a THEN 1 END'", "the statement is put together at run time")
    ]
    assert unknown("BEGIN FOR r IN EXECUTE $q$SELECT CASE WHEN a THEN 1 END$q$ LOOP END LOOP; END") == [
        ("$q$SELECT CASE WHEN a THEN 1 END$q$", "the statement is put together at run time")
    ]
    assert unknown("BEGIN CASE a WHEN 1 THEN NULL; END CASE; END") == [
        ("CASE a", "that no WHEN of a simple CASE holds is an error without a place")
    ]
    assert unknown("BEGIN LOOP EXIT WHEN a FROM t UNION SELECT b; END LOOP; END") == [
        ("a FROM t UNION SELECT b", "the condition combines queries")
    ]
    assert unknown("BEGIN INSERT INTO t SELECT 1 ON CONFLICT ((CASE WHEN a THEN b END)) DO NOTHING; END") == [
        ("CASE WHEN a THEN b END", "it must stay equal to an index")
    ]
    assert unknown(
        "BEGIN SELECT DISTINCT CASE WHEN a AND b THEN 1 END INTO c FROM t; END", Depth(operands=True)
    ) == [("a AND b", "it may have to stay equal to another expression of its query")]
    assert unknown("BEGIN IF a AND b FROM t UNION SELECT c THEN END IF; END", Depth(operands=True)) == [
        ("a AND b FROM t UNION SELECT c", "the condition combines queries")
    ]


def test_the_unknown_inner_of_a_known_outer() -> None:
    made = instrument(function("BEGIN RETURN CASE WHEN a THEN CASE random() WHEN 1 THEN 2 END END; END"))
    assert [told.text for told in made.unknown] == ["CASE random() WHEN 1 THEN 2 END"]
    assert [rule.text for rule in made.rules if rule.kind is RuleKind.EXPRESSION] == [
        "CASE WHEN a",
        "CASE WHEN a",
    ]


def test_functions_in_sql() -> None:
    source = function(
        "\nSELECT 1;\nINSERT INTO t SELECT CASE WHEN a THEN 1 END;\nCREATE TABLE x AS SELECT CASE b WHEN 1 THEN 2 END;",
        language="sql",
    )
    made = instrument(source)
    assert catalogue(made) == [
        ("f:3.expression1", "CASE WHEN a", "taken"),
        ("f:3.expression2", "CASE WHEN a", "no WHEN holds"),
    ]
    assert [(told.line, told.text) for told in made.unknown] == [
        (4, "CASE b WHEN 1 THEN 2 END"),
        (2, "SELECT"),
    ]
    assert restore(made.text) == source


def test_anonymous_blocks() -> None:
    for source in ("DO $$BEGIN NULL; END$$", "DO LANGUAGE plpgsql $$BEGIN NULL; END$$", "DO $$BEGIN NULL; END$$ LANGUAGE 'plpgsql'"):  # fmt: skip  # noqa: E501
        made = instrument(source)
        assert [rule.id for rule in made.rules] == ["DO:1.entry1"]
        assert restore(made.text) == source


@pytest.mark.parametrize(
    ("source", "cause", "line", "reason"),
    [
        ("", Cause.SYNTAX, 0, "it is no CREATE FUNCTION, CREATE PROCEDURE or DO"),
        ("SELECT 1", Cause.SYNTAX, 0, "it is no CREATE FUNCTION, CREATE PROCEDURE or DO"),
        ("CREATE FUNCTION f() AS 'x", Cause.SYNTAX, 0, "a string is not closed, at character 23"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE", Cause.SYNTAX, 0, "no language follows LANGUAGE"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql", Cause.NO_BODY, 0, "it has no body"),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN END'",
            Cause.NO_BODY,
            0,
            "its body is not dollar-quoted; take it from pg_get_functiondef",
        ),
        (function("x", language="plperl"), Cause.LANGUAGE, 0, "its language is plperl"),
        (function("x", language='"PlPython3U"'), Cause.LANGUAGE, 0, "its language is plpython3u"),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
            Cause.ATOMIC,
            0,
            "its body is parsed SQL (BEGIN ATOMIC), not text",
        ),
        (
            "CREATE FUNCTION f() RETURNS int RETURN 1",
            Cause.ATOMIC,
            0,
            "its body is parsed SQL (RETURN ...), not text",
        ),
        (function(""), Cause.SYNTAX, 1, "expected BEGIN, found the end"),
        (function("\nBEGIN\nIF a THEN\nEND;"), Cause.SYNTAX, 4, "expected IF, found ';'"),
        (function("\nBEGIN\nRETURN 'a;\nEND"), Cause.SYNTAX, 3, "a string is not closed"),
        (function("BEGIN /* ~pc */ END"), Cause.MARKED, 0, "its source contains '~pc', the mark of probes"),
    ],
)
def test_sources_that_stay_whole(source: str, cause: Cause, line: int, reason: str) -> None:
    made = instrument(source)
    (told,) = made.unknown
    assert (told.cause, told.line, told.text, told.reason) == (cause, line, "", reason)
    assert dataclasses.replace(made, unknown=()) == Instrumented(routine=made.routine, text=source)


def test_expressions_that_are_too_deep() -> None:
    expression = "CASE WHEN a THEN " * 200 + "1" + " END" * 200
    source = function(f"BEGIN RETURN {expression}; END")
    made = instrument(source)
    assert restore(made.text) == source
    assert [(told.text.count("CASE"), told.reason) for told in made.unknown] == [
        (149, "it is nested too deeply")
    ]
    assert len(made.rules) == 2 + 51 * 2


def test_conditions_that_are_too_deep_are_one_operand() -> None:
    for brackets, count in ((40, 2), (60, 0)):
        condition = "(" * brackets + "a AND b" + ")" * brackets
        made = instrument(function(f"BEGIN IF {condition} THEN END IF; END"), depth=Depth(operands=True))
        assert len([rule for rule in made.rules if rule.kind is RuleKind.OPERAND]) == count * 2


def test_strings_whose_backslashes_escape() -> None:
    source = function(r"BEGIN RETURN 'a\' THEN; END'; END")
    assert instrument(source).unknown[0].reason == "a string is not closed"
    assert len(instrument(source, standard_strings=False).rules) == 2


WORDS = "BEGIN END IF THEN ELSE CASE WHEN LOOP EXIT RETURN ; a ( ) 'x' -- /* */ ' $$ := SELECT INTO FROM AND OR << >>"


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*WORDS.split(), "--\n", "\n"]), max_size=40).map(" ".join))
def test_no_source_is_an_error(body: str) -> None:
    """It is instrumented, or told with a reason; and what was inserted can always be taken out."""
    source = function(f"BEGIN {body} END")
    made = instrument(source, depth=Depth(operands=True))
    assert made.rules or made.unknown
    assert restore(made.text) == source
    assert made.text.count("\n") == source.count("\n")
    assert len({rule.id for rule in made.rules}) == len(made.rules)


@given(st.text(max_size=80))
def test_no_text_is_an_error(source: str) -> None:
    assert instrument(source).text == source
