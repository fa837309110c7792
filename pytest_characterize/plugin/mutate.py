"""Mode mutants: legacy's rules are changed one at a time, and run on the recorded inputs; goldens stay as they are."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Generator
from time import monotonic
from typing import Any, Final

import pytest

from pytest_characterize.plugin.beside import Beside
from pytest_characterize.plugin.legacy_items import LegacyItem, LegacyPlugin
from pytest_characterize.plugin.options import RunOptions
from pytest_characterize.plugin.progress import Progress
from pytest_characterize.plugin.usage import UsagePlugin
from pytest_characterize.report.words import count
from pytest_characterize.rulemutants import Fate
from pytest_characterize.session import Session
from pytest_characterize.session.mutating import Tried

_NEW_OBJECTS: Final = 50_000
"""So many are made before the garbage collector looks at them."""
_BESIDE: Final = pytest.StashKey[Beside]()


class MutateItem(LegacyItem):
    """Tries the mutants of the legacy of one marked test."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tried: Tried | None = None

    def runtest(self) -> None:
        """Try every mutant, as long as there is time."""
        progress = Progress(self.config, f"mutants of {self.name}")
        for tried in self.config.stash[_BESIDE].tried(self.spec):
            self.tried = tried
            progress.show(tried.done, tried.total, f" ({tried.runs} runs)")


class MutatePlugin(LegacyPlugin[MutateItem]):
    """Collects one :class:`MutateItem` a marked test whose legacy has operators, and sums up."""

    def __init__(self, session: Session, options: RunOptions, usage: UsagePlugin) -> None:
        super().__init__(MutateItem, session, usage)
        self._beside = Beside(session, options.until)
        self._start = monotonic()
        self._thresholds = gc.get_threshold()

    def pytest_sessionstart(self) -> None:
        """Let the garbage collector look at what is kept less often: matrices are large, and full of small objects."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(_NEW_OBJECTS, *self._thresholds[1:])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect what is not ours, and ask last for what is done beside the rest."""
        super().pytest_collection_modifyitems(config, items)
        config.stash[_BESIDE] = self._beside
        there = self._beside.divide([item.spec for item in self._items])
        items.sort(key=lambda item: isinstance(item, MutateItem) and item.spec.test in there)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Leave no process behind, also where the run is interrupted."""
        try:
            return (yield)
        finally:
            self._beside.close()

    def pytest_unconfigure(self) -> None:
        """Leave the garbage collector as it was."""
        gc.set_threshold(*self._thresholds)

    def pytest_report_header(self) -> str:
        """Which legacy is contacted."""
        sources = ", ".join(
            f"{source.name} ({source.kind})" for source in self._session.settings.sources.values()
        )
        return f"characterize: trying mutants of the legacy rules; sources: {sources or 'none'}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What is known of the mutants now, and the next command."""
        terminalreporter.section("characterize")
        total: Counter[Fate] = Counter()
        runs = 0
        for item in self._items:
            matrix = self._session.store.matrix(item.spec.test) if item.tried else None
            if item.tried is None or matrix is None:
                continue
            fates = Counter(row.fate for row in matrix.rows)
            total, runs = total + fates, runs + item.tried.runs
            terminalreporter.write_line(f"{item.nodeid}: {_told(fates)}; {count(item.tried.runs, 'run')}")
            for case in matrix.cases:
                if case.excluded:
                    terminalreporter.write_line(f"  left out: {case.label}: {case.excluded}", yellow=True)
        terminalreporter.write_line(
            f"characterize: {count(total.total(), 'mutant')}: {_told(total)}; {count(runs, 'run')} of legacy"
            f" in {monotonic() - self._start:.1f} s"
        )
        store = self._session.settings.directory
        if total["pending"]:
            terminalreporter.write_line("next: run the same command again, it goes on where it stopped")
        elif total:
            terminalreporter.write_line(f"next: commit {store}/mutants/, then pytest --characterize")


def _told(fates: Counter[Fate]) -> str:
    words: dict[Fate, str] = {
        "run": "run",
        "unreached": "not reached by any case",
        "invalid": "invalid",
        "pending": "not run yet",
    }
    return ", ".join(f"{fates[fate]} {word}" for fate, word in words.items() if fates[fate]) or "no mutant"
