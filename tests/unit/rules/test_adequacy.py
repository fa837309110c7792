"""What the matrices of several tests say together, and what of it holds today."""

from __future__ import annotations

from dataclasses import replace

from pytest_characterize.deeds import Alteration, Deeds
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.rulemutants import AdequacyCount, Mutant, Operator
from pytest_characterize.rules.adequacy import Judged, judge
from pytest_characterize.rules.declared import Catalogue, Equivalent

BOUNDARY = Mutant("f:3.boundary1", "f", 3, Operator.BOUNDARY, "a > 5", "a >= 5")
TEXT = Mutant("f:4.text1", "f", 4, Operator.TEXT, "trim(x)", "x")
ORDER = Mutant("f:9.order1", "f", 9, Operator.ORDER, "ORDER BY a", "")
ONE = Matrix(
    test="t.py::one",
    source="billing",
    sources={"f": "sha f"},
    policies="",
    cases=(MatrixCase("a", "1"), MatrixCase("b", "2"), MatrixCase("c", "3", "legacy does something else")),
    rows=(
        MutantRow(BOUNDARY, "run", (0, 1), {1: 0}),
        MutantRow(TEXT, "run", (0,)),
        MutantRow(ORDER, "unreached"),
    ),
    deeds=Deeds.of((Alteration("$", "number+", 1),), ((0,),)),
)
OTHER = replace(ONE, test="t.py::other", rows=(MutantRow(ORDER, "run", (0,), {0: 0}),))
TODAY = {"a": "1", "b": "2", "c": "3"}


def judged(
    *matrices: Matrix,
    text: str = "sha f",
    goldens: dict[str, str] | None = None,
    catalogue: Catalogue | None = None,
) -> Judged:
    behaviours = {matrix.test: TODAY if goldens is None else goldens for matrix in matrices}
    return judge(matrices, {("billing", "f"): text}, behaviours, catalogue or Catalogue())


def test_a_mutant_is_one_wherever_it_was_run() -> None:
    found = judged(ONE, OTHER).adequacy
    assert found.count == AdequacyCount(made=3, noticed=2, survived=1)
    assert [(one.mutant, one.reached, one.noticed) for one in found.statuses] == [
        (BOUNDARY, 2, 1),
        (TEXT, 1, 0),
        (ORDER, 1, 1),
    ]
    assert [one.mutant for one in found.survivors] == [TEXT]


def test_what_no_case_reaches_is_no_survivor() -> None:
    found = judged(ONE).adequacy
    assert found.count == AdequacyCount(made=3, noticed=1, survived=1, unreached=1)


def test_a_case_of_another_golden_says_nothing() -> None:
    result = judged(ONE, goldens={"a": "1", "b": "other", "c": "3"})
    assert result.adequacy.count == AdequacyCount(made=3, noticed=0, pending=3)
    assert result.adequacy.notes == ("t.py::one: no mutant was run on 1 of its cases",)
    assert [bool(case.excluded) for case in result.matrices["t.py::one"].cases] == [False, True, True]


def test_a_new_case_leaves_open_what_it_would_notice() -> None:
    found = judged(ONE, goldens={**TODAY, "d": "4"}).adequacy
    assert found.count == AdequacyCount(made=3, noticed=1, pending=2)


def test_mutants_of_another_legacy_do_not_count() -> None:
    result = judged(ONE, text="another")
    assert result.adequacy.statuses == ()
    assert result.matrices == {}
    assert result.adequacy.notes == ("t.py::one: its mutants are of another f",)


def test_mutants_that_were_compared_otherwise_do_not_count() -> None:
    texts, goldens = {("billing", "f"): "sha f"}, {ONE.test: TODAY}
    same = judge([ONE], texts, goldens, Catalogue(), {ONE.test: ONE.policies})
    assert same.adequacy.count.made == 3
    other = judge([ONE], texts, goldens, Catalogue(), {ONE.test: "other"})
    assert other.adequacy.statuses == ()
    assert other.adequacy.notes == ("t.py::one: its mutants were compared under other loosenings",)


def test_equivalents() -> None:
    catalogue = Catalogue("rules.toml", equivalents=(Equivalent(TEXT.id, "x has no blanks"),))
    result = judged(ONE, catalogue=catalogue)
    assert result.adequacy.count == AdequacyCount(made=2, noticed=1, unreached=1)
    assert result.problems == ()


def test_equivalents_that_are_none() -> None:
    wrong = (
        Equivalent(BOUNDARY.id, "never"),
        Equivalent("g:1.text1", "gone"),
        Equivalent(TEXT.id, "s", "shop"),
    )
    result = judged(ONE, catalogue=Catalogue("rules.toml", equivalents=wrong))
    assert [problem.slug for problem in result.problems] == ["equivalent-wrong"] * 3
    assert result.adequacy.count == judged(ONE).adequacy.count
