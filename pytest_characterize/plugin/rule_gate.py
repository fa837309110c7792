"""What the legacy rules say of a run: it is not green where they are in doubt, too few exercised or pinned.

The latter if asked for: ``--characterize-fail-under=PCT``, ``--characterize-adequacy-under=PCT``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pytest

from pytest_characterize.model import RunResult
from pytest_characterize.plugin.ledger import LedgerPlugin
from pytest_characterize.report.rules import percent
from pytest_characterize.report.words import WITHOUT_EVIDENCE, count
from pytest_characterize.rulebook import RuleCount


def parse_percent(option: str, text: str) -> Decimal:
    """What an option asks for.

    Raises:
        pytest.UsageError: it is no number from 0 to 100.
    """
    try:
        wanted = Decimal(text)
    except InvalidOperation:
        wanted = Decimal("NaN")
    if not wanted.is_finite() or not 0 <= wanted <= 100:
        raise pytest.UsageError(
            f"{option}={text}: must be a number from 0 to 100. hint: write for example {option}=85"
        )
    return wanted


def shortfall(result: RunResult, wanted: Decimal) -> str:
    """Why the rule coverage of a run is not enough; ``""`` if it is.

    What cannot be judged is not enough: an incomplete run, a case without evidence, rules in doubt, no rule at
    all. A place that could not be instrumented counts as a rule that no case exercised.
    """
    told = f"--characterize-fail-under={wanted}: rule coverage"
    counted = result.rules.count
    if reason := _unjudged(result):
        return f"{told} cannot be judged, {reason}"
    if not counted.known:
        return f"{told} cannot be judged, no legacy rule is known; recording keeps them beside the goldens"
    every = RuleCount(counted.known + counted.unknown, counted.exercised)
    if 100 * every.exercised >= wanted * every.known:
        return ""
    besides = (
        f", {count(counted.unknown, 'unknown place')} taken as never exercised" if counted.unknown else ""
    )
    return f"{told} is {percent(every)} ({every.exercised} of {every.known}{besides})"


def inadequacy(result: RunResult, wanted: Decimal) -> str:
    """Why the goldens would notice too few changed rules; ``""`` if they notice enough.

    What cannot be judged is not enough, and mutants that were not run yet count as not noticed.
    """
    told = f"--characterize-adequacy-under={wanted}: adequacy"
    found, counted = result.adequacy, result.adequacy.count
    if reason := _unjudged(result):
        return f"{told} cannot be judged, {reason}"
    if found.notes:
        return f"{told} cannot be judged: {found.notes[0]}; run pytest --characterize-mutants"
    if not counted.made:
        return f"{told} cannot be judged, no mutant was run; run pytest --characterize-mutants"
    if 100 * counted.noticed >= wanted * counted.made:
        return ""
    return f"{told} is {counted.percent:.1f} % ({counted.noticed} of {counted.made})"


def _unjudged(result: RunResult) -> str:
    """Why the rules of a run say nothing; ``""`` if they do."""
    if not result.complete:
        return "the run is incomplete"
    counts = result.counts()
    if unproven := sum(counts[verdict] for verdict in WITHOUT_EVIDENCE):
        return f"{count(unproven, 'case')} gave no evidence"
    return "the legacy rules are in doubt: see above" if result.rules.in_doubt else ""


@dataclass(frozen=True, slots=True)
class Gates:
    """What is asked of a run besides matching, in percent; ``None`` asks for nothing."""

    coverage: Decimal | None = None
    adequacy: Decimal | None = None

    def judge(self, result: RunResult) -> Iterator[tuple[str, str]]:
        """For each that is asked for: what it says if it is met, and why it is not met, or ``""``."""
        if self.coverage is not None:
            enough = f"rule coverage is at least {self.coverage} %, as required"
            yield enough, shortfall(result, self.coverage)
        if self.adequacy is not None:
            yield f"adequacy is at least {self.adequacy} %, as required", inadequacy(result, self.adequacy)


class RuleGatePlugin:
    """Judges the run's rules once they are known, on the controlling process only."""

    def __init__(self, ledger: LedgerPlugin, gates: Gates) -> None:
        self._ledger, self._gates = ledger, gates
        self._judged: tuple[tuple[str, str], ...] = ()

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """A run that is green otherwise fails, after the ledger has balanced its books."""
        done = yield
        if (result := self._ledger.result) is not None:
            self._judged = tuple(self._gates.judge(result))
            failing = any(why for _, why in self._judged) or result.rules.in_doubt
            if failing and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return done

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A line each: enough, or why not."""
        for enough, why in self._judged:
            if why:
                terminalreporter.write_line(f"FAIL {why}", red=True, bold=True)
            else:
                terminalreporter.write_line(enough, green=True)
