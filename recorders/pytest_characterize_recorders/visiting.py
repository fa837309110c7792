"""What all recorders of web applications have in common: sessions on the one that a source names."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

import httpx

from pytest_characterize.descriptors import Login
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Interaction
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize_recorders.cassettes.recording import record_exchange
from pytest_characterize_recorders.sources.web.addresses import checked_address, web_source
from pytest_characterize_recorders.sources.web.client import WebClient, require_listening


class WebRecorder:
    """Visits legacy, each case in a session of its own.

    Every answer is behaviour, a redirect and a 500 as well; only where there is no whole answer the case
    cannot be recorded. The login, if there is one, is no part of what is recorded.

    Raises:
        RecordingError: the source may not or cannot be reached.
    """

    patience: ClassVar[float] = 30.0
    """Seconds for which legacy may be silent."""

    def __init__(self, context: RecordingContext, login: Login | None) -> None:
        self._context, self._login = context, login
        self._source = web_source(context.source)
        self._base = checked_address(self._source, context.address)
        self._tls = ssl.create_default_context()  # honours SSL_CERT_FILE, as the whole machine does
        self._server = ""
        require_listening(self._base, self.patience)

    @contextmanager
    def visit(self, variant: Mapping[str, str] | None) -> Iterator[WebClient]:
        """A session, logged in if asked to.

        Raises:
            RecordingError: ``variant-unknown``: another text of a routine cannot be put in the place of legacy's.
        """
        if variant:
            raise RecordingError(
                f"source {self._source.name!r}: the source text behind HTTP is out of reach, so are variants",
                slug="variant-unknown",
                hint="record it without a variant",
            )
        with WebClient(self._base, self._tls, self.patience) as client:
            if self._login:
                client.log_in(self._login, self._context.secret)
            yield client

    def exchanged(self, send: Callable[[], httpx.Response]) -> Interaction:
        """The exchange of one request, with legacy's address written as its name."""
        exchange = record_exchange(send)
        self._server = dict(exchange.response_headers).get("server", "")
        return self._base.at_home(exchange)

    def sources(self, case: Case) -> Mapping[str, str]:
        """None: the source text behind HTTP is out of reach."""
        return {}

    def provenance(self) -> Mapping[str, str]:
        """What the last answer's ``Server`` header said, and legacy's version as the team calls it."""
        told = {"server": self._server, "version": self._source.version}
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Nothing is held between cases."""
