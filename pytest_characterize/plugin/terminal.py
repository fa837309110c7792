"""Mode replay, telling: letters and words of verdicts, the drift summary, the report files."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.model import Verdict
from pytest_characterize.plugin.ledger import LedgerPlugin
from pytest_characterize.plugin.options import RunOptions
from pytest_characterize.plugin.travelling import attached
from pytest_characterize.report.terminal import lines
from pytest_characterize.report.writing import write_reports
from pytest_characterize.session import Session

_LETTERS = {
    Verdict.DRIFTED: "D",
    Verdict.EXPIRED: "X",
    Verdict.ERRORED: "E",
    Verdict.UNRECORDED: "U",
    Verdict.UNPLAYED: "N",
    Verdict.SKIPPED: "S",
}


class Teardowns:
    """The passed teardowns of a run by their item, as pytest's summary asks for them."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._known: dict[str, list[pytest.TestReport]] = {}
        self._seen = 0

    def of(self, item: object) -> Sequence[pytest.TestReport]:
        """Those of one item, by its node id (of whichever type this pytest has them)."""
        if self._seen != len(self._reporter.stats.get("", ())):
            self._look()
        return self._known.get(str(item), ())

    def _look(self) -> None:
        self._known.clear()
        self._seen = len(self._reporter.stats[""])
        for report in self._reporter.getreports(""):
            if report.when == "teardown":
                self._known.setdefault(report.nodeid, []).append(report)


class TerminalPlugin:
    """Prints what the ledger found and writes the reports, on the controlling process only."""

    def __init__(self, session: Session, options: RunOptions, ledger: LedgerPlugin) -> None:
        self._session, self._options, self._ledger = session, options, ledger

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Let pytest find teardowns at once: it looks through all reports for each failure that it prints."""
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if isinstance(reporter, pytest.TerminalReporter) and hasattr(reporter, "_get_teardown_reports"):
            reporter._get_teardown_reports = Teardowns(reporter).of  # type: ignore[method-assign, assignment]

    def pytest_report_header(self) -> str:
        """Where the goldens are."""
        return f"characterize: replay, goldens in {self._session.settings.directory}/, legacy is unreachable"

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """A letter and a word for each failing verdict; the category stays pytest's own."""
        result = attached(report)
        if result is None or not report.failed or getattr(report, "when", "") != "call":
            return None
        letter = _LETTERS.get(result.verdict)
        return ("failed", letter, (result.verdict.value.upper(), {"red": True})) if letter else None

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The drift summary, then the report files."""
        result = self._ledger.result
        if result is None:
            return
        terminalreporter.section("characterize")
        for line in lines(result, terminalreporter._tw.fullwidth, terminalreporter._tw.markup):
            terminalreporter.write_line(line)
        if self._ledger.lost:
            count, first = len(self._ledger.lost), self._ledger.lost[0]
            terminalreporter.write_line(
                f"characterize: {count} collected items were never reported, e.g. {first}"
            )
        try:
            for path in write_reports(result, self._options.reports, self._session.settings.root):
                terminalreporter.write_line(f"report: {path}")
        except CharacterizeError as error:
            terminalreporter.write_line(f"ERROR: {error}", red=True)
            assert terminalreporter._session is not None
            terminalreporter._session.exitstatus = pytest.ExitCode.USAGE_ERROR
