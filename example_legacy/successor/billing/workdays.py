"""The working week; bank holidays do not count."""

from datetime import date, timedelta

SATURDAY = 5


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= SATURDAY


def working_day(day: date) -> date:
    """The day itself, or the Monday after it."""
    while is_weekend(day):
        day += timedelta(days=1)
    return day
