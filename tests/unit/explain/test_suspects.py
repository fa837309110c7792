"""The rule behind a drift: the right one where the cases tell it apart, and silence where they do not."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from math import sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_characterize.explain.suspects import Spectra
from pytest_characterize.model import CaseResult, RuleHit, Verdict
from pytest_characterize.rulebook import CaseNote, RoutineStatus, RuleBook, RuleStatus, Suspect

TEST = "tests/test_x.py::test_x"
_numbers = count()

RULES = {
    "entry": ("entry", "BEGIN", "entered", ""),
    "first": ("branch", "IF years > 10", "taken", "first"),
    "second": ("branch", "ELSIF years > 5", "taken", "first"),
    "third": ("branch", "ELSIF vip", "taken", "first"),
    "none": ("branch", "IF years > 10", "no branch taken", "first"),
    "paid": ("branch", "IF paid", "taken", "paid"),
    "unpaid": ("branch", "IF paid", "no branch taken", "paid"),
    "return": ("return", "RETURN 5", "reached", ""),
    "rows": ("rows", "UPDATE t", "no row", ""),
}
ROUTINE = RoutineStatus(
    "billing",
    "public.discount(integer)",
    "billing",
    tuple(
        RuleStatus(id_, line, kind, text, arm, not arm.startswith("no "), decision=decision)
        for line, (id_, (kind, text, arm, decision)) in enumerate(RULES.items(), 1)
    ),
    called="discount",
)
BOOK = RuleBook((ROUTINE,))


def case(*hits: str, verdict: Verdict = Verdict.MATCHED, **others: object) -> CaseResult:
    number = next(_numbers)
    known: dict[str, object] = {"source": "billing"}
    return CaseResult(
        TEST,
        f"{number:064}",
        f"case-{number}",
        verdict,
        hits=tuple(RuleHit(hit) for hit in ("entry", *hits)),
        **(known | others),  # type: ignore[arg-type]
    )


def cases(number: int, *hits: str, verdict: Verdict = Verdict.MATCHED) -> list[CaseResult]:
    return [case(*hits, verdict=verdict) for _ in range(number)]


def drifting(number: int, *hits: str) -> list[CaseResult]:
    return cases(number, *hits, verdict=Verdict.DRIFTED)


def suspects(drift: list[CaseResult], others: list[CaseResult], rules: RuleBook) -> tuple[Suspect, ...]:
    several = (1 << len(drift)) - 1
    return Spectra([*drift, *others], rules).suspects(several, ((1 << len(others)) - 1) << len(drift))


def named(found: tuple[Suspect, ...]) -> list[tuple[str, str]]:
    return [(one.text, one.arm) for one in found]


def test_the_rule_that_all_drifting_cases_take_and_few_others() -> None:
    others = [*cases(52, "second"), *cases(200, "first"), *cases(54, "none")]
    (found,) = suspects(drifting(14, "second"), others, BOOK)
    score = round(14 / sqrt(14 * 66), 4)
    assert found == Suspect("discount", 3, "ELSIF years > 5", "taken", score, 14, 14, 52, 306)


def test_what_is_much_weaker_than_the_best_is_not_named() -> None:
    """The ``RETURN`` is reached by no other case, the condition above it by many."""
    others = [*cases(52, "second"), *cases(254, "none")]
    (found,) = suspects(drifting(14, "second", "return"), others, BOOK)
    assert (found.text, found.score, found.alike) == ("RETURN 5", 1.0, 0)


def test_a_decision_names_what_follows_from_it() -> None:
    found = suspects(drifting(6, "second", "return", "rows"), cases(12, "none"), BOOK)
    assert found == (Suspect("discount", 3, "ELSIF years > 5", "taken", 1.0, 6, 6, 0, 12, alike=2),)


def test_what_every_case_does_is_no_evidence() -> None:
    assert suspects(drifting(10, "paid"), cases(100, "paid"), BOOK) == ()


def test_without_any_other_case_there_is_no_evidence() -> None:
    assert suspects(drifting(10, "second"), [], BOOK) == ()


def test_one_case_among_few_is_no_evidence() -> None:
    assert suspects(drifting(1, "second"), cases(2, "none"), BOOK) == ()


def test_one_case_that_alone_went_somewhere() -> None:
    assert named(suspects(drifting(1, "second"), cases(3, "none"), BOOK)) == [("ELSIF years > 5", "taken")]


def test_one_case_that_went_where_others_went_without_drift() -> None:
    assert suspects(drifting(1, "second"), [*cases(5, "second"), *cases(18, "none")], BOOK) == ()


def test_a_rule_that_a_drifting_case_does_not_take_is_not_behind_the_drift() -> None:
    """Six of seven take it, and only three of 27 others: a companion of the cause, not the cause."""
    drift = [*drifting(6, "second"), *drifting(1, "none")]
    assert suspects(drift, [*cases(3, "second"), *cases(24, "none")], BOOK) == ()


def test_another_cause_in_the_same_place_does_not_hide_a_rule() -> None:
    drift = [*drifting(95, "second"), *drifting(5, "none")]
    others = [*cases(300, "none"), *cases(300, "first")]
    assert named(suspects(drift, others, BOOK)) == [("ELSIF years > 5", "taken")]


def test_a_condition_that_did_not_hold() -> None:
    """Legacy's ``> 5`` ported as ``>= 5``: five years go on to whatever comes after that arm."""
    drift = [*drifting(8, "third"), *drifting(7, "none")]
    others = [*cases(50, "second"), *cases(50, "first"), *cases(2, "third"), *cases(2, "none")]
    assert named(suspects(drift, others, BOOK))[0] == ("ELSIF years > 5", "not taken")


def test_a_condition_of_two_arms_needs_no_such_word() -> None:
    found = suspects(drifting(8, "unpaid"), cases(30, "paid"), BOOK)
    assert named(found) == [("IF paid", "no branch taken")]


def test_the_last_condition_of_several_needs_none_either() -> None:
    others = [*cases(30, "first"), *cases(9, "third")]
    assert named(suspects(drifting(8, "none"), others, BOOK))[0] == ("IF years > 10", "no branch taken")


def test_many_rules_that_are_equally_likely_are_none() -> None:
    others = [case("first"), case("third"), case("paid"), case("rows"), *cases(60)]
    assert suspects(drifting(3, "first", "third", "paid", "rows"), others, BOOK) == ()
    assert len(suspects(drifting(3, "first", "third", "paid"), others, BOOK)) == 3


def test_at_most_three_are_named_best_first() -> None:
    others = [*cases(1, "first"), *cases(2, "third"), *cases(3, "paid"), *cases(4, "rows"), *cases(300)]
    found = suspects(drifting(20, "first", "third", "paid", "rows"), others, BOOK)
    assert [one.others for one in found] == [1, 2, 3]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_cases_that_were_not_compared_say_nothing() -> None:
    broken = cases(50, "none", verdict=Verdict.ERRORED)
    assert suspects(drifting(6, "second"), broken, BOOK) == ()


def test_cases_that_drift_elsewhere_count_and_are_called_other() -> None:
    others = [*cases(6, "none"), *drifting(6, "none")]
    (found,) = suspects(drifting(6, "second"), others, BOOK)
    assert (found.of_others, found.others_matched) == (12, False)


def test_hits_of_stale_cases_do_not_count() -> None:
    drift = drifting(6, "second")
    stale = tuple(CaseNote(one.test, one.label, "changed") for one in drift)
    assert suspects(drift, cases(12, "none"), RuleBook((ROUTINE,), stale=stale)) == ()
    others = cases(12, "none")
    stale = tuple(CaseNote(one.test, one.label, "changed") for one in others)
    assert suspects(drift, others, RuleBook((ROUTINE,), stale=stale)) == ()


def test_cases_whose_rules_could_not_be_seen_do_not_count() -> None:
    drift = drifting(6, "second")
    blind = [replace(one, hits=()) for one in drifting(3)]
    unseen = tuple(CaseNote(one.test, one.label, "refused") for one in blind)
    (found,) = suspects([*drift, *blind], cases(12, "none"), RuleBook((ROUTINE,), unseen=unseen))
    assert (found.drifting, found.of_drifting) == (6, 6)


def test_tests_whose_rules_nobody_sees_do_not_count() -> None:
    pages = [replace(one, test="tests/test_pages.py::test_page", hits=()) for one in cases(9)]
    (found,) = suspects(drifting(6, "second"), [*cases(12, "none"), *pages], BOOK)
    assert found.of_others == 12


def test_rules_of_another_source_are_none_of_ours() -> None:
    elsewhere = RuleBook((RoutineStatus("other", "f", "other", ROUTINE.rules),))
    assert suspects(drifting(6, "second"), cases(12, "none"), elsewhere) == ()


def test_hits_without_a_known_rule_are_passed_over() -> None:
    assert suspects(drifting(6, "forgotten"), cases(12, "none"), BOOK) == ()


def test_the_called_routine_is_named_rather_than_one_behind_it() -> None:
    callee = RoutineStatus(
        "billing", "public.a(integer)", "billing", (RuleStatus("a:1", 1, "branch", "IF x", "taken", True),)
    )
    book = RuleBook((callee, ROUTINE))
    drift = [
        case("paid", "a:1", verdict=Verdict.DRIFTED, provenance={"routine": "public.discount(integer)"})
        for _ in range(6)
    ]
    (found,) = suspects(drift, cases(12, "unpaid"), book)
    assert (found.routine, found.text, found.alike) == ("discount", "IF paid", 1)


HITS = st.sets(st.sampled_from(sorted(RULES)))


@given(st.lists(HITS, min_size=1, max_size=12), st.lists(HITS, max_size=30))
def test_what_is_named_is_what_was_counted(bad: list[set[str]], good: list[set[str]]) -> None:
    drift = [case(*hits, verdict=Verdict.DRIFTED) for hits in bad]
    others = [case(*hits) for hits in good]
    found = suspects(drift, others, BOOK)
    assert len(found) <= 3
    ids = {(rule.text, rule.arm): rule.id for rule in ROUTINE.rules}
    for one in found:
        assert (one.of_drifting, one.of_others) == (len(drift), len(others))
        assert one.score == pytest.approx(
            one.drifting / sqrt(len(drift) * (one.drifting + one.others)), abs=1e-4
        )
        assert one.others < len(others)
        assert one.score >= 0.75 * found[0].score
        if one.arm != "not taken":
            rule = ids[one.text, one.arm]
            assert one.drifting == sum(rule in {"entry", *hits} for hits in bad)
            assert one.others == sum(rule in {"entry", *hits} for hits in good)


@given(st.lists(HITS, min_size=1, max_size=8), st.lists(HITS, max_size=20))
@example(
    [
        {"first"},
        {"first", "none"},
        {"first", "second"},
        {"entry", "first", "none"},
        {"none"},
        {"first", "none"},
    ],
    [set(), set()],
)
def test_the_order_of_the_cases_does_not_matter(bad: list[set[str]], good: list[set[str]]) -> None:
    drift = [case(*hits, verdict=Verdict.DRIFTED) for hits in bad]
    others = [case(*hits) for hits in good]
    assert suspects(drift, others, BOOK) == suspects(drift[::-1], others[::-1], BOOK)
