"""One drifting case in pytest's FAILURES section."""

from __future__ import annotations

from decimal import Decimal
from time import process_time

from hypothesis import given
from report_samples import case
from run_strategies import case_results, of_runs

from pytest_characterize.model import CaseResult, Difference, Kind, Verdict
from pytest_characterize.report.case_text import case_lines
from pytest_characterize.snapshots import line_diff
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


LETTER = "Dear Ada,\n" + "".join(f"{n} pieces of something\n" for n in range(8))


def test_large_values_are_shown_line_by_line() -> None:
    changed = Difference("$.letter", Kind.VALUE, LETTER, LETTER.replace("1 pieces", "1 items"))
    result = case(7, Verdict.DRIFTED, differences=(changed,))
    assert case_lines(result, line_diff=line_diff)[1:-2] == [
        "  $.letter  value",
        "    - legacy  + candidate",
        "      'Dear Ada,\\n'",
        "      '0 pieces of something\\n'",
        "    - '1 pieces of something\\n'",
        "    + '1 items of something\\n'",
        "      '2 pieces of something\\n'",
        "      ...",
        "      '7 pieces of something\\n'",
    ]
    assert [line[:14] for line in case_lines(result)[2:-2]] == ["    legacy    ", "    candidate "]


def test_only_the_first_difference_is_shown_line_by_line() -> None:
    changed = Difference("$.letter", Kind.VALUE, LETTER, LETTER.upper())
    shown = case_lines(case(7, Verdict.DRIFTED, differences=(changed,) * 20), line_diff=line_diff)
    assert shown.count("    - legacy  + candidate") == 1
    assert sum(line.startswith("    legacy     ") for line in shown) == 11


@of_runs
@given(case_results(1))
def test_any_case_is_harmless(result: CaseResult) -> None:
    for line in (*case_lines(result), *case_lines(result, line_diff=line_diff)):
        assert line.isprintable()
        assert not line.lstrip("-+ ").startswith("::")


def test_a_drifting_case_of_small_values_costs_less_than_a_millisecond() -> None:
    """Five times that, as this machine may have other things to do; bench/case_text.py has the figures."""
    items = [{"sku": f"A-{n}", "price": Decimal(n)} for n in range(6)]
    differences = (
        Difference("$.total", Kind.ROUNDING, Decimal("0.13"), Decimal("0.12"), "half up / half even"),
        Difference("$.letter", Kind.VALUE, LETTER, LETTER.replace("1 pieces", "1 items")),
        Difference("$.items", Kind.ORDER, items, [*items[1:], items[0]]),
    )
    result = case(7, Verdict.DRIFTED, differences=differences)
    assert min(_seconds(result) for _ in range(20)) < 0.005


def _seconds(result: CaseResult) -> float:
    start = process_time()
    case_lines(result, line_diff=line_diff)
    return process_time() - start
