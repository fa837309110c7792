"""Recording HTTP exchanges with a legacy web application."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_characterize.descriptors import Descriptor, Http
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Response
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.web.requests import asked, check_descriptor
from pytest_characterize_recorders.visiting import WebRecorder


class HttpRecorder(WebRecorder):
    """Makes one request, case by case.

    Raises:
        RecordingError: the source may not or cannot be reached, or the descriptor can be no request.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Http)
        check_descriptor(descriptor)
        self._descriptor = descriptor
        super().__init__(context, descriptor.login)

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Log in if asked to, make the request, and keep the exchange without secrets."""
        request = asked(self._descriptor, bind(case.input, self._context.args))
        with self.visit(variant) as client:
            exchange = self.exchanged(lambda: client.send(request))
        kept, _ = self._context.scrubber.interaction(exchange)
        response = Response(kept.status, kept.response_headers, kept.response_body, kept.reason)
        return Observation(Outcome("responded", response), interactions=(kept,)), ()
