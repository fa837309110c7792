"""The legacy rule behind a drift, first approximation: which rules do drifting cases hit and others not?

Ochiai's coefficient over rule hits (Abreu, Zoeteweij and van Gemund, On the Accuracy of Spectrum-based Fault
Localization, TAICPART 2007): ``a11 / sqrt((a11 + a01) * (a11 + a10))``, where of the cases that hit the
rule ``a11`` drift and ``a10`` match, and ``a01`` drift without hitting it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Final

from pytest_characterize.model import CaseResult, DriftGroup, Verdict
from pytest_characterize.rulebook import RuleBook, Suspect

MOST: Final = 3
"""So many suspects are named at the most; more that score the same are no evidence."""


def with_suspects(
    groups: Sequence[DriftGroup], results: Sequence[CaseResult], rules: RuleBook
) -> tuple[DriftGroup, ...]:
    """Each drift with the legacy rules that may be behind it."""
    matched: dict[str, list[CaseResult]] = {}
    for result in results:
        if result.verdict is Verdict.MATCHED:
            matched.setdefault(result.test, []).append(result)
    return tuple(
        replace(drift, suspects=suspects(drift.cases, matched.get(drift.test, []), rules)) for drift in groups
    )


def suspects(
    drifting: Sequence[CaseResult], others: Sequence[CaseResult], rules: RuleBook
) -> tuple[Suspect, ...]:
    """The likeliest rules, best first; empty where the numbers do not separate them.

    Args:
        drifting: the cases of one drift.
        others: the cases of the same test that matched.
        rules: where the rules' texts are.
    """
    hit_by_drifting, hit_by_others = _hit_counts(drifting), _hit_counts(others)
    scored = sorted(
        (
            (hits / sqrt(len(drifting) * (hits + hit_by_others.get(rule, 0))), rule)
            for rule, hits in hit_by_drifting.items()
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    everywhere = _score_of_every_case(len(drifting), len(others))
    best = [rule for score, rule in scored if score == scored[0][0]]
    if not scored or scored[0][0] <= everywhere or len(best) > MOST:
        return ()
    known = {
        (routine.source, rule.id): (routine, rule) for routine in rules.routines for rule in routine.rules
    }
    source = drifting[0].source
    return tuple(
        Suspect(
            known[source, rule][0].routine,
            known[source, rule][1].line,
            known[source, rule][1].text,
            known[source, rule][1].arm,
            round(score, 4),
            hit_by_drifting[rule],
            len(drifting),
            hit_by_others.get(rule, 0),
            len(others),
        )
        for score, rule in scored[:MOST]
        if (source, rule) in known and score > everywhere
    )


def _score_of_every_case(drifting: int, others: int) -> float:
    """What a rule scores that every case hits: it separates nothing."""
    return drifting / sqrt(drifting * (drifting + others)) if drifting else 1.0


def _hit_counts(cases: Sequence[CaseResult]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for case in cases:
        for hit in case.hits:
            counts[hit.rule] = counts.get(hit.rule, 0) + 1
    return counts
