"""One fault seen in several tests: joined where evidence says so, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from explain_samples import BOOK, PAGE, TEST, difference, like, matching, matrix, mutant, result, row

from pytest_characterize.explain.causes import causes
from pytest_characterize.explain.directions import direction, inside, within
from pytest_characterize.explain.words import exchanged, names
from pytest_characterize.matrix import Matrix
from pytest_characterize.model import CaseResult, DriftGroup, Kind
from pytest_characterize.values import ABSENT, Raised

CENT = Decimal("0.01")
QUERY = "tests/test_reports.py::test_sums"
CALLS = {QUERY: frozenset({"public.total(integer)"})}


def found(
    results: list[CaseResult], matrices: dict[str, Matrix] | None = None, **more: Any
) -> tuple[DriftGroup, ...]:
    return causes(results, matrices=matrices or {}, rules=BOOK, **more)


def answer(label: str, old: Any, new: Any, **others: Any) -> CaseResult:
    return result(label, difference("$", Kind.VALUE, old, new), **others)


class TestWords:
    @pytest.mark.parametrize(
        ("old", "new", "pair"),
        [
            ("/invoice?no=1016&msg=OK", "/invoice?no=1016&msg=PART", ("OK", "PART")),
            ("Open 158,49 EUR, rating C", "Open 158,49 EUR, rating B", ("C", "B")),
            ("C ", "B ", ("C", "B")),
            (9, 3, ("9", "3")),
            ("0001006C0003 Anke 73.939", "0001006C0003 Anke 73.933", ("9", "3")),
            ("OK", "ERR and more", None),
            ("one two", "eins zwei", None),
            (Decimal(9), Decimal(3), None),
            (None, "OK", None),
        ],
    )
    def test_the_only_word_that_differs(self, old: Any, new: Any, pair: tuple[str, str] | None) -> None:
        assert exchanged(old, new) == pair

    def test_what_a_case_is_about(self) -> None:
        case = result("a", input={"inv_no": 1016, "on": "4.3.2024", "customer": "C0005", "n": 7})
        assert names(case, difference("$", legacy="OK", candidate="PART")) == {"1016", "C0005"}
        line = difference(
            "$", legacy="0001006C0003 on 29/09/2020 9", candidate="0001006C0003 on 29/09/2020 3"
        )
        assert names(result("b"), line) >= {"1006C0003", "1006"}
        assert "2020" not in names(result("b"), line)

    def test_the_same_word_for_the_same_thing_is_one_cause(self) -> None:
        several = [
            answer("a", "OK", "PART", input={"inv_no": 1016}),
            answer("p", "/invoice?no=1016&msg=OK", "/invoice?no=1016&msg=PART", test=PAGE),
            *matching(4),
            *matching(4, test=PAGE),
        ]
        (one,) = found(several)
        assert {test.test for test in one.tests} == {TEST, PAGE}

    def test_the_same_word_for_another_thing_is_not(self) -> None:
        several = [
            answer("a", "OK", "PART", input={"inv_no": 1016}),
            answer("p", "/invoice?no=1017&msg=OK", "/invoice?no=1017&msg=PART", test=PAGE),
        ]
        assert len(found(several)) == 2

    def test_separators_of_numbers_are_one_manner(self) -> None:
        several = [
            answer("a", "Open 105,50 EUR", "Open 105.50 EUR"),
            answer("p", "801,00", "801.00", test=PAGE),
        ]
        assert len(found(several)) == 1


def test_a_longer_number_in_a_line_of_fixed_width_is_the_same_number() -> None:
    several = [
        answer("a", Decimal("41.51"), Decimal("241.51")),
        answer("p", "Brown 14/12/2023     41.513", "Brown 14/12/2023    241.519", test=PAGE),
        *matching(5),
    ]
    assert len(found(several)) == 1


def test_one_wrong_encoding_is_one_cause_wherever_it_shows() -> None:
    note = "the candidate has UTF-8 that was read as latin-1"
    several = [
        result("a", difference("$.title", Kind.ENCODING, "Café", "CafÃ©", f"{note}; under 'Customer C0005'")),
        result("b", difference("$.title", Kind.ENCODING, "Jörg", "JÃ¶rg", f"{note}; under 'Customer C0002'")),
        result("p", difference("$.name", Kind.ENCODING, "Zoë", "ZoÃ«", note), test=PAGE),
        *matching(9),
    ]
    assert len(found(several)) == 1


class TestWithoutRules:
    def rounded(self, label: str, old: str, **others: Any) -> CaseResult:
        here = difference("$", Kind.ROUNDING, Decimal(old), Decimal(old) - CENT, "1 unit in the last place")
        return result(label, here, **others)

    def test_a_manner_of_one_cause_is_its_manner(self) -> None:
        several = [
            self.rounded("a", "99.53", hits=("vip",)),
            self.rounded("q", "1754.59", test=QUERY, source="billing"),
            *matching(3, hits=("old",)),
        ]
        (one,) = found(several)
        assert {test.test for test in one.tests} == {TEST, QUERY}

    def test_what_two_causes_may_have_done_is_put_to_neither(self) -> None:
        other = "tests/test_billing.py::test_tax"
        several = [
            self.rounded("a", "99.53", hits=("vip",)),
            self.rounded("t", "78.11", hits=("odd",), test=other),
            self.rounded("q", "1754.59", test=QUERY),
        ]
        assert len(found(several)) == 3

    def test_in_which_direction_numbers_are_rounded_depends_on_their_signs(self) -> None:
        negative = difference(
            "$", Kind.ROUNDING, Decimal("-0.12"), Decimal("-0.13"), "1 unit in the last place"
        )
        several = [
            self.rounded("a", "99.53", hits=("vip",)),
            result("q", negative, test=QUERY, source="billing"),
            *matching(3, hits=("old",)),
        ]
        assert len(found(several)) == 1

    @pytest.mark.parametrize(("candidate", "causes"), [("To pay: 241,94 EUR", 1), ("To pay: 251,95 EUR", 2)])
    def test_a_unit_of_the_last_digit_in_a_text_is_rounding(self, candidate: str, causes: int) -> None:
        several = [
            self.rounded("a", "99.53", hits=("vip",)),
            answer("p", "To pay: 241,95 EUR", candidate, test=PAGE),
            *matching(3, hits=("old",)),
        ]
        assert len(found(several)) == causes

    def test_a_query_that_runs_the_routine_of_the_cause(self) -> None:
        six = mutant("six")
        here = [answer(f"a{n}", n, n + 50, hits=("vip",), likenesses=(like(six),)) for n in range(3)]
        several = [*here, answer("q", 218, 219, test=QUERY), *matching(5, hits=("vip",))]
        kept = matrix([case for case in several if case.test == TEST], row(six, 0, 1, 2))
        assert len(found(several, kept)) == 2
        (one,) = found(several, kept, calls=CALLS)
        assert one.explanation is not None
        assert {test.test for test in one.tests} == {TEST, QUERY}

    def test_another_status_is_another_response(self) -> None:
        status = difference("$.status", Kind.STATUS, 200, 302)
        body = difference("$.body", Kind.EMPTY, "<html>", "")
        place = difference("$.headers.location", Kind.HEADER, ABSENT, "/invoice")
        several = [result("p", status, body, place, test=PAGE), *matching(9, test=PAGE)]
        (one,) = found(several)
        assert {place.pattern for place in one.places} == {"$.status", "$.body", "$.headers.location"}


def test_one_edit_in_two_places_of_a_routine_is_one_cause() -> None:
    """Legacy says twice what the successor says once."""
    first, second = (mutant(f"m{line}", line, was="a AND b", becomes="a") for line in (2, 4))
    here = [
        result("a", difference("$.one", legacy=1), likenesses=(like(first),), hits=("vip",)),
        result(
            "b", difference("$.two", Kind.EXTRA, legacy=ABSENT), likenesses=(like(second),), hits=("odd",)
        ),
        *matching(6),
    ]
    rows = row(first, 0), row(second, 1)
    (one,) = found(here, matrix(here, *rows))
    assert [case.label for case in one.cases] == ["a", "b"]
    other = replace(second, becomes="b")
    assert len(found(here, matrix(here, rows[0], row(other, 1)))) == 2


class TestResembling:
    """What a mutant changes, to something else than the candidate has."""

    def test_the_same_place_goes_before_the_same_cases(self) -> None:
        near, far = mutant("near", 2), mutant("far", 3)
        touching = replace(like(near, complete=False), explains=(), touches=(0,))
        several = [result(f"a{n}", difference(legacy=n), likenesses=(touching,)) for n in range(3)]
        several += matching(20)
        (one,) = found(several, matrix(several, row(near, 0, 1, 2, 5, 6), row(far, 0, 1, 2)))
        assert [(suspect.line, suspect.found) for suspect in one.suspects] == [(2, "resembles")]

    def test_places_of_other_sorts_speak_against_it(self) -> None:
        near, far = mutant("near", 2), mutant("far", 3)
        touching = replace(like(near, complete=False), explains=(), touches=(0,))
        broad = replace(touching, mutants=(far.id,), beyond=True)
        several = [result(f"a{n}", difference(legacy=n), likenesses=(touching, broad)) for n in range(3)]
        several += matching(20)
        (one,) = found(several, matrix(several, row(near, 0, 1, 2), row(far, 0, 1, 2)))
        assert one.suspects[0].line == 2

    def test_of_several_that_do_the_same_the_one_without_false_alarms_in_other_tests(self) -> None:
        loud, quiet = mutant("a-loud", 2), mutant("quiet", 3)
        other = "tests/test_billing.py::test_other"
        here = [result(f"a{n}", difference(), likenesses=(like(loud), like(quiet))) for n in range(2)]
        here += matching(9)
        there = matching(5, test=other)
        kept = matrix(here, row(loud, 0, 1), row(quiet, 0, 1)) | matrix(there, row(loud, 0, 1))
        (one,) = found([*here, *there], kept)
        assert [suspect.line for suspect in one.suspects] == [3, 2]


@pytest.mark.parametrize(
    ("legacy", "one", "other", "expected"),
    [
        (5, 6, 9, True),
        (5, 4, 9, False),
        (5, 5, 9, False),
        ("a", None, "", True),
        ("a", Raised(("ValueError",), "no"), Raised(("KeyError",), "no"), True),
        ("a", "b", Raised(("KeyError",), "no"), False),
        ("1400", "2400", "0980", True),
    ],
)
def test_changes_that_go_the_same_way(legacy: Any, one: Any, other: Any, expected: bool) -> None:
    assert (one != legacy and direction(legacy, one) == direction(legacy, other)) is expected


def test_a_change_inside_is_like_one_of_the_whole_that_leaves_its_sort() -> None:
    assert inside({"a": 1}, {"a": 2})
    assert not inside({"a": 1}, None)
    assert not inside(1, 2)


def test_paths_within_paths() -> None:
    assert within("$.lines[2].price", "$.lines")
    assert not within("$.lines", "$.lines")
    assert not within("$.linesize", "$.lines")
