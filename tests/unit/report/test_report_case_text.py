"""One drifting case in pytest's FAILURES section."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from report_samples import case
from run_strategies import case_results, of_runs

from pytest_characterize.model import CaseResult, Difference, Kind, Verdict
from pytest_characterize.report.case_text import case_lines
from pytest_characterize.values import ABSENT


def test_a_case_tells_input_differences_golden_and_command() -> None:
    differences = (
        Difference("$.total", Kind.ROUNDING, Decimal("0.13"), Decimal("0.12"), "half up / half even"),
        Difference("$.lines[2].code", Kind.MISSING, "AB ", ABSENT),
    )
    shown = case_lines(case(7, Verdict.DRIFTED, differences=differences))
    assert shown == [
        "DRIFT  billing.invoice_total  customer_id=7 on=2024-03-08",
        "  $.total          rounding  (half up / half even)",
        "    legacy     0.13",
        "    candidate  0.12",
        "  $.lines[2].code  missing",
        "    legacy     'AB·'",
        "    candidate  (absent)",
        "  golden  characterization/goldens/tests.characterization.test_billing/test_invoice_total/"
        "customer-7-e46410294d7e.json",
        "  next    pytest --characterize -k e4641029",
    ]


def test_a_case_with_many_differences_says_how_many_more() -> None:
    differences = tuple(Difference(f"$[{n}]", Kind.VALUE, n, n + 1) for n in range(30))
    assert "  and 18 more differences in this case" in case_lines(
        case(1, Verdict.DRIFTED, differences=differences)
    )


@of_runs
@given(case_results(1))
def test_any_case_is_harmless(result: CaseResult) -> None:
    for line in case_lines(result):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
