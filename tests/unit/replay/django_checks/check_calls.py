"""Candidates of a Django project, called as a replay calls them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.test import AsyncClient, Client, RequestFactory
from shop import views
from shop.models import Customer

from pytest_characterize.errors import LegacyContactError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay import django
from pytest_characterize.replay.calling import Capture
from pytest_characterize.replay.guard import Guard
from pytest_characterize.values import Raised, Record, Response


@contextmanager
def rows() -> Any:
    yield lambda: list(Customer.objects.order_by("code").values_list("code", flat=True))


def observe(function: Callable[..., Any], golden: object = None, **raises: str) -> Observation:
    how: Any = "raised" if isinstance(golden, Raised) else "returned"
    capture = Capture(
        Observation(Outcome(how, golden)),
        raises,
        django.adapters(),
        partial(django.candidate_transaction, ["default"]),
        effects={"rows": rows} if connection.in_atomic_block else {},
        runner=django.run_coroutine,
        bridge=django.bridge,
    )
    capture.wrap(function, run_async=inspect.iscoroutinefunction(function))()
    assert capture.observation is not None
    return capture.observation


def responded(function: Callable[..., Any]) -> Response:
    outcome = observe(function).outcome
    assert outcome.how == "responded"
    response: Response = outcome.value
    return response


@pytest.fixture
def answering(client: Client) -> Client:
    django.answer_errors([client, "another fixture"])
    return client


def test_a_page_with_cookies(client: Client) -> None:
    response = responded(lambda: client.get("/page/"))
    assert (response.status, response.reason, response.body) == (402, "Payment Required", b"M\xfcller")
    assert ("Content-Type", "text/html; charset=iso-8859-1") in response.headers
    cookies = [value for name, value in response.headers if name == "Set-Cookie"]
    assert cookies == ["session=1; HttpOnly; Path=/", "theme=dark; Path=/"]


def test_a_redirect_is_not_followed(client: Client) -> None:
    response = responded(lambda: client.get("/moved/"))
    assert (response.status, dict(response.headers)["Location"]) == (302, "/page/?from=old")


def test_a_broken_view_answers_500_as_a_server_does(answering: Client) -> None:
    response = responded(lambda: answering.get("/broken/"))
    assert (response.status, response.reason) == (500, "Internal Server Error")


def test_other_clients_raise_as_before(client: Client) -> None:
    assert observe(lambda: client.get("/broken/")).outcome.value.types[0] == "builtins.ZeroDivisionError"


def test_streams_and_files_are_read(client: Client) -> None:
    assert responded(lambda: client.get("/streamed/")).body == b"a;1\nb;2\n"
    response = responded(lambda: client.get("/file/"))
    assert response.body == b"%PDF"
    assert dict(response.headers)["Content-Disposition"] == 'attachment; filename="invoice.pdf"'


def test_views_without_a_client(rf: RequestFactory) -> None:
    assert responded(lambda: views.hello(rf.get("/"))).body == b"Hello you"
    assert responded(lambda: views.streamed(rf.get("/"))).body == b"a;1\nb;2\n"
    assert responded(lambda: views.file(rf.get("/"))).body == b"%PDF"
    assert responded(lambda: views.total(rf.get("/"))).body == b'{"total": "1.00"}'


def test_a_stream_that_breaks_is_an_exception(rf: RequestFactory) -> None:
    outcome = observe(lambda: views.broken_stream(rf.get("/"))).outcome
    assert (outcome.how, outcome.value.message) == ("raised", "in the stream")


def test_an_async_stream_of_a_sync_client(client: Client) -> None:
    assert responded(lambda: client.get("/async_streamed/")).body == b"a;1\nb;2\n"


@pytest.mark.django_db
def test_a_service_and_its_rows() -> None:
    observed = observe(lambda: Customer.objects.create(code="C1"))
    assert isinstance(observed.outcome.value, Record)
    assert observed.outcome.value.fields["code"] == "C1"
    assert observed.effects == {"rows": ["C1"]}


@pytest.mark.django_db
def test_a_mapped_database_error_and_its_rows() -> None:
    def candidate() -> None:
        Customer.objects.create(code="C1")
        Customer.objects.create(code="C1")

    Customer.objects.create(code="A")
    legacy = Raised(("unique_violation",), "duplicate key", "23505")
    observed = observe(candidate, legacy, unique_violation="django.db.IntegrityError")
    assert (observed.outcome.value.types, observed.outcome.value.code) == (("unique_violation",), "23505")
    assert observed.effects["rows"][0] == "A"


@pytest.mark.django_db
def test_a_query_set_that_fails_when_it_is_read() -> None:
    outcome = observe(lambda: Customer.objects.extra(where=["no_such_column = 1"])).outcome
    assert outcome.how == "raised"
    assert outcome.value.types[0].startswith("django.db.utils.")


@pytest.mark.django_db
def test_a_durable_view(client: Client) -> None:
    assert responded(lambda: client.post("/durable/")).status == 201


@pytest.mark.django_db
def test_an_async_candidate_works_on_the_tests_own_connection(async_client: AsyncClient) -> None:
    async def candidate() -> Any:
        await Customer.objects.acreate(code="B1")
        return await async_client.get("/async_create/")

    observed = observe(candidate)
    assert (observed.outcome.how, observed.outcome.value.status) == ("responded", 201)
    assert observed.effects == {"rows": ["A1", "B1"]}
    assert Customer.objects.count() == 2


def test_an_async_stream_of_an_async_client(async_client: AsyncClient) -> None:
    async def candidate() -> Any:
        return await async_client.get("/async_streamed/")

    assert responded(candidate).body == b"a;1\nb;2\n"


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_an_async_candidate_under_an_async_plugin() -> None:
    async def candidate() -> Any:
        await Customer.objects.acreate(code="B1")
        return Customer.objects.all()

    capture = Capture(
        Observation(Outcome("returned", None)),
        adapters=django.adapters(),
        transaction=partial(django.candidate_transaction, ["default"]),
        effects={"rows": rows},
        bridge=django.bridge,
    )
    await capture.wrap(candidate)()
    await django.bridge(connections.close_all)  # that thread's, else PostgreSQL keeps the database
    assert capture.observation is not None
    assert [record.fields["code"] for record in capture.observation.outcome.value] == ["B1"]
    assert capture.observation.effects == {"rows": ["B1"]}


def test_a_live_server_may_be_reached_by_its_address_alone(live_server: Any) -> None:
    import urllib.request

    guard = Guard()
    with guard.watching() as attempts:
        with pytest.raises(LegacyContactError):
            urllib.request.urlopen(f"{live_server.url}/total/")
        (address,) = django.live_addresses(["another fixture", live_server])
        guard.permit(address)
        with urllib.request.urlopen(f"{live_server.url}/total/") as response:
            assert response.read() == b'{"total": "1.00"}'
    assert len(attempts) == 1


@pytest.mark.django_db(transaction=True)
def test_its_databases_may_be_reached_and_nothing_else() -> None:
    connection.close()
    guard = Guard(django.database_addresses())
    with guard.watching() as attempts:
        assert Customer.objects.count() == 0
    assert attempts == []
    connection.close()
    if connection.vendor == "postgresql":
        with Guard().watching() as attempts, pytest.raises(LegacyContactError):
            Customer.objects.count()
        assert len(attempts) == 1


def test_django_is_in_use() -> None:
    assert django.in_use()
