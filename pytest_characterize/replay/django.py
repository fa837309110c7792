"""Replaying on Django; the only module that imports it, and only where a project uses it already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from pytest_characterize.errors import ReplayError
from pytest_characterize.freezing import Adapter, qualified_name
from pytest_characterize.replay.allowlist import host_port
from pytest_characterize.replay.drivers import (
    libpq_addresses,
    mysql_addresses,
    oracle_addresses,
    tds_addresses,
)
from pytest_characterize.replay.responses import make_response
from pytest_characterize.values import Record, Response

_T = TypeVar("_T")


def in_use() -> bool:
    """Whether this process uses Django: it is imported and has its settings."""
    conf = sys.modules.get("django.conf")
    return conf is not None and bool(conf.settings.configured)


def adapters() -> tuple[Adapter, ...]:
    """What makes values of Django's objects.

    A model instance becomes a :class:`~pytest_characterize.values.Record` of its concrete columns (a
    foreign key as its ``..._id``, a file as its name), a query set or manager the list of what it
    finds, a member of ``Choices`` its value, a lazy translation and safe markup their text. A response
    is rendered, read to its end and closed.
    """
    return (_simpler,)


def _simpler(obj: object) -> object:
    from django.db.models import Choices, Manager, Model, QuerySet
    from django.db.models.fields.files import FieldFile
    from django.db.models.query import RawQuerySet
    from django.http.response import HttpResponseBase
    from django.utils.functional import Promise
    from django.utils.safestring import SafeString

    match obj:
        case HttpResponseBase():
            return _response(obj)
        case Model():
            names = [column.attname for column in obj._meta.concrete_fields]
            return Record(qualified_name(type(obj)), {name: getattr(obj, name) for name in names})
        case Manager():
            return list(obj.all())
        case QuerySet() | RawQuerySet():
            return list(obj)
        case Choices():
            return obj.value
        case FieldFile():
            return obj.name
        case SafeString() | Promise():
            return str.__str__(str(obj))  # SafeString.__str__ gives itself, not a plain string
        case _:
            return NotImplemented


def _response(response: Any) -> Response:
    if not getattr(response, "is_rendered", True):
        response.render()
    body = _stream(response) if response.streaming else response.content
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return make_response(response.status_code, [*response.items(), *cookies], body, response.reason_phrase)


def _stream(response: Any) -> bytes:
    from asgiref.sync import async_to_sync
    from django.core.signals import request_finished
    from django.db import close_old_connections

    async def chunks() -> list[bytes]:
        return [chunk async for chunk in response.streaming_content]

    # as Django's test client does: the end of a request must not take the test's connection away
    request_finished.disconnect(close_old_connections)
    try:
        return b"".join(async_to_sync(chunks)() if response.is_async else response.streaming_content)
    finally:
        if not response.closed:
            response.close()
        request_finished.connect(close_old_connections)


def open_transactions() -> tuple[str, ...]:
    """The databases in which a transaction is open, as a test's is."""
    from django.db import connections

    return tuple(alias for alias in connections if connections[alias].in_atomic_block)


@contextmanager
def candidate_transaction(aliases: Iterable[str]) -> Iterator[None]:
    """A savepoint around the candidate, in each of these databases whose test transaction is open.

    It ends as a commit in production would: deferred constraints are checked, and what the candidate
    had written before it raised stays, unless the candidate itself or the database has rolled it back.
    Effects can be queried in any case. Where there is no test transaction
    (``django_db(transaction=True)``) the candidate commits itself, and nothing is enclosed.

    Raises:
        ReplayError: ``transaction-broken``: the candidate returned after it had swallowed a database
            error that the test's transaction did not survive, as PostgreSQL's do not.
    """
    from django.db import DatabaseError, IntegrityError, connections, transaction

    enclosed = [connections[alias] for alias in aliases if connections[alias].in_atomic_block]
    failure: Exception | None = None
    try:
        with ExitStack() as savepoints:
            for connection in enclosed:
                block = transaction.atomic(using=connection.alias)
                # as Django's own test cases do, else the candidate's durable blocks would be refused
                block._from_testcase = True  # type: ignore[attr-defined]
                savepoints.enter_context(block)
            try:
                yield
            except Exception as error:
                failure = error
            for connection in enclosed:
                connection.set_rollback(False)
                if failure is None and connection.features.can_defer_constraint_checks:
                    connection.check_constraints()
    except DatabaseError as error:
        if failure is None and isinstance(error, IntegrityError):
            raise
        if failure is None:
            raise ReplayError(
                f"the candidate returned, but its database transaction is broken: {str(error).strip()}",
                slug="transaction-broken",
                hint="it swallows a database error: put transaction.atomic() around what may fail, or mark the"
                " test django_db(transaction=True)",
            ) from error
    if failure is not None:
        raise failure


def all_aliases() -> tuple[str, ...]:
    """The names of all configured databases."""
    from django.db import connections

    return tuple(connections)


def attribute(model: str, field: str) -> str:
    """The keyword of a model that takes a field's value as a row holds it: of a foreign key, its ``..._id``."""
    from django.apps import apps
    from django.core.exceptions import FieldDoesNotExist

    try:
        found = apps.get_model(model)._meta.get_field(field)
    except (LookupError, ValueError, FieldDoesNotExist):
        return field
    return str(getattr(found, "attname", field))


def database_addresses() -> tuple[str, ...]:
    """What ``DATABASES`` may reach, for the guard's allow-list; nothing without Django, or with SQLite."""
    if not in_use():
        return ()
    from django.db import connections

    found = (_addresses(one.vendor, one.settings_dict) for one in connections.all())
    return tuple(address for addresses in found for address in addresses)


def _addresses(vendor: str, database: dict[str, Any]) -> list[str]:
    place = {"host": database["HOST"], "port": database["PORT"]}
    options: dict[str, Any] = database["OPTIONS"]
    match vendor:
        case "postgresql":
            return libpq_addresses(place | options)
        case "mysql" if place["host"].startswith("/"):
            return mysql_addresses({"unix_socket": place["host"]})
        case "mysql":
            return mysql_addresses(place | options)
        case "oracle":
            return oracle_addresses(database["NAME"], place)
        case "microsoft":
            return tds_addresses(place)
        case _:
            return []


def live_addresses(fixtures: Iterable[object]) -> tuple[str, ...]:
    """Where pytest-django's live servers among a test's fixtures listen."""
    servers: list[Any] = [
        one for one in fixtures if qualified_name(type(one)) == "pytest_django.live_server_helper.LiveServer"
    ]
    return tuple(host_port(server.thread.host, server.thread.port) for server in servers)


def client() -> Any:
    """A test client of its own, which answers 500 as a server does, instead of raising."""
    from django.test import Client

    return Client(raise_request_exception=False)


def answer_errors(fixtures: Iterable[object]) -> None:
    """Let the test clients among a test's fixtures answer 500, as a server does, instead of raising."""
    from django.test import AsyncClient, Client

    for fixture in fixtures:
        if isinstance(fixture, Client | AsyncClient):
            fixture.raise_request_exception = False


def run_coroutine(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run an async candidate so that its ``sync_to_async`` code stays on this thread and its connections."""
    from asgiref.sync import async_to_sync

    async def awaiting() -> None:
        await coroutine

    async_to_sync(awaiting)()


async def bridge(step: Callable[..., _T], *args: Any) -> _T:
    """:class:`~pytest_characterize.replay.calling.Bridge`: to where async ORM methods do their work."""
    from asgiref.sync import sync_to_async

    return await sync_to_async(step, thread_sensitive=True)(*args)
