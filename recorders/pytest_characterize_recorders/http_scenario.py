"""Recording scenarios over HTTP: a script makes several requests of a legacy web application in one session."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from pytest_characterize.descriptors import Descriptor, HttpScenario
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Response, Value
from pytest_characterize_recorders.cassettes.recording import record_exchange
from pytest_characterize_recorders.sources.web.addresses import checked_address, web_source
from pytest_characterize_recorders.sources.web.client import WebClient, require_listening
from pytest_characterize_recorders.sources.web.requests import Asked, bad_request


class HttpScenarioRecorder:
    """Lets the test's script drive legacy, case by case, each in a session of its own.

    As for a single exchange every answer is behaviour, no redirect is followed, and the login, if there is
    one, is no part of what is recorded.

    Raises:
        RecordingError: the source may not or cannot be reached, or the descriptor asks for what cannot be.
    """

    patience: ClassVar[float] = 30.0
    """Seconds for which legacy may be silent."""

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, HttpScenario)
        assert context.script is not None
        self._source = web_source(context.source)
        if descriptor.effects is not None:
            raise RecordingError(
                f"source {self._source.name!r}: effects on tables cannot be observed over HTTP",
                slug="effects-unobservable",
                hint="leave effects= out, or record the procedure behind the page",
            )
        if descriptor.login and not descriptor.login.path.startswith("/"):
            raise bad_request(f"the path {descriptor.login.path!r} of the login does not begin with a slash")
        self._login, self._secret, self._script = descriptor.login, context.secret, context.script
        self._base = checked_address(self._source, context.address)
        self._tls = ssl.create_default_context()  # honours SSL_CERT_FILE, as the whole machine does
        self._server = ""
        require_listening(self._base, self.patience)

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Log in if asked to, and play the script; what its requests were answered is the outcome."""
        if variant:
            raise RecordingError(
                f"source {self._source.name!r}: the source text behind HTTP is out of reach, so are variants",
                slug="variant-unknown",
                hint="record it without a variant",
            )
        with WebClient(self._base, self._tls, self.patience) as client:
            if self._login:
                client.log_in(self._login, self._secret)
            return Observation(self._script(partial(self._step, client), case.input)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """None: the source text behind HTTP is out of reach."""
        return {}

    def provenance(self) -> Mapping[str, str]:
        """What the last answer's ``Server`` header said, and legacy's version as the team calls it."""
        told = {"server": self._server, "version": self._source.version}
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Nothing is held between cases."""

    def _step(self, client: WebClient, method: str, asked: dict[str, Value], number: int) -> Outcome:
        request = Asked(method, **asked)
        exchange = self._base.at_home(record_exchange(lambda: client.send(request)))
        self._server = dict(exchange.response_headers).get("server", "")
        return Outcome(
            "responded",
            Response(exchange.status, exchange.response_headers, exchange.response_body, exchange.reason),
        )
