"""Keys that each side's database hands out: compared up to renaming."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_characterize.compare.comparing import compare
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.session.generated_keys import in_legacys_keys
from pytest_characterize.settings import TableMapping
from pytest_characterize.values import Column, Rows

SALE = TableMapping("sale", "shop.Sale", {"id": "id", "total": "total"}, generated="id")
LINE = TableMapping("line", "shop.Line", {"sale": "sale_id", "part": "part"}, references={"sale": "sale"})
MAPPED = {"sale": SALE, "line": LINE}


def legacy(table: str, *rows: tuple[int, int]) -> dict[str, Rows]:
    columns = tuple(Column(name, "integer") for name in MAPPED[table].columns)
    texts = tuple(tuple(map(str, row)) for row in rows)
    return {"inserted": Rows("postgresql", columns, texts, ordered=False)}


def candidate(table: str, *rows: tuple[Any, Any], part: str = "inserted") -> dict[str, Any]:
    return {part: [dict(zip(MAPPED[table].columns, row, strict=True)) for row in rows]}


def observation(**tables: Any) -> Observation:
    return Observation(Outcome("returned", None), {"tables": tables})


GOLDEN = observation(sale=legacy("sale", (7, 10), (9, 20)), line=legacy("line", (7, 1), (9, 2), (3, 5)))


def drifts(observed: Observation, golden: Observation = GOLDEN) -> list[tuple[str, str]]:
    told = in_legacys_keys(observed, golden, MAPPED)
    return [(one.path, one.kind.value) for one in compare(golden, told).differences]


def test_new_keys_and_what_refers_to_them() -> None:
    """Key 3 is none of the new ones: it is the same row on both sides."""
    lines = candidate("line", (101, 1), (102, 2), (3, 5))
    assert drifts(observation(sale=candidate("sale", (101, 10), (102, 20)), line=lines)) == []


def test_a_reference_to_another_row_than_legacys() -> None:
    lines = candidate("line", (102, 1), (101, 2), (3, 5))
    assert drifts(observation(sale=candidate("sale", (101, 10), (102, 20)), line=lines)) != []


@pytest.mark.parametrize("kept", [8, None, "7"])
def test_a_reference_that_is_none(kept: Any) -> None:
    lines = candidate("line", (kept, 1), (102, 2), (3, 5))
    found = drifts(observation(sale=candidate("sale", (101, 10), (102, 20)), line=lines))
    assert [path for path, _ in found] == ["$effects.tables.line.inserted[0].sale"]


def test_rows_that_one_side_lacks() -> None:
    lines = candidate("line", (101, 1), (3, 5))
    found = drifts(observation(sale=candidate("sale", (101, 10)), line=lines))
    assert found == [
        ("$effects.tables.sale.inserted[1]", "effect"),
        ("$effects.tables.line.inserted[1]", "effect"),
    ]


def test_keys_of_rows_that_were_there_are_compared_as_they_are() -> None:
    gone = {"deleted": legacy("sale", (4, 10))["inserted"]}
    told = in_legacys_keys(
        observation(sale=candidate("sale", (5, 10), part="deleted")), observation(sale=gone), MAPPED
    )
    assert told.effects["tables"]["sale"]["deleted"] == [{"id": 5, "total": 10}]


@pytest.mark.parametrize(
    "effects", [{}, {"tables": {}}, {"tables": None}, {"tables": {"sale": None, "other": {}}}]
)
def test_effects_without_such_rows(effects: dict[str, Any]) -> None:
    observed = Observation(Outcome("returned", None), effects)
    assert in_legacys_keys(observed, GOLDEN, MAPPED) == observed
