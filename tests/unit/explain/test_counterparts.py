"""Keys that have another name, fields that are exchanged: one cause on that evidence, and on no less."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from explain_samples import BOOK, difference, matching, result

from pytest_characterize.explain.causes import causes
from pytest_characterize.model import CaseResult, Difference, DriftGroup, Kind
from pytest_characterize.values import ABSENT


def found(results: list[CaseResult]) -> tuple[DriftGroup, ...]:
    return causes(results, matrices={}, rules=BOOK)


def renamed(old: str, new: str, value: Any, other: Any = ...) -> tuple[Difference, Difference]:
    """A key that only legacy has, and one that only the candidate has."""
    return (
        difference(old, Kind.MISSING, value, ABSENT),
        difference(new, Kind.EXTRA, ABSENT, value if other is ... else other),
    )


def swapped(
    one: str, other: str, value: Any, last: Any, kind: Kind = Kind.VALUE
) -> tuple[Difference, Difference]:
    return difference(one, Kind.VALUE, value, last), difference(other, kind, last, value)


class TestRenamed:
    def test_missing_and_extra_are_one_cause(self) -> None:
        several = [result(f"c{at}", *renamed("$.customer_no", "$.customerNo", f"C{at}")) for at in range(9)]
        (one,) = found(several)
        assert one.evidence == "the candidate calls `customer_no` `customerNo`: 9 of 9"
        assert {(place.pattern, place.kind) for place in one.places} == {
            ("$.customer_no", Kind.MISSING),
            ("$.customerNo", Kind.EXTRA),
        }

    def test_names_that_are_not_alike_need_several_values(self) -> None:
        several = [result(f"c{at}", *renamed("$.kunde", "$.customer", f"C{at}")) for at in range(3)]
        assert found(several)[0].evidence == "the candidate calls `kunde` `customer`: 3 of 3"
        same = [result(f"c{at}", *renamed("$.kunde", "$.customer", 0)) for at in range(3)]
        assert len(found(same)) == 2

    def test_in_rows_and_under_odd_names(self) -> None:
        several = [
            result(
                f"c{at}",
                *renamed('$.rows[0]["net sum"]', "$.rows[0].net", at),
                *renamed('$.rows[1]["net sum"]', "$.rows[1].net", at + 10),
            )
            for at in range(2)
        ]
        (one,) = found(several)
        assert one.evidence == "the candidate calls `net sum` `net`: 2 of 2"

    def test_two_renamed_keys_are_two_causes(self) -> None:
        several = [
            result(f"c{at}", *renamed("$.a_b", "$.aB", at), *renamed("$.c_d", "$.cD", at + 50))
            for at in range(4)
        ]
        assert {one.evidence for one in found(several)} == {
            "the candidate calls `a_b` `aB`: 4 of 4",
            "the candidate calls `c_d` `cD`: 4 of 4",
        }

    @pytest.mark.parametrize(
        ("last", "where"),
        [
            (renamed("$.a_b", "$.aB", 7, 8), "another value in one case"),
            (renamed("$.a_b", "$.aB", 7)[:1], "missing alone in one case"),
            (renamed("$.a_b", "$.x.aB", 7), "in another mapping"),
        ],
    )
    def test_what_does_not_hold_in_all_cases_is_not_claimed(
        self, last: tuple[Difference, ...], where: str
    ) -> None:
        several = [result(f"c{at}", *renamed("$.a_b", "$.aB", at)) for at in range(3)]
        told = found([*several, result("last", *last)])
        assert len(told) >= 2, where
        assert not any("calls" in one.evidence for one in told)

    def test_two_keys_with_the_same_values_are_not_guessed(self) -> None:
        several = [
            result(f"c{at}", *renamed("$.a", "$.x", at), difference("$.y", Kind.EXTRA, ABSENT, at))
            for at in range(4)
        ]
        assert not any("calls" in one.evidence for one in found(several))


class TestSwapped:
    def test_two_fields_are_one_cause_and_no_ratio(self) -> None:
        several = [
            result(f"c{net}", *swapped("$.net", "$.gross", Decimal(net), Decimal(net * 2)))
            for net in (100, 200, 350)
        ]
        (one,) = found([*several, *matching(4)])
        assert one.evidence == "the candidate has `net` and `gross` exchanged: 3 of 3"

    def test_a_manner_elsewhere_stays_apart(self) -> None:
        rounding = difference(
            "$.tax", Kind.ROUNDING, Decimal("1.01"), Decimal("1.00"), "1 unit in the last place"
        )
        several = [
            result(f"c{net}", *swapped("$.net", "$.gross", Decimal(net), Decimal(net + 1), Kind.ROUNDING))
            for net in (100, 200, 350)
        ]
        told = found([*several, result("r", rounding)])
        assert [one.evidence for one in told] == [
            "the candidate has `net` and `gross` exchanged: 3 of 3",
            "1 unit in the last place",
        ]

    @pytest.mark.parametrize(
        "several",
        [
            [result("a", *swapped("$.net", "$.gross", 100, 119))],
            [
                result("a", *swapped("$.a", "$.b", True, False)),
                result("b", *swapped("$.a", "$.b", False, True)),
            ],
            [result("a", *swapped("$.a", "$.b", 1, 2)), result("b", *swapped("$.a", "$.x.b", 3, 4))],
            [
                result("a", *swapped("$.a", "$.b", 1, 2)),
                result("b", *swapped("$.a", "$.b", 3, 4)),
                result(
                    "c", difference("$.a", legacy=5, candidate=6), difference("$.b", legacy=6, candidate=7)
                ),
            ],
        ],
    )
    def test_silence(self, several: list[CaseResult]) -> None:
        assert not any("exchanged" in one.evidence for one in found(several))
