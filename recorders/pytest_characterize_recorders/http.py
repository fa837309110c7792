"""Recording HTTP exchanges with a legacy web application."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import ClassVar

from pytest_characterize.descriptors import Descriptor, Http
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Response
from pytest_characterize_recorders.cassettes.recording import record_exchange
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.web.addresses import checked_address, web_source
from pytest_characterize_recorders.sources.web.client import WebClient, require_listening
from pytest_characterize_recorders.sources.web.requests import asked, check_descriptor


class HttpRecorder:
    """Makes one request, case by case, each in a session of its own.

    Every answer is behaviour, a redirect and a 500 as well; only where there is no whole answer the case
    cannot be recorded. The login, if there is one, is no part of what is recorded.

    Raises:
        RecordingError: the source may not or cannot be reached, or the descriptor can be no request.
    """

    patience: ClassVar[float] = 30.0
    """Seconds for which legacy may be silent."""

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Http)
        check_descriptor(descriptor)
        self._descriptor, self._context = descriptor, context
        self._source = web_source(context.source)
        self._base = checked_address(self._source, context.address)
        self._tls = ssl.create_default_context()  # honours SSL_CERT_FILE, as the whole machine does
        self._server = ""
        require_listening(self._base, self.patience)

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Log in if asked to, make the request, and keep the exchange without secrets."""
        if variant:
            raise RecordingError(
                f"source {self._source.name!r}: the source text behind HTTP is out of reach, so are variants",
                slug="variant-unknown",
                hint="record it without a variant",
            )
        request = asked(self._descriptor, bind(case.input, self._context.args))
        with WebClient(self._base, self._tls, self.patience) as client:
            if self._descriptor.login:
                client.log_in(self._descriptor.login, self._context.secret)
            exchange = record_exchange(lambda: client.send(request))
        self._server = dict(exchange.response_headers).get("server", "")
        kept, _ = self._context.scrubber.interaction(self._base.at_home(exchange))
        response = Response(kept.status, kept.response_headers, kept.response_body, kept.reason)
        return Observation(Outcome("responded", response), interactions=(kept,)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """None: the source text behind HTTP is out of reach."""
        return {}

    def provenance(self) -> Mapping[str, str]:
        """What the last answer's ``Server`` header said, and legacy's version as the team calls it."""
        told = {"server": self._server, "version": self._source.version}
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Nothing is held between cases."""
