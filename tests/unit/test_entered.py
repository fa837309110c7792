"""Which mutants are worth a search for inputs: those in functions that some case gets into."""

from __future__ import annotations

import pytest

from pytest_characterize.rulemutants import Mutant, Operator
from pytest_characterize.session.entered import Entered

RULES = ["shop:3.entry1", "shop:5.branch1", "shop:9.entry1", "f(integer):2.entry1"]


@pytest.mark.parametrize(
    ("routine", "line", "hits", "expected"),
    [
        ("shop", 5, ["shop:9.entry1", "shop:10.branch1"], False),
        ("shop", 9, ["shop:9.entry1"], True),
        ("shop", 12, ["shop:9.entry1"], True),
        ("shop", 12, ["shop:3.entry1"], False),
        ("f(integer)", 0, [], True),
        ("f(integer)", 7, ["f(integer):2.entry1"], True),
        ("f(integer)", 7, ["shop:3.entry1"], False),
        ("nobody:knows", 7, [], True),
    ],
)
def test_a_mutant_is_in_the_function_that_begins_before_it(
    routine: str, line: int, hits: list[str], expected: bool
) -> None:
    mutant = Mutant("", routine, line, Operator.BRANCH, "", "")
    assert Entered(RULES, hits).holds(mutant) is expected


@pytest.mark.parametrize(("hits", "expected"), [(["shop:9.entry1"], True), (["shop:3.entry1"], False)])
def test_a_mutant_outside_of_functions_is_where_it_is_read(hits: list[str], expected: bool) -> None:
    mutant = Mutant("", "shop", 5, Operator.CONSTANT, "", "", ("shop:9.entry1", "f(integer):2.entry1"))
    assert Entered(RULES, hits).holds(mutant) is expected
