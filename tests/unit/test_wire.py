"""Case results survive the way between processes, whatever is in them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pytest_characterize.descriptors import Ignore, Tolerance, Unordered
from pytest_characterize.model import CaseResult, Difference, Kind, Likeness, PolicyHit, Problem, Verdict
from pytest_characterize.sql.counting import StatementCount, StatementGroup
from pytest_characterize.sql.fingerprints import Fingerprint
from pytest_characterize.values import ABSENT, Cell, Raised, Record, Response
from pytest_characterize.wire import pack, unpack

VALUES = [
    "\ud800",
    "\x00\x1b[31m",
    b"\xff",
    Decimal("1.00"),
    {1: "a", "$decimal": "x"},
    ABSENT,
    Record("a.B", {"c": None}),
    Cell("postgresql", "numeric", "1.0"),
    Response(200, (("a", "b"),), b"\x80"),
    Raised(("a.E",), "no"),
]


def result(value: object) -> CaseResult:
    return CaseResult(
        test="tests/test_a.py::test_ä",
        case="0" * 64,
        label="x-000000000000",
        verdict=Verdict.DRIFTED,
        legacy="billing.total",
        input={"a": value} if value is not ABSENT else {},
        golden="characterization/goldens/x.json",
        differences=(Difference("$.a", Kind.VALUE, value, ABSENT, "note \udfff"),),
        policy_hits=(
            PolicyHit(Ignore("$.a", reason="r"), 1),
            PolicyHit(Tolerance("$.b", absolute=Decimal("0.10"), reason="r"), 0),
            PolicyHit(Unordered("$.c", reason="r"), 2),
        ),
        problem=Problem("slug", "message", "hint"),
        provenance={"server": "15"},
        recorded_at="2024-03-01T00:00:00+00:00",
        duration=0.25,
        lines={"shop.py": (1, 2)},
        statements=StatementCount(3, None, (StatementGroup(Fingerprint("SELECT ?", "0" * 16), 3),)),
        likenesses=(
            Likeness(("f:3.boundary1", "f:3.constant2"), (0, 2), True),
            Likeness(("f:4.call1",), (), False, (1,), True),
        ),
        flow=True,
    )


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_there_and_back(value: object) -> None:
    packed = pack(result(value))
    assert packed.isascii()
    assert "\n" not in packed
    assert unpack(packed) == result(value)


def test_a_result_without_anything() -> None:
    empty = CaseResult("t", "", "", Verdict.ERRORED)
    assert unpack(pack(empty)) == empty
