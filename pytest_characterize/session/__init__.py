"""The corridor: record, store, replay, compare, explain, report, in that order.

A session is pushed, not driving: doors call :meth:`Session.plan` for each marked test, then either
:meth:`Session.record`, or :meth:`Session.load` and :meth:`Session.judge` once a case, and
:meth:`Session.finish` once a run. It decides whether the store may write; rooms decide nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, CaseResult, Golden, Observation, Problem, RunResult, Verdict
from pytest_characterize.scrub import project_scrubber
from pytest_characterize.session.judging import Judging, policies_of
from pytest_characterize.session.kept_rows import Noticed
from pytest_characterize.session.likenesses import Likenesses
from pytest_characterize.session.mutating import Trials, Tried, check_possible, has_mutants
from pytest_characterize.session.planning import Plan, PlannedCase, given_cases, plan, strays
from pytest_characterize.session.recording import Recorded, Recording, RecordMode
from pytest_characterize.session.rules import Rules
from pytest_characterize.settings import Settings
from pytest_characterize.specs import TestSpec
from pytest_characterize.sql.counting import StatementGroup
from pytest_characterize.store.atomic_store import Store


class Session:
    """One run over one project.

    Args:
        settings: the project's configuration.
        environment: variables with addresses and secrets; read while recording, except for the scrub key.
    """

    def __init__(self, settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
        self.settings = settings
        self.scrubber = project_scrubber(settings, environment.get("CHARACTERIZE_SCRUB_KEY", ""))
        self.store = Store(settings.root, settings.store, guard=self.refuse_leaks)
        self._environment = environment
        self._recording = Recording(settings, self.store, self.scrubber, environment)
        self._judging = Judging(settings, self.store, self.scrubber, Likenesses(self.store))
        self._noticed = Noticed(self.store)
        self.rules = Rules(self.store)

    def given(self, spec: TestSpec) -> tuple[Case, ...]:
        """The cases that the code names; see :func:`~pytest_characterize.session.planning.given_cases`."""
        return given_cases(spec, self.scrubber)

    def plan(self, spec: TestSpec) -> Plan:
        """What a test has to show for itself; see :func:`~pytest_characterize.session.planning.plan`."""
        return plan(spec, self.given(spec), self.store)

    def strays(self, planned: Iterable[str], reason: Callable[[str], str | None]) -> list[CaseResult]:
        """Cases of the store whose tests nobody planned; see :func:`~.planning.strays`."""
        return strays(planned, reason, self.store)

    def record(self, spec: TestSpec, mode: RecordMode, *, in_ci: bool = False) -> Iterator[Recorded]:
        """Run legacy and write goldens; see :meth:`~pytest_characterize.session.recording.Recording.record`."""
        return self._recording.record(spec, self.given(spec), mode, in_ci=in_ci)

    def mutate(self, spec: TestSpec, until: float) -> Iterator[Tried]:
        """Try the mutants of a test's legacy on its goldens; nothing where there are no operators, or no goldens.

        Args:
            until: when to stop, by :func:`time.monotonic`.

        Raises:
            RecordingError: legacy cannot be reached, or its changed sources cannot be tried.
            StoreError: a golden is damaged.
        """
        if not has_mutants(spec) or not self.store.shelf(spec.test).entries:
            return
        with self.store.recording(), self._recording.opened(spec) as recorder:
            trials = Trials(
                spec,
                check_possible(spec, recorder),
                self.store,
                self.scrubber,
                policies_of(spec, self.settings),
                self._noticed,
            )
            yield from trials.run(until)

    def load(self, planned: PlannedCase) -> Golden:
        """The golden of a planned case; see :meth:`~pytest_characterize.session.judging.Judging.load`."""
        return self._judging.load(planned)

    def judge(
        self,
        planned: PlannedCase,
        golden: Golden,
        observed: Observation,
        duration: float,
        statements: tuple[StatementGroup, ...] = (),
    ) -> CaseResult:
        """Matched or drifted; see :meth:`~pytest_characterize.session.judging.Judging.judge`."""
        return self._judging.judge(planned, golden, observed, duration, statements)

    def result(
        self,
        planned: PlannedCase,
        verdict: Verdict,
        problem: Problem | None = None,
        golden: Golden | None = None,
    ) -> CaseResult:
        """The result of a planned case that ended in ``verdict``."""
        return self._judging.result(planned, verdict, problem, golden)

    def finish(
        self,
        results: Iterable[CaseResult],
        incomplete_because: Iterable[str],
        started_at: datetime,
        duration: float,
        provenance: Mapping[str, str],
    ) -> RunResult:
        """Everything that a report may know; called once, on the controlling process only."""
        return self._judging.finish(results, incomplete_because, started_at, duration, provenance)

    def refuse_leaks(self, text: str, file: str) -> None:
        """Refuse to write a file's text that looks as if it held a secret.

        Raises:
            RecordingError: ``scrub-leak``.
        """
        findings = self.scrubber.leaks(text)
        if findings:
            raise RecordingError(
                f"{file}: not written, it would contain what looks like a secret: {findings[0]}",
                slug="scrub-leak",
                hint="name the field in [tool.characterize.redaction] fields, then record again",
            )
