"""Response objects of HTTP libraries, as the :class:`~pytest_characterize.values.Response` they are.

They are told apart by class name, so that none of the libraries is imported here. Django's are in
:mod:`.django`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pytest_characterize.freezing import qualified_name
from pytest_characterize.values import Response


def response_adapter(obj: object) -> object:
    """For :func:`~pytest_characterize.freezing.freeze`: a library's response as a value."""
    for kind in type(obj).__mro__:
        if reader := _READERS.get(qualified_name(kind)):
            return reader(obj)
    return NotImplemented


def _requests(response: Any) -> Response:
    # urllib3 keeps repeated headers apart, requests joins them
    headers = getattr(response.raw, "headers", None) or response.headers
    return make_response(response.status_code, headers.items(), response.content, response.reason or "")


def _httpx(response: Any) -> Response:
    return make_response(
        response.status_code, response.headers.multi_items(), response.content, response.reason_phrase
    )


def _werkzeug(response: Any) -> Response:
    reason = response.status.partition(" ")[2]
    return make_response(response.status_code, response.headers.items(), response.get_data(), reason)


def make_response(status: int, headers: Iterable[tuple[str, str]], body: bytes, reason: str) -> Response:
    """A response of plain builtins, whatever subclasses a library uses."""
    return Response(status, tuple((str(name), str(value)) for name, value in headers), bytes(body), reason)


_READERS: Final[Mapping[str, Callable[[Any], Response]]] = {
    "requests.models.Response": _requests,
    "httpx.Response": _httpx,
    "werkzeug.wrappers.response.Response": _werkzeug,
}
