"""Mode record: one item a marked test, which runs legacy and writes goldens; no candidate is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.model import TestSpec
from pytest_characterize.plugin.marker import read_marker
from pytest_characterize.plugin.marks import is_marked
from pytest_characterize.plugin.options import OPTIONS, SESSION, RunOptions
from pytest_characterize.plugin.unittests import refuse_unittest
from pytest_characterize.plugin.usage import UsagePlugin
from pytest_characterize.report.words import count
from pytest_characterize.session import Session
from pytest_characterize.session.recording import Recorded

_NAMED_FAILURES = 10
_PROGRESS_SECONDS = 0.2
_WORDS = {
    "new": "recorded",
    "kept": "kept (already recorded)",
    "unchanged": "unchanged",
    "pending": "changed (pending review)",
    "restated": "same behaviour of another legacy version (pending review)",
    "failed": "failed",
}


class RecordingFailure(Exception):  # noqa: N818 - pytest shows the class name nowhere
    """Some cases of a test could not be recorded; the message tells which and why."""


class RecordItem(pytest.Item):
    """Runs legacy on the cases of one marked test."""

    def __init__(self, *, spec: TestSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.done: list[Recorded] = []

    def runtest(self) -> None:
        """Record every case; cases that fail do not keep the others from being recorded."""
        session, options = self.config.stash[SESSION], self.config.stash[OPTIONS]
        progress = _Progress(self.config, self.name, len(self.spec.inputs))
        for recorded in session.record(self.spec, options.record, in_ci=options.in_ci):
            self.done.append(recorded)
            progress.show(len(self.done))
        failed = [recorded for recorded in self.done if recorded.error]
        if failed:
            lines = [f"{recorded.label}: {recorded.error}" for recorded in failed[:_NAMED_FAILURES]]
            if len(failed) > _NAMED_FAILURES:
                lines.append(f"... and {len(failed) - _NAMED_FAILURES} more")
            raise RecordingFailure("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Errors of ours in one line each; anything else as pytest shows it."""
        if isinstance(excinfo.value, CharacterizeError | RecordingFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test is."""
        return self.path, None, self.name


class RecordPlugin:
    """Collects one :class:`RecordItem` a marked test, deselects everything else, and sums up."""

    def __init__(self, session: Session, options: RunOptions, usage: UsagePlugin) -> None:
        self._session, self._options, self._usage = session, options, usage
        self._specs: dict[str, TestSpec] = {}
        self._items: list[RecordItem] = []

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Read the marker where pytest knows the function and its fixtures."""
        if is_marked(metafunc.definition):
            with self._usage.shown():
                spec = read_marker(metafunc.definition, self._session.settings)
                self._session.given(spec)
                self._specs[spec.test] = spec

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> Generator[None, Any, Any]:
        """Put one item of ours in the place of a marked test, so that no candidate fixture is set up."""
        with self._usage.shown():
            refuse_unittest(collector, name, obj)
        made = yield
        spec = self._specs.get(f"{collector.nodeid}::{name}")
        if spec is None:
            return made
        return [RecordItem.from_parent(collector, name=name, spec=spec)]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect what is not ours."""
        self._items = [item for item in items if isinstance(item, RecordItem)]
        others = [item for item in items if not isinstance(item, RecordItem)]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = self._items

    def pytest_report_header(self) -> str:
        """Which legacy is contacted."""
        sources = ", ".join(
            f"{source.name} ({source.kind})" for source in self._session.settings.sources.values()
        )
        return f"characterize: recording legacy ({self._options.record}); sources: {sources or 'none'}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What was recorded, and the next command."""
        done = [recorded for item in self._items for recorded in item.done]
        counts: Counter[str] = Counter(recorded.action for recorded in done)
        terminalreporter.section("characterize")
        for item in self._items:
            if item.done:
                terminalreporter.write_line(
                    f"{item.nodeid}: {_counted(Counter(r.action for r in item.done))}"
                )
        terminalreporter.write_line(f"characterize: {count(len(done), 'case')}: {_counted(counts)}")
        unseen = [recorded for recorded in done if recorded.unseen]
        if unseen:
            terminalreporter.write_line(
                f"rules not seen in {count(len(unseen), 'case')}, e.g. {unseen[0].label}: {unseen[0].unseen}",
                yellow=True,
            )
        store = self._session.settings.directory
        if counts["pending"] or counts["restated"]:
            terminalreporter.write_line(
                f"next: review {store}/pending, then pytest-characterize accept|reject"
            )
        elif counts["new"]:
            terminalreporter.write_line(f"next: commit {store}/, then pytest --characterize")


class _Progress:
    """A line on the terminal while a test with many cases is being recorded; nothing elsewhere."""

    def __init__(self, config: pytest.Config, name: str, total: int) -> None:
        self._reporter = config.pluginmanager.get_plugin("terminalreporter")
        self._capture = config.pluginmanager.get_plugin("capturemanager")
        self._name, self._total, self._last = name, total, monotonic()

    def show(self, done: int) -> None:
        """Write how many cases are done, a few times a second at most."""
        if (
            self._reporter is None
            or not self._reporter.isatty
            or monotonic() - self._last < _PROGRESS_SECONDS
        ):
            return
        self._last = monotonic()
        line = f"\r  recording {self._name}: {done} of {self._total}"
        if self._capture is None:
            self._reporter.write(line, flush=True)
        else:
            with self._capture.global_and_fixture_disabled():
                self._reporter.write(line, flush=True)


def _counted(counts: Mapping[str, int]) -> str:
    return (
        ", ".join(f"{counts[action]} {word}" for action, word in _WORDS.items() if counts.get(action))
        or "none"
    )
