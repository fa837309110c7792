"""Marked tests that make no sense: one line each while collecting, and the exit status of a usage error."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

from pytest_characterize.errors import CharacterizeError


class MarkerError(pytest.Collector.CollectError):
    """A marked test asks for something that cannot be; pytest shows the message alone."""


class UsagePlugin:
    """Keeps track of refused tests, also of those that a worker process refused."""

    def __init__(self) -> None:
        self._shown = 0
        self._refused = False

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Turn an error of ours into a collection error without a traceback."""
        try:
            yield
        except CharacterizeError as error:
            self._shown += 1
            raise MarkerError(str(error)) from None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Tag the report of a module with a refused test; the tag travels from worker to controller."""
        before = self._shown
        report = yield
        if self._shown > before:
            report.characterize_refused = True  # type: ignore[attr-defined]
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember that something was refused."""
        self._refused = self._refused or hasattr(report, "characterize_refused")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, object]:
        """A refused test is a usage error, whatever status other plugins add (syrupy's bits are or-ed in)."""
        done = yield
        if self._refused and exitstatus == pytest.ExitCode.INTERRUPTED:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        return done
