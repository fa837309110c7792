"""Commissions: a module of the accounting server, run by its old Python, against a service."""

from __future__ import annotations

from typing import Any

import pytest
from billing.services.commissions import Agent, annual_statement, parse_turnovers
from billsys import OLD_PYTHON

from pytest_characterize import Function

WHOLE_YEAR = " ".join(f"{month}:{410_000 + month}" for month in range(1, 13))


@pytest.mark.characterize(
    legacy=Function("legacy.agents:statement", interpreter=OLD_PYTHON),
    cases=[
        {"agent": agent, "year": year, "turnovers": turnovers}
        for agent, year, turnovers in [
            ("A017 G 1999", 2003, "1:125000 2:99999 3:1"),
            ("A017 G 1999", 2008, "1:125000 1:50000"),
            ("A017 G 1999", 2009, "1:125000"),
            ("A017 g 1999", 2000, "1:1000 2:62500 3:62501"),
            ("A017 G 1999", 2001, "1:1000"),
            ("A020 P 2003", 2004, "1:1000 2:2500008 3:500000 4:500001"),
            ("A020 P 2003", 2004, "1:1000 2:-500 3:-5000 4:300"),
            ("A020 P 2003", 2004, "12:1025 2:1041"),
            ("A020 P 1990", 2004, WHOLE_YEAR),
            ("A020 P 2003", 2004, WHOLE_YEAR),
            ("A020 P 2003", 2004, WHOLE_YEAR + " 12:79922"),
            ("A020 P 2003", 2004, "1:6000000"),
            ("A031 X 1990", 2004, "1:125000"),
            ("A020 P 2003", 2004, ""),
            ("A020 P 2003", 2004, "13:5"),
            ("A020 P", 2004, "1:5"),
            ("A020 Q 2003", 2004, "1:5"),
        ]
    ],
    raises={"legacy.agents.Error": "billing.errors.BillingError"},
)
def test_statement(agent: str, year: int, turnovers: str) -> dict[str, Any]:
    found = annual_statement(Agent.parse(agent), year, parse_turnovers(turnovers))
    return {
        "agent": found.agent.code,
        "lines": [
            f"{line.month:02d}/{year:04d}{line.turnover:12d}{line.commission:10d}" for line in found.months
        ]
        or ["no turnover"],
        "bonus": found.bonus,
        "total": found.total,
    }
