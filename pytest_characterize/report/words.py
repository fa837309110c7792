"""The words of the reports: what a verdict, a kind, a policy and a sum of cases are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.model import CaseResult, Kind, RunResult, RunVerdict, Verdict

KIND_WORDS: Final[Mapping[Kind, str]] = {
    Kind.TYPE: "another type of value",
    Kind.NULL: "null on one side only",
    Kind.EMPTY: "empty on one side, nothing or null on the other",
    Kind.ROUNDING: "rounded differently",
    Kind.SCALE: "the same number with other decimals",
    Kind.PADDING: "padded differently",
    Kind.WHITESPACE: "other white space",
    Kind.CASE: "other upper and lower case",
    Kind.ENCODING: "another character encoding",
    Kind.TIMEZONE: "another time zone",
    Kind.ORDER: "another order",
    Kind.MISSING: "missing on the candidate's side",
    Kind.EXTRA: "on the candidate's side only",
    Kind.STATUS: "another HTTP status",
    Kind.HEADER: "another HTTP header",
    Kind.ERROR: "another error, or an error on one side only",
    Kind.MESSAGE: "another message",
    Kind.NOTICE: "other notices",
    Kind.EFFECT: "other effects",
    Kind.VALUE: "another value",
}
"""Each kind of difference, for readers who do not know the tool's words."""

VERDICT_WORDS: Final[Mapping[Verdict, str]] = {
    Verdict.MATCHED: "the candidate did what legacy did",
    Verdict.DRIFTED: "the candidate behaves differently",
    Verdict.WAIVED: "differs on purpose, a waiver says so",
    Verdict.EXPIRED: "differs on purpose, but the waiver has expired",
    Verdict.ERRORED: "could not be compared",
    Verdict.UNRECORDED: "the code names the case, legacy was never recorded",
    Verdict.UNPLAYED: "there is a golden, but the case was not replayed",
    Verdict.SKIPPED: "the test skipped itself, which proves nothing",
}
"""Each verdict, likewise."""

NOTHING: Final = "no case was replayed"

WITHOUT_EVIDENCE: Final = (Verdict.ERRORED, Verdict.UNRECORDED, Verdict.UNPLAYED, Verdict.SKIPPED)
"""Verdicts that say nothing about the candidate."""


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "case"), count(2, "case")
    ('1 case', '2 cases')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sum_line(counts: Mapping[Verdict, int]) -> str:
    """The counts as a sum: ``320 cases = 301 matched + 14 drifted + 5 errored``."""
    parts = [f"{number} {verdict}" for verdict, number in counts.items() if number]
    total = count(sum(counts.values()), "case")
    return f"{total} = {' + '.join(parts)}" if parts else f"{total}: {NOTHING}"


def standing(result: RunResult) -> str:
    """Whether the run covers everything, and if not, why not; ``""`` where the sum has said it."""
    if not result.complete:
        reasons = [reason for reason in result.incomplete_because if reason != NOTHING]
        return f"incomplete: {'; '.join(reasons)}" if reasons else ""
    counts = result.counts()
    unproven = sum(counts[verdict] for verdict in WITHOUT_EVIDENCE)
    if result.verdict is RunVerdict.INCOMPLETE and unproven:
        return f"no evidence for {count(unproven, 'case')}"
    doubts = {"stale golden": len(result.rules.stale), "problem": len(result.rules.problems)}
    told = " and ".join(count(number, noun) for noun, number in doubts.items() if number)
    return f"{told} (legacy rules)" if told else "complete"


def node_id(case: CaseResult) -> str:
    """The case as pytest names it, ready to be given to pytest again."""
    return f"{case.test}[{case.label}]" if case.label else case.test


def action(policy: Policy) -> str:
    """A policy's name as the configuration spells it."""
    match policy:
        case Ignore():
            return "ignore"
        case Tolerance():
            return "tolerance"
        case Unordered():
            return "unordered"


def where(policy: Policy) -> str:
    """A policy's path, and for a tolerance how much is tolerated there."""
    if not isinstance(policy, Tolerance):
        return policy.path
    margins = (("", policy.absolute), (" x legacy", policy.relative))
    told = [f"{margin}{unit}" for unit, margin in margins if str(margin) != "0"]
    return f"{policy.path} within {' or '.join(told) or '0'}"
