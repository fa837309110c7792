"""Mutants in numbers."""

from __future__ import annotations

import pytest

from pytest_characterize.rulemutants import AdequacyCount, Fate, Mutant, MutantStatus, Operator, adequacy


def status(fate: Fate = "run", noticed: int = 0, equivalent: str = "") -> MutantStatus:
    mutant = Mutant("f:1.boundary1", "f", 1, Operator.BOUNDARY, "a > 5", "a >= 5")
    return MutantStatus(mutant, "billing", fate, reached=3, noticed=noticed, equivalent=equivalent)


def test_every_mutant_that_counts_is_in_exactly_one_number() -> None:
    several = [
        status(noticed=1),
        status(),
        status("unreached"),
        status("pending"),
        status("pending", noticed=2),
        status("invalid"),
        status(equivalent="n is never negative"),
    ]
    count = adequacy(several)
    assert count == AdequacyCount(made=5, noticed=2, survived=1, unreached=1, pending=1)
    assert count.made == count.noticed + count.survived + count.unreached + count.pending


def test_adequacy_is_cut_so_that_100_means_all() -> None:
    assert AdequacyCount(made=3000, noticed=2999).percent == 99.9
    assert AdequacyCount(made=7, noticed=7).percent == 100.0
    assert AdequacyCount().percent is None


@pytest.mark.parametrize(
    ("one", "survives"),
    [
        (status(), True),
        (status("unreached"), True),
        (status(noticed=1), False),
        (status("invalid"), False),
        (status(equivalent="because"), False),
    ],
)
def test_a_mutant_survives_if_it_counts_and_no_golden_notices_it(one: MutantStatus, survives: bool) -> None:
    assert one.survives is survives
