"""Given rows in the candidate's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.errors import ReplayError
from pytest_characterize.given import Given
from pytest_characterize.replay.given import candidate_rows
from pytest_characterize.settings import TableMapping
from pytest_characterize.values import Column, Rows

COLUMNS = (
    Column("ID", "integer"),
    Column("VIP", "character(3)"),
    Column("NAME", "character(5)"),
    Column("DUE", "numeric(8,2)"),
    Column("BORN", "date"),
    Column("OLD", "text"),
)
ROWS = Rows(
    "postgresql",
    COLUMNS,
    (("7", "Y  ", "Ada  ", "1.50", "1815-12-10", "x"), ("8", None, None, "NaN", "infinity", "")),
    ordered=False,
)
MAPPED: dict[str, Any] = {
    "columns": {"ID": "customer", "VIP": "is_vip", "NAME": "name", "DUE": "due", "BORN": "born"},
    "translate": {"VIP": {"Y": True, "N": False}},
    "padded": {"NAME": 5, "VIP": 3},
    "ignored": {"OLD": "never used"},
}


def mapping(**changes: Any) -> dict[str, TableMapping]:
    return {"CUSTOMER": TableMapping("CUSTOMER", "crm.Customer", **{**MAPPED, **changes})}


def test_columns_values_blanks_and_nulls_are_the_candidates() -> None:
    [rows] = candidate_rows({"CUSTOMER": ROWS}, mapping(), natural_rows).values()
    assert rows[0] == {
        "customer": 7,
        "is_vip": True,
        "name": "Ada",
        "due": Decimal("1.50"),
        "born": date(1815, 12, 10),
    }
    assert str(rows[1].pop("due")) == "NaN"
    assert rows[1] == {"customer": 8, "is_vip": None, "name": None, "born": "infinity"}


def test_a_table_without_a_mapping_keeps_legacys_columns() -> None:
    rows = candidate_rows({"CUSTOMER": ROWS}, {}, natural_rows)["CUSTOMER"]
    assert rows[0]["NAME"] == "Ada  "
    assert list(rows[0]) == [column.name for column in COLUMNS]


def test_a_field_is_named_as_its_model_takes_it() -> None:
    def named(model: str, field: str) -> str:
        return f"{field}_id" if (model, field) == ("crm.Customer", "customer") else field

    [rows] = candidate_rows({"CUSTOMER": ROWS}, mapping(), natural_rows, named).values()
    assert list(rows[0]) == ["customer_id", "is_vip", "name", "due", "born"]


def test_a_column_that_nobody_declared_is_an_error() -> None:
    with pytest.raises(ReplayError, match=r"says nothing of BORN, OLD") as refused:
        candidate_rows(
            {"CUSTOMER": ROWS},
            mapping(ignored={}, columns={"ID": "id", "VIP": "v", "NAME": "n", "DUE": "d"}),
            natural_rows,
        )
    assert refused.value.slug == "given-column-unmapped"


def test_a_text_without_a_translation_is_an_error() -> None:
    with pytest.raises(ReplayError, match=r"translate.VIP\] has no word for 'Y  '") as refused:
        candidate_rows({"CUSTOMER": ROWS}, mapping(translate={"VIP": {"J": True}}), natural_rows)
    assert refused.value.slug == "given-untranslated"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (Given(), "names no table"),
        (Given(a={"x": "n"}, limit=0), "limit= must be"),
        (Given(a={"x": "n"}, limit=True), "limit= must be"),
        (Given(a="n"), "'a' must be a dictionary"),  # type: ignore[arg-type]
        (Given(a={"x": 7}), "'a' must be a dictionary"),  # type: ignore[dict-item]
        (Given(a={"x": "m"}), "a.x is 'm', which is neither"),
        (Given(a={"x": "b.y"}), "a.x is 'b.y', which is neither"),
        (Given(a={"x": "a.y"}), "'a' are reached through themselves"),
        (Given(c={"x": "a.x"}, a={"x": "b.y"}, b={"y": "a.x"}), "'a' are reached through themselves"),
    ],
)
def test_what_is_wrong_with_a_declaration(given: Given, fault: str) -> None:
    assert any(fault in told for told in given.faults({"n": 1}))


def test_a_sound_declaration() -> None:
    given = Given({"old.a": {"x": "n"}}, b={"y": "old.a.z", "x": "n"}, c={"i": "b.y", "j": "old.a.x"}, d={})
    assert list(given.faults({"n": 1})) == []
