"""A mutant's differences from the golden, held against the candidate's differences from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.policies import compiled
from pytest_characterize.deeds import Alteration, Deeds, Site
from pytest_characterize.descriptors import Ignore, Policy, Tolerance
from pytest_characterize.errors import CharacterizeError
from pytest_characterize.model import Kind, Observation, Outcome
from pytest_characterize.session.altering import altered, without_ignored_columns
from pytest_characterize.session.kept_rows import Done, Gathered
from pytest_characterize.session.likening import Errors, Likened, Likening
from pytest_characterize.settings import COMPARED_HEADERS
from pytest_characterize.values import Cell, Column, Raised, Rows, Value

NO_SUCH = Raised(("no_data_found",), "there is no customer 7", "P0002")
LIMIT = Raised(("raise_exception",), "over the limit by 3", "P0001")
OVER = Raised(("billing.OverLimitError", "builtins.Exception"), "over the limit by 3")


def returned(value: Value, **tables: Value) -> Observation:
    return Observation(Outcome("returned", value), {"tables": tables} if tables else {})


def raised(error: Raised) -> Observation:
    return Observation(Outcome("raised", error))


def likened(
    golden: Observation,
    mutant: Observation,
    candidate: Observation,
    *policies: Policy,
    raises: dict[str, str] | None = None,
) -> Likened:
    """What the mutant says of the candidate's drift, by way of the matrix."""
    told = (without_ignored_columns(one, compiled(policies)) for one in (golden, mutant))
    done = Done(altered(compare(*told, policies).differences, compiled(policies)), mutant.outcome)
    differences = compare(golden, candidate, policies).differences
    deed = tuple(range(len(done.altered)))
    likening = Likening(Deeds.of(done.altered, [deed]), differences, policies, COMPARED_HEADERS, raises or {})
    return likening.told(likening.held(deed))


def money(*amounts: str) -> Rows:
    """A result set of legacy's."""
    return Rows("postgresql", (Column("amount", "numeric(12,2)"),), tuple((amount,) for amount in amounts))


def entries(*amounts: str) -> list[Value]:
    """The same of a candidate's."""
    return [{"amount": Decimal(amount)} for amount in amounts]


def cell(text: str) -> Cell:
    return Cell("postgresql", "numeric", text)


@pytest.mark.parametrize(
    ("golden", "mutant", "candidate", "expected"),
    [
        (cell("1.00"), cell("1.05"), Decimal("1.05"), Likened((0,), True, (), False)),
        (cell("1.00"), cell("1.06"), Decimal("1.05"), Likened((), False, (0,), False)),
        (cell("1.00"), cell("0.95"), Decimal("1.05"), Likened((), False, (), False)),
        (cell("1.00"), None, Decimal("1.05"), Likened((), False, (), False)),
        (True, False, False, Likened((0,), True, (), False)),
        (True, 0, False, Likened((), False, (), False)),
        ({"a": 1, "b": 2}, {"a": 9, "b": 2}, {"a": 9, "b": 8}, Likened((0,), False, (), False)),
        ({"a": 1, "b": 2}, {"a": 9, "b": 8}, {"a": 9, "b": 2}, Likened((), False, (0,), True)),
        ({"a": 1, "b": 2}, {"a": 1, "b": 8}, {"a": 9, "b": 2}, Likened((), False, (), True)),
        ([1, 2, 3], [1, 9, 9], [1, 9, 3], Likened((), False, (0,), False)),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2}, Likened((0,), True, (), False)),
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1}, Likened((0,), True, (), False)),
        ({"a": {"b": 1}}, {"a": None}, {"a": {"b": 2}}, Likened((), False, (0,), True)),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": None}, Likened((), False, (), False)),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {}}, Likened((), False, (0,), False)),
        ([1, 2, 3], [3, 2, 1], [3, 2, 1], Likened((0,), True, (), False)),
        (date(2024, 2, 29), date(2024, 2, 28), date(2024, 2, 28), Likened((0,), True, (), False)),
        (
            money("1.00", "2.00"),
            money("1.00", "2.10"),
            entries("1.00", "2.10"),
            Likened((0,), True, (), False),
        ),
        (money("1.00", "2.00"), money("1.00"), entries("1.00"), Likened((0,), True, (), False)),
        (money(), money("1.00"), entries("1.00"), Likened((0,), True, (), False)),
        (money(), money("1.50"), entries("1.00"), Likened((), False, (0,), False)),
    ],
)
def test_what_a_mutant_says(golden: Value, mutant: Value, candidate: Value, expected: Likened) -> None:
    assert likened(returned(golden), returned(mutant), returned(candidate)) == expected


def test_effects_are_values_as_well() -> None:
    golden, mutant = returned(None, ledger=money("1.00")), returned(None, ledger=money("1.00", "5.00"))
    assert likened(golden, mutant, returned(None, ledger=entries("1.00", "5.00"))).complete
    near = likened(golden, mutant, returned(None, ledger=entries("1.00", "6.00")))
    assert (near.explains, near.touches) == ((), (0,))


def items(**amounts: int) -> Observation:
    return returned([{"name": name, "amount": amount, "of": "the same"} for name, amount in amounts.items()])


def test_another_order_is_explained_whatever_became_of_the_items() -> None:
    golden, candidate = items(a=1, b=2, c=3, d=4, e=5), items(e=5, a=9, b=2, c=3, d=4)
    assert [found.kind for found in compare(golden, candidate).differences] == [Kind.ORDER, Kind.VALUE]
    assert likened(golden, items(e=5, a=1, b=2, c=3, d=4), candidate) == Likened((0,), False, (), False)
    assert likened(golden, items(a=9, b=2, c=3, d=4, e=5), candidate) == Likened((1,), False, (), False)
    assert likened(golden, items(e=5, a=9, b=2, c=3, d=4), candidate) == Likened((0, 1), True, (), False)
    assert likened(golden, items(e=5, a=8, b=2, c=3, d=4), candidate) == Likened((0,), False, (1,), False)
    assert likened(golden, items(b=2, a=1, c=3, d=4, e=5), candidate) == Likened((), False, (0,), False)


def test_what_changes_items_where_they_are_has_nothing_of_another_order() -> None:
    golden, candidate = items(a=10, b=20, c=30), items(c=30, a=10, b=20)
    assert likened(golden, items(a=10, b=20, c=31), candidate) == Likened((), False, (), True)
    assert likened(golden, returned([]), candidate) == Likened((), False, (), False)
    assert likened(golden, returned(None), candidate) == Likened((), False, (), False)
    assert likened(golden, items(c=30, a=10, b=20), returned([])) == Likened((), False, (), False)


def test_where_an_added_item_stands_counts_in_an_order() -> None:
    golden, candidate = items(a=10, b=20, c=30), items(c=30, x=7, a=10, b=20)
    assert likened(golden, items(c=30, x=7, a=10, b=20), candidate).complete
    there = likened(golden, items(c=30, a=10, x=7, b=20), candidate)
    assert (there.explains, there.complete, there.touches) == ((1,), False, (0,))


def test_which_of_several_added_items_is_which_counts_in_an_order() -> None:
    golden, candidate = items(a=10, b=20, c=30), items(c=30, x=7, a=10, b=20, y=8)
    assert likened(golden, items(c=30, x=7, a=10, b=20, y=8), candidate).complete
    for other in (items(c=30, y=8, a=10, b=20, x=7), items(c=30, a=10, b=20), items(c=30, x=7, a=10, b=20)):
        assert not likened(golden, other, candidate).complete
    assert not likened(golden, candidate, items(c=30, x=7, a=10, b=20)).complete


def ledger(*amounts: str) -> Observation:
    rows = money(*amounts)
    return returned(None, ledger=Rows(rows.dialect, rows.columns, rows.rows, ordered=False))


def candidates(*amounts: str) -> Observation:
    return returned(None, ledger=entries(*amounts))


def test_what_was_added_is_the_same_in_any_order() -> None:
    golden = ledger("1.00")
    assert likened(golden, ledger("1.00", "5.00", "6.00"), candidates("1.00", "6.00", "5.00")).complete
    assert likened(golden, ledger("5.00", "1.00", "5.00"), candidates("1.00", "5.00", "5.00")).complete
    assert not likened(golden, ledger(), candidates("1.00", "6.00", "5.00")).explains


def test_what_is_ignored_does_not_say_which_rows_belong_together() -> None:
    columns = (Column("no", "integer"), Column("amount", "numeric(12,2)"))

    def numbered(*amounts: str) -> Observation:
        rows = tuple((str(number), amount) for number, amount in enumerate(amounts, 1))
        return returned(None, ledger=Rows("postgresql", columns, rows, ordered=False))

    policy = Ignore("$effects.tables.ledger[*].no", reason="each side counts its own")
    golden, mutant = numbered("1.00", "2.00"), numbered("9.00", "1.00", "2.00", "9.00")
    assert likened(golden, mutant, candidates("1.00", "2.00", "9.00", "9.00"), policy).complete
    counting = returned(
        None, ledger=[{"no": 7, "amount": Decimal(text)} for text in ("1.00", "2.00", "9.00")]
    )
    assert likened(golden, numbered("9.00", "1.00", "2.00"), counting, policy).complete


def test_how_often_something_was_added_counts() -> None:
    golden, twice = ledger("1.00"), candidates("1.00", "5.00", "5.00")
    assert not likened(golden, ledger("1.00", "5.00"), twice).complete
    assert likened(golden, ledger("1.00", "5.00"), twice).explains == (0,)
    once = candidates("1.00", "5.00")
    assert not likened(golden, ledger("1.00", "5.00", "5.00"), once).complete
    assert not likened(golden, ledger("1.00", "7.00", "5.00"), once).complete


def test_an_error_under_its_other_name() -> None:
    golden, mutant, candidate = returned(cell("1.00")), raised(LIMIT), raised(OVER)
    assert not likened(golden, mutant, candidate).complete
    assert likened(golden, mutant, candidate, raises={"P0001": "billing.OverLimitError"}).complete
    assert not likened(
        golden, raised(NO_SUCH), candidate, raises={"P0001": "billing.OverLimitError"}
    ).complete
    assert likened(golden, returned(cell("2.00")), candidate) == Likened((), False, (), False)


def test_errors_are_told_alike_whatever_their_messages_are() -> None:
    golden, raises = returned(cell("1.00")), {"P0001": "billing.OverLimitError"}
    by_three, by_four, coded = (
        LIMIT,
        replace(LIMIT, message="over the limit by 4"),
        replace(LIMIT, code="P0009"),
    )
    candidate = compare(golden, raised(OVER)).differences
    mutants = [
        altered(compare(golden, raised(one)).differences, compiled(()))[0]
        for one in (by_three, by_four, coded)
    ]
    deeds = Deeds.of(mutants, [(0,), (1,), (2,)])
    errors: dict[Errors, list[str]] = {}
    for declared, expected in (
        (raises, [True, False, False]),
        ({}, [False] * 3),
        (raises, [True, False, False]),
    ):
        likening = Likening(deeds, candidate, (), COMPARED_HEADERS, declared, errors)
        assert [likening.told(likening.held(deed)).complete for deed in deeds.all] == expected
    assert sorted(map(len, errors.values())) == [0, 1, 1, 1, 1, 2]


def test_loosenings_hold_between_mutant_and_candidate() -> None:
    golden, mutant, candidate = returned(1.0), returned(1.5), returned(1.5000001)
    assert not likened(golden, mutant, candidate).complete
    tolerance = Tolerance("$", absolute="0.001", reason="floats")
    assert likened(golden, mutant, candidate, tolerance).complete
    numbers = [returned(Decimal(text)) for text in ("1.0", "1.5", "1.5001")]
    assert not likened(*numbers).complete
    assert likened(*numbers, tolerance).complete
    ids = [returned({"id": number, "a": number // 2}) for number in (1, 2, 3)]
    assert likened(*ids, Ignore("$.id", reason="counted")).complete


@pytest.mark.parametrize(
    ("mutant", "candidate", "complete"),
    [
        ({"id": 1, "a": "x"}, {"id": 2, "a": "x"}, True),
        ({"id": 1, "a": "x"}, {"id": 2, "a": "y"}, False),
        ({"id": 1, "a": True}, {"id": 1, "a": 1}, False),
        ({"a": b"x"}, {"a": b"y"}, False),
        ({"a": [1]}, {"a": [2]}, False),
        ({}, {"a": 1}, False),
        (b"x", b"y", False),
        (b"x", b"x", True),
    ],
)
def test_values_where_the_golden_has_none(mutant: Value, candidate: Value, complete: bool) -> None:
    policy = Ignore("$.new.id", reason="counted")
    told = likened(
        returned({"k": 1}), returned({"k": 1, "new": mutant}), returned({"k": 1, "new": candidate}), policy
    )
    assert told.complete is complete
    assert (told.explains == (0,)) is complete


def test_an_alteration_that_cannot_be_read() -> None:
    differences = compare(returned(1.5), returned(2.5)).differences
    deeds = Deeds.of([Alteration("$", "number+", {"$float": "x"})], [(0,)])
    likening = Likening(deeds, differences, (), COMPARED_HEADERS, {})
    with pytest.raises(CharacterizeError):
        likening.held((0,))


def test_values_are_read_only_where_the_candidate_has_something_else() -> None:
    def unread() -> tuple[str, list[Any]]:
        raise AssertionError

    sites = [Site("$.a", "number+", False, 1, lambda: ("", [9])), Site("$.b", "number+", False, 1, unread)]
    deeds = Deeds(lambda: (sites, [(0,), (1,), (0, 1)]))
    differences = compare(returned({"a": 1, "b": 1}), returned({"a": 9, "b": 1})).differences
    likening = Likening(deeds, differences, (), COMPARED_HEADERS, {})
    assert [likening.told(likening.held(deed)) for deed in deeds.all] == [
        Likened((0,), True, (), False),
        Likened((), False, (), True),
        Likened((), False, (0,), True),
    ]


SCALARS = st.sampled_from([None, True, 0, 1, 2, "", "a", "b", Decimal("1.0"), Decimal("1.00"), 1.5, 2.5])
FIELDS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), SCALARS, min_size=1)
TREES = st.fixed_dictionaries({"x": FIELDS, "y": SCALARS, "z": FIELDS})


@given(TREES, TREES, TREES)
def test_it_says_what_a_comparison_of_the_two_would(golden: Any, mutant: Any, candidate: Any) -> None:
    told = likened(returned(golden), returned(mutant), returned(candidate))
    differences = compare(returned(golden), returned(candidate)).differences
    left = {found.path for found in compare(returned(mutant), returned(candidate)).differences}
    assert told.complete is (not left)
    if left <= {found.path for found in differences}:
        gone = {at for at, found in enumerate(differences) if found.path not in left}
        assert set(told.explains) == gone
    else:
        assert told.explains == ()


def test_every_deed_and_alteration_is_gathered_once() -> None:
    gathered = Gathered()
    one = altered(compare(returned(1), returned(2)).differences, compiled(()))[0]
    other = one._replace(tree=3)
    numbers = [
        gathered.number(Done(several, Outcome("returned", 2))) for several in ((one,), (other, one), (one,))
    ]
    assert numbers == [0, 1, 0]
    other_way = one._replace(direction="number-")  # of a case whose golden is larger
    assert gathered.number(Done((other_way,), Outcome("returned", 2))) == 2
    _, deeds = gathered.in_order([])
    assert (list(deeds.alterations), list(deeds.all)) == ([], [])
