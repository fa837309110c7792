"""Coverage of legacy rules: what counts, what does not, and numbers that add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_samples import BOTH, DISCOUNT, FEE, FEE_NAME, NAME, case, kept

from pytest_characterize.model import RuleHit, Verdict
from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleCount, RuleStatus, total
from pytest_characterize.rules.coverage import UNSEEN, cover
from pytest_characterize.rules.kept import called, kept_source, names_of
from pytest_characterize.rules.versions import KEY, changed, routine_of, versions


def statuses(book: RuleBook, routine: str = NAME) -> dict[str, RuleStatus]:
    (found,) = [one for one in book.routines if one.routine == routine]
    return {rule.id.rpartition(":")[2]: rule for rule in found.rules}


def test_each_rule_knows_its_cases() -> None:
    results = [
        case("2.entry1", "4.branch1"),
        case("4.branch1", verdict=Verdict.DRIFTED),
        case("4.branch2", raised=True),
        case("4.branch2", raised=True, verdict=Verdict.ERRORED),
    ]
    rules = statuses(cover([kept()], results))
    assert (rules["4.branch1"].cases, rules["4.branch1"].matched, rules["4.branch1"].raised) == (2, 1, 0)
    assert (rules["4.branch2"].cases, rules["4.branch2"].matched, rules["4.branch2"].raised) == (2, 1, 2)
    assert rules["4.branch2"].only_by_errors
    assert not rules["4.branch1"].only_by_errors
    assert not rules["4.branch1"].at_parity
    assert not rules["7.return1"].exercised
    assert not rules["7.return1"].only_by_errors
    assert rules["4.branch2"].decision == rules["4.branch1"].id
    assert not rules["4.branch2"].written


def test_without_a_case_nothing_is_exercised() -> None:
    book = cover(BOTH, [])
    assert book.count.known > 5
    assert (book.count.exercised, book.count.percent) == (0, 0.0)


def test_without_a_source_nothing_is_known() -> None:
    book = cover([], [case("4.branch1")])
    assert (book.count, book.count.percent) == (RuleCount(), None)


def test_hits_of_another_source_do_not_count() -> None:
    book = cover([kept()], [case("4.branch1", source="other")])
    assert book.count.exercised == 0


def test_what_could_not_be_instrumented_is_neither_covered_nor_uncovered() -> None:
    """A simple ``CASE`` without ``ELSE``: that no arm holds is an error without a place."""
    book = cover(BOTH, [])
    fee = next(one for one in book.routines if one.routine == FEE_NAME)
    assert fee.count.unknown == len(fee.unknown) == 1
    assert fee.unknown[0].startswith("line 6: CASE p_days: ")
    assert fee.count.known == len(fee.rules)


def test_a_routine_that_cannot_be_read_is_unknown_as_a_whole() -> None:
    book = cover([kept("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'", "f()")], [])
    assert book.count == RuleCount(unknown=1)
    assert "c" in book.routines[0].unknown[0]


def test_contexts_are_asked_for_and_sort_the_book() -> None:
    contexts = {NAME: "z-discounts", FEE_NAME: "fees"}
    book = cover(BOTH, [], lambda source, routine: contexts[routine])
    assert list(book.contexts()) == ["fees", "z-discounts"]
    assert [one.context for one in book.routines] == ["fees", "z-discounts"]
    assert cover(BOTH, []).contexts().keys() == {"billing"}


def test_unseen_cases_are_told() -> None:
    (note,) = cover(BOTH, [case(provenance={UNSEEN: "no privilege [source-failed]"}), case()]).unseen
    assert note.because == "no privilege [source-failed]"


TEXTS = {NAME: DISCOUNT, FEE_NAME: FEE}


def test_hits_seen_in_another_version_do_not_count() -> None:
    hits = (RuleHit(f"{NAME}:4.branch1"), RuleHit(f"{FEE_NAME}:2.entry1"))
    fresh = case("4.branch1", f"{FEE_NAME}:2.entry1", provenance={KEY: versions(hits, TEXTS)})
    old = case(
        "4.branch1",
        f"{FEE_NAME}:2.entry1",
        provenance={KEY: versions(hits, TEXTS | {FEE_NAME: FEE.replace("< 0", "<= 0")})},
    )
    book = cover(BOTH, [fresh, old])
    assert statuses(book)["4.branch1"].cases == 1
    (note,) = book.stale
    assert (note.label, note.because) == (old.label, f"{FEE_NAME} has changed since")


def test_a_version_names_the_called_routine_though_nothing_was_hit() -> None:
    told = versions((), TEXTS)
    assert told.startswith(f"{NAME}=")
    assert FEE_NAME not in told
    assert changed(told, TEXTS) == ()
    assert changed(told, {NAME: DISCOUNT + " "}) == (NAME,)
    assert changed(told, {}) == ()
    assert versions((), {}) == ""


def test_several_changed_routines_are_all_named() -> None:
    hits = [RuleHit(f"{FEE_NAME}:2.entry1")]
    other = {NAME: DISCOUNT + "-", FEE_NAME: FEE + "-"}
    (note,) = cover(BOTH, [case("4.branch1", provenance={KEY: versions(hits, other)})]).stale
    assert note.because == f"{NAME}, {FEE_NAME} have changed since"


def test_a_rule_of_an_odd_routine_knows_it() -> None:
    assert routine_of('public."a%3Ab"(text):1.entry1') == 'public."a:b"(text)'


def test_lines_before_the_body_are_not_counted() -> None:
    one = kept()
    lines = one.text.splitlines()
    assert lines[one.first_line - 1] == "AS $function$"
    branch = next(rule for rule in one.probed.rules if rule.text.startswith("IF"))
    assert lines[one.first_line - 1 + branch.line - 1].strip() == "IF p_years >= 5 THEN"
    assert kept("CREATE FUNCTION f() broken", "f()").first_line == 1


def test_a_kind_without_probes_has_no_rules() -> None:
    assert kept_source("web", "page", "http", "<html>", "x.json") is None


@pytest.mark.parametrize(
    ("routine", "names"),
    [
        ("public.f(integer, date)", ("f", "public.f", "public.f(integer, date)")),
        ("f()", ("f", "f()")),
        ("legacy.shop:Cart.total", ("total", "Cart.total", "shop:Cart.total", "legacy.shop:Cart.total")),
        ("(odd)", ("(odd)",)),
        ("", ("",)),
    ],
)
def test_names_of_routines(routine: str, names: tuple[str, ...]) -> None:
    assert names_of(routine) == names


def test_a_short_name_is_nobody_elses() -> None:
    keys = [("a", "public.f(integer)"), ("a", "public.f(text)"), ("b", "public.g()"), ("c", "public.g()")]
    assert called(keys) == {
        ("a", "public.f(integer)"): "public.f(integer)",
        ("a", "public.f(text)"): "public.f(text)",
        ("b", "public.g()"): "public.g()",
        ("c", "public.g()"): "public.g()",
    }


NUMBERS = st.integers(0, 400)
RULES = st.lists(
    st.builds(
        RuleStatus,
        st.text(max_size=3),
        NUMBERS,
        st.just("branch"),
        st.just("IF x"),
        st.just("taken"),
        st.booleans(),
        cases=NUMBERS,
        matched=NUMBERS,
    ),
    max_size=30,
).map(tuple)
ROUTINES = st.lists(
    st.builds(
        RoutineStatus,
        st.sampled_from("ab"),
        st.text(max_size=3),
        st.sampled_from("xyz"),
        RULES,
        st.lists(st.just("why"), max_size=3).map(tuple),
    ),
    max_size=8,
).map(tuple)


@given(ROUTINES)
def test_numbers_add_up(routines: tuple[RoutineStatus, ...]) -> None:
    book = RuleBook(routines)
    whole = book.count
    assert whole == total(one.count for several in book.contexts().values() for one in several)
    assert whole.known == whole.exercised + whole.never == sum(1 for _ in book.rules())
    assert whole.at_parity <= whole.exercised
    assert whole.unknown == sum(len(one.unknown) for one in routines)


@given(st.integers(1, 100_000), st.data())
def test_percent_never_says_more_than_there_is(known: int, data: st.DataObject) -> None:
    exercised = data.draw(st.integers(0, known))
    percent = RuleCount(known, exercised).percent
    assert percent is not None
    assert percent <= 100 * exercised / known + 1e-9
    assert (percent == 100.0) == (exercised == known)
    assert 100 * exercised / known - percent < 0.1 + 1e-9
