"""Row changes of Django models in legacy's language, on whichever database the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from books.models import Customer, Entry
from django.db import IntegrityError, connection, transaction

from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import ReplayError
from pytest_characterize.settings import TableMapping
from pytest_characterize_recorders.effects.django_rows import DjangoRows

pytestmark = pytest.mark.django_db

COLUMNS = {"cust": "customer__number", "amt": "amount", "open_yn": "closed", "kind": "kind"}
TRANSLATE: Mapping[str, Mapping[str, Any]] = {
    "open_yn": {"Y": False, "N": True},
    "kind": {"D": "debit", "C": "credit"},
}


def mapping(**changes: Any) -> dict[str, TableMapping]:
    given = {"table": "ledger", "model": "books.Entry", "columns": COLUMNS, "translate": TRANSLATE, **changes}
    return {"ledger": TableMapping(**given)}


def told(columns: Mapping[str, str], **translate: Mapping[str, Any]) -> dict[str, TableMapping]:
    return mapping(columns=columns, translate=translate)


@pytest.fixture
def ann() -> Customer:
    return Customer.objects.create(number="A1")


def row(**changes: Any) -> dict[str, Any]:
    return {"cust": "A1", "amt": Decimal("1.00"), "open_yn": "Y", "kind": "D", **changes}


def watch(tables: dict[str, TableMapping] | None = None) -> DjangoRows:
    return DjangoRows(Tables("ledger"), tables or mapping())


def parts(value: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the one table that are not empty."""
    assert list(value) == ["ledger"]
    assert list(value["ledger"]) == ["inserted", "deleted", "before", "after"]
    return {name: rows for name, rows in value["ledger"].items() if rows}


def test_inserted_updated_deleted(ann: Customer) -> None:
    first = Entry.objects.create(customer=ann, amount=1)
    second = Entry.objects.create(customer=ann, amount=2)
    with watch() as changes:
        Entry.objects.create(customer=ann, amount=3, kind="credit")
        first.amount, first.closed = Decimal("1.50"), True
        first.save()
        second.delete()
    assert parts(changes()) == {
        "inserted": [row(amt=Decimal("3.00"), kind="C")],
        "deleted": [row(amt=Decimal("2.00"))],
        "before": [row()],
        "after": [row(amt=Decimal("1.50"), open_yn="N")],
    }


def test_nothing(ann: Customer) -> None:
    Entry.objects.create(customer=ann, amount=1)
    with watch() as changes:
        list(Entry.objects.all())
        Entry.objects.update(amount=1)
    assert parts(changes()) == {}


def test_whichever_tables_are_touched(ann: Customer) -> None:
    customers = {
        "customer": TableMapping(table="customer", model="books.Customer", columns={"number": "number"})
    }
    with DjangoRows(Tables.touched(), mapping() | customers) as changes:
        Customer.objects.filter(pk=ann.pk).update(number="A1")
    assert changes() == {}
    with DjangoRows(Tables.touched(), mapping() | customers) as changes:
        Entry.objects.create(customer=ann, amount=Decimal("1.00"))
    found = changes()
    assert list(found) == ["ledger"]
    assert [len(rows) for rows in found["ledger"].values()] == [1, 0, 0, 0]


def test_bulk_operations_and_raw_sql(ann: Customer) -> None:
    Entry.objects.bulk_create([Entry(customer=ann, amount=n) for n in (1, 2, 3)])
    ids = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    with watch() as changes:
        Entry.objects.bulk_create([Entry(customer=ann, amount=9)])
        Entry.objects.filter(pk=ids[0]).update(amount=5)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE books_entry SET closed = true WHERE id = %s", [ids[1]])
            cursor.execute("DELETE FROM books_entry WHERE id = %s", [ids[2]])
    assert parts(changes()) == {
        "inserted": [row(amt=Decimal("9.00"))],
        "deleted": [row(amt=Decimal("3.00"))],
        "before": [row(), row(amt=Decimal("2.00"))],
        "after": [row(amt=Decimal("5.00")), row(amt=Decimal("2.00"), open_yn="N")],
    }


def test_rows_that_the_managers_hide_are_seen(ann: Customer) -> None:
    with watch() as changes:
        Entry.objects.bulk_create([Entry(customer=ann, amount=1, closed=True)])
    assert parts(changes()) == {"inserted": [row(open_yn="N")]}


def test_what_a_related_row_changes(ann: Customer) -> None:
    Entry.objects.create(customer=ann, amount=1)
    with watch() as changes:
        Customer.objects.update(number="B2")
    assert parts(changes()) == {"before": [row()], "after": [row(cust="B2")]}


def test_rows_are_in_the_order_of_their_keys(ann: Customer) -> None:
    with watch() as changes:
        for number in (30, 10, 20):
            Entry.objects.create(pk=number, customer=ann, amount=number)
    assert [inserted["amt"] for inserted in parts(changes())["inserted"]] == [10, 20, 30]


def test_a_transaction_that_was_rolled_back(ann: Customer) -> None:
    @transaction.atomic
    def post() -> None:
        Entry.objects.create(customer=ann, amount=1)
        Customer.objects.create(number="A1")

    with watch() as changes, pytest.raises(IntegrityError):
        post()
    assert parts(changes()) == {}


def test_candidate_values_keep_their_types(ann: Customer) -> None:
    at = datetime(2024, 3, 1, 12, tzinfo=UTC)
    with watch(
        told({"d": "booked_on", "t": "booked_at", "b": "blob", "x": "extra", "n": "level"})
    ) as changes:
        Entry.objects.create(
            customer=ann,
            amount=1,
            booked_on=date(2024, 3, 1),
            booked_at=at,
            blob=b"\x00\xff",
            extra={"a": [1]},
        )
    [inserted] = parts(changes())["inserted"]
    assert inserted == {"d": date(2024, 3, 1), "t": at, "b": b"\x00\xff", "x": {"a": [1]}, "n": 0}
    assert {name: type(value) for name, value in inserted.items()} == {
        "d": date,
        "t": datetime,
        "b": bytes,
        "x": dict,
        "n": int,
    }


class TestTranslations:
    def changed(self, ann: Customer, level: int, translate: Mapping[str, Any]) -> Any:
        with watch(told({"lv": "level"}, lv=translate)) as changes:
            Entry.objects.create(customer=ann, amount=1, level=level)
        return parts(changes())["inserted"][0]["lv"]

    def test_a_value_that_has_none_stays(self, ann: Customer) -> None:
        assert self.changed(ann, 7, {"A": 1}) == 7

    def test_of_two_texts_the_first_declared(self, ann: Customer) -> None:
        assert self.changed(ann, 1, {"Y": 1, "y": 1}) == "Y"

    def test_a_flag_is_no_number(self, ann: Customer) -> None:
        assert self.changed(ann, 1, {"Y": True}) == 1

    def test_nulls_have_none(self, ann: Customer) -> None:
        with watch(told({"d": "booked_on"}, d={"": "2024-01-01"})) as changes:
            Entry.objects.create(customer=ann, amount=1)
        assert parts(changes())["inserted"] == [{"d": None}]

    def test_values_that_cannot_be_keys(self, ann: Customer) -> None:
        with watch(told({"x": "extra"}, x={"L": [1], "D": {"a": 1}})) as changes:
            Entry.objects.create(customer=ann, amount=1, extra=[1])
        assert parts(changes())["inserted"] == [{"x": "L"}]


def test_codes_that_legacy_pads(ann: Customer) -> None:
    tables = mapping(columns={"kind": "kind", "cust": "customer__number"}, translate={}, padded={"kind": 8})
    with watch(tables) as changes:
        Entry.objects.create(customer=ann, amount=1)
    assert parts(changes())["inserted"] == [{"kind": "debit   ", "cust": "A1"}]


class TestDeclarations:
    def refused(self, tables: dict[str, TableMapping]) -> ReplayError:
        with pytest.raises(ReplayError) as caught, watch(tables):
            pass
        assert "\n" not in str(caught.value)
        return caught.value

    def test_a_table_that_is_mapped_to_nothing(self) -> None:
        with pytest.raises(ReplayError, match="'audit' is mapped to no model") as caught:
            DjangoRows(Tables("ledger", "audit"), mapping())
        assert caught.value.slug == "table-unmapped"
        assert "[tool.characterize.tables.audit]" in caught.value.hint

    @pytest.mark.parametrize("model", ["books.Nothing", "nowhere.Entry", "Entry"])
    def test_an_unknown_model(self, model: str) -> None:
        assert self.refused(mapping(model=model)).slug == "table-model-unknown"

    @pytest.mark.parametrize("field", ["nothing", "customer__nothing", "amount__nothing", ""])
    def test_an_unknown_field(self, field: str) -> None:
        assert self.refused(mapping(columns={"amt": field})).slug == "table-field-unknown"
