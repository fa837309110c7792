"""The routines of a rental shop recorded, ported to Django, replayed without the shop; and rules broken in the port.

Under torture the shop is jOOQ's Sakila if ``CHARACTERIZE_SAKILA`` names a folder that holds it.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.stories.project import Run
from tests.stories.sakila_project import FETCHED, Shop, fill_fetched, fill_own

TORTURE = os.environ.get("CHARACTERIZE_TORTURE") == "1"
FILLS = {"own": fill_own, "sakila": fill_fetched} if TORTURE and FETCHED else {"own": fill_own}
ROUTINES = {
    "get_customer_balance",
    "inventory_in_stock",
    "inventory_held_by_customer",
    "film_in_stock",
    "film_not_in_stock",
    "last_day",
    "rewards_report",
    "group_concat",
    "give_back",
}
SERVICES = "rental/services.py"
BALANCE = "get_customer_balance"
LATE = (SERVICES, "late >= timedelta(days=1)", "late >= timedelta(days=2)")
REPLACED = ("rental/settings.py", "CHARGES_REPLACEMENT = ", "CHARGES_REPLACEMENT = not ")
"""Sakila's routine has this rule in its comment only: there a port that does as the comment says is the wrong one."""
STOCK = (
    SERVICES,
    "return not Rental.objects.filter(item=item, returned=None)",
    "return not Rental.objects.filter(item=item)",
)
BROKEN = {
    "the first whole day too late costs": (LATE, (BALANCE, "$", "value")),
    "keeping it much longer costs the film": (REPLACED, (BALANCE, "$", "value")),
    "a copy without a date of return is out": (STOCK, ("inventory_in_stock", "$", "value")),
}


@pytest.fixture(scope="module", params=FILLS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project, recorded; the server has stopped."""
    recorded = Shop.copied(tmp_path_factory.mktemp("shop") / request.param)
    run = recorded.record(FILLS[request.param], 1 if TORTURE else 10)
    assert run.code == 0, run.output
    if request.param == "sakila":
        recorded.edit("rental/settings.py", "CHARGES_REPLACEMENT = True", "CHARGES_REPLACEMENT = False")
    return recorded


def found(run: Run) -> set[tuple[str, str, str]]:
    """Test, path and kind of everything that differs."""
    return {
        (case["test"].rpartition("::test_")[2], difference["path"], difference["kind"])
        for case in run.drifted()
        for difference in case["differences"]
    }


def test_green_without_the_shop(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    run = shop.replay()
    assert run.code == 0, run.output
    assert (run.report["verdict"], run.report["complete"], set(run.counts)) == ("PASS", True, {"matched"})
    cases = Counter(case["test"].rpartition("::test_")[2] for case in run.report["cases"])
    assert set(cases) == ROUTINES
    assert cases.total() >= (100 if TORTURE else 15)
    say(capsys, f"{shop.folder.name}: {cases.total()} cases of {len(cases)} routines matched")


def test_broken_rules_are_found(shop: Shop, tmp_path: Path) -> None:
    changed = shop.copy(tmp_path / "changed")
    for edit in (LATE, STOCK):
        changed.edit(*edit)
    assert found(changed.replay()) == {BROKEN[rule][1] for rule in BROKEN}


@pytest.mark.torture
@pytest.mark.skipif(not TORTURE, reason="a run of all tests for each rule")
@pytest.mark.parametrize("rule", BROKEN)
def test_each_broken_rule_is_found(
    shop: Shop, tmp_path: Path, rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, expected = BROKEN[rule]
    changed = shop.copy(tmp_path / "changed")
    changed.edit(*edit)
    run = changed.replay()
    assert (run.code, run.report["verdict"], run.report["complete"]) == (1, "DRIFT", True), run.output
    assert found(run) == {expected}
    say(capsys, f"{shop.folder.name}: {rule}: {len(run.drifted())} cases drift, all at {expected}")


def say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Show which shop it was, and what was found."""
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
