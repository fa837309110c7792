"""How far long work on legacy is."""

from __future__ import annotations

from time import monotonic
from typing import Final

import pytest

_PROGRESS_SECONDS: Final = 0.2


class Progress:
    """A line on the terminal while legacy is at work for one test; nothing elsewhere.

    Args:
        doing: what it is at: ``recording test_total``.
    """

    def __init__(self, config: pytest.Config, doing: str) -> None:
        self._reporter = config.pluginmanager.get_plugin("terminalreporter")
        self._capture = config.pluginmanager.get_plugin("capturemanager")
        self._doing, self._last = doing, monotonic()

    def show(self, done: int, total: int, more: str = "") -> None:
        """Write how much is done, a few times a second at most."""
        if (
            self._reporter is None
            or not self._reporter.isatty
            or monotonic() - self._last < _PROGRESS_SECONDS
        ):
            return
        self._last = monotonic()
        line = f"\r  {self._doing}: {done} of {total}{more}"
        if self._capture is None:
            self._reporter.write(line, flush=True)
        else:
            with self._capture.global_and_fixture_disabled():
                self._reporter.write(line, flush=True)
