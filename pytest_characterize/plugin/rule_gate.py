"""What the legacy rules say of a run: it is not green where they are in doubt, or too few are exercised.

The latter if asked for: ``--characterize-fail-under=PCT``.
"""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal, InvalidOperation

import pytest

from pytest_characterize.model import RunResult
from pytest_characterize.plugin.ledger import LedgerPlugin
from pytest_characterize.report.rules import percent
from pytest_characterize.report.words import count
from pytest_characterize.rulebook import RuleCount


def parse_percent(text: str) -> Decimal:
    """What the option asks for.

    Raises:
        pytest.UsageError: it is no number from 0 to 100.
    """
    try:
        wanted = Decimal(text)
    except InvalidOperation:
        wanted = Decimal("NaN")
    if not wanted.is_finite() or not 0 <= wanted <= 100:
        raise pytest.UsageError(
            f"--characterize-fail-under={text}: must be a number from 0 to 100. "
            "hint: write for example --characterize-fail-under=85"
        )
    return wanted


def shortfall(result: RunResult, wanted: Decimal) -> str:
    """Why the rule coverage of a run is not enough; ``""`` if it is.

    What cannot be judged is not enough: an incomplete run, rules in doubt, no rule at all. A place that
    could not be instrumented counts as a rule that no case exercised.
    """
    told = f"--characterize-fail-under={wanted}: rule coverage"
    counted = result.rules.count
    if not result.complete:
        return f"{told} cannot be judged, the run is incomplete"
    if result.rules.in_doubt:
        return f"{told} cannot be judged, the legacy rules are in doubt: see above"
    if not counted.known:
        return f"{told} cannot be judged, no legacy rule is known; recording keeps them beside the goldens"
    every = RuleCount(counted.known + counted.unknown, counted.exercised)
    if 100 * every.exercised >= wanted * every.known:
        return ""
    besides = (
        f", {count(counted.unknown, 'unknown place')} taken as never exercised" if counted.unknown else ""
    )
    return f"{told} is {percent(every)} ({every.exercised} of {every.known}{besides})"


class RuleGatePlugin:
    """Judges the run's rules once they are known, on the controlling process only.

    Args:
        wanted: the least rule coverage in percent; ``None`` asks for nothing.
    """

    def __init__(self, ledger: LedgerPlugin, wanted: Decimal | None) -> None:
        self._ledger, self._wanted = ledger, wanted
        self._shortfall = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """A run that is green otherwise fails, after the ledger has balanced its books."""
        done = yield
        if (result := self._ledger.result) is not None:
            self._shortfall = "" if self._wanted is None else shortfall(result, self._wanted)
            failing = self._shortfall or result.rules.in_doubt
            if failing and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return done

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line: enough, or why not."""
        if self._wanted is None or self._ledger.result is None:
            return
        if self._shortfall:
            terminalreporter.write_line(f"FAIL {self._shortfall}", red=True, bold=True)
        else:
            terminalreporter.write_line(
                f"rule coverage is at least {self._wanted} %, as required", green=True
            )
