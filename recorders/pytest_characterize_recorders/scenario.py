"""Recording scenarios: a script calls several functions of the legacy code base."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_characterize.descriptors import Descriptor, Scenario
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.python.here import Here


class ScenarioRecorder:
    """Lets the test's script drive legacy, case by case; each function is imported at its first step.

    Raises:
        RecordingError: ``effects-unobservable``.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Scenario)
        assert context.script is not None
        if descriptor.effects is not None:
            raise RecordingError(
                f"scenario {descriptor.target!r}: the effects of Python functions cannot be observed yet",
                slug="effects-unobservable",
                hint="leave effects= out",
            )
        self._target, self._context, self._script = descriptor.target, context, context.script
        self._functions: dict[str, Here] = {}

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Play the script; what its steps did, and how the last of them ended, is the outcome."""
        if variant:
            raise RecordingError(
                f"scenario {self._target!r}: takes no changed sources",
                slug="variant-unknown",
                hint="record it without a variant",
            )
        return Observation(self._script(self._step, case.input)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """None: which rules a scenario exercises is not seen yet."""
        return {}

    def provenance(self) -> Mapping[str, str]:
        """The module, and the Python version that ran it."""
        versions = {legacy.python for legacy in self._functions.values()}
        return {"module": self._target, "python": ", ".join(sorted(versions))}

    def close(self) -> None:
        """Give back what calling the functions took."""
        for legacy in self._functions.values():
            legacy.close()
        self._functions.clear()

    def _step(self, function: str, arguments: dict[str, Value], number: int) -> Outcome:
        if function not in self._functions:
            settings = self._context.settings
            self._functions[function] = Here(
                f"{self._target}:{function}", settings.root, settings.rule_modules
            )
        return self._functions[function].call(bind(arguments, self._context.args))
