"""How well a drift report tells the planted drifts apart, and names the legacy decisions that they break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        _suspicion(plant, drift)
        for drift in report["drifts"]
        if any((test["test"], label) in telling for test in drift["tests"] for label in test["cases"])
        for plant in known
        if plant.breaks and _shows(drift, plant)
    )


def told_apart(report: Mapping[str, Any], plants: Sequence[Plant]) -> str:
    """How many plants are one drift each, and which are not."""
    by_plant = {
        plant.name: [one["name"] for one in report["drifts"] if _shows(one, plant)] for plant in plants
    }
    alone = {names[0] for names in by_plant.values() if len(names) == 1}
    mixed = {name for name in alone if sum(name in names for names in by_plant.values()) > 1}
    single = sum(len(names) == 1 and names[0] not in mixed for names in by_plant.values())
    others = [
        f"{name}: {' '.join(names)}"
        for name, names in by_plant.items()
        if len(names) != 1 or names[0] in mixed
    ]
    return "; ".join([f"{single} of {len(plants)} planted drifts are one entry of the report each", *others])


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


def _shows(drift: Mapping[str, Any], plant: Plant) -> bool:
    """Whether any place of a drift is one where the plant shows."""
    places = [
        Difference(one["test"], "", one["pattern"].replace("[*]", "[0]"), one["kind"])
        for one in drift["places"]
        if not one["follows"]
    ]
    return any(predicate.matches(place) for predicate in plant.predicates for place in places)


def _suspicion(plant: Plant, drift: Mapping[str, Any]) -> Suspicion:
    for place, suspect in enumerate(drift["suspects"], 1):
        if Decision(suspect["routine"], suspect["text"], suspect["arm"]) in (plant.breaks, plant.exactly):
            return Suspicion(plant, drift["name"], place, silent=False)
    return Suspicion(plant, drift["name"], 0, silent=not drift["suspects"])
