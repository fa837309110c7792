"""A scenario's steps over HTTP: requests of whichever side is under test, in one session.

A request is written out here, once for both sides, so that they are asked the same to the byte.
"""

from __future__ import annotations

import json as json_texts
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from pytest_characterize.bound_texts import in_body, in_text
from pytest_characterize.errors import UsageError
from pytest_characterize.freezing import freeze
from pytest_characterize.steps import Taken
from pytest_characterize.values import Response, Value

_FORM: Final = "application/x-www-form-urlencoded"
_IN_PATHS: Final = "/?&=%:;,+@!$'()*~[]"
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_COOKIE: Final = re.compile(r"=[^;]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered, for the script; what it does with it does not reach the golden."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body, by the charset that it declares, else UTF-8."""
        declared = _CHARSET.search(self.header("content-type", ""))
        try:
            return self.body.decode(declared[1] if declared else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; it is the script that ends where it is none."""
        return json_texts.loads(self.body)

    def header(self, name: str, default: str | None = None) -> str:
        """The first header of that name.

        Raises:
            LookupError: there is none, and no default.
        """
        found = next((text for key, text in self.headers if key.lower() == name.lower()), default)
        if found is None:
            raise LookupError(f"the answer {self.status} has no header {name!r}")
        return found


class HttpSteps(Taken):
    """The fixture ``characterize`` of a scenario over HTTP.

    >>> from pytest_characterize.model import Outcome
    >>> def shop(method, asked, number):
    ...     return Outcome("responded", Response(200, (), f"{method} {asked['target']}".encode()))
    >>> HttpSteps(shop).get("/cart", query={"page": 2}).text
    'GET /cart?page=2'
    """

    def get(
        self,
        path: str,
        /,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Take a step: a GET request. The arguments are those of :meth:`request`."""
        return self.request("GET", path, query=query, headers=headers)

    def post(self, path: str, /, **given: Any) -> Answer:
        """Take a step: a POST request. The arguments are those of :meth:`request`."""
        return self.request("POST", path, **given)

    def put(self, path: str, /, **given: Any) -> Answer:
        """Take a step: a PUT request. The arguments are those of :meth:`request`."""
        return self.request("PUT", path, **given)

    def patch(self, path: str, /, **given: Any) -> Answer:
        """Take a step: a PATCH request. The arguments are those of :meth:`request`."""
        return self.request("PATCH", path, **given)

    def delete(self, path: str, /, **given: Any) -> Answer:
        """Take a step: a DELETE request. The arguments are those of :meth:`request`."""
        return self.request("DELETE", path, **given)

    def request(
        self,
        method: str,
        path: str,
        /,
        *,
        query: Mapping[str, object] | None = None,
        data: Mapping[str, object] | str | bytes | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Take a step: make a request of the side under test. No redirect is followed.

        Args:
            path: below the side's base URL, with a leading slash.
            data: a form's fields, or a body as it is.
            json: a body, as JSON.

        Raises:
            UsageError: ``scenario-request``: it can be no request.
        """
        parts = {"query": query, "data": data, "json": json, "headers": headers}
        given = freeze({name: part for name, part in parts.items() if part is not None})
        outcome = self._drive(method, _written(method, path, given), len(self._taken))
        response = outcome.value
        if not isinstance(response, Response):
            self._keep({"request": f"{method} {path}", "with": given, outcome.how: response})
            return Answer(0)
        self._keep({"request": f"{method} {path}", "with": given, outcome.how: _without_cookies(response)})
        return Answer(response.status, response.headers, response.body)

    @staticmethod
    def _id(value: Value) -> Value:
        """An id in a document and the same id in a path are one, though one may be a number."""
        return str(value)

    def _named(self, value: Value, key: object = "") -> Value:
        named = super()._named(value, key)
        ids = {(str(at), str(text)): name for (at, text), name in self._ids.items()}
        match named:
            case str():
                return in_text(named, ids)
            case Response():
                kind = next((text for name, text in named.headers if name.lower() == "content-type"), "")
                return replace(
                    named,
                    headers=tuple((name, in_text(text, ids)) for name, text in named.headers),
                    body=in_body(named.body, kind, ids),
                )
            case _:
                return named


def _without_cookies(response: Response) -> Response:
    """The response without its cookies' values, which are the session's own and other ones each time."""
    return replace(
        response,
        headers=tuple(
            (name, _COOKIE.sub("=", text, count=1) if name.lower() == "set-cookie" else text)
            for name, text in response.headers
        ),
    )


def _written(method: str, path: str, given: Mapping[str, Any]) -> dict[str, Value]:
    """The request as it goes over the wire, relative to a base URL."""
    if not (method.isascii() and method.isupper() and method.isalpha()):
        raise _bad(f"{method!r} is no HTTP method")
    if not path.startswith("/") or path.startswith("//"):
        raise _bad(f"the path {path!r:.80} does not begin with one slash")
    if "data" in given and "json" in given:
        raise _bad("it has both data= and json=")
    target = quote(path.partition("#")[0], safe=_IN_PATHS)
    if query := urlencode(_pairs(given.get("query", {}))):
        target += f"{'&' if '?' in target else '?'}{query}"
    body, content_type = _body(given)
    headers = {name.lower(): (name, text) for name, text in given.get("headers", {}).items()}
    if content_type:
        headers.setdefault("content-type", ("Content-Type", content_type))
    return {"target": target, "headers": tuple(headers.values()), "body": body}


def _body(given: Mapping[str, Any]) -> tuple[bytes, str]:
    match given.get("data"):
        case dict() as form:
            return urlencode(_pairs(form)).encode("ascii"), _FORM
        case str() as text:
            return text.encode(), ""
        case bytes() as body:
            return body, ""
        case None if "json" in given:
            try:
                text = json_texts.dumps(given["json"], default=_text, allow_nan=False, separators=(",", ":"))
            except (TypeError, ValueError) as error:
                raise _bad(f"json= has no JSON form: {error}") from None
            return text.encode("ascii"), "application/json"
        case None:
            return b"", ""
        case other:
            raise _bad(f"data= is of type {type(other).__name__}")


def _pairs(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of a query or form: a list gives one pair an item, ``None`` none."""
    return [
        (name, _text(item))
        for name, value in fields.items()
        for item in (value if isinstance(value, list | tuple) else [value])
        if item is not None
    ]


def _text(value: Value) -> str:
    """A scalar as a text: dates in ISO form, ``true`` and ``false``."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float() | Decimal() | UUID():
            return str(value)
        case date() | datetime() | time():
            return value.isoformat()
        case _:
            raise _bad(f"a value of type {type(value).__name__} has no text form there")


def _bad(why: str) -> UsageError:
    return UsageError(
        f"the step is no HTTP request: {why}",
        slug="scenario-request",
        hint="write it like characterize.post('/orders', data={'article': 'A-1'})",
    )
