"""What an :class:`~pytest_characterize.descriptors.Http` descriptor asks of legacy, for one case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from pytest_characterize.descriptors import Http
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.filling import Filling
from pytest_characterize_recorders.sources.web.templates import WORDS, as_json

FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, relative to the source's base URL."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def check_descriptor(descriptor: Http) -> None:
    """Refuse what can be no request, whatever the inputs are.

    Raises:
        RecordingError: ``http-bad-request`` or ``effects-unobservable``.
    """
    if descriptor.effects is not None:
        raise RecordingError(
            f"{descriptor.method} {descriptor.path}: effects on tables cannot be observed over HTTP",
            slug="effects-unobservable",
            hint="leave effects= out, or record the procedure behind the page",
        )
    if not descriptor.path.startswith("/"):
        raise bad_request(f"the path {descriptor.path!r} does not begin with a slash")
    if not (descriptor.method.isascii() and descriptor.method.isalpha()):
        raise bad_request(f"{descriptor.method!r} is no HTTP method")
    if descriptor.login and not descriptor.login.path.startswith("/"):
        raise bad_request(f"the path {descriptor.login.path!r} of the login does not begin with a slash")
    if descriptor.form and descriptor.json is not None:
        raise bad_request("it has both form= and json=")


def asked(descriptor: Http, inputs: Mapping[str, Value]) -> Asked:
    """The request for these inputs; texts are UTF-8.

    Raises:
        RecordingError: ``http-unknown-input``, ``http-unused-input`` or ``http-bad-value``.
    """
    filling = Filling(inputs, WORDS)
    target = filling.path(descriptor.path)
    if query := urlencode(filling.parameters(descriptor.query)):
        target += f"{'&' if '?' in target else '?'}{query}"
    body, content_type = _body(descriptor, filling)
    headers = {name.lower(): (name, filling.text(text)) for name, text in descriptor.headers.items()}
    if content_type:
        headers.setdefault("content-type", ("Content-Type", content_type))
    filling.require_all_used()
    return Asked(descriptor.method.upper(), target, tuple(headers.values()), body)


def _body(descriptor: Http, filling: Filling) -> tuple[bytes, str]:
    if descriptor.form:
        return urlencode(filling.parameters(descriptor.form)).encode("ascii"), FORM
    if descriptor.json is not None:
        document = as_json(filling.typed(descriptor.json), "json")
        return json.dumps(document, separators=(",", ":")).encode("ascii"), "application/json"
    return b"", ""


def bad_request(why: str) -> RecordingError:
    """The descriptor asks for what can be no HTTP request."""
    return RecordingError(
        f"the request cannot be made: {why}",
        slug="http-bad-request",
        hint='write it like Http("POST", "/invoice/{id}", source="web", form={"on": "{on}"})',
    )
