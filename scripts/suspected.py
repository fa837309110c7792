"""How well a drift report names the legacy decisions that the planted drifts break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planted import Decision, Difference, Plant

NAMED = 3
"""A suspect further down than this helps nobody."""


@dataclass(frozen=True)
class Suspicion:
    """What a report suspects behind one drift of a plant.

    Attributes:
        place: of the right decision among the suspects, from 1; 0 if it is not among them.
        silent: whether nothing is suspected.
    """

    plant: Plant
    drift: str
    place: int
    silent: bool


@dataclass(frozen=True)
class Tally:
    """Suspicions in numbers; ``named`` is among the first three."""

    drifts: int
    first: int
    named: int
    silent: int

    @property
    def wrong(self) -> int:
        """Drifts for which only other decisions are suspected."""
        return self.drifts - self.named - self.silent

    def __str__(self) -> str:
        drifts = "drift" if self.drifts == 1 else "drifts"
        wrong = f", wrong in {self.wrong}" if self.wrong else ""
        silent = f", silent in {self.silent}" if self.silent else ""
        named = f", in the first {NAMED} in {self.named}" if self.named > self.first else ""
        return f"named first in {self.first} of {self.drifts} {drifts}{named}{silent}{wrong}"


def suspicions(report: Mapping[str, Any], plants: Iterable[Plant]) -> tuple[Suspicion, ...]:
    """One for each drift of a plant that breaks a decision, as far as its cases tell what legacy did."""
    telling = {(case["test"], case["label"]) for case in report["cases"] if case["hits"]}
    known = tuple(plants)
    return tuple(
        _suspicion(plant, plant.breaks, drift)
        for drift in report["drifts"]
        if any((drift["test"], label) in telling for label in drift["cases"])
        for plant in known
        if plant.breaks and any(predicate.matches(_witness(drift)) for predicate in plant.predicates)
    )


def tally(found: Iterable[Suspicion]) -> Tally:
    """Count suspicions."""
    several = tuple(found)
    return Tally(
        drifts=len(several),
        first=sum(one.place == 1 for one in several),
        named=sum(1 <= one.place <= NAMED for one in several),
        silent=sum(one.silent for one in several),
    )


def nameless(found: Iterable[Suspicion], plants: Iterable[Plant]) -> Iterator[str]:
    """The plants whose decision is nowhere among the first suspects, a line each."""
    named = {one.plant.name for one in found if 1 <= one.place <= NAMED}
    for plant in plants:
        if plant.breaks and plant.name not in named:
            yield f"no drift names what it breaks: {plant.name}: {plant.breaks}"


def _witness(drift: Mapping[str, Any]) -> Difference:
    witness = drift["witness"]
    return Difference(drift["test"], witness["label"], witness["difference"]["path"], drift["kind"])


def _suspicion(plant: Plant, breaks: Decision, drift: Mapping[str, Any]) -> Suspicion:
    for place, suspect in enumerate(drift["suspects"], 1):
        if Decision(suspect["routine"], suspect["text"], suspect["arm"]) == breaks:
            return Suspicion(plant, drift["name"], place, silent=False)
    return Suspicion(plant, drift["name"], 0, silent=not drift["suspects"])
