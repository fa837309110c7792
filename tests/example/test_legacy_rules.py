"""How much there is to find in the example's legacy sources, counted by the rules room itself."""

from __future__ import annotations

import re
import tomllib

import pytest

from pytest_characterize.rules.catalogue import Instrumented, RuleKind
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize.rules.python.probes import instrument as instrument_module
from tests.example.sides import ROOT

EXAMPLE = ROOT / "example_legacy"
DEFINITION = re.compile(r"^CREATE (?:FUNCTION|PROCEDURE) .*?^\$\$ LANGUAGE \w+;", re.MULTILINE | re.DOTALL)
WAYS = {RuleKind.BRANCH, RuleKind.CASE, RuleKind.LOOP, RuleKind.JUMP, RuleKind.HANDLER, RuleKind.EXPRESSION}
"""Kinds of rules that are one way of several to go."""


@pytest.fixture(scope="module")
def routines() -> list[Instrumented]:
    source = (EXAMPLE / "legacy" / "routines.sql").read_text("utf-8")
    return [instrument(definition) for definition in DEFINITION.findall(source)]


def test_there_are_many_routines_with_many_branches(routines: list[Instrumented]) -> None:
    rules = [rule for routine in routines for rule in routine.rules]
    assert len(routines) == len({routine.routine for routine in routines}) == 18
    assert len(rules) == 246
    assert sum(rule.kind in WAYS for rule in rules) == 160


@pytest.mark.parametrize(("module", "rules"), [("helpers", 42), ("agents", 37)])
def test_old_modules_have_rules_too(module: str, rules: int) -> None:
    found = instrument_module((EXAMPLE / "legacy" / f"{module}.py").read_text("utf-8"), module)
    assert (len(found.rules), found.unknown) == (rules, ())


def test_what_cannot_be_seen_is_known(routines: list[Instrumented]) -> None:
    unknown = [unknown.text for routine in routines for unknown in routine.unknown]
    assert unknown == ["CASE dunning_level(p_inv_no, p_on)"]


def test_planted_drifts_break_decisions_that_there_are(routines: list[Instrumented]) -> None:
    known = {(rule.routine, rule.text, rule.arm) for routine in routines for rule in routine.rules}
    plants = tomllib.loads((EXAMPLE / "planted.toml").read_text("utf-8"))["plant"]
    broken = {tuple(plant["breaks"].values()) for plant in plants if "breaks" in plant}
    assert len(broken) == 8
    assert broken <= known
