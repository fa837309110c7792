"""The savepoint around the candidate."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from shop.models import Customer, Posting

from pytest_characterize.errors import ReplayError
from pytest_characterize.replay.django import candidate_transaction

ON_POSTGRESQL = connection.vendor == "postgresql"


def codes() -> list[str]:
    return list(Customer.objects.order_by("code").values_list("code", flat=True))


def create_twice() -> None:
    Customer.objects.create(code="C1")
    Customer.objects.create(code="C1")


def create_and_fail(error: BaseException) -> None:
    Customer.objects.create(code="C1")
    raise error


def create_for_nobody() -> None:
    Customer.objects.create(code="C1")
    Posting.objects.create(customer_id=4711, amount=1)


def swallow() -> None:
    with suppress(IntegrityError):
        create_twice()


@pytest.mark.django_db
def test_what_was_written_stays() -> None:
    with candidate_transaction(["default"]):
        Customer.objects.create(code="C1")
    assert codes() == ["C1"]


@pytest.mark.django_db
def test_effects_can_be_queried_after_a_database_error() -> None:
    Customer.objects.create(code="A")
    with pytest.raises(IntegrityError), candidate_transaction(["default"]):
        create_twice()
    # PostgreSQL gives up the whole transaction, SQLite the one statement
    assert codes() == (["A"] if ON_POSTGRESQL else ["A", "C1"])


@pytest.mark.django_db
def test_what_was_written_before_an_exception_stays_as_in_production() -> None:
    with pytest.raises(ValueError, match="no"), candidate_transaction(["default"]):
        create_and_fail(ValueError("no"))
    assert codes() == ["C1"]


@pytest.mark.django_db
def test_what_the_candidate_rolls_back_is_rolled_back() -> None:
    with pytest.raises(ValueError, match="no"), candidate_transaction(["default"]), transaction.atomic():
        create_and_fail(ValueError("no"))
    assert codes() == []


@pytest.mark.django_db
def test_an_error_caught_outside_atomic_is_no_problem() -> None:
    with candidate_transaction(["default"]):
        with suppress(IntegrityError), transaction.atomic():
            create_twice()
        Customer.objects.create(code="C2")
    assert codes() == ["C2"]


@pytest.mark.django_db
def test_a_swallowed_error_breaks_the_transaction_where_the_database_says_so() -> None:
    Customer.objects.create(code="A")
    if ON_POSTGRESQL:
        aborted = pytest.raises(ReplayError, match="current transaction is aborted")
        with aborted as caught, candidate_transaction(["default"]):
            swallow()
        assert caught.value.slug == "transaction-broken"
        assert "\n" not in str(caught.value)
        assert codes() == ["A"]
    else:
        with candidate_transaction(["default"]):
            swallow()
        assert codes() == ["A", "C1"]


@pytest.mark.django_db
def test_deferred_constraints_are_checked_as_at_commit() -> None:
    with pytest.raises(IntegrityError), candidate_transaction(["default"]):
        create_for_nobody()
    assert codes() == []
    assert not Posting.objects.exists()


@pytest.mark.django_db
def test_a_durable_block_may_be_the_candidates_outermost() -> None:
    with candidate_transaction(["default"]), transaction.atomic(durable=True):
        Customer.objects.create(code="C1")
    assert codes() == ["C1"]


@pytest.mark.django_db
def test_what_is_no_behaviour_passes_through_and_rolls_back() -> None:
    with pytest.raises(KeyboardInterrupt), candidate_transaction(["default"]):
        create_and_fail(KeyboardInterrupt())
    assert codes() == []


@pytest.mark.django_db(transaction=True)
def test_without_a_test_transaction_the_candidate_commits_itself() -> None:
    done: list[str] = []
    with candidate_transaction(["default"]):
        assert not connection.in_atomic_block
        with transaction.atomic():
            Customer.objects.create(code="C1")
            transaction.on_commit(lambda: done.append("committed"))
        assert done == ["committed"]
    assert codes() == ["C1"]


def test_without_database_access_nothing_is_touched() -> None:
    with candidate_transaction(["default"]):
        pass
    with candidate_transaction([]):
        pass


@pytest.mark.django_db
def test_the_tests_own_transaction_is_as_before() -> None:
    before: list[Any] = [
        connection.in_atomic_block,
        list(connection.savepoint_ids),
        connection.needs_rollback,
    ]
    with suppress(IntegrityError), candidate_transaction(["default"]):
        create_twice()
    assert [connection.in_atomic_block, connection.savepoint_ids, connection.needs_rollback] == before
