"""Python: calls left out or given more, parts exchanged, arms asked first, other texts returned."""

from __future__ import annotations

import pytest
from python_mutating import changed, results

from pytest_characterize.rules.python.mutants.making import mutants

OWN = """def cents(amount):
    return round(amount, 2)

def total(lines):
    {}
"""


def of_total(body: str, operator: str = "call") -> list[tuple[str, str]]:
    """What one operator changes in ``total``; all mutants are Python."""
    found = mutants(OWN.format(body), "legacy")
    for one in found:
        compile(one.text, "<mutant>", "exec")
    return [(one.mutant.was, one.mutant.becomes) for one in found if one.mutant.operator == operator]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return cents(lines[0])", [("cents(lines[0])", "lines[0]")]),
        ("return other(lines[0])", []),
        ("cents(lines[0])", []),
        (
            "return sum(cents(one) for one in lines)",
            [
                ("sum(cents(one) for one in lines)", "cents(sum(one for one in lines))"),
                ("cents(one)", "one"),
            ],
        ),
        (
            "return lines[0] + cents(lines[1])",
            [
                ("lines[0] + cents(lines[1])", "cents(lines[0] + (lines[1]) )"),
                ("cents(lines[1])", "lines[1]"),
            ],
        ),
    ],
)
def test_calls_of_the_modules_own_functions(body: str, expected: list[tuple[str, str]]) -> None:
    assert of_total(body) == expected


def test_a_method_gets_all_that_is_put_together() -> None:
    body = "return a.upper() + ', ' + b"
    assert results(body, "call", "f('mr', 'brown')") == ["MR, BROWN"]
    assert results(body, "swap", "f('mr', 'brown')") == ["brown, MR"]


def test_a_condition_is_asked_before_all_others() -> None:
    body = """
        if a > 1:
            return 1
        elif b:
            return 2
        elif c:
            return 3
        return 0
    """
    asked = [becomes for _, becomes in changed(body, "swap") if becomes.endswith("asked first")]
    assert asked == ["if b, asked first", "if c, asked first"]
    assert 3 in results(body, "swap", "f(2, True, True)")


def test_equalities_of_one_thing_have_no_order() -> None:
    body = """
        if a == 1:
            return 1
        elif a == 2:
            return 2
    """
    assert not [becomes for _, becomes in changed(body, "swap") if "asked first" in becomes]


def test_another_text_that_the_function_returns() -> None:
    body = """
        if a:
            return "X"
        return "0"
    """
    assert ("return 'X'", "return '0'") in [
        (was.replace('"', "'"), becomes.replace('"', "'")) for was, becomes in changed(body, "constant")
    ]
