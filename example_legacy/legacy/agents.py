"""Commissions of the sales agents. kp, 2004.

The accounting server has Python 2.3, do not use anything newer! All amounts are whole cents, floats are not
to be trusted.
"""

import sys

RATES = {"G": 4, "P": 6, "X": 0}
FREE = 500000
GUARANTEE = 2500


class Error(Exception):
    pass


class Agent:
    def __init__(self, text):
        # 'A017 G 1999'
        parts = text.split()
        if len(parts) != 3:
            raise Error("bad agent: %s" % text)
        self.code = parts[0]
        self.group = parts[1].upper()
        if self.group not in RATES.keys():
            raise Error("unknown group %s" % self.group)
        try:
            self.since = int(parts[2])
        except ValueError:
            raise Error("bad year: %s" % sys.exc_info()[1])

    def rate(self, year):
        rate = RATES[self.group]
        if rate and year - self.since >= 10:
            rate = rate + 1
        return rate


def percent(cents, rate):
    # away from zero, as on paper
    whole, rest = divmod(abs(cents) * rate, 100)
    if rest >= 50:
        whole = whole + 1
    if cents < 0:
        return -whole
    return whole


def read_turnovers(text):
    # '1:125000 2:-3000', the same month may come again
    months = {}
    for item in text.split():
        month, cents = map(int, item.split(":"))
        if not 1 <= month <= 12:
            raise Error("there is no month %d" % month)
        months[month] = months.get(month, 0) + cents
    return months


def commission(agent, year, cents, earned):
    rate = agent.rate(year)
    if cents < 0:
        # customers gave something back, but nobody owes us commission
        return max(percent(cents, rate), -earned)
    found = percent(min(cents, FREE), rate)
    if cents > FREE:
        # only half of it above 5000
        found = found + percent(cents - FREE, rate) // 2
    if agent.group == "G" and year - agent.since < 2 and found < GUARANTEE:
        return GUARANTEE
    return found


def statement(agent, year, turnovers):
    """What an agent gets for a year: lines by month, bonus, total."""
    agent = Agent(agent)
    months = read_turnovers(turnovers)
    numbers = list(months.keys())
    numbers.sort()
    lines = []
    earned = 0
    turnover = 0
    for number in numbers:
        found = commission(agent, year, months[number], earned)
        earned = earned + found
        turnover = turnover + months[number]
        lines.append("%02d/%04d%12d%10d" % (number, year, months[number], found))
    bonus = 0
    if len(lines) == 12 and turnover >= 5000000:
        bonus = percent(turnover, 1)
    if not lines:
        lines.append("no turnover")
    return {"agent": agent.code, "lines": lines, "bonus": bonus, "total": earned + bonus}
