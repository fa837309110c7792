"""A case's result on pytest's report of it: an object within a process, text between two."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import pytest

from pytest_characterize.model import CaseResult
from pytest_characterize.wire import pack, unpack

_NAME: Final = "characterize"


def attach(report: pytest.TestReport, result: CaseResult) -> None:
    """Let the report carry the result."""
    setattr(report, _NAME, result)


def attached(report: object) -> CaseResult | None:
    """The result that a report carries."""
    return getattr(report, _NAME, None)


class TravellingPlugin:
    """Sees results over the border of processes: to xdist's controller, into the log of a report plugin."""

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
        """Turn the result into text."""
        data = yield
        result = attached(report)
        if data and result:
            data[_NAME] = pack(result)
        return data

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(
        self, data: dict[str, Any]
    ) -> Generator[
        None,
        pytest.CollectReport | pytest.TestReport | None,
        pytest.CollectReport | pytest.TestReport | None,
    ]:
        """Turn the text into the result."""
        report = yield
        if _NAME in data and isinstance(report, pytest.TestReport):
            attach(report, unpack(data[_NAME]))
        return report
