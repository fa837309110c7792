"""``--characterize-trace``: which lines of the candidate each case runs, for the report's traceability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_characterize.plugin.ledger import LedgerPlugin
from pytest_characterize.replay.lines import Files, Lines, tracer
from pytest_characterize.report.words import count

UNTRACED: Final = "candidate lines not traced"
"""The name under which a result's provenance says why its candidate could not be traced."""

_LINES = pytest.StashKey[Lines]()


class TracingPlugin:
    """Watches the call of each case, in every process; tells on the controller what could not be watched."""

    def __init__(self, ledger: LedgerPlugin, root: Path) -> None:
        self._ledger = ledger
        self._files = Files(root)
        self._tracer = tracer(self._files)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Around the candidate, and as little else as can be."""
        with self._tracer.watching() as lines:
            item.stash[_LINES] = lines
            return (yield)

    def facts(self, item: pytest.Item) -> tuple[dict[str, tuple[int, ...]] | None, dict[str, str]]:
        """What a result says of the candidate's lines: the lines, or in its provenance why there are none."""
        lines = item.stash[_LINES]
        if lines.because:
            return None, {UNTRACED: lines.because}
        return lines.by_file(self._files), {}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Why cases were not traced, in a line each."""
        results = self._ledger.result.results if self._ledger.result else ()
        reasons = Counter(one.provenance[UNTRACED] for one in results if UNTRACED in one.provenance)
        for because, number in reasons.most_common():
            terminalreporter.write_line(
                f"characterize: candidate lines of {count(number, 'case')} not traced: {because}", yellow=True
            )

    def pytest_unconfigure(self) -> None:
        """Watch nothing any more."""
        self._tracer.close()
