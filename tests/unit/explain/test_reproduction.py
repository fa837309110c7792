"""What mutants say: the one that reproduces a drift is named, and causes are told apart and together by it."""

from __future__ import annotations

import time
from dataclasses import replace

from explain_samples import BOOK, PAGE, ROUTINE, TEST, difference, like, matching, matrix, mutant, result, row

from pytest_characterize.explain.causes import causes
from pytest_characterize.matrix import Matrix
from pytest_characterize.model import CaseResult, DriftGroup, Kind, Verdict
from pytest_characterize.rulebook import RuleBook

SIX = mutant("six", was="vip", becomes="vip > 6")
SEVEN = mutant("seven", 3)
EIGHT = mutant("eight", 4)


def found(
    results: list[CaseResult], matrices: dict[str, Matrix], rules: RuleBook = BOOK
) -> tuple[DriftGroup, ...]:
    return causes(results, matrices=matrices, rules=rules)


def drifting(number: int, *likenesses: object, hits: tuple[str, ...] = ("vip",)) -> list[CaseResult]:
    """Cases that come first by their labels."""
    return [
        result(f"a{at:03}", difference(legacy=at), hits=hits, likenesses=likenesses) for at in range(number)
    ]


class TestReproduces:
    def test_the_mutant_that_does_what_the_candidate_does(self) -> None:
        several = [*drifting(3, like(SIX)), *matching(9, hits=("vip",))]
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2, ran=tuple(range(12)))))
        told = one.explanation
        assert told is not None
        assert (told.mutants, told.text, told.alike) == ((SIX,), ("IF vip > 6",), 0)
        assert (told.drifting, told.of_drifting, told.matching, told.of_matching) == (3, 3, 9, 9)
        (suspect,) = one.suspects
        assert (suspect.routine, suspect.line, suspect.text, suspect.arm) == ("total", 2, "IF vip", "taken")
        assert (suspect.found, suspect.score, suspect.was, suspect.becomes) == (
            "reproduces",
            1.0,
            "vip",
            "vip > 6",
        )
        assert (suspect.drifting, suspect.others) == (3, 9)

    def test_a_matching_case_that_it_changes_contradicts(self) -> None:
        several = [*drifting(3, like(SIX)), *matching(9)]
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2, 7)))
        assert one.explanation is None

    def test_a_drifting_case_that_it_does_not_explain_speaks_against_it(self) -> None:
        several = [*drifting(3, like(SIX)), *matching(9)]
        several[1] = replace(several[1], likenesses=())
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2)))
        assert one.explanation is None

    def test_cases_that_nobody_knows_of_are_told(self) -> None:
        several = [*drifting(3, like(SIX)), *matching(9)]
        gone = (several[5].label, several[0].label)
        (one,) = found(several, matrix(several, row(SIX, 1, 2), excluded=gone))
        told = one.explanation
        assert told is not None
        assert (told.of_drifting, told.matching, told.of_matching) == (2, 8, 9)

    def test_cases_that_wait_are_unknown_unless_they_do_not_get_there(self) -> None:
        waiting = mutant("waiting", rules=("vip",))
        several = [*drifting(3, like(waiting)), *matching(4, hits=("vip",)), *matching(5, hits=("odd",))]
        (one,) = found(several, matrix(several, row(waiting, 0, 1, 2, fate="pending")))
        told = one.explanation
        assert told is not None
        assert (told.matching, told.of_matching) == (5, 9)

    def test_several_that_are_alike_are_one_and_the_simplest_is_named(self) -> None:
        longer = mutant("longer", was="vip", becomes="vip > 5 + 1")
        several = [*drifting(3, like(SIX), like(longer)), *matching(9)]
        (one,) = found(several, matrix(several, row(longer, 0, 1, 2), row(SIX, 0, 1, 2)))
        assert one.explanation is not None
        assert (one.explanation.mutants, one.explanation.alike) == ((SIX,), 1)
        assert len(one.suspects) == 1

    def test_alike_in_another_rule_is_named_as_well(self) -> None:
        several = [*drifting(3, like(SIX), like(SEVEN)), *matching(9)]
        (one,) = found(several, matrix(several, row(SEVEN, 0, 1, 2), row(SIX, 0, 1, 2)))
        assert [(suspect.line, suspect.found) for suspect in one.suspects] == [
            (2, "reproduces"),
            (3, "reproduces"),
        ]

    def test_two_that_only_together_do_it(self) -> None:
        both = difference("$.tax"), difference("$.total")
        likenesses = like(SIX, 0, complete=False), like(SEVEN, 1, complete=False)
        several = [result(f"a{at}", *both, likenesses=likenesses) for at in range(3)]
        several += matching(9)
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2), row(SEVEN, 0, 1, 2)))
        assert one.explanation is not None
        assert one.explanation.mutants == (SIX, SEVEN)
        assert [suspect.line for suspect in one.suspects] == [2, 3]

    def test_what_another_cause_hides_in_some_cases_is_told_with_its_share(self) -> None:
        """A wrong discount, and in one case a cent of rounding on top, at the same place."""
        both = difference("$"), difference("$effects.tables.t.inserted", Kind.EFFECT)
        several = [result(f"a{at}", *both, likenesses=(like(SIX, 0, 1),)) for at in range(3)]
        several += [result("b", *both, likenesses=(like(SIX, 1, complete=False),)), *matching(9)]
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2, 3)))
        assert one.explanation is not None
        assert (one.explanation.drifting, one.explanation.of_drifting) == (3, 4)

    def test_a_statement_is_told_by_the_decision_that_leads_to_it(self) -> None:
        inside = mutant("inside", 9, rules=("odd",))
        several = [*drifting(3, like(inside), hits=("odd",)), *matching(9)]
        (one,) = found(several, matrix(several, row(inside, 0, 1, 2)))
        assert [(suspect.line, suspect.text) for suspect in one.suspects] == [(3, "IF odd")]
        assert one.explanation is not None
        assert one.explanation.text == ("inside in place of inside_was",)

    def test_a_mutant_of_a_routine_that_nobody_knows(self) -> None:
        several = [*drifting(3, like(SIX)), *matching(9)]
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2)), RuleBook())
        assert [(suspect.routine, suspect.line, suspect.text) for suspect in one.suspects] == [
            (ROUTINE.routine, 2, "vip")
        ]


class TestSeparates:
    def test_two_causes_at_one_place_each_reproduced(self) -> None:
        several = [result(f"a{at}", difference(), likenesses=(like(SIX),)) for at in range(3)]
        several += [result(f"b{at}", difference(), likenesses=(like(SEVEN),)) for at in range(2)]
        several += matching(9)
        groups = found(several, matrix(several, row(SIX, 0, 1, 2), row(SEVEN, 3, 4)))
        assert [(len(one.cases), one.suspects[0].line) for one in groups] == [(3, 2), (2, 3)]
        assert all(one.explanation is not None for one in groups)

    def test_three_causes_one_after_the_other_and_a_case_with_two(self) -> None:
        several = [result(f"a{at}", difference(), likenesses=(like(SIX),)) for at in range(4)]
        several += [result(f"b{at}", difference("$.tax"), likenesses=(like(SEVEN),)) for at in range(3)]
        mixed = like(SIX, 0, complete=False), like(SEVEN, 1, complete=False)
        several += [result("c", difference(), difference("$.tax"), likenesses=mixed)]
        several += [result(f"d{at}", difference(), likenesses=(like(EIGHT),)) for at in range(2)]
        several += matching(9)
        rows = row(SIX, 0, 1, 2, 3, 7), row(SEVEN, 4, 5, 6, 7), row(EIGHT, 8, 9)
        groups = found(several, matrix(several, *rows))
        assert [(one.pattern, len(one.cases), one.suspects[0].line) for one in groups] == [
            ("$.total", 5, 2),
            ("$.tax", 4, 3),
            ("$.total", 2, 4),
        ]

    def test_what_is_explained_in_part_is_one_cause(self) -> None:
        """A limit of 5 became 7: a mutant with 6 explains those cases that have 6."""
        several = [result(f"a{at}", difference(), likenesses=(like(SIX),)) for at in range(3)]
        several += [result(f"b{at}", difference()) for at in range(2)]
        several += matching(20)
        (one,) = found(several, matrix(several, row(SIX, 0, 1, 2)))
        assert (len(one.cases), one.explanation) == (5, None)
        assert [(suspect.line, suspect.found) for suspect in one.suspects] == [(2, "resembles")]

    def test_what_the_mutants_of_one_line_explain_between_them_is_one_cause(self) -> None:
        """The rest is another mutant's doing as well, but the line alone is the simpler story."""
        near, elsewhere = mutant("near", line=2), mutant("elsewhere", line=3)
        several = [result(f"a{at}", difference(), likenesses=(like(SIX),)) for at in range(3)]
        several += [result("b0", difference(), likenesses=(like(near), like(elsewhere)))]
        several += matching(20)
        rows = row(SIX, 0, 1, 2), row(near, 3, 7), row(elsewhere, 3)
        (one,) = found(several, matrix(several, *rows))
        assert len(one.cases) == 4
        assert len(found(several, matrix(several, rows[0], rows[2]))) == 2

    def test_what_does_not_get_to_the_place_is_another_cause(self) -> None:
        six = replace(SIX, rules=("vip",))
        several = [result(f"a{at}", difference(), hits=("vip",), likenesses=(like(six),)) for at in range(3)]
        several += [result(f"b{at}", difference(), hits=("odd",)) for at in range(2)]
        several += matching(20, hits=("old",))
        groups = found(several, matrix(several, row(six, 0, 1, 2)))
        assert [(len(one.cases), one.suspects[0].text) for one in groups] == [(3, "IF vip"), (2, "IF odd")]

    def test_what_one_mutant_does_in_different_cases_is_one_cause(self) -> None:
        several = [
            result("a", difference("$", Kind.VALUE), likenesses=(like(SIX),)),
            result("b", difference("$", Kind.STATUS, 200, 404), likenesses=(like(SIX),)),
            *matching(9),
        ]
        assert len(found(several, {})) == 2
        (one,) = found(several, matrix(several, row(SIX, 0, 1)))
        assert len(one.places) == 2

    def test_what_one_mutant_does_in_two_tests_is_one_cause(self) -> None:
        here = [*drifting(3, like(SIX)), *matching(9)]
        other = "tests/test_billing.py::test_tax"
        there = [
            replace(one, test=other, legacy="billing.tax") for one in (*drifting(2, like(SIX)), *matching(5))
        ]
        matrices = matrix(here, row(SIX, 0, 1, 2)) | matrix(there, row(SIX, 0, 1))
        (one,) = found([*here, *there], matrices)
        assert [test.test for test in one.tests] == [other, TEST] or [test.test for test in one.tests] == [
            TEST,
            other,
        ]
        assert one.explanation is not None
        assert (one.explanation.drifting, one.explanation.matching) == (5, 14)

    def test_pages_without_mutants_join_by_their_values(self) -> None:
        here = [result("a", difference(legacy=99.53, candidate=98.12), likenesses=(like(SIX),)), *matching(9)]
        page = [result("p", difference("$.body", legacy=99.53, candidate=98.12), test=PAGE)]
        (one,) = found([*here, *page], matrix(here, row(SIX, 0)))
        assert one.explanation is not None
        assert (one.explanation.of_drifting, len(one.cases)) == (1, 2)


class TestResembles:
    def test_a_mutant_that_changes_the_cases_that_drift(self) -> None:
        several = [*drifting(6, hits=()), *matching(30)]
        rows = row(SIX, 0, 1, 2, 3, 4, 5, 9), row(SEVEN, *range(3, 30)), row(EIGHT, 20)
        (one,) = found(several, matrix(several, *rows))
        (suspect,) = one.suspects
        assert (suspect.line, suspect.found, suspect.score) == (2, "resembles", 0.9258)
        assert (suspect.drifting, suspect.of_drifting, suspect.others, suspect.of_others) == (6, 6, 1, 30)

    def test_doing_what_the_candidate_does_goes_before(self) -> None:
        several = [*drifting(6, like(SEVEN), hits=()), *matching(30)]
        several[0] = replace(several[0], likenesses=())
        rows = row(SIX, 0, 1, 2, 3, 4, 5), row(SEVEN, 1, 2, 3, 4, 5)
        (one,) = found(several, matrix(several, *rows))
        assert one.suspects[0].line == 3

    def test_a_pattern_that_anything_has_is_none(self) -> None:
        several = [*drifting(6, hits=()), *matching(30)]
        (one,) = found(several, matrix(several, row(SIX, *range(36)), row(SEVEN, 0, 30)))
        assert one.suspects == ()

    def test_many_that_resemble_it_equally_are_none(self) -> None:
        several = [*drifting(6, hits=()), *matching(30)]
        rows = [row(mutant(f"m{line}", line), *range(6)) for line in range(1, 6)]
        (one,) = found(several, matrix(several, *rows))
        assert one.suspects == ()

    def test_hits_of_a_rule_whose_mutants_change_nothing_are_no_evidence(self) -> None:
        several = [*drifting(6), *matching(30, hits=("odd",))]
        (one,) = found(several, {})
        assert [suspect.line for suspect in one.suspects] == [2]
        (one,) = found(several, matrix(several, row(SIX, 20), row(SEVEN, 21)))
        assert one.suspects == ()

    def test_hits_of_a_rule_without_mutants_are(self) -> None:
        several = [*drifting(6), *matching(30, hits=("odd",))]
        (one,) = found(several, matrix(several, row(SEVEN, 21)))
        assert [(suspect.line, suspect.found) for suspect in one.suspects] == [(2, "hits")]


def test_the_order_of_results_and_rows_does_not_matter() -> None:
    several = [*drifting(3, like(SIX), like(SEVEN)), *matching(9)]
    rows = row(SIX, 0, 1, 2), row(SEVEN, 0, 1, 2)
    one = found(several, matrix(several, *rows))
    other = found(several[::-1], matrix(several, *rows[::-1]))
    assert one == other


def test_an_invalid_mutant_and_one_that_is_not_in_the_matrix_say_nothing() -> None:
    several = [*drifting(3, like(SIX), like(SEVEN)), *matching(9)]
    (one,) = found(several, matrix(several, row(SIX, 0, 1, 2, fate="invalid")))
    assert one.explanation is None


def test_thousands_of_matching_cases_and_hundreds_of_mutants_cost_little() -> None:
    several = [*drifting(40, like(SIX)), *matching(5_000, hits=("vip",))]
    ran = tuple(range(len(several)))
    rows = [row(mutant(f"m{at}", at % 97 + 5), at % 900 + 50, ran=ran) for at in range(400)]
    matrices = matrix(several, row(SIX, *range(40), ran=ran), *rows)
    begun = time.perf_counter()
    (one,) = found(several, matrices)
    spent = time.perf_counter() - begun
    assert one.explanation is not None
    assert one.explanation.matching == 5_000
    assert several[-1].verdict is Verdict.MATCHED
    assert spent < 2.5
