"""Mode replay, running: one golden, one call of the candidate, exactly one verdict."""

from __future__ import annotations

import gc
import inspect
import traceback
from collections.abc import Generator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_characterize.compare.large import reduce_like
from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import ReplayError, UsageError
from pytest_characterize.model import CaseResult, Golden, Problem, Verdict
from pytest_characterize.plugin.collecting import PLANNED
from pytest_characterize.plugin.differing import line_diff
from pytest_characterize.plugin.items import RESULT, CaseFailure, problem_text, shown_as_failure
from pytest_characterize.plugin.marker import HIDING
from pytest_characterize.plugin.travelling import attach
from pytest_characterize.recording.loading import effect_probe
from pytest_characterize.replay import django
from pytest_characterize.replay.calling import Capture, Probe
from pytest_characterize.replay.clock import frozen
from pytest_characterize.replay.guard import Attempt, Guard
from pytest_characterize.replay.notices import NoticeLog
from pytest_characterize.report.case_text import case_lines
from pytest_characterize.session import Session
from pytest_characterize.session.ahead import Ahead
from pytest_characterize.session.planning import PlannedCase
from pytest_characterize.specs import TestSpec
from pytest_characterize.statements import StatementWatch
from pytest_characterize.values import Value

if TYPE_CHECKING:
    from pytest_characterize.plugin.tracing import TracingPlugin

_PASSING: Final = (pytest.exit.Exception, pytest.FixtureLookupError)
_FIXED: Final = frozenset({type(None), bool, int, float, str, Decimal, date, datetime})
_ASYNC_MARKERS: Final = ("anyio", "trio")
_DATABASE_FIXTURES: Final = frozenset({"db", "transactional_db", "django_db_reset_sequences", "admin_client"})


@dataclass(slots=True)
class _Active:
    """A case being replayed: what is known of it so far."""

    planned: PlannedCase
    attempts: list[Attempt]
    golden: Golden | None = None
    result: CaseResult | None = None
    told: int = 0


_ACTIVE = pytest.StashKey[_Active]()


class RunningPlugin:
    """Plays planned cases. Everything that may go wrong around one ends as that case's verdict."""

    def __init__(self, session: Session, seed: int, tracing: TracingPlugin | None = None) -> None:
        self._session, self._seed, self._tracing = session, seed, tracing
        self._guard = Guard(session.settings.allow)
        self._watch = StatementWatch()
        self._unfrozen: _Active | None = None
        self._freezes = False
        self._goldens = Ahead(session.load, ())

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn in which order the cases are going to run."""
        planned = map(_planned, session.items)
        self._goldens = Ahead(self._session.load, (one for one in planned if one is not None))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """What was collected lives until the end, so the garbage collector need not go through it each time."""
        self._freezes = not gc.get_freeze_count()
        if self._freezes:
            gc.freeze()

    def pytest_unconfigure(self) -> None:
        """Leave SQLAlchemy and the garbage collector as they were."""
        self._watch.close()
        if self._freezes:
            gc.unfreeze()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Guard all phases of a case, fixtures included."""
        planned = _planned(item)
        if planned is None:
            return (yield)
        with self._guard.watching() as attempts:
            active = item.stash[_ACTIVE] = _Active(planned, attempts)
            self._unfrozen = active if planned.spec.freeze else None
            self._watch.prepare()
            try:
                return (yield)
            finally:
                del item.stash[_ACTIVE]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Load the golden and put its input in the place of the item's blanks."""
        active = item.stash.get(_ACTIVE, None)
        if active is None:
            return
        assert isinstance(item, pytest.Function)
        with shown_as_failure():
            _refuse_late_hiding(item)
            active.golden = golden = self._goldens.load(active.planned)
            if set(golden.case.input) != set(item.callspec.params) - {PLANNED}:
                raise ReplayError(
                    f"{active.planned.entry.file}: holds other input names than the test has now",
                    slug="golden-outdated",
                    hint="name the same inputs in cases= as when it was recorded, or record it again",
                )
            inputs = _own(golden.case.input)
            item.callspec.params.update(inputs)
            item.funcargs.update(inputs)
            for address in django.database_addresses():
                self._guard.permit(address)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> None:
        """Freeze clock and seeds before the first fixture of the function; those of wider scopes live in real time."""
        if self._unfrozen is not None and fixturedef.scope == "function":
            self._freeze(request.node)

    def _freeze(self, item: pytest.Item) -> None:
        """Freeze clock and seeds until the fixtures of the function are torn down."""
        active = item.stash.get(_ACTIVE, None)
        if active is None or active is not self._unfrozen:
            return
        self._unfrozen = None
        entry = active.planned.entry
        clock = frozen(datetime.fromisoformat(entry.at or entry.recorded_at), self._seed)
        clock.__enter__()
        item.addfinalizer(lambda: clock.__exit__(None, None, None))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Call the candidate, observe it, compare, and fail on drift."""
        active = item.stash.get(_ACTIVE, None)
        if active is None:
            return (yield)
        assert isinstance(item, pytest.Function)
        assert active.golden is not None
        self._freeze(item)
        original = item.obj
        with shown_as_failure():
            capture = self._capture(item, active.planned.spec, active.golden)
            item.obj = capture.wrap(original, run_async=_nobody_runs_async(item))
            try:
                yield
            finally:
                item.obj = original
            if capture.observation is None:
                return None
            active.result = self._session.judge(
                active.planned, active.golden, capture.observation, capture.duration, capture.statements
            )
            if self._tracing is not None:
                lines, facts = self._tracing.facts(item)
                active.result = replace(
                    active.result, lines=lines, provenance={**active.result.provenance, **facts}
                )
        if active.result.verdict is Verdict.DRIFTED:
            raise _failure(active.result, capture.error)
        return None

    def _capture(self, item: pytest.Function, spec: TestSpec, golden: Golden) -> Capture:
        if not django.in_use():
            return Capture(
                golden.observation,
                spec.raises,
                effects=self._probes(spec.legacy.effects),
                reduce=reduce_like,
                passing=_PASSING,
                watch=self._watch,
                log=_notice_log(spec),
            )
        if spec.legacy.kind == "http":
            django.answer_errors(item.funcargs.values())
        for address in django.live_addresses(item.funcargs.values()):
            self._guard.permit(address)
        return Capture(
            golden.observation,
            spec.raises,
            adapters=django.adapters(),
            transaction=partial(django.candidate_transaction, _aliases(item)),
            effects=self._probes(spec.legacy.effects),
            reduce=reduce_like,
            passing=_PASSING,
            watch=self._watch,
            log=_notice_log(spec),
            runner=django.run_coroutine,
            bridge=django.bridge,
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the verdict, after every other plugin had its say about the outcome."""
        failure = call.excinfo if call.excinfo and isinstance(call.excinfo.value, CaseFailure) else None
        text = str(failure.value) if failure else ""
        if failure:
            # what pytest renders of a traceback would be thrown away: it renders nothing, or one entry
            item.repr_failure = lambda _: text  # type: ignore[method-assign, misc, assignment]
            failure.traceback = failure.traceback[-1:]
        report = yield
        result = self._verdict(item, call, report)
        if result is not None:
            attach(report, result)
            if not result.verdict.passes and not report.failed:
                report.outcome = "failed"
                report.longrepr = problem_text(result)
        if failure:
            report.longrepr = text
        _make_portable(report)
        return report

    def _verdict(
        self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
    ) -> CaseResult | None:
        if RESULT in item.stash:
            return item.stash[RESULT] if report.when == "call" else None
        active = item.stash.get(_ACTIVE, None)
        if active is None:
            return None
        problem = _problem(active, call, report)
        if problem is None:
            return active.result if report.when == "call" else None
        verdict = Verdict.SKIPPED if problem.slug == "candidate-skipped" else Verdict.ERRORED
        return self._session.result(active.planned, verdict, problem, active.golden)

    def _probes(self, effects: Tables | None) -> dict[str, Probe]:
        if effects is None:
            return {}
        return {effects.probe: partial(effect_probe(effects.probe), effects, self._session.settings.tables)}


def _own(inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs as the candidate's own: it may change them, the report must not."""
    return {name: value if type(value) in _FIXED else deepcopy(value) for name, value in inputs.items()}


def _planned(item: pytest.Item) -> PlannedCase | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get(PLANNED) if callspec else None


def _failure(result: CaseResult, error: BaseException | None) -> CaseFailure:
    """The drift as a failure; a debugger is led to where the candidate raised, and so is the reader."""
    lines = case_lines(result, line_diff=line_diff())
    if error is None:
        return CaseFailure("\n".join(lines))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    lines.append(f"  raised  {frame.filename}:{frame.lineno} in {frame.name}")
    failure = CaseFailure("\n".join(lines))
    failure.__traceback__ = error.__traceback__
    return failure


def _problem(active: _Active, call: pytest.CallInfo[None], report: pytest.TestReport) -> Problem | None:
    """Why this phase leaves the case without evidence; ``None`` if it does not."""
    if len(active.attempts) > active.told:
        active.told = len(active.attempts)
        return Problem(
            "legacy-contacted",
            f"the candidate {active.attempts[-1]}, during replay ({active.told} in all)",
            "replay never contacts legacy; if this is no legacy system, name it in [tool.characterize] allow",
        )
    if report.skipped or hasattr(report, "wasxfail"):
        return Problem(
            "candidate-skipped",
            f"was skipped or expected to fail during replay: {_reason(call)}",
            "a skipped case proves nothing: let the candidate run, or remove the case and its golden",
        )
    if call.excinfo is None:
        if report.when == "call" and active.result is None:
            return Problem(
                "candidate-not-called", "the test passed, but its function was never called", "see plugins"
            )
        return None
    if isinstance(call.excinfo.value, CaseFailure):
        return call.excinfo.value.problem
    return _foreign_problem(call.excinfo, report.when)


def _foreign_problem(excinfo: pytest.ExceptionInfo[BaseException], when: str) -> Problem:
    what = f"{excinfo.typename}: {excinfo.value}"
    if when != "call":
        return Problem(
            "fixture-failed", f"a fixture failed in {when}: {what}", "mend the fixture; see its traceback"
        )
    if isinstance(excinfo.value, AssertionError):
        return Problem(
            "candidate-asserted",
            f"the test function asserts something: {what}",
            "return the candidate's value; the golden is the assertion",
        )
    return Problem("candidate-broke-off", f"the candidate broke off: {what}", "see its traceback")


def _reason(call: pytest.CallInfo[None]) -> str:
    return str(call.excinfo.value) if call.excinfo else "no reason given"


def _refuse_late_hiding(item: pytest.Function) -> None:
    for mark in item.iter_markers():
        if mark.name in HIDING and mark.name != "parametrize":
            raise UsageError(
                f"{item.nodeid}: got the marker {mark.name!r} after it was collected",
                slug="hidden-replay",
                hint="do not add skip or xfail markers to characterization tests (look into conftest.py)",
            )


def _notice_log(spec: TestSpec) -> NoticeLog | None:
    return NoticeLog(spec.notices) if spec.notices else None


def _aliases(item: pytest.Function) -> tuple[str, ...]:
    """The databases that the test may use."""
    marker = item.get_closest_marker("django_db")
    if marker is None and _DATABASE_FIXTURES.isdisjoint(item.fixturenames):
        return ()
    databases = marker.kwargs.get("databases") if marker else None
    return django.all_aliases() if databases == "__all__" else tuple(databases or ("default",))


def _nobody_runs_async(item: pytest.Function) -> bool:
    """Whether the test is a coroutine function that no async plugin has taken."""
    if type(item) is not pytest.Function or not inspect.iscoroutinefunction(item.obj):
        return False
    return not any(item.get_closest_marker(name) for name in _ASYNC_MARKERS)


def _make_portable(report: pytest.TestReport) -> None:
    """Escape what cannot be encoded: a lone surrogate in a report kills an xdist worker and loses the verdict."""
    if (
        report.longrepr is not None
        and not report.skipped
        and (text := _escaped(str(report.longrepr))) is not None
    ):
        report.longrepr = text
    if report.sections:
        report.sections = [(name, _escaped(content) or content) for name, content in report.sections]


def _escaped(text: str) -> str | None:
    """The text with lone surrogates escaped; ``None`` if it has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return None
