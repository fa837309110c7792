"""Taking the steps of a scenario over HTTP on the candidate: one client a scenario, which keeps the session."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest import SkipTest

from pytest_characterize.errors import CharacterizeError, ReplayError
from pytest_characterize.freezing import Adapter, freeze_exception
from pytest_characterize.model import Outcome
from pytest_characterize.replay import django
from pytest_characterize.replay.outcome import returned
from pytest_characterize.values import Response, Value

_LINKING: Final = frozenset({"location", "content-location"})
_TEST_SERVER: Final = ("http://testserver", "https://testserver")


@contextmanager
def opened(candidate: str) -> Iterator[Any]:
    """The client that the marker names, or Django's test client; closed in the end.

    Args:
        candidate: ``"module:function"`` that gives a client, ``""`` for Django's.

    Raises:
        ReplayError: ``candidate-client``, ``candidate-unknown``.
    """
    client = _client(candidate)
    try:
        yield client
    finally:
        if callable(close := getattr(client, "close", None)):
            close()


@dataclass(frozen=True, slots=True)
class HttpCandidate:
    """A client of the candidate: Django's test client, or one that asks as ``httpx.Client`` does.

    Attributes:
        client: gives the scenario's one client; asked at each step.
        adapters: for what the client returns.
        transaction: encloses each step, so that a step that fails does not break the next one.
        passing: exceptions that are no behaviour, besides ``AssertionError``, skips and errors of ours.
    """

    client: Callable[[], Any]
    adapters: tuple[Adapter, ...] = ()
    transaction: Callable[[], AbstractContextManager[object]] = nullcontext
    passing: tuple[type[BaseException], ...] = ()

    def step(self, method: str, asked: dict[str, Value], number: int) -> Outcome:
        """Make one request; an exception instead of an answer is behaviour as well.

        Raises:
            ReplayError: ``candidate-client``.
        """
        client = self.client()
        try:
            with self.transaction():
                outcome = returned(_ask(client, method, **asked), self.adapters)
        except (Exception, SystemExit) as error:
            if isinstance(error, (CharacterizeError, AssertionError, SkipTest, *self.passing)):
                raise
            return Outcome("raised", freeze_exception(error))
        if not isinstance(outcome.value, Response):
            raise _no_client(f"its answer to {method} is a {type(outcome.value).__name__}")
        return replace(outcome, value=_at_home(outcome.value, client))


def _ask(client: Any, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> object:
    if hasattr(client, "generic"):
        kinds = [text for name, text in headers if name.lower() == "content-type"]
        others = {name: text for name, text in headers if name.lower() != "content-type"}
        kind = kinds[-1] if kinds else "application/octet-stream"
        return client.generic(method, target, body, content_type=kind, headers=others)
    if hasattr(client, "request"):
        return client.request(
            method, target, content=body or None, headers=list(headers), follow_redirects=False
        )
    raise _no_client(f"a {type(client).__name__} has neither generic() nor request()")


def _at_home(response: Response, client: Any) -> Response:
    """The response with links to its own host made relative: which host answered is no behaviour."""
    base = str(getattr(client, "base_url", "")).rstrip("/")
    own = (base, *_TEST_SERVER) if base else _TEST_SERVER
    return replace(
        response,
        headers=tuple(
            (name, _below(text, own) if name.lower() in _LINKING else text) for name, text in response.headers
        ),
    )


def _below(link: str, own: tuple[str, ...]) -> str:
    base = next((base for base in own if link == base or link.startswith((f"{base}/", f"{base}?"))), "")
    return link.removeprefix(base) if base and link != base else link


def _client(candidate: str) -> Any:
    if not candidate:
        if not django.in_use():
            raise _no_client("Django is not in use, and candidate= names no other client")
        return django.client()
    module, _, name = candidate.partition(":")
    try:
        make = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ReplayError(
            f"the candidate has no {candidate}: {' '.join(str(error).split())}",
            slug="candidate-unknown",
            hint="candidate= names a function that gives a client: 'tests.clients:shop'",
        ) from error
    if not callable(make):
        raise _no_client(f"{candidate} is no function, but of type {type(make).__name__}")
    return make()


def _no_client(why: str) -> ReplayError:
    return ReplayError(
        f"the candidate cannot be asked over HTTP: {why}",
        slug="candidate-client",
        hint="use Django, or name in candidate= a function that gives a django.test.Client or httpx.Client",
    )
