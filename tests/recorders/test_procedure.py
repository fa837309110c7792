"""Calling stored functions and procedures: arguments, results, messages, errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from legacy_database import Legacy, case

from pytest_characterize.descriptors import Procedure
from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import ClockedRecorder
from pytest_characterize.values import Cell, Column, Member, Raised, Record, Rows, Value


def function(name: str, arguments: str, returns: str, body: str, language: str = "plpgsql") -> str:
    return (
        f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE {language} AS $body$ {body} $body$"
    )


def procedure(name: str, arguments: str, body: str) -> str:
    return f"CREATE PROCEDURE {name}({arguments}) LANGUAGE plpgsql AS $body$ {body} $body$"


def cell(kind: str, text: str | None) -> Cell:
    return Cell("postgresql", kind, text)


def rows(*found: tuple[str | None, ...], **columns: str) -> Rows:
    return Rows("postgresql", tuple(Column(name, kind) for name, kind in columns.items()), found)


class TestResults:
    def test_scalar(self, legacy: Legacy) -> None:
        legacy.run(function("f", "a int", "numeric", "BEGIN RETURN a * 1.50; END"))
        assert legacy.call("f", a=3) == cell("numeric", "4.50")

    def test_null(self, legacy: Legacy) -> None:
        legacy.run(function("f", "a int", "text", "BEGIN RETURN NULL; END"))
        assert legacy.call("f", a=None) == cell("text", None)

    def test_void(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "void", "BEGIN PERFORM 1; END"))
        assert legacy.call("f") is None

    def test_composite(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TYPE address AS (street text, zip character(5))",
            function("f", "", "address", "BEGIN RETURN ROW('Main ''St'', 1'::text, '12'::character(5)); END"),
        )
        assert legacy.call("f") == {
            "street": cell("text", "Main 'St', 1"),
            "zip": cell("character(5)", "12   "),
        }

    def test_row_type_of_a_table(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (id int, amount numeric(8,2)); INSERT INTO t VALUES (1, 2)",
            function("f", "", "t", "SELECT * FROM t", "sql"),
        )
        assert legacy.call("f") == {"id": cell("integer", "1"), "amount": cell("numeric(8,2)", "2.00")}

    def test_out_parameters(self, legacy: Legacy) -> None:
        legacy.run(
            function("two", "a int, OUT b int, INOUT c text", "record", "BEGIN b := a; c := c || '!'; END"),
            function("one", "OUT b int", "int", "BEGIN b := 7; END"),
        )
        assert legacy.call("two", a=1, c="x") == {"b": cell("integer", "1"), "c": cell("text", "x!")}
        assert legacy.call("one") == {"b": cell("integer", "7")}

    def test_anonymous_record(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "record", "BEGIN RETURN ROW(1, 'a b'); END"))
        assert legacy.call("f") == cell("record", '(1,"a b")')

    def test_domain_and_array_and_polymorphic(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE DOMAIN cents AS int",
            function("d", "", "cents", "BEGIN RETURN 5; END"),
            function("a", "", "int[]", "BEGIN RETURN '{1,NULL}'; END"),
            function("p", "x anyelement", "anyelement", "BEGIN RETURN x; END"),
        )
        assert legacy.call("d") == cell("integer", "5")
        assert legacy.call("a") == cell("integer[]", "{1,NULL}")
        assert legacy.call("p", x=5) == cell("integer", "5")
        assert legacy.call("p", x=Decimal("5.0")) == cell("numeric", "5.0")
        assert legacy.call("p", x="x") == cell("text", "x")

    def test_sets_are_in_order(self, legacy: Legacy) -> None:
        legacy.run(
            function("t", "", "TABLE (a int, b text)", "BEGIN RETURN QUERY VALUES (2, 'x'), (1, NULL); END"),
            function("s", "", "SETOF int", "BEGIN RETURN NEXT 3; RETURN NEXT 1; END"),
            function("o", "OUT a int, OUT b int", "SETOF record", "BEGIN a := 1; b := 2; RETURN NEXT; END"),
            function("nothing", "", "SETOF int", "BEGIN RETURN; END"),
        )
        assert legacy.call("t") == rows(("2", "x"), ("1", None), a="integer", b="text")
        assert legacy.call("s") == rows(("3",), ("1",), s="integer")
        assert legacy.call("o") == rows(("1", "2"), a="integer", b="integer")
        assert legacy.call("nothing") == rows(nothing="integer")

    def test_cursors_are_fetched(self, legacy: Legacy) -> None:
        opening = "OPEN c FOR SELECT n, n * 10 AS tens FROM generate_series(1, 2) AS n;"
        legacy.run(
            function("one", "", "refcursor", f"DECLARE c refcursor; BEGIN {opening} RETURN c; END"),
            function("named", "c refcursor", "refcursor", f"BEGIN {opening} RETURN c; END"),
            function("total", "OUT total int, OUT c refcursor", "record", f"BEGIN {opening} total := 2; END"),
            function(
                "several",
                "",
                "SETOF refcursor",
                f"DECLARE c refcursor; BEGIN {opening} RETURN NEXT c; c := NULL;"
                " OPEN c FOR SELECT 'x'::text AS word; RETURN NEXT c; END",
            ),
            procedure("p", "INOUT c refcursor", f"BEGIN {opening} END"),
        )
        numbers = rows(("1", "10"), ("2", "20"), n="integer", tens="integer")
        assert legacy.call("one") == numbers
        assert legacy.call("named", c='we"ird; DROP TABLE x') == numbers
        assert legacy.call("total") == {"total": cell("integer", "2"), "c": numbers}
        assert legacy.call("several") == [numbers, rows(("x",), word="text")]
        assert legacy.call("p", c=None) == {"c": numbers}

    def test_an_error_behind_a_cursor(self, legacy: Legacy) -> None:
        legacy.run(
            function(
                "f",
                "",
                "refcursor",
                "DECLARE c refcursor; BEGIN OPEN c FOR SELECT 1 / (n - 1) FROM generate_series(1, 2) AS n;"
                " RETURN c; END",
            )
        )
        assert legacy.fail("f").code == "22012"


class TestProcedures:
    def test_without_outputs(self, legacy: Legacy) -> None:
        legacy.run(procedure("p", "a int", "BEGIN PERFORM a; END"))
        assert legacy.call("p", a=1) is None

    def test_outputs(self, legacy: Legacy) -> None:
        legacy.run(
            procedure("p", "a int, OUT b int, INOUT c text, OUT d date", "BEGIN b := a; c := c || '!'; END"),
        )
        assert legacy.call("p", a=1, c="x") == {
            "b": cell("integer", "1"),
            "c": cell("text", "x!"),
            "d": cell("date", None),
        }

    def test_defaults(self, legacy: Legacy) -> None:
        legacy.run(procedure("p", "INOUT a int, b int DEFAULT 5", "BEGIN a := a + b; END"))
        assert legacy.call("p", a=1) == {"a": cell("integer", "6")}
        assert legacy.call("p", a=1, b=1) == {"a": cell("integer", "2")}

    def test_nameless_outputs(self, legacy: Legacy) -> None:
        legacy.run(procedure("p", "int, OUT int", "BEGIN $2 := $1 + 1; END"))
        [value] = legacy.call("p", **{"$1": 1}).values()
        assert value == cell("integer", "2")


class TestArguments:
    def test_by_name_in_any_order_with_defaults(self, legacy: Legacy) -> None:
        legacy.run(
            function(
                "f", "a int, b int DEFAULT 2, c int DEFAULT 3", "text", "BEGIN RETURN concat(a, b, c); END"
            )
        )
        assert legacy.call("f", c=9, a=1) == cell("text", "129")
        assert legacy.call("f", a=1) == cell("text", "123")

    def test_mapped_names(self, legacy: Legacy) -> None:
        legacy.run(function("f", "p_a int, p_b int, c int", "text", "BEGIN RETURN concat(p_a, p_b, c); END"))
        observation = legacy.observe(
            Procedure("f", source="legacy"), args={"p_a": "amount", "p_b": "amount"}, amount=1, c=2
        )
        assert observation.outcome.value == cell("text", "112")

    def test_nameless_parameters(self, legacy: Legacy) -> None:
        legacy.run(
            function(
                "f", "int, text DEFAULT 'y', z int DEFAULT 3", "text", "BEGIN RETURN concat($1, $2, $3); END"
            )
        )
        assert legacy.call("f", **{"$1": 1, "$2": "x"}) == cell("text", "1x3")
        with pytest.raises(RecordingError, match=r"z cannot be given without \$2") as caught:
            legacy.call("f", **{"$1": 1, "z": 3})
        assert caught.value.slug == "procedure-bad-arguments"

    def test_variadic(self, legacy: Legacy) -> None:
        legacy.run(function("f", "a int, VARIADIC b int[]", "text", "BEGIN RETURN concat(a, '/', b); END"))
        assert legacy.call("f", a=1, b=[2, 3]) == cell("text", "1/{2,3}")

    @pytest.mark.parametrize(
        ("kind", "value", "text"),
        [
            ("boolean", True, "t"),
            ("boolean", False, "f"),
            ("integer", -5, "-5"),
            ("numeric", 10**40, str(10**40)),
            ("numeric", Decimal("1.00"), "1.00"),
            ("numeric", Decimal("-1E+3"), "-1000"),
            ("numeric", Decimal("NaN"), "NaN"),
            ("numeric", Decimal("-Infinity"), "-Infinity"),
            ("numeric", 0.1, "0.1"),
            ("double precision", 1e-320, "1e-320"),
            ("double precision", -0.0, "-0"),
            ("double precision", float("inf"), "Infinity"),
            ("double precision", float("nan"), "NaN"),
            ("text", "", ""),
            ("text", "'; DROP TABLE x; --\\ \"$1 %s %(a)s", "'; DROP TABLE x; --\\ \"$1 %s %(a)s"),
            ("bpchar", "ab  ", "ab  "),
            ("bytea", b"\x00\xff'\\", "\\x00ff275c"),
            ("date", date(1, 1, 1), "0001-01-01"),
            ("time without time zone", time(23, 59, 59, 1), "23:59:59.000001"),
            ("timestamp without time zone", datetime(2024, 3, 1, 12, 0, 0, 5), "2024-03-01 12:00:00.000005"),
            ("timestamp with time zone", datetime(2024, 3, 1, tzinfo=UTC), "2024-03-01 00:00:00+00"),
            (
                "timestamp with time zone",
                datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
                "2024-03-01 05:30:00+00",
            ),
            ("interval", timedelta(days=-1, microseconds=1), "P-1DT0.000001S"),
            ("interval", timedelta(days=40, seconds=3601), "P40DT1H1S"),
            ("uuid", UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            ("integer[]", [1, None, 3], "{1,NULL,3}"),
            ("integer[]", [[1, 2], [3, 4]], "{{1,2},{3,4}}"),
            ("text[]", ("", "NULL", 'a"b\\c,{}', None), '{"","NULL","a\\"b\\\\c,{}",NULL}'),
            ("integer[]", [], "{}"),
            (
                "jsonb",
                {"a": Decimal("1.10"), "b": [1, None, True, 'x"y']},
                '{"a": 1.10, "b": [1, null, true, "x\\"y"]}',
            ),
            ("jsonb", [1, {"d": date(2024, 3, 1)}], '[1, {"d": "2024-03-01"}]'),
            ("json", '{"a":  1}', '{"a":  1}'),
            ("text", Member("m.E", "A", "inner"), "inner"),
            ("numeric", cell("numeric", "1.50"), "1.50"),
            ("integer", None, None),
        ],
    )
    def test_values_arrive_exactly(self, legacy: Legacy, kind: str, value: Value, text: str | None) -> None:
        legacy.run(function("f", f"x {kind}", kind, "BEGIN RETURN x; END"))
        assert legacy.call("f", x=value) == cell(kind, text)

    def test_composite_from_names(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TYPE order_line AS (sku character(4), price numeric, at date)",
            function("f", "x order_line", "text", "BEGIN RETURN x; END"),
        )
        mapping = {"price": Decimal("1.10"), "sku": "a", "at": date(2024, 3, 1)}
        assert legacy.call("f", x=mapping) == cell("text", '("a   ",1.10,2024-03-01)')
        assert legacy.call("f", x=Record("m.Line", mapping)) == cell("text", '("a   ",1.10,2024-03-01)')
        assert legacy.call("f", x="(b,2,)") == cell("text", '("b   ",2,)')

    @pytest.mark.parametrize(
        ("kind", "value"),
        [("text", "a\0b"), ("text", "\ud800"), ("text", {1}), ("text", {"a": 1}), ("text[]", ["a\0"])],
    )
    def test_values_that_the_server_cannot_hold(self, legacy: Legacy, kind: str, value: Value) -> None:
        legacy.run(function("f", f"x {kind}", kind, "BEGIN RETURN x; END"))
        with pytest.raises(RecordingError) as caught:
            legacy.call("f", x=value)
        assert caught.value.slug == "argument-unsupported"

    def test_a_value_that_the_type_refuses_is_legacys_error(self, legacy: Legacy) -> None:
        legacy.run(function("f", "x int", "int", "BEGIN RETURN x; END"))
        assert legacy.fail("f", x="many").code == "22P02"

    @pytest.mark.parametrize("inputs", [{}, {"b": 1}, {"a": 1, "b": 1}, {"A": 1}, {"customer_id": 1}])
    def test_wrong_names(self, legacy: Legacy, inputs: Mapping[str, Value]) -> None:
        legacy.run(function("f", "a int, c int DEFAULT 1", "int", "BEGIN RETURN a; END"))
        with pytest.raises(RecordingError, match=r"a integer, c integer \(optional\)") as caught:
            legacy.call("f", **inputs)
        assert caught.value.slug == "procedure-bad-arguments"


class TestNames:
    def test_overloads_by_parameter_names(self, legacy: Legacy) -> None:
        legacy.run(
            function("f", "a int", "text", "BEGIN RETURN 'a'; END"),
            function("f", "a int, b int", "text", "BEGIN RETURN 'ab'; END"),
            function("f", "c text", "text", "BEGIN RETURN 'c'; END"),
        )
        assert [legacy.call("f", **given).text for given in ({"a": 1}, {"a": 1, "b": 1}, {"c": ""})] == [
            "a",
            "ab",
            "c",
        ]

    def test_overloads_by_type_need_their_types(self, legacy: Legacy) -> None:
        legacy.run(
            function("f", "a int, b text", "text", "BEGIN RETURN 'int'; END"),
            function("f", "a date, b text", "text", "BEGIN RETURN 'date'; END"),
        )
        with pytest.raises(RecordingError) as caught:
            legacy.call("f", a=1, b="")
        assert caught.value.slug == "procedure-ambiguous"
        assert 'Procedure("public.f(integer, text)")' in caught.value.hint
        assert legacy.call("public.f(integer, text)", a=1, b="").text == "int"
        assert legacy.call("f(date,text)", a=date(2024, 3, 1), b="").text == "date"

    def test_schema_and_search_path(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE SCHEMA one; CREATE SCHEMA two",
            function("one.f", "", "text", "BEGIN RETURN 'one'; END"),
            function("two.f", "", "text", "BEGIN RETURN 'two'; END"),
        )
        assert (legacy.call("one.f").text, legacy.call("two.f").text) == ("one", "two")
        with pytest.raises(RecordingError, match=r"alike: one\.f, two\.f") as caught:
            legacy.call("f")
        assert caught.value.slug == "procedure-unknown"

    def test_unknown_names_what_is_alike(self, legacy: Legacy) -> None:
        legacy.run(function("invoice_total", "", "int", "BEGIN RETURN 1; END"))
        with pytest.raises(RecordingError, match=r"alike: public\.invoice_total") as caught:
            legacy.call("invoice_totals")
        assert caught.value.slug == "procedure-unknown"
        with pytest.raises(RecordingError, match="has no function or procedure 'zzz' "):
            legacy.call("zzz")

    @pytest.mark.parametrize("name", ["agg", "trg", "pg_catalog.rank"])
    def test_what_cannot_be_called(self, legacy: Legacy, name: str) -> None:
        legacy.run(
            "CREATE AGGREGATE agg (int) (sfunc = int4pl, stype = int)",
            function("trg", "", "trigger", "BEGIN RETURN NEW; END"),
        )
        with pytest.raises(RecordingError) as caught:
            legacy.call(name)
        assert caught.value.slug == "procedure-not-callable"


class TestMessages:
    def test_notices_in_order_with_their_fields(self, legacy: Legacy) -> None:
        legacy.run(
            function(
                "f",
                "",
                "void",
                "BEGIN RAISE NOTICE 'one %', 1; RAISE WARNING 'two' USING ERRCODE = 'BL001', HINT = 'h', DETAIL = 'd';"
                " RAISE INFO 'three'; RAISE DEBUG 'never'; CREATE TEMP TABLE IF NOT EXISTS x (); "
                " CREATE TEMP TABLE IF NOT EXISTS x (); END",
            )
        )
        observation = legacy.observe(Procedure("f", source="legacy"))
        assert observation.notices == (
            {"severity": "NOTICE", "message": "one 1"},
            {"severity": "WARNING", "message": "two", "code": "BL001", "detail": "d", "hint": "h"},
            {"severity": "INFO", "message": "three"},
            {"severity": "NOTICE", "message": 'relation "x" already exists, skipping', "code": "42P07"},
        )

    def test_more_notices_than_a_driver_keeps(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "void", "BEGIN FOR i IN 1..500 LOOP RAISE NOTICE '%', i; END LOOP; END"))
        observation = legacy.observe(Procedure("f", source="legacy"))
        assert [notice["message"] for notice in observation.notices] == [str(i) for i in range(1, 501)]

    def test_notices_of_a_failing_call(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "void", "BEGIN RAISE NOTICE 'before'; RAISE EXCEPTION 'x'; END"))
        observation = legacy.observe(Procedure("f", source="legacy"))
        assert observation.notices == ({"severity": "NOTICE", "message": "before"},)
        assert observation.outcome.how == "raised"


class TestErrors:
    def test_raise(self, legacy: Legacy) -> None:
        legacy.run(
            function(
                "f",
                "",
                "void",
                "BEGIN RAISE EXCEPTION 'no credit for %', 7 USING DETAIL = 'd', HINT = 'h'; END",
            )
        )
        assert legacy.fail("f") == Raised(
            ("raise_exception",), "no credit for 7", "P0001", {"detail": "d", "hint": "h"}
        )

    def test_a_code_of_legacys_own(self, legacy: Legacy) -> None:
        legacy.run(
            function("f", "", "void", "BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'BL042', TABLE = 't'; END")
        )
        assert legacy.fail("f") == Raised(("BL042",), "x", "BL042", {"table": "t"})

    def test_constraint(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0))",
            function("f", "", "void", "BEGIN INSERT INTO t VALUES (-1); END"),
        )
        raised = legacy.fail("f")
        assert (raised.types, raised.code) == (("check_violation",), "23514")
        assert raised.details == {
            "detail": "Failing row contains (-1).",
            "schema": "public",
            "table": "t",
            "constraint": "positive",
        }

    def test_line_numbers_are_no_behaviour(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "void", "\n\n\nBEGIN\nPERFORM 1/0; END"))
        assert legacy.fail("f") == Raised(("division_by_zero",), "division by zero", "22012")

    def test_a_caught_error_is_none(self, legacy: Legacy) -> None:
        legacy.run(
            function("f", "", "text", "BEGIN PERFORM 1/0; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END")
        )
        assert legacy.call("f") == cell("text", "22012")

    def test_what_would_fail_at_the_end_of_the_transaction(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE TABLE p (id int PRIMARY KEY)",
            "CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
            function("f", "", "int", "BEGIN INSERT INTO c VALUES (5); RETURN 1; END"),
        )
        assert legacy.fail("f").code == "23503"

    @pytest.mark.parametrize("code", ["42501", "57014", "55P03", "40001", "53100", "2D000", "58000", "08006"])
    def test_any_code_that_legacy_raises_itself(self, legacy: Legacy, code: str) -> None:
        legacy.run(procedure("f", "", f"BEGIN RAISE EXCEPTION 'mine' USING ERRCODE = '{code}'; END"))
        assert legacy.fail("f").code == code


class TestSourcesAndVariants:
    def test_a_variant_is_installed_for_one_run(self, legacy: Legacy) -> None:
        legacy.run(function("f", "a int", "int", "BEGIN RETURN a + 1; END"))
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        one = case(a=1)
        [(name, source)] = recorder.sources(one).items()
        assert name == "public.f(integer)"
        assert source.startswith("CREATE OR REPLACE FUNCTION public.f(a integer)")
        mutant = source.replace("a + 1", "a - 1")
        assert recorder.observe(one, {name: mutant})[0].outcome.value == cell("integer", "0")
        assert recorder.observe(one)[0].outcome.value == cell("integer", "2")
        assert recorder.sources(one) == {name: source}

    def test_a_variant_that_is_no_source(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "int", "BEGIN RETURN 1; END"))
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        with pytest.raises(RecordingError) as caught:
            recorder.observe(case(), {"public.g()": "DROP TABLE x"})
        assert caught.value.slug == "variant-unknown"

    def test_a_variant_that_the_server_refuses(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "int", "BEGIN RETURN 1; END"))
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        with pytest.raises(RecordingError, match="syntax error") as caught:
            recorder.observe(case(), {"public.f()": "CREATE OR REPLACE NONSENSE"})
        assert caught.value.slug == "variant-broken"
        assert recorder.observe(case())[0].outcome.value == cell("integer", "1")

    def test_provenance(self, legacy: Legacy) -> None:
        legacy.run(function("f", "", "int", "BEGIN RETURN 1; END"))
        recorder = legacy.recorder(Procedure("f", source="legacy"), version="BILLSYS 2.3")
        recorder.observe(case())
        first = recorder.provenance()
        assert first["server"].startswith("PostgreSQL ")
        assert first["version"] == "BILLSYS 2.3"
        assert first["routine"] == "public.f()"
        recorder.observe(case())
        assert recorder.provenance() == first
        legacy.run("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 2; END'")
        again = legacy.recorder(Procedure("f", source="legacy"))
        again.observe(case())
        assert again.provenance()["routine sha256"] != first["routine sha256"]


class TestClock:
    def test_the_moment_is_what_the_routine_saw(self, legacy: Legacy) -> None:
        body = "BEGIN RETURN CURRENT_TIMESTAMP AT TIME ZONE 'UTC'; END"
        legacy.run(function("f", "", "timestamp", body))
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        assert isinstance(recorder, ClockedRecorder)
        assert recorder.moment() is None
        seen = set()
        for _ in range(2):
            observation, _ = recorder.observe(case())
            told = recorder.moment()
            assert told is not None
            value = observation.outcome.value
            assert isinstance(value, Cell)
            assert datetime.fromisoformat(f"{value.text}+00") == told
            seen.add(told)
        assert len(seen) == 2
        recorder.observe(case(), recorder.sources(case()))
        assert recorder.moment() == told

    def test_another_zone_and_another_style_of_dates(self, legacy: Legacy) -> None:
        for setting in ("TimeZone TO 'Asia/Kathmandu'", "DateStyle TO 'German'"):
            legacy.run(
                f"DO $do$ BEGIN EXECUTE format($$ALTER DATABASE %I SET {setting}$$, current_database()); END $do$"
            )
        legacy.run(function("f", "", "int", "BEGIN RETURN 1; END"))
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        before = datetime.now(UTC)
        recorder.observe(case())
        assert isinstance(recorder, ClockedRecorder)
        told = recorder.moment()
        assert told is not None
        assert abs(told - before) < timedelta(minutes=1)
