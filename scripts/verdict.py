"""The demo's last word: a drift report held against what was planted, told plant by plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planted import Judgement, Plant, judge
from suspected import Suspicion, nameless, suspicions, tally, told_apart
from telling import GREEN, RED, painted, say


def tell_verdict(report: Mapping[str, Any], plants: Sequence[Plant]) -> bool:
    """Tell what was found and what was not; whether the report shows the planted drifts and nothing else."""
    judgement, suspected = judge(report, plants), suspicions(report, plants)
    unnamed = tuple(nameless(suspected, plants))
    _tell(plants, judgement, suspected)
    if plants:
        say(told_apart(report, plants))
    for complaint in (*judgement.complaints(), *unnamed):
        say(painted(complaint, RED))
    expected = "DRIFT" if plants else "PASS"
    holds = judgement.holds and not unnamed and report["complete"] and report["verdict"] == expected
    planted = f"{_found(judgement)} of {len(plants)} planted drifts found" if plants else "nothing planted"
    summary = (
        f"{report['counts']['total']} cases, {planted}, "
        f"{len(judgement.unplanted)} false differences, verdict {report['verdict']}"
    )
    say(painted(summary, GREEN if holds else RED))
    return bool(holds)


def _found(judgement: Judgement) -> int:
    missing = {predicate.plant for predicate in judgement.unmatched}
    return len(judgement.found.keys() - missing)


def _tell(plants: Sequence[Plant], judgement: Judgement, suspected: Sequence[Suspicion]) -> None:
    """The plants, each with the legacy decision that it breaks and how well the report names that."""
    for plant in plants:
        say(f"planted  {plant.name:<28} {len(judgement.found[plant.name]):>3} cases   {plant.rule}")
        if plant.breaks is None:
            say(f"         breaks no legacy decision: {plant.no_decision}")
        else:
            say(f"         breaks {plant.breaks}")
            say(f"         {tally(one for one in suspected if one.plant is plant)}")
    if plants:
        breaking = [plant.name for plant in plants if plant.breaks]
        first = {one.plant.name for one in suspected if one.place == 1}
        say(f"{len(first)} of {len(breaking)} broken legacy decisions named first; {tally(suspected)}")
