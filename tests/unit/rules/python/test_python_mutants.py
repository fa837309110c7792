"""What all mutants of a Python module have in common."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from random import Random

import pytest
from python_generator import Programs
from python_mutating import mutated

from pytest_characterize.rules.mutation import mutants as mutants_of
from pytest_characterize.rules.python.mutants.making import MOST, made, mutants
from pytest_characterize.rules.python.probes import instrument

TORTURE = os.environ.get("CHARACTERIZE_TORTURE") == "1"
LEGACY = Path(__file__).parents[4] / "example_legacy" / "legacy"
PYTHON_2 = '''# legacy of 2003
import sys
RATES = {"G": 4}
def total(lines, (a, b)=(0, 1)):
    """Doc."""
    try:
        print >>sys.stderr, "total of", len(lines)
        print "x" % a,
        exec "1"
        if a <> b: raise ValueError, "no"
    except (KeyError, ValueError), e:
        return `e` + ur"x" * 0777L
    return a / 2L
'''


def sound(source: str) -> int:
    """How many mutants a module has, after each was seen to be one."""
    found = mutants(source, "legacy")
    rules = {rule.id for rule in instrument(source, "legacy").rules}
    assert len({one.text for one in found} | {source}) == len(found) + 1
    assert len({one.mutant.id for one in found}) == len(found)
    for one in found[:: 1 if TORTURE else 7]:
        assert compile(one.text, "<mutant>", "exec", dont_inherit=True)
    for one in found:
        assert one.text.count("\n") == source.count("\n")
        assert set(one.mutant.rules) <= rules
        assert one.mutant.was != one.mutant.becomes
        assert "\n" not in one.mutant.was + one.mutant.becomes
    return len(found)


@pytest.mark.torture
@pytest.mark.parametrize("name", ["agents", "bankin", "helpers", "load", "pages", "app"])
def test_the_modules_of_the_example(name: str) -> None:
    assert sound((LEGACY / f"{name}.py").read_text("utf-8")) > 10


@pytest.mark.torture
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_generated_modules() -> None:
    assert sum(sound(Programs(Random(seed)).module()) for seed in range(100 if TORTURE else 6)) > 500


def test_definitions_stay_where_they_are() -> None:
    source = (LEGACY / "pages.py").read_text("utf-8")
    places = [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for one in mutants(source, "legacy")[::5]:
        tree = ast.parse(one.text)
        assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] == places


def test_python_2() -> None:
    found = [
        (one.mutant.operator.value, one.mutant.was, one.mutant.becomes) for one in mutants(PYTHON_2, "old")
    ]
    assert ("relation", "a <> b", "a == b") in found
    assert ("statement", 'print >>sys.stderr, "total of", len(lines)', "") in found
    assert ("branch", "except (KeyError, ValueError), e", "except (), e") in found
    assert ("constant", "a / 2L", "a / 3L") in found
    assert ("constant", 'raise ValueError, "no"', 'raise ValueError, ""') in found


def test_a_mutant_names_the_rule_of_the_arm_that_it_is_in() -> None:
    rules = {
        one.mutant.was: one.mutant.rules
        for one in mutated(
            "if a:\n    for x in b:\n        c = x * 2\ntry:\n    f(1)\nexcept KeyError:\n    f(2)"
        )
    }
    assert rules["if a"] == ("legacy:1.entry1",)
    assert rules["for x in b"] == ("legacy:2.branch1",)
    assert rules["x * 2"] == ("legacy:3.loop1",)
    assert rules["f(1)"] == ("legacy:1.entry1",)
    assert rules["f(2)"] == ("legacy:7.handler1",)


def test_what_another_case_may_have_begun_names_no_rule() -> None:
    assert {one.mutant.rules for one in mutated("yield a + 1")} == {()}
    assert {one.mutant.rules for one in mutants("twice = lambda x: x * 2\n", "legacy")} == {()}


def test_what_no_case_runs_is_not_changed() -> None:
    source = "LIMIT = 5\nif LIMIT > 4:\n    LIMIT += 1\nclass A:\n    b = 3\n    def f(self, x=7):\n        return x\n"
    assert [one.mutant.was for one in mutants_of("function", {"legacy": source})] == ["return x"]


def test_a_docstring_is_not_changed() -> None:
    assert mutated('"""A docstring."""') == ()


def test_a_first_assignment_is_not_left_out() -> None:
    assert [one.mutant.was for one in mutated("x = a\nreturn x")] == ["return x"]


def test_statements_of_several_lines() -> None:
    source = "def f(a):\n    a.append(\n        1,  # one\n    )\n    return (a or\n        [])\n"
    found = mutants(source, "legacy")
    assert {one.text.count("\n") for one in found} == {6}
    assert all(compile(one.text, "<mutant>", "exec") for one in found)


def test_no_line_is_continued_in_a_field_of_an_f_string() -> None:
    source = 'def f(a, b):\n    return f"""{a +\n b}"""\n'
    assert not any("\\\n" in one.text for one in mutants(source, "legacy"))


def test_a_text_that_cannot_be_read_has_none() -> None:
    assert mutants("def f(:\n", "legacy") == ()
    assert mutants("x = 'open\n", "legacy") == ()
    assert mutants("def f():\n    return " + "(" * 2000 + "1" + ")" * 2000 + "\n", "legacy") == ()


def test_an_expression_that_cannot_be_read_stays_as_it_is() -> None:
    deep = "(" * 90 + "a" + ")" * 90
    found = mutants(f"def f(a):\n    x = {deep} + 1\n    return x\n", "legacy")
    assert [one.mutant.was for one in found] == ["return x"]


def test_a_large_module_is_cut_fairly_and_says_so() -> None:
    source = "def f(a):\n" + "    a += 1 + a * 2 - a % 3\n" * 300 + "    return a\n"
    found = made(source, "legacy")
    assert len(found.mutants) == MOST
    assert found.left_out > 1000
    lines = [one.mutant.line for one in found.mutants]
    assert lines == sorted(lines)
    assert set(lines) == set(range(2, 303))
    assert max(map(lines.count, set(lines))) - min(map(lines.count, set(lines[:-1]))) <= 3


def test_the_door() -> None:
    found = mutants_of("function", {"legacy": "def f(a):\n    return a > 5\n"})
    assert found[0].variant == {"legacy": found[0].text}
    assert found[0].mutant.id == "legacy:2.statement1"
