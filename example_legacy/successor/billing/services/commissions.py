"""Commissions of the sales agents, in whole cents."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from billing.errors import InvalidAgent, InvalidRequest

RATES = {"G": 4, "P": 6, "X": 0}
NEWCOMERS = "G"
LOYAL_YEARS, NEW_YEARS = 10, 2
FULL_RATE_UP_TO = 5_000_00
GUARANTEE = 25_00
BONUS_FROM = 50_000_00


@dataclass(frozen=True)
class Agent:
    """A sales agent: group and first year decide on the commission."""

    code: str
    group: str
    since: int

    @classmethod
    def parse(cls, text: str) -> "Agent":
        """Read ``A017 G 1999``.

        Raises:
            InvalidAgent: it is not written like that.
        """
        try:
            code, group, since = text.split()
        except ValueError:
            raise InvalidAgent(f"bad agent: {text}") from None
        if group.upper() not in RATES:
            raise InvalidAgent(f"unknown group {group.upper()}")
        try:
            return cls(code, group.upper(), int(since))
        except ValueError as error:
            raise InvalidAgent(f"bad year: {error}") from None

    def percent(self, year: int) -> int:
        """The rate of a year."""
        rate = RATES[self.group]
        return rate + 1 if rate and year - self.since >= LOYAL_YEARS else rate

    def is_guaranteed(self, year: int) -> bool:
        """Whether a month brings a minimum."""
        return self.group == NEWCOMERS and year - self.since < NEW_YEARS


@dataclass(frozen=True)
class MonthlyCommission:
    """A month: turnover and commission, in cents."""

    month: int
    turnover: int
    commission: int


@dataclass(frozen=True)
class Statement:
    """What an agent gets for a year, in cents."""

    agent: Agent
    year: int
    months: tuple[MonthlyCommission, ...]
    bonus: int

    @property
    def total(self) -> int:
        """Commissions and bonus."""
        return sum(month.commission for month in self.months) + self.bonus


def annual_statement(agent: Agent, year: int, turnovers: Mapping[int, int]) -> Statement:
    """The commissions of a year from the turnovers by month."""
    months: list[MonthlyCommission] = []
    for month, turnover in sorted(turnovers.items()):
        earned = sum(earlier.commission for earlier in months)
        months.append(MonthlyCommission(month, turnover, _commission(agent, year, turnover, earned)))
    whole = sum(turnovers.values())
    bonus = _share(whole, 1) if len(months) == 12 and whole >= BONUS_FROM else 0
    return Statement(agent, year, tuple(months), bonus)


def parse_turnovers(text: str) -> Counter[int]:
    """Read ``1:125000 2:-3000``; a month that comes again is added up.

    Raises:
        InvalidRequest: there is no such month.
    """
    turnovers: Counter[int] = Counter()
    for item in text.split():
        month, cents = map(int, item.split(":"))
        if not 1 <= month <= 12:
            raise InvalidRequest(f"there is no month {month}")
        turnovers[month] += cents
    return turnovers


def _commission(agent: Agent, year: int, turnover: int, earned: int) -> int:
    percent = agent.percent(year)
    if turnover < 0:
        return max(_share(turnover, percent), -earned)
    full, reduced = min(turnover, FULL_RATE_UP_TO), max(turnover - FULL_RATE_UP_TO, 0)
    commission = _share(full, percent) + _share(reduced, percent) // 2
    return max(commission, GUARANTEE) if agent.is_guaranteed(year) else commission


def _share(cents: int, percent: int) -> int:
    """A percentage, rounded half away from zero."""
    share = (abs(cents) * percent + 50) // 100
    return -share if cents < 0 else share
