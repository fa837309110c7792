"""vcrpy as a tape recorder: one exchange, kept in memory and never on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import httpx
from vcr import VCR  # type: ignore[import-untyped]
from vcr.persisters.filesystem import CassetteNotFoundError  # type: ignore[import-untyped]

from pytest_characterize.model import Interaction

_OTHER_LIBRARIES: Final = (
    "httplib",
    "requests",
    "boto3",
    "urllib3",
    "httplib2",
    "tornado",
    "aiohttp",
    "httpx2",
)
_OF_THE_WAY: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})
"""Response headers that belong to the transport: the body is kept decoded and whole."""
_OF_THE_SESSION: Final = frozenset({"cookie", "authorization", "proxy-authorization"})
"""Request headers that say who asked; they are never handed on."""


def record_exchange(send: Callable[[], httpx.Response]) -> Interaction:
    """Send one request and keep the exchange, its response body decoded.

    Raises:
        Whatever ``send`` raises; then there is no exchange.
    """
    tape = _Memory()
    vcr = VCR(record_mode="all", skip_patchers=_OTHER_LIBRARIES)
    vcr.register_persister(tape)
    with vcr.use_cassette("in memory"):
        response = send()
    ((request, answer),) = tape.exchanges
    return Interaction(
        method=request.method,
        uri=request.uri,
        request_headers=_without(_OF_THE_SESSION, ((name, [text]) for name, text in request.headers.items())),
        request_body=request.body or b"",
        status=answer["status"]["code"],
        reason=answer["status"]["message"] or "",
        response_headers=_without(_OF_THE_WAY, answer["headers"].items()),
        response_body=response.content,
    )


class _Memory:
    """A persister that has nothing to load and keeps what it is told to save."""

    def __init__(self) -> None:
        self.exchanges: list[tuple[Any, dict[str, Any]]] = []

    def load_cassette(self, path: str, serializer: object) -> object:
        """There never is one."""
        raise CassetteNotFoundError

    def save_cassette(self, path: str, cassette: dict[str, Any], serializer: object) -> None:
        """Keep the exchanges."""
        self.exchanges = list(zip(cassette["requests"], cassette["responses"], strict=True))


def _without(
    names: frozenset[str], headers: Iterable[tuple[str, Iterable[str]]]
) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, texts in headers if name.lower() not in names for text in texts)
