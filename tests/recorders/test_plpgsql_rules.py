"""Probes in a real server: they tell what happened and change nothing that a client can see.

Every routine here is created, called and rolled back twice, as it is and with probes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from plpgsql_generator import SCHEMA, Routine
from plpgsql_harness import Answer, Session, differences, set_up

from pytest_characterize.rules.catalogue import Cause, Depth, Instrumented
from pytest_characterize.rules.plpgsql.probes import DEFAULT_DEPTH, instrument
from pytest_characterize.rules.plpgsql.text import restore
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

TORTURE = bool(os.environ.get("CHARACTERIZE_TORTURE"))
GENERATED = 2000 if TORTURE else 200
EFFECTS = "SELECT * FROM ledger ORDER BY id"
EVERY = Depth(every=True)
OPERANDS = Depth(operands=True)


@dataclass
class Tried:
    """Both sides of a trial; they have been found equal."""

    made: Instrumented
    plain: Sequence[Answer]
    probed: Sequence[Answer]

    @property
    def hits(self) -> dict[str, int]:
        """Place within the routine -> hits of all calls."""
        total = sum((answer.hits for answer in self.probed), Counter[str]())
        return {rule.rpartition(":")[2]: count for rule, count in total.items()}

    @property
    def unhit(self) -> list[str]:
        """What the rules that no call exercised say."""
        hit = {rule for answer in self.probed for rule in answer.hits}
        return [f"{rule.text}: {rule.arm}" for rule in self.made.rules if rule.id not in hit]


class Laboratory:
    """A database with the table ``ledger`` in which routines are tried."""

    def __init__(self, dsn: str) -> None:
        self.plain = Session(dsn)
        self.probed = Session(dsn, probed=True)
        self.plain.run(SCHEMA)

    def close(self) -> None:
        self.plain.close()
        self.probed.close()

    def try_(
        self, source: str, *calls: str, depth: Depth = DEFAULT_DEPTH, before: Sequence[str] = ()
    ) -> Tried:
        """Create a routine and call it, without and with probes, each in a transaction that is rolled back."""
        made = instrument(source, depth=depth)
        assert restore(made.text) == source
        plain = self._answers(self.plain, [*before, source], calls)
        probed = self._answers(self.probed, [*before, *made.setup, made.text], calls)
        found = [
            told
            for call, left, right in zip(_with_effects(calls), plain, probed, strict=True)
            for told in differences(call, left, right)
        ]
        assert not found, "\n".join([*found, made.text])
        assert {rule for answer in probed for rule in answer.hits} <= {rule.id for rule in made.rules}
        return Tried(made, plain, probed)

    def _answers(self, session: Session, setup: Sequence[str], calls: Sequence[str]) -> list[Answer]:
        session.run("BEGIN")
        try:
            for statement in setup:
                answer = session.run(statement)
                assert not answer.error, (answer.error, statement)
            session.run("SAVEPOINT made")
            answers = []
            for call in _with_effects(calls):
                answers.append(session.run(call))
                if call not in calls or answers[-1].error:
                    session.run("ROLLBACK TO made")
            return answers
        finally:
            session.run("ROLLBACK")


def _with_effects(calls: Sequence[str]) -> list[str]:
    return [statement for call in calls for statement in (call, EFFECTS)]


@pytest.fixture(scope="module")
def laboratory(postgres_server: PostgresServer) -> Iterator[Laboratory]:
    made = Laboratory(postgres_server.create_database("plpgsql_rules"))
    yield made
    made.close()


def function(body: str, returns: str = "int", arguments: str = "a int DEFAULT 0", options: str = "") -> str:
    return f"CREATE OR REPLACE FUNCTION f({arguments}) RETURNS {returns} LANGUAGE plpgsql {options} AS $${body}$$"


# What is told

TOLD: Mapping[str, tuple[str, Sequence[str], Mapping[str, int]]] = {
    "if taken": (
        "BEGIN\nIF a > 1 THEN\nRETURN 1;\nEND IF;\nRETURN 0; END",
        ["SELECT f(2)"],
        {"1.entry1": 1, "2.branch1": 1, "3.return1": 1},
    ),
    "if not taken, without an else": (
        "BEGIN\nIF a > 1 THEN\nRETURN 1;\nEND IF;\nRETURN 0; END",
        ["SELECT f(1)", "SELECT f(NULL)"],
        {"1.entry1": 2, "2.branch2": 2, "5.return1": 2},
    ),
    "elsif and else": (
        "BEGIN IF a = 1 THEN NULL;\nELSIF a = 2 THEN NULL;\nELSE NULL;\nEND IF; RETURN 0; END",
        ["SELECT f(2)", "SELECT f(3)"],
        {"1.entry1": 2, "2.branch1": 1, "3.branch1": 1, "4.return1": 2},
    ),
    "simple case": (
        "BEGIN CASE a\nWHEN 1, 2 THEN NULL;\nWHEN 3 THEN NULL;\nELSE RETURN 9;\nEND CASE; RETURN 0; END",
        ["SELECT f(2)", "SELECT f(4)"],
        {"1.entry1": 2, "2.case1": 1, "4.case1": 1, "4.return1": 1, "5.return1": 1},
    ),
    "searched case in which nothing holds": (
        "BEGIN CASE\nWHEN a = 1 THEN NULL;\nWHEN a = 2 THEN NULL;\nEND CASE; RETURN 0; END",
        ["SELECT f(3)", "SELECT f(2)"],
        {"1.entry1": 2, "2.case2": 1, "3.case1": 1, "4.return1": 1},
    ),
    "loops with iterations": (
        "BEGIN\nFOR i IN 1..3 LOOP NULL; END LOOP;\nWHILE a < 3 LOOP a := a + 1; END LOOP;\n"
        "FOREACH a IN ARRAY '{1,2}'::int[] LOOP NULL; END LOOP;\nLOOP EXIT; END LOOP; RETURN 0; END",
        ["SELECT f(1)"],
        {"1.entry1": 1, "2.loop1": 1, "3.loop1": 1, "4.loop1": 1, "5.loop1": 1, "5.return1": 1},
    ),
    "loops without iterations": (
        "DECLARE r record; BEGIN\nFOR i IN 1..a LOOP NULL; END LOOP;\nWHILE a > 3 LOOP NULL; END LOOP;\n"
        "FOREACH a IN ARRAY '{}'::int[] LOOP NULL; END LOOP;\n"
        "FOR r IN SELECT id FROM ledger WHERE false LOOP NULL; END LOOP; RETURN 0; END",
        ["SELECT f(0)"],
        {"1.entry1": 1, "2.loop2": 1, "3.loop2": 1, "4.loop2": 1, "5.loop2": 1, "5.return1": 1},
    ),
    "a loop without iterations within one": (
        "BEGIN\nFOR i IN 0..2 LOOP\nWHILE a < i LOOP a := a + 1; END LOOP;\nEND LOOP; RETURN 0; END",
        ["SELECT f(0)", "SELECT f(2)"],
        {"1.entry1": 2, "2.loop1": 2, "3.loop1": 1, "3.loop2": 2, "4.return1": 2},
    ),
    "exit and continue": (
        "BEGIN FOR i IN 1..5 LOOP\nCONTINUE WHEN i < a;\nEXIT WHEN i = 4;\nEND LOOP; RETURN 0; END",
        ["SELECT f(2)"],
        {"1.entry1": 1, "1.loop1": 1, "2.jump1": 1, "2.jump2": 1, "3.jump1": 1, "3.jump2": 1, "4.return1": 1},
    ),
    "a jump by a query": (
        "BEGIN LOOP\nEXIT WHEN count(*) > 3 FROM ledger WHERE id > a;\nDELETE FROM ledger;\nRETURN 1; END LOOP;\n"
        "RETURN 0; END",
        ["SELECT f(3)", "SELECT f(11)"],
        {
            "1.entry1": 2, "1.loop1": 2, "2.jump1": 1, "2.jump2": 1, "3.rows1": 1, "4.return1": 1,
            "5.return1": 1,
        },
    ),
    "handlers": (
        "BEGIN\nRETURN 1 / a;\nEXCEPTION\nWHEN division_by_zero OR SQLSTATE '22003' THEN RETURN -1;\n"
        "WHEN OTHERS THEN RETURN -2; END",
        ["SELECT f(0)", "SELECT f(1)"],
        {"1.entry1": 2, "2.return1": 2, "4.handler1": 1, "4.return1": 1},
    ),
    "a call that fails": (
        "BEGIN\nIF a > 0 THEN RAISE EXCEPTION 'no'; END IF; RETURN 0; END",
        ["SELECT f(1)"],
        {"1.entry1": 1, "2.branch1": 1},
    ),
    "rows": (
        "DECLARE n int; c refcursor; BEGIN\nSELECT id INTO n FROM ledger WHERE id = a;\n"
        "UPDATE ledger SET amount = 0 WHERE id = a;\nDELETE FROM ledger WHERE id = a;\n"
        "INSERT INTO ledger SELECT 99, 1, 'x' WHERE a > 0;\nPERFORM 1 FROM ledger WHERE id = a;\n"
        "EXECUTE 'SELECT id FROM ledger WHERE id = $1' INTO n USING a + 1;\n"
        "OPEN c FOR SELECT id FROM ledger WHERE id = a + 1;\nFETCH c INTO n;\nRETURN 0; END",
        ["SELECT f(1)", "SELECT f(-5)"],
        {
            "1.entry1": 2, "2.rows1": 1, "2.rows2": 1, "3.rows1": 1, "3.rows2": 1, "4.rows1": 1, "4.rows2": 1,
            "5.rows1": 1, "5.rows2": 1, "6.rows2": 2, "7.rows1": 1, "7.rows2": 1, "9.rows1": 1, "9.rows2": 1,
            "10.return1": 2,
        },
    ),
    "case in an expression": (
        "BEGIN RETURN\nCASE WHEN a = 1 THEN 10\nWHEN a = 2 THEN 20 END; END",
        ["SELECT f(1)", "SELECT f(2)", "SELECT f(3)"],
        {"1.entry1": 3, "1.return1": 3, "2.expression1": 1, "3.expression1": 1, "3.expression2": 1},
    ),
    "simple case in an expression": (
        "BEGIN RETURN\nCASE a % 5 WHEN 1 THEN 10\nWHEN 2 THEN 20\nELSE 30 END; END",
        ["SELECT f(1)", "SELECT f(4)", "SELECT f(NULL)"],
        {"1.entry1": 3, "1.return1": 3, "2.expression1": 1, "4.expression1": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "calls", "told"), TOLD.values(), ids=TOLD.keys())
def test_hits(laboratory: Laboratory, body: str, calls: Sequence[str], told: Mapping[str, int]) -> None:
    assert laboratory.try_(function(body), *calls).hits == told


@pytest.mark.parametrize(("body", "calls", "told"), TOLD.values(), ids=TOLD.keys())
def test_every_hit_contains_the_first(
    laboratory: Laboratory, body: str, calls: Sequence[str], told: Mapping[str, int]
) -> None:
    every = laboratory.try_(function(body), *calls, depth=EVERY).hits
    assert every.keys() == told.keys()
    assert all(every[rule] >= count for rule, count in told.items())


def test_operands(laboratory: Laboratory) -> None:
    body = "BEGIN\nIF a > 0 AND (a > 5 OR NOT a = 3) THEN\nRETURN 1; END IF; RETURN 0; END"
    tried = laboratory.try_(function(body), "SELECT f(3)", "SELECT f(0)", depth=OPERANDS)
    assert tried.unhit == [
        "IF a > 0 AND (a > 5 OR NOT a = 3): taken",
        "a > 5 in IF a > 0 AND (a > 5 OR NOT a = 3): true",
        "a = 3 in IF a > 0 AND (a > 5 OR NOT a = 3): not true",
        "RETURN 1: reached",
    ]


def test_operands_that_are_not_evaluated_are_not_told(laboratory: Laboratory) -> None:
    body = "BEGIN\nIF a > 0 OR 1 / a > 0 THEN RETURN 1; END IF; RETURN 0; END"
    tried = laboratory.try_(function(body), "SELECT f(2)", depth=OPERANDS)
    assert [place for place in tried.hits if "operand" in place] == ["2.operand1"]


def test_repetitions_are_reported_once(laboratory: Laboratory) -> None:
    """Of a loop, and of a query that calls the routine for each of its rows; each case begins anew."""
    body = "BEGIN FOR i IN 1..1000 LOOP\nIF i % 2 = 0 THEN a := a + 1; END IF; END LOOP; RETURN a; END"
    call = "SELECT f() FROM generate_series(1, 3)"
    once = laboratory.try_(function(body), call, call)
    assert once.hits == {"1.entry1": 2, "1.loop1": 2, "2.branch1": 2, "2.branch2": 2, "2.return1": 2}
    every = laboratory.try_(function(body), call, depth=EVERY).hits
    assert every == {"1.entry1": 3, "1.loop1": 3000, "2.branch1": 1500, "2.branch2": 1500, "2.return1": 3}


def test_more_guards_than_a_bigint_has_bits(laboratory: Laboratory) -> None:
    arms = "\n".join(f"IF i = {number} THEN a := a + 1; END IF;" for number in range(80))
    body = f"BEGIN FOR i IN 0..39 LOOP FOR j IN 1..2 LOOP\n{arms}\nEND LOOP; END LOOP; RETURN a; END"
    tried = laboratory.try_(function(body), "SELECT f()")
    taken = [number for number in range(80) if f"{number + 2}.branch1" in tried.hits]
    assert taken == list(range(40))
    assert all(tried.hits[f"{number + 2}.branch2"] == 1 for number in range(80))


def test_recursion_and_calls_of_others(laboratory: Laboratory) -> None:
    body = "BEGIN\nIF a > 0 THEN\nRETURN a * f(a - 1);\nEND IF;\nRETURN 1; END"
    assert laboratory.try_(function(body), "SELECT f(3)", depth=EVERY).hits == {
        "1.entry1": 4, "2.branch1": 3, "3.return1": 3, "2.branch2": 1, "5.return1": 1,
    }  # fmt: skip
    once = laboratory.try_(function(body), "SELECT f(3) + f(4)").hits
    assert set(once.values()) == {1}
    assert len(once) == 5


def test_what_a_subtransaction_took_back_is_told(laboratory: Laboratory) -> None:
    body = (
        "BEGIN BEGIN\nIF a = 0 THEN UPDATE ledger SET amount = CASE WHEN id = 1 THEN 7 ELSE 8 END;\n"
        "RAISE EXCEPTION 'no'; END IF;\nEXCEPTION WHEN raise_exception THEN NULL; END; RETURN 0; END"
    )
    hits = laboratory.try_(function(body), "SELECT f()").hits
    assert {"2.branch1", "2.rows1", "2.expression1", "2.expression2", "4.handler1"} <= hits.keys()


@pytest.mark.parametrize("level", ["error", "notice", "debug1"])
def test_no_setting_silences_probes(laboratory: Laboratory, level: str) -> None:
    body = "BEGIN RAISE NOTICE 'n'; IF a = 0 THEN RETURN 1; END IF; RETURN 2; END"
    source = function(body, options=f"SET client_min_messages = '{level}'")
    assert laboratory.try_(source, "SELECT f()").hits == {"1.entry1": 1, "1.branch1": 1, "1.return1": 1}


def test_triggers(laboratory: Laboratory) -> None:
    body = (
        "BEGIN\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nNEW.amount := NEW.amount + 1; RETURN NEW; END"
    )
    tried = laboratory.try_(
        function(body, "trigger", ""),
        "DO 'BEGIN CREATE TRIGGER t BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION f();"
        " UPDATE ledger SET note = NULL WHERE id < 3; DELETE FROM ledger WHERE id = 5; END'",
        depth=EVERY,
    )
    assert tried.hits == {
        "1.entry1": 3, "2.branch1": 1, "2.return1": 1, "2.branch2": 2, "3.return1": 2,
    }  # fmt: skip


def test_procedures_that_commit(postgres_server: PostgresServer) -> None:
    """They end the transaction that probes live in; such a routine runs in a copy of the database."""
    source = (
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN FOR i IN 1..3 LOOP\n"
        "INSERT INTO ledger SELECT 100 + i, 0, 'x' WHERE i > 1;\nIF i = 2 THEN ROLLBACK; ELSE COMMIT; END IF;\n"
        "END LOOP; END$$"
    )
    answers = []
    for name, text in (("plain", source), ("probed", instrument(source).text)):
        session = Session(postgres_server.create_database(f"committing_{name}"), probed=name == "probed")
        session.run(SCHEMA)
        set_up(session)
        session.run(text)
        answers.append((session.run("CALL p()"), session.run("SELECT id FROM ledger WHERE id > 99")))
        session.close()
    (plain, rows), (probed, same) = answers
    assert plain == probed
    assert rows == same
    assert rows.rows == (("103",),)
    assert set(probed.hits) == {
        "p:1.entry1", "p:1.loop1", "p:2.rows1", "p:2.rows2", "p:3.branch1", "p:3.branch2",
    }  # fmt: skip


# What must not change

UNCHANGED: Mapping[str, tuple[str, Sequence[str]]] = {
    "FOUND after each statement": (
        "DECLARE t text := ''; BEGIN UPDATE ledger SET note = '' WHERE id = a; t := t || FOUND;"
        " FOR i IN 1..a LOOP t := t || FOUND; END LOOP; t := t || FOUND; EXECUTE 'SELECT 1'; t := t || FOUND;"
        " PERFORM 1 FROM ledger WHERE id = a; IF FOUND THEN t := t || 'yes'; END IF;"
        " WHILE a > 3 LOOP a := a - 1; END LOOP; RETURN t || FOUND; END",
        ["SELECT f(0)", "SELECT f(5)"],
    ),
    "ROW_COUNT after each statement": (
        "DECLARE n int; m int; BEGIN UPDATE ledger SET note = '' WHERE id > a; GET DIAGNOSTICS n = ROW_COUNT;"
        " EXECUTE 'SELECT * FROM ledger'; GET DIAGNOSTICS m = ROW_COUNT; RETURN n || ',' || m; END",
        ["SELECT f(0)", "SELECT f(50)"],
    ),
    "the error in hand": (
        "DECLARE t text; c text; BEGIN BEGIN a := 1 / a; EXCEPTION WHEN OTHERS THEN\n"
        " IF a = 0 THEN GET STACKED DIAGNOSTICS t = PG_EXCEPTION_CONTEXT, c = RETURNED_SQLSTATE; END IF;\n"
        " PERFORM 1; RAISE NOTICE '% % %', SQLERRM, t, c; RAISE; END; RETURN ''; END",
        ["SELECT f(0)"],
    ),
    "the context of an error within a condition": (
        "BEGIN LOOP\n EXIT WHEN 1 / a = 1;\n END LOOP; RETURN ''; END",
        ["SELECT f(0)", "SELECT f(1)"],
    ),
    "the context and query of an error within a query": (
        "DECLARE n int; BEGIN\n SELECT CASE WHEN id > 3 THEN 1 / (id - id) ELSE 0 END INTO n FROM ledger"
        " WHERE id > a;\n RETURN n; END",
        ["SELECT f(4)", "SELECT f(0)"],
    ),
    "the position of an error that shows at run time": (
        "BEGIN\n RETURN CASE WHEN a > 1 THEN 'x' ELSE nowhere.column END; END",
        ["SELECT f(1)"],
    ),
    "literals without a type": (
        "BEGIN RETURN CASE WHEN a = 1 THEN '2024-01-01' ELSE current_date END"
        " || CASE a WHEN 1 THEN NULL WHEN 2 THEN '5' ELSE 3 END; END",
        ["SELECT f(1)", "SELECT f(2)"],
    ),
    "conditions that are null": (
        "BEGIN RETURN CASE WHEN NULL THEN 'a' WHEN a > NULL THEN 'b' ELSE 'c' END"
        " || CASE NULL::int WHEN NULL THEN 'd' ELSE 'e' END; END",
        ["SELECT f(1)"],
    ),
    "an expression that is grouped by": (
        "DECLARE t text := ''; r record; BEGIN FOR r IN SELECT CASE WHEN amount > 3 THEN kind ELSE 'z' END AS k,"
        " count(*) AS n FROM ledger GROUP BY CASE WHEN ledger.amount > 3 THEN ledger.kind ELSE 'z' END ORDER BY 1"
        " LOOP t := t || r.k || r.n; END LOOP; RETURN t; END",
        ["SELECT f()"],
    ),
    "an expression that is sorted by, of distinct rows": (
        "DECLARE t text := ''; r record; BEGIN FOR r IN SELECT DISTINCT CASE kind WHEN 'a' THEN 1 ELSE 2 END AS k"
        " FROM ledger ORDER BY CASE kind WHEN 'a' THEN 1 ELSE 2 END DESC LOOP t := t || r.k; END LOOP;"
        " RETURN t; END",
        ["SELECT f()"],
    ),
    "an arm that a parameter rules out": (
        "DECLARE t text; BEGIN SELECT string_agg((CASE WHEN a = 0 THEN 0 ELSE 100 / a END)::text, ',' ORDER BY id)"
        " INTO t FROM ledger; RETURN t; END",
        ["SELECT f(0)", "SELECT f(0)", "SELECT f(3)"],
    ),
    "an arm that a constant rules out": (
        "DECLARE n int; BEGIN SELECT CASE WHEN false THEN 1 / 0 ELSE id END INTO n FROM ledger WHERE id = 3;"
        " RETURN n; END",
        ["SELECT f(0)"],
    ),
    "a full join by a case": (
        "DECLARE n int; BEGIN SELECT count(*) INTO n FROM ledger x FULL JOIN ledger y"
        " ON x.id = CASE WHEN y.amount > 4 THEN y.id ELSE 0 END; RETURN n; END",
        ["SELECT f()"],
    ),
    "a conflict by an index on a case": (
        "BEGIN CREATE UNIQUE INDEX ON ledger ((CASE WHEN id > 3 THEN id ELSE -id END));"
        " INSERT INTO ledger VALUES (3, 1, 'x') ON CONFLICT ((CASE WHEN id > 3 THEN id ELSE -id END)) DO UPDATE"
        " SET note = CASE WHEN EXCLUDED.amount = 1 THEN 'one' END; RETURN (SELECT note FROM ledger WHERE id = 3);"
        " END",
        ["SELECT f()"],
    ),
    "a window, a filter and a subquery": (
        "DECLARE t text; BEGIN SELECT string_agg(x::text, ',') INTO t FROM (SELECT sum(CASE WHEN amount > 3 THEN 1"
        " END) FILTER (WHERE CASE kind WHEN 'a' THEN true END) OVER (ORDER BY CASE WHEN id > 5 THEN 1 ELSE 2 END, id)"
        " AS x FROM ledger) y; RETURN t; END",
        ["SELECT f()"],
    ),
    "variables called like ours": (
        "DECLARE found boolean := true; pc int := 1; t text := ''; BEGIN UPDATE ledger SET note = '' WHERE id = a;"
        " IF found THEN t := 'mine'; END IF; FOR i IN 1..a LOOP t := t || i; END LOOP; RETURN t || found; END",
        ["SELECT f(0)", "SELECT f(2)"],
    ),
    "words that are names": (
        'DECLARE exit int := 1; "end if" int := 2; elsif int[] := \'{1}\'; BEGIN exit := exit + 1; elsif[1] := 3;'
        ' "end if" = 5; <<loop1>> LOOP EXIT loop1 WHEN exit > a; exit := exit + 1; END LOOP loop1;'
        ' RETURN exit + "end if" + elsif[1]; END',
        ["SELECT f(0)", "SELECT f(4)"],
    ),
    "a message that looks like a probe's": (
        "BEGIN RAISE INFO 'pc:f:1.entry1'; RAISE NOTICE '~%', 'pc:f:1.entry1'; RETURN ''; END",
        ["SELECT f()"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("depth", [Depth(), OPERANDS, EVERY], ids=["default", "operands", "every"])
@pytest.mark.parametrize(("body", "calls"), UNCHANGED.values(), ids=UNCHANGED.keys())
def test_unchanged(laboratory: Laboratory, body: str, calls: Sequence[str], depth: Depth) -> None:
    tried = laboratory.try_(function(body, "text"), *calls, depth=depth)
    assert tried.hits


def test_a_set_returning_function(laboratory: Laboratory) -> None:
    body = (
        "BEGIN FOR i IN 1..2 LOOP RETURN NEXT i; END LOOP;\nRETURN QUERY SELECT id FROM ledger WHERE id > a;\n"
        "RETURN QUERY EXECUTE 'SELECT 7' ; GET DIAGNOSTICS a = ROW_COUNT; RETURN NEXT a; RETURN; END"
    )
    tried = laboratory.try_(function(body, "SETOF int"), "SELECT * FROM f(10)", "SELECT * FROM f(99)")
    assert {"2.rows1", "2.rows2", "3.rows1"} <= tried.hits.keys()


def test_what_is_compared_is_evaluated_as_often_as_before(laboratory: Laboratory) -> None:
    """``nextval`` must not be called once an arm; the expression is told as unknown instead."""
    body = "BEGIN RETURN CASE nextval('s') WHEN 1 THEN 10 WHEN 2 THEN 20 WHEN 3 THEN 30 ELSE 0 END; END"
    tried = laboratory.try_(
        function(body), "SELECT f() FROM generate_series(1, 3)", before=["CREATE SEQUENCE s"]
    )
    assert tried.probed[0].rows == (("10",), ("20",), ("30",))
    (unknown,) = tried.made.unknown
    assert unknown.cause is Cause.UNSAFE
    assert unknown.text.startswith("CASE nextval('s') WHEN 1")
    assert not any("expression" in place for place in tried.hits)


@pytest.mark.parametrize("volatility", ["IMMUTABLE", "STABLE", "VOLATILE"])
def test_functions_in_sql(laboratory: Laboratory, volatility: str) -> None:
    """One that is inlined stays so, which the context of its error shows."""
    source = (
        f"CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql {volatility} AS $$\n"
        "SELECT CASE WHEN a > 5 THEN 1 / (a - a)\nWHEN a > 3 THEN 3 ELSE CASE a WHEN 0 THEN 0 END END$$"
    )
    tried = laboratory.try_(
        source,
        *("SELECT f(id) FROM ledger WHERE id < 4", "SELECT f(id) FROM ledger", "SELECT f(4), f(0)"),
        "SELECT f(id) FROM ledger WHERE id > 99",
    )
    assert set(tried.hits) == {
        "2.expression1", "3.expression1", "3.expression2", "3.expression3", "3.expression4",
    }  # fmt: skip
    assert [unknown.reason for unknown in tried.made.unknown] == [
        "a LANGUAGE sql routine takes no probe that tells it was entered"
    ]


def test_workers_of_a_parallel_query(laboratory: Laboratory) -> None:
    body = (
        "BEGIN\nIF a % 2 = 0 THEN RETURN CASE WHEN a > 5 THEN 1 ELSE 2 END; END IF; RETURN CASE a WHEN 1 THEN 1 END;"
        " END"
    )
    forced = (
        "force_parallel_mode"
        if laboratory.plain.connection.info.server_version < 160000
        else "debug_parallel_query"
    )
    tried = laboratory.try_(
        function(body, options="PARALLEL SAFE"),
        "SELECT sum(f(id)) FROM ledger",
        before=[f"SET LOCAL {forced} = on"],
    )
    assert {"2.branch1", "2.branch2", "2.expression1", "2.expression2", "2.expression3"} <= tried.hits.keys()


def test_a_routine_that_runs_as_another_role(laboratory: Laboratory) -> None:
    """It may use what probes need even if that role may not create anything, temporary or not."""
    source = function(
        "BEGIN IF a = 0 THEN RETURN CASE a WHEN 0 THEN 5 END; END IF; RETURN current_user = 'weak'; END",
        options="SECURITY DEFINER SET search_path = ''",
    )
    tried = laboratory.try_(
        source,
        "SELECT f()",
        before=[
            "CREATE ROLE weak",
            "REVOKE ALL ON DATABASE plpgsql_rules FROM PUBLIC",
            "GRANT ALL ON SCHEMA public TO weak",
        ],
    )
    assert tried.hits["1.expression1"] == 1
    as_weak = laboratory.try_(
        source,
        "DO 'BEGIN ALTER FUNCTION f OWNER TO weak; PERFORM f(); END'",
        before=[
            "CREATE ROLE weak",
            "REVOKE ALL ON DATABASE plpgsql_rules FROM PUBLIC",
            "GRANT ALL ON SCHEMA public TO weak",
        ],
    )
    assert as_weak.hits["1.expression1"] == 1


@pytest.mark.parametrize("name", ['"it\'s 100%: a; b"', 's."Ünïcode $$"', '"new\nline"'])
def test_names(laboratory: Laboratory, name: str) -> None:
    source = (
        f"CREATE FUNCTION {name}(a int) RETURNS int LANGUAGE plpgsql AS $f$BEGIN RETURN CASE WHEN a = 1 THEN 1 END;"
        " END$f$"
    )
    tried = laboratory.try_(source, f"SELECT {name}(1)", before=["CREATE SCHEMA s"])
    assert tried.hits == {"1.entry1": 1, "1.return1": 1, "1.expression1": 1}
    assert {rule.routine for rule in tried.made.rules} == {name}


def test_nothing_is_left_behind(laboratory: Laboratory) -> None:
    session = laboratory.probed
    query = "SELECT count(*), max(oid::int8) FROM pg_proc"
    session.run("BEGIN; CREATE TEMP TABLE first (); COMMIT")
    before = session.run(query)
    laboratory.try_(function("BEGIN RETURN CASE a WHEN 0 THEN 1 END; END"), "SELECT f()", depth=OPERANDS)
    assert session.run(query) == before
    assert session.run("SELECT current_setting('pc.process', true)").rows in (((None,),), (("",),))


# What is not known


SOURCES = {
    "CREATE FUNCTION parsed(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 2 END; END": (
        Cause.ATOMIC, 0, "its body is parsed SQL (BEGIN ATOMIC), not text",
    ),
    "CREATE FUNCTION parsed(a int) RETURNS int LANGUAGE sql RETURN a + 1": (
        Cause.ATOMIC, 0, "its body is parsed SQL (RETURN ...), not text",
    ),
    "CREATE FUNCTION parsed(int) RETURNS int LANGUAGE internal IMMUTABLE AS 'int4abs'": (
        Cause.LANGUAGE, 0, "its language is internal",
    ),
    "CREATE FUNCTION parsed() RETURNS int LANGUAGE plpgsql AS $$BEGIN\nIF true THEN\nRETURN 1;\nEND;$$": (
        Cause.SYNTAX, 4, "expected IF, found ';'",
    ),
    "CREATE FUNCTION parsed() RETURNS int LANGUAGE plpgsql AS $$BEGIN\nRETURN 'x; END;$$": (
        Cause.SYNTAX, 2, "a string is not closed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "told"), SOURCES.items(), ids=["atomic", "return", "c", "if", "quote"])
def test_sources_as_the_server_gives_them(
    laboratory: Laboratory, statement: str, told: tuple[Cause, int, str]
) -> None:
    """Parsed bodies, other languages and sources that never compiled are named, not guessed."""
    session = laboratory.plain
    session.run("BEGIN")
    session.run("SET LOCAL check_function_bodies = off")
    answer = session.run(statement)
    source = session.run("SELECT pg_get_functiondef('parsed'::regproc)")
    session.run("ROLLBACK")
    assert not answer.error, answer.error
    made = instrument(source.rows[0][0] or "", "parsed")
    assert made.text == source.rows[0][0]
    assert not made.rules
    assert not made.probes
    (unknown,) = made.unknown
    assert (unknown.cause, unknown.line, unknown.reason) == told


# Random routines


@pytest.mark.torture
@pytest.mark.parametrize("part", range(10))
def test_generated_routines(laboratory: Laboratory, part: int) -> None:
    """Two thousand in the long run, a tenth in the normal one; each depth in turn."""
    outcomes = Counter[str]()
    for seed in range(part * GENERATED // 10, (part + 1) * GENERATED // 10):
        if seed % 20 == 0:
            laboratory.plain.run("VACUUM ledger")  # of the rows of calls that were rolled back
        routine = Routine(seed)
        depth = (Depth(), OPERANDS, EVERY)[seed % 3]
        tried = laboratory.try_(routine.text, *routine.calls, depth=depth)
        assert not [unknown for unknown in tried.made.unknown if unknown.cause is not Cause.UNSAFE]
        assert tried.hits
        outcomes.update(dict(answer.error).get("sqlstate", "returned") for answer in tried.plain)
    assert outcomes["returned"] > outcomes.total() // 2
    assert len(outcomes) > 1
