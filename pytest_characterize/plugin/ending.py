"""A process that ends while pytest runs leaves no verdict, and with status 0 it would look green."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from typing import NoReturn

import pytest

from pytest_characterize.errors import ReplayError


class EndingPlugin:
    """Says who ended the process by ``os._exit`` before the run was over, and refuses status 0 for it.

    Nobody else would: the call runs no handler, no ``finally`` and no hook. Children of the process, which
    rightly end so, are left alone.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._process = config, os.getpid()
        self._end: Callable[[int], NoReturn] = os._exit

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Begin to watch, before any module of the tests is imported."""
        self._end = os._exit
        os._exit = self._told

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """Let go once the verdict stands; pytest-xdist's workers end by ``os._exit`` afterwards."""
        try:
            return (yield)
        finally:
            os._exit = self._end  # type: ignore[assignment]

    def _told(self, status: int) -> NoReturn:
        if os.getpid() != self._process:
            self._end(status)
        code = sys._getframe(1)
        doing = os.environ.get("PYTEST_CURRENT_TEST", "the collection").partition(" (")[0]
        error = ReplayError(
            f"{code.f_code.co_filename}:{code.f_lineno}: os._exit({status}) ended the run during {doing}",
            slug="process-ended",
            hint="leave by an exception or by sys.exit(): this run has no verdict",
        )
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        if capture is not None:
            capture.suspend_global_capture(in_=True)
        sys.stderr.write(f"\ncharacterize: {error}\n")
        sys.stderr.flush()
        self._end(status or pytest.ExitCode.INTERNAL_ERROR)
