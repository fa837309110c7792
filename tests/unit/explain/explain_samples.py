"""Cases and rules for the tests of the room, built by hand."""

from __future__ import annotations

from typing import Any

from pytest_characterize.deeds import Deeds
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.model import CaseResult, Difference, Kind, Likeness, RuleHit, Verdict
from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleStatus
from pytest_characterize.rulemutants import Fate, Mutant, Operator

TEST = "tests/test_billing.py::test_total"
PAGE = "tests/test_pages.py::test_page"

ROUTINE = RoutineStatus(
    "billing",
    "public.total(integer)",
    "billing",
    tuple(
        RuleStatus(name, line, "branch", f"IF {name}", "taken", written=True)
        for line, name in enumerate(("old", "vip", "odd", "paid"), 1)
    ),
    called="total",
)
BOOK = RuleBook((ROUTINE,))


def difference(
    path: str = "$.total", kind: Kind = Kind.VALUE, legacy: Any = 95, candidate: Any = 100, note: str = ""
) -> Difference:
    return Difference(path, kind, legacy, candidate, note)


def result(
    label: str, *differences: Difference, test: str = TEST, hits: tuple[str, ...] = (), **others: Any
) -> CaseResult:
    """A case that drifts if it differs, and matches if it does not."""
    known: dict[str, Any] = {
        "verdict": Verdict.DRIFTED if differences else Verdict.MATCHED,
        "legacy": "billing.total" if test == TEST else "web GET /page",
        "source": "billing" if test == TEST else "web",
    }
    return CaseResult(
        test,
        label,
        label,
        differences=differences,
        hits=tuple(RuleHit(hit) for hit in hits),
        **(known | others),
    )


def matching(number: int, *, test: str = TEST, hits: tuple[str, ...] = ()) -> list[CaseResult]:
    """So many cases that match."""
    return [result(f"match-{'-'.join(hits)}-{at:03}", test=test, hits=hits) for at in range(number)]


def mutant(
    name: str, line: int = 2, *, rules: tuple[str, ...] = (), was: str = "", becomes: str = ""
) -> Mutant:
    """A mutant of the routine."""
    return Mutant(
        name, ROUTINE.routine, line, Operator.BOUNDARY, was or f"{name}_was", becomes or name, rules
    )


def row(one: Mutant, *changed: int, ran: tuple[int, ...] | None = None, fate: Fate = "run") -> MutantRow:
    """What a mutant does, by positions of cases in the order of their labels."""
    return MutantRow(one, fate, changed if ran is None else ran, dict.fromkeys(changed, 0))


def matrix(results: list[CaseResult], *rows: MutantRow, excluded: tuple[str, ...] = ()) -> dict[str, Matrix]:
    """The matrix of the one test of these cases."""
    labels = sorted(case.label for case in results)
    cases = tuple(MatrixCase(label, "", "changed" if label in excluded else "") for label in labels)
    test = results[0].test
    return {test: Matrix(test, results[0].source, {}, "", cases, rows, Deeds())}


def like(one: Mutant, *explains: int, complete: bool = True) -> Likeness:
    """What a mutant says of a drifting case."""
    return Likeness((one.id,), explains or (0,), complete)
