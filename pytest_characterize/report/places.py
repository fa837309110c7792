"""Where a cause of drift shows, as every report tells it."""

from __future__ import annotations

from pytest_characterize.model import DriftGroup, DriftPlace


def kind_of(told: DriftGroup | DriftPlace) -> str:
    """The kind of difference, and what all of them have in common."""
    return f"{told.kind}: {told.evidence}" if told.evidence else str(told.kind)


def also(group: DriftGroup) -> tuple[DriftPlace, ...]:
    """The places beside the first."""
    return tuple(place for place in group.places[1:] if not place.follows)


def follow_ups(group: DriftGroup) -> tuple[DriftPlace, ...]:
    """The places that only follow from earlier steps of a scenario."""
    return tuple(place for place in group.places if place.follows)


def legacy_of(group: DriftGroup, place: DriftPlace) -> str:
    """What the test of a place compares with."""
    return next((one.legacy for one in group.tests if one.test == place.test), "") or place.test
