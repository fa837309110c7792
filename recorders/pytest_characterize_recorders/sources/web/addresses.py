"""The base URL of a web source: read, checked against the source's hosts, and kept out of what is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, unquote, urlsplit

from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Interaction
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.hosts import PRODUCTION, covers

_PORTS = {"http": 80, "https": 443}
_LEADING = ("location", "content-location")


@dataclass(frozen=True, slots=True, repr=False)
class BaseAddress:
    """Where a web source is, and under which name it is stored.

    What is stored must not depend on the machine that recorded it, so URLs of the source are told
    relative to its base: ``https://old-17.example/app/invoice/7`` as ``http://web/invoice/7``.
    """

    source: str
    scheme: str
    host: str
    port: int
    folder: str
    credentials: tuple[str, str] | None

    @property
    def url(self) -> str:
        """The base URL without credentials, without a final slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.folder}"

    def stored(self, url: str) -> str:
        """How a URL of this source is stored; other URLs are stored as they are."""
        below = self.below(url)
        return url if below is None else f"http://{self.source}{below}"

    def below(self, url: str) -> str | None:
        """Path and query of an absolute URL of this source, relative to its base; ``None`` for others."""
        try:
            parts = urlsplit(url)
            is_ours = (parts.scheme, parts.hostname, _port(parts)) == (self.scheme, self.host, self.port)
        except ValueError:
            return None
        path = parts.path or "/"
        if not is_ours or not f"{path}/".startswith(f"{self.folder}/"):
            return None
        rest = parts._replace(scheme="", netloc="", path=path.removeprefix(self.folder) or "/")
        return rest.geturl()

    def at_home(self, exchange: Interaction) -> Interaction:
        """The exchange without the address where legacy happened to be while it was recorded."""
        return replace(
            exchange,
            uri=self.stored(exchange.uri),
            request_headers=tuple(
                (name, self.source if name.lower() == "host" else text)
                for name, text in exchange.request_headers
            ),
            response_headers=tuple(
                (name, self.below(text) or text if name.lower() in _LEADING else text)
                for name, text in exchange.response_headers
            ),
        )


def web_source(source: Source | None) -> Source:
    """The source, if it is a web application.

    Raises:
        RecordingError: ``source-wrong-kind``.
    """
    if source is None or source.kind != "http":
        raise RecordingError(
            f"source {source.name if source else ''!r} is no web application",
            slug="source-wrong-kind",
            hint="name a source of kind 'http' in the descriptor: source=...",
        )
    return source


def checked_address(source: Source, address: str) -> BaseAddress:
    """The base address, after its host was found among the source's hosts.

    Raises:
        RecordingError: ``source-address-invalid``, ``source-not-allowed`` or
            ``source-looks-like-production``; no message holds any part of the address.
    """
    try:
        parts = urlsplit(address)
        port = _port(parts)
    except ValueError:
        raise _invalid(source) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
        raise _invalid(source)
    if not any(covers(entry, parts.hostname, str(port)) for entry in source.hosts):
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} leads to a host that is not in its list of hosts",
            slug="source-not-allowed",
            hint=f"list the host in [tool.characterize.sources.{source.name}] hosts, if it may be recorded",
        )
    if not source.production and PRODUCTION.search(parts.hostname):
        raise RecordingError(
            f"source {source.name!r}: the host is named like a production system",
            slug="source-looks-like-production",
            hint=f"record on a copy, or set production = true in [tool.characterize.sources.{source.name}]",
        )
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return BaseAddress(source.name, parts.scheme, parts.hostname, port, parts.path.rstrip("/"), user)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)


def _invalid(source: Source) -> RecordingError:
    return RecordingError(
        f"source {source.name!r}: {source.secret_variable} holds no base URL",
        slug="source-address-invalid",
        hint=f"set {source.secret_variable}=http://HOST:PORT/FOLDER, without a query",
    )
