"""Options, and the one mode that a run has: off, record, mutants or replay.

Rooms are imported inside the functions that need them: plain ``pytest`` loads none.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import argparse
    from decimal import Decimal

    from pytest_characterize.report.writing import ReportSpec
    from pytest_characterize.session import Session
    from pytest_characterize.session.recording import RecordMode


class Mode(StrEnum):
    """What a run does with marked tests; exactly one a run."""

    OFF = "off"
    RECORD = "record"
    MUTANTS = "mutants"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of one run, resolved once.

    Attributes:
        record: how legacy is recorded (in :attr:`Mode.RECORD` only).
        in_ci: whether this is a recording under ``CI`` that was allowed on purpose.
        reports: the report files to write.
        fail_under: how much of the legacy rules must be exercised, in percent; ``None`` asks for nothing.
        adequacy_under: how many of the changed legacy rules the goldens must notice, in percent, likewise.
        seed: what the random generators of the candidate start from.
        trace: whether the candidate's lines are traced, case by case.
        until: when to stop trying mutants, by :func:`time.monotonic`.
    """

    mode: Mode
    record: RecordMode
    in_ci: bool
    reports: tuple[ReportSpec, ...]
    fail_under: Decimal | None
    adequacy_under: Decimal | None
    seed: int
    trace: bool
    until: float = math.inf


OPTIONS = pytest.StashKey[RunOptions]()
SESSION: pytest.StashKey[Session] = pytest.StashKey()


def add_options(parser: pytest.Parser) -> None:
    """Declare the command-line options (DESIGN: every flag but ``--characterize`` is written with ``=``)."""
    group = parser.getgroup("characterize", "characterization tests (pytest-characterize)")
    group.addoption(
        "--characterize",
        action="store_true",
        help="replay: run marked tests on the candidate, one item a golden, and report every drift",
    )
    _add_legacy_options(group)
    _add_replay_options(group)


def _add_legacy_options(group: pytest.OptionGroup) -> None:
    """The modes that contact legacy."""
    group.addoption(
        "--characterize-record",
        choices=("new", "rewrite"),
        metavar="{new,rewrite}",
        help="record legacy: 'new' writes goldens that are missing, 'rewrite' runs every case again and "
        "leaves what changed in pending/ for 'pytest-characterize accept'",
    )
    group.addoption(
        "--characterize-record-in-ci",
        action="store_true",
        help="allow recording although the environment variable CI is set (shown in the goldens' report)",
    )
    group.addoption(
        "--characterize-mutants",
        action="store_true",
        help="change the rules of legacy one at a time, run each change on the recorded inputs, and keep what it "
        "does beside the goldens: tells which rules nothing pins, and which one a drift breaks",
    )
    group.addoption(
        "--characterize-budget",
        type=float,
        metavar="SECONDS",
        help="stop trying mutants after so many seconds; the next run goes on there",
    )


def _add_replay_options(group: pytest.OptionGroup) -> None:
    """What a replay writes, asks for and traces."""
    group.addoption(
        "--characterize-report",
        action="append",
        default=[],
        metavar="FORMAT:PATH",
        help="write a drift report (formats: json, md); may be given several times",
    )
    group.addoption(
        "--characterize-fail-under",
        metavar="PCT",
        help="fail if the goldens exercise less than PCT percent of the known legacy rules",
    )
    group.addoption(
        "--characterize-adequacy-under",
        metavar="PCT",
        help="fail if the goldens would notice less than PCT percent of the changes of legacy rules that "
        "--characterize-mutants has tried",
    )
    group.addoption(
        "--characterize-seed",
        type=int,
        default=0,
        metavar="N",
        help="what the random generators start from in every replayed case (default: 0)",
    )
    group.addoption(
        "--characterize-trace",
        action="store_true",
        help="trace which lines of the candidate each replayed case runs; the JSON report then leads from a "
        "legacy rule to the candidate's lines and back",
    )


def read_options(config: pytest.Config) -> RunOptions:
    """Resolve the options of this run.

    Raises:
        pytest.UsageError: options that exclude each other, or recording where it is refused.
    """
    option = config.option
    mode = _mode(option)
    if mode in (Mode.RECORD, Mode.MUTANTS):
        _check_contact(config, "--characterize-record" if mode is Mode.RECORD else "--characterize-mutants")
    if option.characterize_budget is not None and mode is not Mode.MUTANTS:
        raise pytest.UsageError(
            "--characterize-budget needs --characterize-mutants. hint: add --characterize-mutants"
        )
    if option.characterize_report and mode is not Mode.REPLAY:
        raise pytest.UsageError("--characterize-report needs --characterize. hint: add --characterize")
    if option.characterize_trace and mode is not Mode.REPLAY:
        raise pytest.UsageError("--characterize-trace needs --characterize. hint: add --characterize")
    return RunOptions(
        mode=mode,
        record=option.characterize_record or "new",
        in_ci=bool(option.characterize_record_in_ci) and under_ci(),
        reports=_reports(option.characterize_report),
        fail_under=_percent("--characterize-fail-under", option.characterize_fail_under, mode),
        adequacy_under=_percent("--characterize-adequacy-under", option.characterize_adequacy_under, mode),
        seed=option.characterize_seed,
        trace=option.characterize_trace,
        until=_until(option.characterize_budget),
    )


def open_session(config: pytest.Config) -> Session:
    """The run's session, opened with the settings below pytest's root."""
    from pytest_characterize.session import Session
    from pytest_characterize.settings import load_settings

    return Session(load_settings(config.rootpath))


def under_ci() -> bool:
    """Whether this is a CI run, by the convention that every CI service follows."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _reports(texts: list[str]) -> tuple[ReportSpec, ...]:
    if not texts:
        return ()
    from pytest_characterize.report.writing import parse_specs

    return parse_specs(texts)


def _percent(option: str, text: str | None, mode: Mode) -> Decimal | None:
    if text is None:
        return None
    if mode is not Mode.REPLAY:
        raise pytest.UsageError(f"{option} needs --characterize. hint: add --characterize")
    from pytest_characterize.plugin.rule_gate import parse_percent

    return parse_percent(option, text)


def _mode(option: argparse.Namespace) -> Mode:
    asked = {
        Mode.REPLAY: ("--characterize", option.characterize),
        Mode.RECORD: ("--characterize-record", option.characterize_record),
        Mode.MUTANTS: ("--characterize-mutants", option.characterize_mutants),
    }
    modes = [mode for mode, (_, given) in asked.items() if given]
    if len(modes) > 1:
        flags = " and ".join(asked[mode][0] for mode in modes)
        raise pytest.UsageError(
            f"{flags} exclude each other: one mode a run. hint: record first, then replay in a run of its own"
        )
    return modes[0] if modes else Mode.OFF


def _until(budget: float | None) -> float:
    if budget is None:
        return math.inf
    if not budget > 0:
        raise pytest.UsageError("--characterize-budget must be more than 0. hint: --characterize-budget=60")
    return monotonic() + budget


def _check_contact(config: pytest.Config, flag: str) -> None:
    if under_ci() and not config.option.characterize_record_in_ci:
        raise pytest.UsageError(
            f"{flag} is refused because the environment variable CI is set: a CI run must never contact legacy. "
            "hint: run it on a developer's machine, or give --characterize-record-in-ci as well"
        )
    if getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
        raise pytest.UsageError(
            f"{flag} does not run under pytest-xdist: cases must reach legacy one after the other. "
            "hint: leave -n away (or give -n0)"
        )
