"""The routines that a routine may reach become sources of its cases, so that their rules are seen as well."""

from __future__ import annotations

from legacy_database import Legacy, case

from pytest_characterize.descriptors import Procedure
from pytest_characterize.rules.instrumenting import instrumented, rule_hits, variant


def function(name: str, arguments: str, returns: str, body: str, language: str = "plpgsql") -> str:
    return (
        f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE {language} AS $body$ {body} $body$"
    )


def names(legacy: Legacy, routine: str, **given: object) -> list[str]:
    return list(legacy.recorder(Procedure(routine, source="legacy")).sources(case(**given)))


def test_what_it_calls_and_what_that_calls(legacy: Legacy) -> None:
    legacy.run(
        "CREATE SCHEMA other",
        function("other.deep", "a int", "int", "SELECT CASE WHEN a > 1 THEN 2 ELSE 3 END", "sql"),
        function("middle", "a int", "int", "BEGIN RETURN other.deep(a); END"),
        function("top", "a int", "int", "BEGIN RETURN Middle(a); END"),
        function("unrelated", "a int", "int", "BEGIN RETURN a; END"),
    )
    assert names(legacy, "top", a=1) == [
        "public.top(integer)",
        "public.middle(integer)",
        "other.deep(integer)",
    ]


def test_itself_once_and_every_overload(legacy: Legacy) -> None:
    legacy.run(
        function("f", "a int", "int", "BEGIN RETURN CASE WHEN a > 0 THEN f(a - 1) ELSE g(a::text) END; END"),
        function("g", "a text", "int", "BEGIN RETURN 0; END"),
        function("g", "a date", "int", "BEGIN RETURN 1; END"),
    )
    assert sorted(names(legacy, "f", a=1)) == ["public.f(integer)", "public.g(date)", "public.g(text)"]


def test_triggers_of_the_tables_that_it_names(legacy: Legacy) -> None:
    legacy.run(
        "CREATE TABLE stock (n int)",
        function("checked", "", "trigger", "BEGIN IF NEW.n < 0 THEN NEW.n := 0; END IF; RETURN NEW; END"),
        "CREATE TRIGGER t BEFORE INSERT ON stock FOR EACH ROW EXECUTE FUNCTION checked()",
        function("put", "a int", "void", "BEGIN INSERT INTO stock VALUES (a); END"),
    )
    assert names(legacy, "put", a=1) == ["public.put(integer)", "public.checked()"]


def test_quoted_names(legacy: Legacy) -> None:
    legacy.run(
        function('"Odd "" name"', "", "int", "BEGIN RETURN 1; END"),
        function("f", "", "int", 'BEGIN RETURN "Odd "" name"(); END'),
    )
    assert len(names(legacy, "f")) == 2


def test_rules_of_a_callee_are_hit(legacy: Legacy) -> None:
    legacy.run(
        function("inner_", "a int", "int", "BEGIN IF a > 5 THEN RETURN 1; END IF; RETURN 0; END"),
        function("outer_", "a int", "int", "BEGIN RETURN inner_(a); END"),
    )
    recorder = legacy.recorder(Procedure("outer_", source="legacy"))
    probed = instrumented("procedure", recorder.sources(case(a=6)))
    hit = {}
    for value in (6, 5):
        observation, _ = recorder.observe(case(a=value), variant(probed))
        hit[value] = {found.rule for found in rule_hits(observation.notices) if ".branch" in found.rule}
    assert hit == {6: {"public.inner_(integer):1.branch1"}, 5: {"public.inner_(integer):1.branch2"}}


def test_the_untouched_sources_are_back_after_a_probed_run(legacy: Legacy) -> None:
    legacy.run(
        function("g", "", "int", "BEGIN RETURN 1; END"), function("f", "", "int", "BEGIN RETURN g(); END")
    )
    recorder = legacy.recorder(Procedure("f", source="legacy"))
    sources = recorder.sources(case())
    recorder.observe(case(), variant(instrumented("procedure", sources)))
    assert legacy.recorder(Procedure("f", source="legacy")).sources(case()) == sources
