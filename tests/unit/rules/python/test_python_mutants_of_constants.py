"""Mutants of what a module gives to names when it is imported."""

from __future__ import annotations

import textwrap
from decimal import Decimal

import pytest

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.mutation import mutants as mutants_of
from pytest_characterize.rules.python.mutants.making import made, mutants

READ = "\n\ndef f(a):\n    return NAME\n"


def constants(source: str) -> list[MutatedText]:
    """The mutants of constants of a module; all of them are Python."""
    found = [one for one in mutants(textwrap.dedent(source), "legacy") if one.constant]
    for one in found:
        compile(one.text, "<mutant>", "exec")
        assert one.text.count("\n") == textwrap.dedent(source).count("\n")
    return found


def values(literal: str) -> list[object]:
    """What ``NAME`` is instead, mutant by mutant; all of them are something else than legacy's."""
    found = []
    for one in constants(f"from decimal import Decimal\nfrom datetime import date\nNAME = {literal}{READ}"):
        space: dict[str, object] = {}
        exec(one.text, space)
        found.append(space["NAME"])
    return found


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("10", ["11", "9"]),
        ("-2.5", ["2.5", "-2.6", "-2.4"]),
        ("True", ["False"]),
        ('"EUR"', ["''"]),
        ('""', []),
        ("None", []),
        ("()", []),
        ('Decimal("0.05")', ["Decimal('0.06')", "Decimal('0.04')"]),
        ("(7,)", ["()", "(8,)", "(6,)"]),
        ("(7, 3)", ["(3,)", "(8, 3)", "(6, 3)", "(7,)", "(7, 4)", "(7, 2)", "(3, 7)"]),
        ("(7, 3,)", ["(3,)", "(8, 3)", "(6, 3)", "(7,)", "(7, 4)", "(7, 2)", "(3, 7)"]),
        ("[1]", ["[]", "[2]", "[0]"]),
        ("{1}", ["{2}", "{0}"]),
        ("{1, 5}", ["{5}", "{2, 5}", "{0, 5}", "{1}", "{1, 6}", "{1, 4}"]),
        ('{"G": 4}', ["{}", "{'G': 5}", "{'G': 3}"]),
        (
            '{1: "a", 2: "b"}',
            ["{2: 'b'}", "{1: '', 2: 'b'}", "{1: 'a'}", "{1: 'a', 2: ''}", "{1: 'b', 2: 'a'}"],
        ),
    ],
)
def test_what_a_literal_becomes(literal: str, expected: list[str]) -> None:
    wanted = [repr(eval(text, {"Decimal": Decimal})) for text in expected]
    assert sorted(map(repr, values(literal))) == sorted(wanted)


def test_a_date() -> None:
    found = [
        (one.mutant.operator, one.mutant.becomes) for one in constants(f"NAME = date(2024, 1, 31){READ}")
    ]
    assert (Operator.TIME, "NAME = date(2025, 1, 31)") in found
    assert {operator for operator, _ in found} == {Operator.TIME}


def test_a_table_in_a_table() -> None:
    found = [one.mutant.becomes for one in constants('NAME = {"P": [6, 7], "X": []}' + READ)]
    assert 'NAME = {"P": [7, 6], "X": []}' in found
    assert 'NAME = {"P": [6, 8], "X": []}' in found
    assert 'NAME = {"P": [], "X": [6, 7]}' in found
    assert 'NAME = {"X": []}' in found


def test_a_long_table_is_told_by_the_entry() -> None:
    lines = "".join(f'    "{letter}": {number},  # {letter}\n' for number, letter in enumerate("ABCDEFG", 3))
    found = constants(f"NAME = {{\n{lines}}}{READ}")
    told = [(one.mutant.line, one.mutant.operator, one.mutant.was, one.mutant.becomes) for one in found]
    assert told[:4] == [
        (2, Operator.CONSTANT, '"A": 3', ""),
        (2, Operator.CONSTANT, '"A": 3', '"A": 4'),
        (2, Operator.CONSTANT, '"A": 3', '"A": 2'),
        (2, Operator.SWAP, '"A": 3, "B": 4', '"A": 4, "B": 3'),
    ]


def test_a_large_table_is_cut_fairly_and_says_so() -> None:
    table = ",\n".join(str(number) for number in range(200, 500))
    found = made(f"NAME = [\n{table}\n]{READ}", "legacy")
    lines = [one.mutant.line for one in found.mutants if one.constant]
    assert len(lines) == len(set(lines)) == 60
    assert max(lines) - min(lines) > 280
    assert found.left_out == 300 * 3 + 299 - 60


@pytest.mark.parametrize(
    "source",
    [
        "NAME = 5\nif NAME > 4:\n    NAME += 1",
        "NAME = 5\nTWICE = NAME * 2",
        "NAME = 5\ndef g(a=NAME):\n    return a",
        "NAME = 5\nclass A:\n    b = NAME",
        "NAME = 5\ndel NAME",
        "NAME = OTHER = 5",
        "NAME, OTHER = 5, 6",
        "NAME = 5, 6",
        "NAME = f(5)",
        "NAME = [a for a in (5,)]",
        "NAME = 5 if 1 else 6",
        "NAME = f'{5}'",
        "NAME: int",
        "if 1:\n    NAME = 5",
        "try:\n    NAME = 5\nexcept ValueError:\n    NAME = 6",
        "for NAME in (1, 2): pass",
        "from enum import Enum\nclass Kind(Enum):\n    NAME = 5\ndef g(a):\n    return a.NAME",
        "class A:\n    NAME: int = 5\ndef g(a):\n    return a.NAME",
        "class A:\n    NAME = 5\n    OTHER = NAME\ndef g(a):\n    return a.NAME",
        "def g(a):\n    class A:\n        NAME = 5\n    return A.NAME",
        "def g(a):\n    NAME = 5\n    return NAME",
    ],
)
def test_what_else_is_done_when_a_module_is_imported_stays(source: str) -> None:
    assert constants(source + READ) == []


def test_what_is_in_special_names_stays() -> None:
    assert constants("__version__ = 5\n__all__ = ['f']\ndef f():\n    return __version__\n") == []


def test_the_cases_that_get_to_a_constant_are_those_that_get_into_functions_that_read_it() -> None:
    source = """
    LIMIT = 5
    OWN = 6
    HELD = 7
    UNREAD = 8
    class A:
        rate = 9
        def f(self):
            return self.rate
    def g(a):
        def h():
            return LIMIT
        return OWN + h()
    def i(rate):
        return LIMIT
    def j():
        yield HELD
    """
    rules = {one.constant: one.mutant.rules for one in constants(source)}
    assert rules == {
        "LIMIT": ("legacy:11.entry1", "legacy:14.entry1"),
        "OWN": ("legacy:10.entry1",),
        "HELD": (),
        "UNREAD": (),
        "rate": ("legacy:8.entry1",),
    }


def test_constants_that_other_modules_speak_of() -> None:
    sources = {
        "a": "LIMIT = 5\nOWN = 6\nUNREAD = 7\ndef f():\n    return LIMIT, OWN\n",
        "b": "from a import LIMIT\ndef g():\n    return LIMIT\n",
    }
    found = {one.constant: one.mutant.rules for one in mutants_of("function", sources) if one.constant}
    assert found == {"LIMIT": (), "OWN": ("a:4.entry1",)}


@pytest.mark.parametrize(
    ("use", "swapped"),
    [
        ("return a in NAME", False),
        ("return not a in NAME", False),
        ("return [b for b in NAME]", True),
        ("return NAME[0]", True),
        ("return a in NAME[1:]", True),
        ("for b in NAME:\n        return b", True),
    ],
)
def test_an_order_that_nobody_can_tell_is_not_changed(use: str, swapped: bool) -> None:
    found = constants(f'NAME = ("A", "B")\ndef f(a):\n    {use}\n')
    assert any(one.mutant.operator is Operator.SWAP for one in found) is swapped


def test_annotated_constants() -> None:
    found = [one.mutant.becomes for one in constants("NAME: int = 10" + READ)]
    assert found == ["NAME: int = 11", "NAME: int = 9"]
