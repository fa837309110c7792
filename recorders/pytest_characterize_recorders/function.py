"""Recording Python callables of the legacy code base."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_characterize.descriptors import Descriptor, Function
from pytest_characterize.errors import CharacterizeError, RecordingError
from pytest_characterize.model import Case, Observation, RuleHit
from pytest_characterize.recording.protocols import RecordingContext, Trial
from pytest_characterize.statements import StatementWatch
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.python import forking
from pytest_characterize_recorders.sources.python.elsewhere import Elsewhere
from pytest_characterize_recorders.sources.python.here import Here


class FunctionRecorder:
    """Calls one legacy function, case by case, in this process or in another interpreter.

    It is imported when the recorder is opened.

    Raises:
        RecordingError: ``function-unknown``, ``effects-unobservable``, ``interpreter-needed``, or what
            :class:`~pytest_characterize_recorders.sources.python.elsewhere.Elsewhere` raises.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Function)
        self._descriptor, self._settings = descriptor, context.settings
        self._target = descriptor.target
        self._watch = StatementWatch()
        self._args = context.args
        if descriptor.effects is not None:
            raise RecordingError(
                f"function {self._target!r}: the effects of a Python function cannot be observed yet",
                slug="effects-unobservable",
                hint="leave effects= out",
            )
        opens = Elsewhere if descriptor.interpreter else _here
        self._legacy: Elsewhere | Here = opens(
            descriptor, context.settings.root, context.settings.rule_modules
        )

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Call the function with a copy of the case's input, as keyword arguments.

        SQL statements that it sends through Django or SQLAlchemy in this process are counted.

        Args:
            variant: module name -> changed text; a text with probes tells which rules were hit.
        """
        self._legacy.vary(variant or {})
        with self._watch.watching() as sent:
            outcome = self._legacy.call(bind(case.input, self._args))
        # most functions send none, and a golden does not speak of what is not there
        queries = sum(group.times for group in sent.groups()) or None if sent.counted else None
        return Observation(outcome, queries=queries), self._legacy.hits

    def trials(self, cases: Sequence[Case], variant: Mapping[str, str], seconds: float) -> Iterator[Trial]:
        """Call the function as a variant has it, each time in a process that ends with the case.

        What it would do outside of that process, to files, other processes or the network, is refused, and
        the case is none that could be tried.
        """
        legacy = self._legacy
        if isinstance(legacy, Here) and forking.POSSIBLE:
            return forking.tried(
                legacy.prepared(variant),
                lambda number: self.observe(cases[number], variant)[0],
                len(cases),
                seconds,
            )
        return self._tried_elsewhere(cases, variant, seconds)

    def _tried_elsewhere(
        self, cases: Sequence[Case], variant: Mapping[str, str], seconds: float
    ) -> Iterator[Trial]:
        """The same where this process cannot be forked, or is not legacy's: its interpreter forks for each case."""
        legacy, settings = self._legacy, self._settings
        if not isinstance(legacy, Elsewhere):
            descriptor = replace(self._descriptor, interpreter=sys.executable)
            legacy = Elsewhere(descriptor, settings.root, settings.rule_modules)
        try:
            for case in cases:
                legacy.vary(variant)
                try:
                    trial = Trial(Observation(legacy.call(bind(case.input, self._args), seconds, apart=True)))
                except CharacterizeError as error:
                    trial = Trial(None, error.message)
                yield trial
        finally:
            if legacy is not self._legacy:
                legacy.close()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The texts of the function's module and of those that belong to it, by module name."""
        return self._legacy.texts

    def provenance(self) -> Mapping[str, str]:
        """Module, hash of the function's source, and Python version."""
        source = self._legacy.source
        told = {
            "module": self._target.partition(":")[0],
            "function sha256": hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
            if source
            else "",
            "python": self._legacy.python,
        }
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Give back what calling the function took."""
        self._watch.close()
        self._legacy.close()


def _here(descriptor: Function, root: Path, modules: Sequence[str]) -> Here:
    if descriptor.encoding or descriptor.timeout is not None:
        raise RecordingError(
            f"function {descriptor.target!r}: encoding= and timeout= are for another interpreter, and it names none",
            slug="interpreter-needed",
            hint='add interpreter=..., for example "python2.7", or leave them out',
        )
    return Here(descriptor.target, root, modules)
