"""What was collected, what was reported, what the store holds: compared at the end, on the controller.

The verdict of a run is only as good as this comparison: a worker that dies, a report that cannot travel
or a plugin that drops items must not turn a failing case green.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Generator, Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any, cast

import pytest

from pytest_characterize.model import CaseResult, Problem, RunResult, RunVerdict, Verdict
from pytest_characterize.plugin.collecting import CollectingPlugin, Scope
from pytest_characterize.plugin.options import OPTIONS
from pytest_characterize.plugin.travelling import attached
from pytest_characterize.session import Session

_PACKAGES = ("pytest", "pytest-django", "pytest-xdist", "Django")
_WORKER_OUTPUT = "characterize"
_LOST = {
    "case-lost": "the case was collected, but no report of it arrived",
    "case-crashed": "the worker process died while it ran this case",
}


class LedgerPlugin:
    """Keeps the books of a replay; the run's result is computed from them.

    Attributes:
        result: the run's result, once the session has finished on the controlling process.
        lost: node ids that were collected and never reported although the run was not stopped.
    """

    def __init__(self, session: Session, collecting: CollectingPlugin) -> None:
        self._session, self._collecting = session, collecting
        self._started_at, self._started = datetime.now(UTC), perf_counter()
        self._results: dict[str, CaseResult] = {}
        self._collected: set[str] = set()
        self._reported: set[str] = set()
        self._crashed: list[str] = []
        self._planned: set[str] = set()
        self._deselected = 0
        self._uncollectable: list[str] = []
        self.result: RunResult | None = None
        self.lost: list[str] = []
        self._dropped = False

    # -- entries -------------------------------------------------------------------------------------

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What this process is going to run (a controller of workers collects nothing)."""
        self._collected.update(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Iterable[str]) -> None:
        """What a worker is going to run."""
        self._collected.update(ids)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """What was taken out of the run."""
        self._deselected += len(list(items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What could not be collected."""
        if report.failed:
            self._uncollectable.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one item; a failing verdict stays, whatever a later phase or a rerun says."""
        new = attached(report)
        if new is not None:
            old = self._results.get(report.nodeid)
            if old is None or old.verdict.passes:
                self._results[report.nodeid] = new
        elif report.when not in ("setup", "call", "teardown") and report.failed:
            self._reported.add(report.nodeid)  # xdist's report of a worker that died while running it
            self._crashed.append(report.nodeid)
        if report.when == "teardown":
            self._reported.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker finished: what it planned and what it took out of the run."""
        told = getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT)
        if told:
            books = json.loads(told)
            self._planned.update(books["planned"])
            self._deselected = max(self._deselected, books["deselected"])

    # -- the balance ---------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, object]:
        """Balance the books, after other plugins have set the exit status and before the summary is printed."""
        done = yield
        self._balance(session, exitstatus)
        return done

    def _balance(self, session: pytest.Session, exitstatus: int) -> None:
        """The run's result and exit status; on a worker, hand the books over."""
        config = session.config
        if hasattr(config, "workerinput"):
            books = {"planned": self._collecting.planned, "deselected": self._deselected}
            cast(Any, config).workeroutput[_WORKER_OUTPUT] = json.dumps(books)
            return
        if config.option.collectonly:
            return
        self._planned.update(self._collecting.planned)
        stopped = self._why_stopped(session, exitstatus)
        missing = sorted(self._collected - self._reported)
        self._settle(self._crashed, "case-crashed")
        if not stopped:
            self.lost = missing
            self._settle(missing, "case-lost")
        partial, unaccounted = self._why_partial(config), self._unaccounted(missing if stopped else [])
        self._dropped = bool(unaccounted) and not stopped and not partial
        reasons = [*stopped, *partial, *unaccounted]
        self.result = self._session.finish(
            self._results.values(),
            reasons,
            self._started_at,
            perf_counter() - self._started,
            self._provenance(config),
        )
        self._set_exit_status(session, exitstatus)

    def _set_exit_status(self, session: pytest.Session, exitstatus: int) -> None:
        assert self.result is not None
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return
        failing = self._dropped or any(not result.verdict.passes for result in self.result.results)
        if self.lost:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        elif failing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif not self.result.results:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def _why_stopped(self, session: pytest.Session, exitstatus: int) -> list[str]:
        if exitstatus == pytest.ExitCode.INTERRUPTED or session.shouldstop or session.shouldfail:
            return [f"stopped early: {session.shouldfail or session.shouldstop or 'interrupted'}"]
        if exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            return ["the run broke off with an error"]
        return []

    def _why_partial(self, config: pytest.Config) -> list[str]:
        option = config.option
        chosen = {
            "-k": option.keyword,
            "-m": option.markexpr,
            "--deselect": option.deselect,
            "--ignore": option.ignore,
            "--ignore-glob": option.ignore_glob,
            "--last-failed": getattr(option, "lf", False),
            "--stepwise": getattr(option, "stepwise", False),
            "paths on the command line": Scope(config).narrowed,
        }
        reasons = [f"selected by {name}" for name, given in chosen.items() if given]
        if self._deselected:
            reasons.append(f"{self._deselected} items were deselected")
        if self._uncollectable:
            reasons.append(
                f"{len(self._uncollectable)} modules could not be collected: {self._uncollectable[0]}"
            )
        return reasons

    def _unaccounted(self, not_run: list[str]) -> list[str]:
        """Cases of plan and store that have no verdict."""
        reasons = []
        if not_run:
            reasons.append(f"{len(not_run)} items were not run")
        dropped = sorted(self._planned - self._collected)
        if dropped and not self._deselected:
            reasons.append(f"{len(dropped)} cases were dropped from the run: {dropped[0]}")
        judged = {(result.test, result.case) for result in self._results.values()}
        absent = sum(
            (test, entry.id) not in judged
            for test in self._session.store.tests()
            for entry in self._session.store.shelf(test).entries
        )
        if absent:
            reasons.append(f"{absent} goldens were not replayed")
        return reasons

    def _settle(self, nodeids: Iterable[str], slug: str) -> None:
        """Give a verdict to cases whose report never came."""
        for nodeid in nodeids:
            test, _, label = nodeid.removesuffix("]").partition("[")
            entry = next(
                (entry for entry in self._session.store.shelf(test).entries if entry.label == label), None
            )
            if entry or nodeid in self._planned:
                self._results[nodeid] = CaseResult(
                    test,
                    entry.id if entry else "",
                    label,
                    Verdict.ERRORED,
                    golden=entry.file if entry else "",
                    recorded_at=entry.recorded_at if entry else "",
                    problem=Problem(slug, _LOST[slug], "run it alone, without -n, to see why"),
                )

    def _provenance(self, config: pytest.Config) -> Mapping[str, str]:
        found = {"python": platform.python_version(), "platform": platform.system()}
        for package in _PACKAGES:
            try:
                found[package.lower()] = version(package)
            except PackageNotFoundError:
                continue
        return found | {"seed": str(config.stash[OPTIONS].seed)}

    @property
    def verdict(self) -> RunVerdict | None:
        """The run's verdict, once there is one."""
        return self.result.verdict if self.result else None
