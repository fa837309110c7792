"""Dates and times: exact equality, and what a time zone does to them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from pytest_characterize.compare.findings import Finding
from pytest_characterize.model import Kind

_QUARTER: Final = timedelta(minutes=15)
_WIDEST: Final = timedelta(hours=14)
"""No zone is further from UTC; two zones can be further apart, but then a whole day is the likelier cause."""
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1)
_PRECISIONS: Final = {timedelta(milliseconds=1): "milliseconds", timedelta(seconds=1): "seconds"}
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


def same_datetime(legacy: datetime, candidate: datetime) -> bool:
    """Equal wall time and offset. The zone's name is not compared, only what it does to the time."""
    if legacy.tzinfo is None and candidate.tzinfo is None:
        return legacy == candidate
    return legacy.utcoffset() == candidate.utcoffset() and _wall(legacy) == _wall(candidate)


def same_time(legacy: time, candidate: time) -> bool:
    """Equal wall time and offset; a zone whose offset depends on the date counts as any other such zone."""
    return (
        legacy.replace(tzinfo=None) == candidate.replace(tzinfo=None)
        and legacy.utcoffset() == candidate.utcoffset()
        and (legacy.tzinfo is None) == (candidate.tzinfo is None)
    )


def date_finding(legacy: date, candidate: date) -> Finding:
    """Days apart. A day off may come from a time zone, but a date alone cannot show it."""
    return Kind.VALUE, _later(candidate - legacy)


def datetime_finding(legacy: datetime, candidate: datetime) -> Finding:
    """What two different points in time have in common."""
    if (legacy.utcoffset() is None) != (candidate.utcoffset() is None):
        side = "the candidate" if legacy.utcoffset() is None else "legacy"
        return _shifted(
            _wall(candidate) - _wall(legacy), f"only {side} has an offset, ", same="same wall time"
        )
    apart = _instant(candidate) - _instant(legacy)
    if not apart:
        return Kind.TIMEZONE, "same instant, another offset"
    if note := _cut(legacy, candidate, apart):
        return Kind.ROUNDING, note
    return _shifted(apart)


def time_finding(legacy: time, candidate: time) -> Finding:
    """What two different times of day have in common."""
    old, new = (datetime.combine(date(2000, 1, 2), side) for side in (legacy, candidate))
    if _wall(old) == _wall(new):
        return Kind.TIMEZONE, "same wall time, another offset"
    return datetime_finding(old, new)


def timestamp_finding(legacy: str, candidate: str) -> Finding | None:
    """As :func:`datetime_finding` for texts in ISO 8601; ``None`` for other texts."""
    left, right = _ISO.fullmatch(legacy), _ISO.fullmatch(candidate)
    if left is None or right is None:
        return None
    try:
        old, new = datetime.fromisoformat(legacy), datetime.fromisoformat(candidate)
    except ValueError:
        return None
    if same_datetime(old, new):
        if left["zone"] != right["zone"]:
            return Kind.TIMEZONE, "same instant, the offset is written in another way"
        return Kind.SCALE, "same instant, written in another way"
    return datetime_finding(old, new)


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, fold=0)


def _instant(moment: datetime) -> timedelta:
    """Since the epoch in UTC, or in wall time where there is no offset."""
    return _wall(moment) - _EPOCH - (moment.utcoffset() or timedelta(0))


def _cut(legacy: datetime, candidate: datetime, apart: timedelta) -> str:
    """The evidence that one side dropped digits of the second."""
    for unit, name in _PRECISIONS.items():
        step = unit // timedelta(microseconds=1)
        if abs(apart) < unit and 0 in (legacy.microsecond % step, candidate.microsecond % step):
            return f"equal to {name}"
    return ""


def _shifted(apart: timedelta, prefix: str = "", same: str = "") -> Finding:
    if not apart:
        return Kind.TIMEZONE, prefix + same
    if not apart % _QUARTER and abs(apart) <= _WIDEST:
        return Kind.TIMEZONE, f"{prefix}{_later(apart)}"
    return Kind.VALUE, f"{prefix}{_later(apart)}"


def _later(apart: timedelta) -> str:
    """How far the candidate is from legacy, in words."""
    way = "later" if apart > timedelta(0) else "earlier"
    size = abs(apart)
    if not size % _DAY:
        return f"{size.days} day{'s' if size.days != 1 else ''} {way}"
    return f"{size} {way}"
