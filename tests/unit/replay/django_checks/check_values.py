"""Django's objects as values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import QuerySet
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from shop.models import Customer, Posting, SpecialCustomer, Status

from pytest_characterize.freezing import freeze
from pytest_characterize.replay import django
from pytest_characterize.values import Record

pytestmark = pytest.mark.django_db


def frozen(obj: object) -> object:
    return freeze(obj, django.adapters())


@pytest.fixture
def customer() -> Customer:
    return Customer.objects.create(code="C1", balance=Decimal("5.00"))


def as_record(customer: Customer, **changed: object) -> Record:
    fields = {"id": customer.pk, "code": "C1", "balance": Decimal("5.00"), "status": "O", "contract": None}
    return Record("shop.models.Customer", fields | changed)


def test_a_model_instance_is_a_record_of_its_columns(customer: Customer) -> None:
    assert frozen(customer) == as_record(customer)
    posting = Posting(customer=customer, amount=Decimal("1.50"))
    assert frozen(posting) == Record(
        "shop.models.Posting", {"id": None, "customer_id": customer.pk, "amount": Decimal("1.50")}
    )


def test_an_inherited_model_has_all_its_columns() -> None:
    special = SpecialCustomer.objects.create(code="S1", discount=7)
    value = frozen(special)
    assert isinstance(value, Record)
    assert value.type == "shop.models.SpecialCustomer"
    assert set(value.fields) == {"id", "code", "balance", "status", "contract", "customer_ptr_id", "discount"}


def test_query_sets_and_managers_are_lists(customer: Customer) -> None:
    record = as_record(customer, contract="")
    found: QuerySet[Customer] = Customer.objects.order_by("code")
    assert frozen(found) == [as_record(customer)] or frozen(found) == [record]
    assert frozen(Customer.objects) == frozen(found)
    assert frozen(Customer.objects.raw("select * from shop_customer")) == frozen(found)
    assert frozen(found.values("code")) == [{"code": "C1"}]
    assert frozen(found.values_list("code", flat=True)) == ["C1"]
    assert frozen(customer.posting_set) == []


def test_deferred_columns_are_loaded(customer: Customer) -> None:
    value = frozen(Customer.objects.only("code"))
    assert isinstance(value, list)
    assert value[0].fields["balance"] == Decimal("5.00")


def test_texts_and_choices() -> None:
    assert frozen([mark_safe("<b>"), gettext_lazy("Yes"), Status.PAID]) == ["<b>", "Yes", "P"]
    assert {type(text) for text in frozen([mark_safe("<b>"), gettext_lazy("Yes"), Status.PAID])} == {str}


def test_a_file_is_its_name(customer: Customer) -> None:
    customer.contract = "contracts/7.pdf"
    assert frozen(customer) == as_record(customer, contract="contracts/7.pdf")
