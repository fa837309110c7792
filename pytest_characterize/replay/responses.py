"""Response objects of Python's HTTP libraries, as the :class:`~pytest_characterize.values.Response` they are.

They are told apart by class name, so that none of the libraries is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pytest_characterize.freezing import qualified_name
from pytest_characterize.values import Response


def as_response(obj: object) -> Response | None:
    """The HTTP response that this object is, ``None`` if it is none.

    Reads what is still to be streamed, renders what is still to be rendered, and closes it.
    """
    for kind in type(obj).__mro__:
        if reader := _READERS.get(qualified_name(kind)):
            return reader(obj)
    return None


def response_adapter(obj: object) -> object:
    """For :func:`~pytest_characterize.freezing.freeze`: responses anywhere in a value."""
    return as_response(obj) or NotImplemented


def _django(response: Any) -> Response:
    if not getattr(response, "is_rendered", True):
        response.render()
    if response.streaming:
        try:
            body = b"".join(_chunks(response))
        finally:
            response.close()
    else:
        body = response.content
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return _response(response.status_code, [*response.items(), *cookies], body, response.reason_phrase)


def _chunks(response: Any) -> Iterable[bytes]:
    if not response.is_async:
        return response.streaming_content  # type: ignore[no-any-return]
    from asgiref.sync import async_to_sync

    async def collected() -> list[bytes]:
        return [chunk async for chunk in response.streaming_content]

    return async_to_sync(collected)()


def _requests(response: Any) -> Response:
    # urllib3 keeps repeated headers apart, requests joins them
    headers = getattr(response.raw, "headers", None) or response.headers
    return _response(response.status_code, headers.items(), response.content, response.reason or "")


def _httpx(response: Any) -> Response:
    return _response(
        response.status_code, response.headers.multi_items(), response.content, response.reason_phrase
    )


def _werkzeug(response: Any) -> Response:
    reason = response.status.partition(" ")[2]
    return _response(response.status_code, response.headers.items(), response.get_data(), reason)


def _response(status: int, headers: Iterable[tuple[str, str]], body: bytes, reason: str) -> Response:
    return Response(status, tuple((str(name), str(value)) for name, value in headers), bytes(body), reason)


_READERS: Final[Mapping[str, Callable[[Any], Response]]] = {
    "django.http.response.HttpResponseBase": _django,
    "requests.models.Response": _requests,
    "httpx.Response": _httpx,
    "werkzeug.wrappers.response.Response": _werkzeug,
}
