"""The section of the Markdown summary on the candidate's SQL statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_characterize.model import CaseResult
from pytest_characterize.report.marks import Page, block, cell, link, table
from pytest_characterize.report.statements import StatementUse, statement_uses
from pytest_characterize.report.visible import shorten, visible
from pytest_characterize.report.words import node_id
from pytest_characterize.sql.display import LONGEST, laid_out

_STATEMENT: Final = 200


def section(results: Sequence[CaseResult], page: Page) -> Iterator[str]:
    """How many statements each test's cases took; nothing where none were counted."""
    uses = [use for use in statement_uses(results) if use.total]
    if not uses:
        return
    yield from ("", "## SQL statements", "")
    yield (
        "How many statements the candidate sent, by test: in all its cases, and in the case with the most. "
        "The number is no behaviour that is compared, unless the test limits it."
    )
    yield ""
    shown, left = page.entries_of(uses)
    head = ("Test", "Cases", "Statements", "Most in a case", "Legacy there", "Most repeated there")
    yield from table(head, map(_row, shown), numbers=(1, 2, 3, 4))
    yield from page.left_off(left, "more test")
    for use in shown:
        if use.striking and use.repeated is not None:
            times = f"{use.repeated.times} times in {link(cell(node_id(use.case)), use.case.golden, page.to_root)}:"
            yield from ("", times, "")
            yield from block(
                laid_out(visible(shorten(use.repeated.fingerprint.text, LONGEST))).splitlines(), "sql"
            )


def _row(use: StatementUse) -> list[str]:
    legacy = "" if use.count.legacy is None else str(use.count.legacy)
    repeated = use.repeated
    told = (
        ""
        if repeated is None
        else f"{repeated.times} x {cell(shorten(repeated.fingerprint.text, _STATEMENT))}"
    )
    return [cell(use.test), str(use.cases), str(use.total), str(use.count.candidate), legacy, told]
