"""What the example's successor does differently on purpose is what a mutant of the legacy routine does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.mutants.making import mutants

EXAMPLE = Path(__file__).parents[5] / "example_legacy"
PLANTS = tomllib.loads(EXAMPLE.joinpath("planted.toml").read_text("utf-8"))["plant"]
ROUTINES = {
    found[1]: found[0].rstrip(";")
    for found in re.finditer(
        r"CREATE (?:FUNCTION|PROCEDURE) (\w+)\(.*?\$\$ LANGUAGE \w+;",
        EXAMPLE.joinpath("legacy/routines.sql").read_text("utf-8"),
        re.DOTALL,
    )
}
KEYS = "CASE WHEN c.dunning_stop = 'Y' THEN 1 ELSE 0 END, sum(open_amount(i.inv_no)) DESC, c.cust_no"
CHANGES = {
    "half-even rounding": (
        Operator.ROUNDING,
        "ELSIF v_rest = 0.5 THEN",
        "ELSIF v_rest = 0.5 AND v_cents % 2 <> 0 THEN",
    ),
    "tenure boundary": (Operator.BOUNDARY, "v_tenure >= 5", "v_tenure > 5"),
    "missing ledger posting": (
        Operator.STATEMENT,
        "PERFORM book(p_on, '2400', i.cust_no, p_inv_no, 'D', v_rest, 'Small difference');",
        "",
    ),
    "no street line": (Operator.STATEMENT, "o_street := '';", ""),
    "dunning stops in the middle": (
        Operator.ORDER,
        f"ORDER BY {KEYS}",
        "ORDER BY sum(open_amount(i.inv_no)) DESC, c.cust_no",
    ),
    "closing time in Greenwich": (
        Operator.TIME,
        "p_received AT TIME ZONE 'Europe/Berlin'",
        "p_received AT TIME ZONE 'UTC'",
    ),
    "second close": (
        Operator.STATEMENT,
        "RAISE EXCEPTION 'month %/% is closed', p_month, p_year"
        " USING ERRCODE = 'object_not_in_prerequisite_state';",
        "RETURN 'CLOSED';",
    ),
    "credit limit of 2009": (Operator.CONSTANT, "v_limit := 500", "v_limit := 400"),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant["name"])
def test_a_mutant_does_what_the_plant_does(plant: dict[str, object]) -> None:
    broken = plant.get("breaks")
    if not isinstance(broken, dict):
        assert plant["no_decision"]
        return
    name = broken["routine"]
    made = [one.mutant for one in mutants(ROUTINES[name], name)]
    assert CHANGES[str(plant["name"])] in [(one.operator, one.was, one.becomes) for one in made]


def test_every_sort_of_change_but_limits_is_in_the_example() -> None:
    used = {one.mutant.operator for name, text in ROUTINES.items() for one in mutants(text, name)}
    assert used == set(Operator) - {Operator.LIMIT}
