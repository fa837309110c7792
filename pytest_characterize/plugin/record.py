"""Mode record: one item a marked test, which runs legacy and writes goldens; no candidate is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_characterize.plugin.legacy_items import LegacyFailure, LegacyItem, LegacyPlugin
from pytest_characterize.plugin.options import OPTIONS, SESSION, RunOptions
from pytest_characterize.plugin.progress import Progress
from pytest_characterize.plugin.usage import UsagePlugin
from pytest_characterize.report.visible import visible
from pytest_characterize.report.words import count
from pytest_characterize.session import Session
from pytest_characterize.session.recording import Recorded

_NAMED_FAILURES = 10
_WORDS = {
    "new": "recorded",
    "kept": "kept (already recorded)",
    "unchanged": "unchanged",
    "pending": "changed (pending review)",
    "restated": "same behaviour of another legacy version (pending review)",
    "failed": "failed",
}


class RecordItem(LegacyItem):
    """Runs legacy on the cases of one marked test."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.done: list[Recorded] = []

    def runtest(self) -> None:
        """Record every case; cases that fail do not keep the others from being recorded."""
        session, options = self.config.stash[SESSION], self.config.stash[OPTIONS]
        progress = Progress(self.config, f"recording {self.name}")
        for recorded in session.record(self.spec, options.record, in_ci=options.in_ci):
            self.done.append(recorded)
            progress.show(len(self.done), len(self.spec.inputs))
        failed = [recorded for recorded in self.done if recorded.error]
        if failed:
            lines = [f"{recorded.label}: {recorded.error}" for recorded in failed[:_NAMED_FAILURES]]
            if len(failed) > _NAMED_FAILURES:
                lines.append(f"... and {len(failed) - _NAMED_FAILURES} more")
            raise LegacyFailure("\n".join(lines))


class RecordPlugin(LegacyPlugin[RecordItem]):
    """Collects one :class:`RecordItem` a marked test, deselects everything else, and sums up."""

    def __init__(self, session: Session, options: RunOptions, usage: UsagePlugin) -> None:
        super().__init__(RecordItem, session, usage)
        self._options = options

    def pytest_report_header(self) -> str:
        """Which legacy is contacted."""
        sources = ", ".join(
            f"{source.name} ({source.kind}{', copies allowed' if source.clone else ''})"
            for source in self._session.settings.sources.values()
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
        for item in self._items:
            if len(item.done) > 1 and all(recorded.raised for recorded in item.done):
                terminalreporter.write_line(
                    f"{item.nodeid}: legacy ended in an error in every case, e.g. {item.done[0].label}:"
                    f" {visible(item.done[0].raised)}; see whether it is set up as it should be",
                    yellow=True,
                )
        empty = [recorded for recorded in done if recorded.empty]
        if empty:
            terminalreporter.write_line(
                f"given rows: none in {count(len(empty), 'case')}, e.g. {empty[0].label}:"
                f" {', '.join(empty[0].empty)}",
                yellow=True,
            )
        store = self._session.settings.directory
        if counts["pending"] or counts["restated"]:
            terminalreporter.write_line(
                f"next: review {store}/pending, then pytest-characterize accept|reject"
            )
        elif counts["new"]:
            terminalreporter.write_line(f"next: commit {store}/, then pytest --characterize")


def _counted(counts: Mapping[str, int]) -> str:
    return (
        ", ".join(f"{counts[action]} {word}" for action, word in _WORDS.items() if counts.get(action))
        or "none"
    )
