"""Many observations held against one: what is remembered is what a comparison of its own finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.remembering import Memory
from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.model import Difference, Observation, Outcome
from pytest_characterize.values import Cell, Column, Rows

COLUMNS = (Column("no", "integer"), Column("amount", "numeric(12,2)"), Column("text", "text"))
POLICIES: tuple[tuple[Policy, ...], ...] = (
    (),
    (Ignore("$effects.tables.ledger.inserted[*].no", reason="counted by each side"),),
    (Unordered("$", reason="a set"), Unordered("$effects.tables.ledger.inserted", reason="a set")),
    (
        Tolerance("$[*].amount", absolute="0.01", reason="cents"),
        Tolerance("$", absolute="0.5", reason="half"),
    ),
)


def rows(draw: random.Random, *, ordered: bool) -> Rows:
    """A few rows of few values, so that many are the same."""
    texts = [
        (
            draw.choice("12"),
            draw.choice(("1.00", "1.0", "1.01", "2.50", "-0.00", "0.00")),
            draw.choice(("a", "1.0", None)),
        )
        for _ in range(draw.randrange(4))
    ]
    return Rows("postgresql", COLUMNS, tuple(texts), ordered)


def legacys(draw: random.Random) -> Observation:
    """What a mutant of a routine does: a value or a result set, and rows of a table."""
    value = draw.choice(
        (rows(draw, ordered=True), Cell("postgresql", "numeric", draw.choice(("1.5", "1.50", "2"))))
    )
    written = {"inserted": rows(draw, ordered=False), "deleted": rows(draw, ordered=False)}
    return Observation(Outcome("returned", value), {"tables": {"ledger": written}})


def candidates(draw: random.Random) -> Observation:
    """What Python code does: the same in its own types."""

    def natural(found: Rows) -> list[dict[str, Any]]:
        return [
            {"no": int(no or 0), "amount": Decimal(amount or 0), "text": text}
            for no, amount, text in found.rows
        ]

    value: Any = draw.choice((natural(rows(draw, ordered=True)), Decimal("1.50"), 1.5, None))
    inserted, deleted = natural(rows(draw, ordered=False)), rows(draw, ordered=False)
    return Observation(
        Outcome("returned", value), {"tables": {"ledger": {"inserted": inserted, "deleted": deleted}}}
    )


def places(differences: Sequence[Difference]) -> list[tuple[str, str, str]]:
    """All but the manner."""
    return [(found.path, repr(found.legacy), repr(found.candidate)) for found in differences]


@pytest.mark.parametrize("policies", POLICIES, ids=("strict", "ignored", "unordered", "tolerated"))
def test_a_memory_changes_nothing_but_the_manner_of_numbers(policies: tuple[Policy, ...]) -> None:
    draw = random.Random(20)
    for _ in range(30):
        observed, memory = candidates(draw), Memory()
        for _ in range(12):
            golden = legacys(draw)
            alone = compare(golden, observed, policies)
            among = compare(golden, observed, policies, memory=memory)
            assert places(among.differences) == places(alone.differences)
            assert among.policy_hits == alone.policy_hits


def test_a_memory_tells_other_candidates_apart() -> None:
    golden = Observation(Outcome("returned", Rows("postgresql", COLUMNS[:1], (("1",),))))
    memory = Memory()
    found = [
        [*places(compare(golden, Observation(Outcome("returned", [(no,)])), memory=memory).differences)]
        for no in (1, 2, 3, 1)
    ]
    assert found == [[], [("$[0].no", "1", "2")], [("$[0].no", "1", "3")], []]
