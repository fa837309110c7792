"""What a drifting case costs to report: with syrupy's line diff for large values, and without.

    python bench/case_text.py

CPU time of one case's text, the median of 100 runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from typing import Any

from pytest_characterize.model import CaseResult, Difference, Kind, Verdict
from pytest_characterize.report.case_text import case_lines
from pytest_characterize.snapshots import line_diff
from pytest_characterize.values import Column, Record, Rows

LETTER = "".join(f"line {n} of a letter to the customer\n" for n in range(40))
NOTE = "first\nsecond\nthird\nfourth\n"
ITEMS = [{"sku": f"A-{n}", "price": Decimal(n), "tags": ["a", "b"]} for n in range(12)]
INVOICE = Record("shop.Invoice", {"id": 7, "note": NOTE, "lines": ITEMS[:3]})
TABLE = Rows("postgresql", (Column("code", "text"),), tuple((f"row {n} {'x' * 20}",) for n in range(8)))


def rows_with(text: str) -> Rows:
    return Rows(TABLE.dialect, TABLE.columns, (*TABLE.rows[:4], (text,), *TABLE.rows[5:]))


SAMPLES: dict[str, list[tuple[Any, Any]]] = {
    "one number": [(Decimal("0.13"), Decimal("0.12"))],
    "text of 4 lines, 1 changed": [(NOTE, NOTE.replace("second", "zweite"))],
    "text of 40 lines, 1 changed": [(LETTER, LETTER.replace("line 20 ", "line twenty "))],
    "text of 40 lines, all changed": [(LETTER, LETTER.replace("letter", "ladder"))],
    "record, 1 line changed": [
        (INVOICE, Record(INVOICE.type, {**INVOICE.fields, "note": NOTE.replace("second", "zweite")}))
    ],
    "8 rows, 1 changed": [(TABLE, rows_with("another"))],
    "12 items, 1 moved": [(ITEMS, [*ITEMS[1:], ITEMS[0]])],
    "12 texts of 40 lines": [(LETTER, LETTER.replace("letter", "ladder"))] * 12,
    "list of 100,000": [(list(range(100_000)), [*range(50_000), 0, *range(50_001, 100_000)])],
    "text of 8 MB": [("abc def\n" * 1_000_000, "abc def\n" * 900_000 + "x\n" + "abc def\n" * 100_000)],
}


def usual(run: Callable[[], object]) -> float:
    """Milliseconds of CPU, the median."""
    found = []
    for _ in range(100):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return 1_000 * median(found)


def main() -> None:
    print(f"{'case':32} {'plain':>9} {'line diff':>9}   ms CPU a case")
    for name, pairs in SAMPLES.items():
        differences = tuple(Difference("$.x", Kind.VALUE, *pair) for pair in pairs)
        result = CaseResult(
            "tests/test_shop.py::test_x", "0" * 64, "x", Verdict.DRIFTED, differences=differences
        )
        plain = usual(lambda result=result: case_lines(result))  # type: ignore[misc]
        diffed = usual(lambda result=result: case_lines(result, line_diff=line_diff))  # type: ignore[misc]
        print(f"{name:32} {plain:9.3f} {diffed:9.3f}")


if __name__ == "__main__":
    main()
