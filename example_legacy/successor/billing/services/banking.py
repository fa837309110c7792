"""When money counts as received."""

from datetime import date, datetime, timedelta

from billing.rules import rules
from billing.workdays import working_day

DAYS_OF_THE_CARD_COMPANY = 2


def value_date(received: datetime, method: str) -> date:
    """The day on which a payment counts: cash at once, what comes through the bank on a working day."""
    local = rules.office_time(received)
    if method == "CSH":
        return local.date()
    day = working_day(local.date() + timedelta(days=rules.is_after_hours(local)))
    return day + timedelta(days=DAYS_OF_THE_CARD_COMPANY) if method == "CRD" else day
