"""Recording scenarios over HTTP: a script makes several requests of a legacy web application in one session."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pytest_characterize.descriptors import Descriptor, HttpScenario
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Response, Value
from pytest_characterize_recorders.sources.web.client import WebClient
from pytest_characterize_recorders.sources.web.requests import Asked, bad_request
from pytest_characterize_recorders.visiting import WebRecorder


class HttpScenarioRecorder(WebRecorder):
    """Lets the test's script drive legacy, case by case; no redirect is followed.

    Raises:
        RecordingError: the source may not or cannot be reached, or the descriptor asks for what cannot be.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, HttpScenario)
        assert context.script is not None
        if descriptor.effects is not None:
            raise RecordingError(
                f"source {descriptor.source!r}: effects on tables cannot be observed over HTTP",
                slug="effects-unobservable",
                hint="leave effects= out, or record the procedure behind the page",
            )
        if descriptor.login and not descriptor.login.path.startswith("/"):
            raise bad_request(f"the path {descriptor.login.path!r} of the login does not begin with a slash")
        self._script = context.script
        super().__init__(context, descriptor.login)

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Log in if asked to, and play the script; what its requests were answered is the outcome."""
        with self.visit(variant) as client:
            return Observation(self._script(partial(self._step, client), case.input)), ()

    def _step(self, client: WebClient, method: str, asked: dict[str, Value], number: int) -> Outcome:
        request = Asked(method, **asked)
        exchange = self.exchanged(lambda: client.send(request))
        return Outcome(
            "responded",
            Response(exchange.status, exchange.response_headers, exchange.response_body, exchange.reason),
        )
