"""The drift summary's heart: one section a cause, with witness, golden and every case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_characterize.model import CaseResult, Difference, DriftGroup, Kind
from pytest_characterize.report.markdown_rules import suspects
from pytest_characterize.report.marks import Page, cell, code, link, plain, table
from pytest_characterize.report.showing import show_input, show_pair
from pytest_characterize.report.summary import shared_cases
from pytest_characterize.report.words import KIND_WORDS, count

COLUMNS: Final = ("Case", "Input", "Where", "Legacy", "Candidate")
"""What a table of differing cases shows."""

_INDEX: Final = re.compile(r"\[\d+\]")
_LINE: Final = 200
_CELL: Final = 60


def sections(groups: Sequence[DriftGroup], page: Page) -> Iterator[str]:
    """An overview of the causes, then a section a cause."""
    yield from ("", "## Drifts by cause", "")
    if not groups:
        yield "None."
        return
    shown, left = page.entries_of(groups)
    head = ("Cause", "Legacy", "Where", "What", "Cases")
    yield from table(head, map(_overview, shown), numbers=(4,))
    yield from page.left_off(left, "more cause")
    if shared := shared_cases(groups):
        verb = (
            "drifts for more than one cause and counts"
            if shared == 1
            else "drift for more than one cause and count"
        )
        yield from ("", f"{count(shared, 'case')} {verb} in each of them.")
    for group in shown:
        yield from _section(group, page)


def case_row(case: CaseResult, difference: Difference, page: Page) -> list[str]:
    """One differing case as a row of :data:`COLUMNS`."""
    name = link(cell(case.label), case.golden, page.to_root)
    given = show_input(case.input, _CELL)
    return [name, cell(given), cell(difference.path), *map(cell, _pair(difference, _CELL))]


def _overview(group: DriftGroup) -> list[str]:
    share = f"{len(group.cases)} of {group.of}"
    return [plain(group.name), cell(group.legacy), cell(group.pattern), _what(group), share]


def _what(group: DriftGroup) -> str:
    evidence = f": {plain(group.evidence)}" if group.evidence else ""
    return f"{KIND_WORDS[group.kind]}{evidence}"


def _section(group: DriftGroup, page: Page) -> Iterator[str]:
    difference, witness = group.difference, group.witness
    legacy, candidate = _pair(difference, _LINE)
    what, where = _what(group), code(group.pattern)
    yield from ("", f"### {plain(group.name)}: {code(group.legacy or group.test)} at {where}", "")
    yield f"{what[0].upper()}{what[1:]} (kind *{group.kind}*)."
    yield f"In {len(group.cases)} of {count(group.of, 'case')} of {code(group.test)}."
    yield ""
    yield f"- Witness: {code(show_input(witness.input, _LINE) or witness.label)}"
    yield f"- Legacy: {code(legacy)}"
    yield f"- Candidate: {code(candidate)}"
    yield from (
        [f"- Evidence: {plain(difference.note)}"] if difference.note not in ("", group.evidence) else []
    )
    yield from suspects(group)
    if witness.golden:
        yield f"- Golden: {link(code(witness.golden), witness.golden, page.to_root)}"
    if witness.case:
        yield f"- Replay it: {code(f'pytest --characterize -k {witness.case[:8]}')}"
    yield ""

    def row(case: CaseResult) -> list[str]:
        return case_row(case, _difference(case, group), page)

    yield from page.folded(group.cases, COLUMNS, row)


def _difference(case: CaseResult, group: DriftGroup) -> Difference:
    """The case's first difference of this group."""
    for difference in case.differences:
        if difference.kind is group.kind and _INDEX.sub("[*]", difference.path) == group.pattern:
            return difference
    return case.differences[0] if case.differences else group.difference


def _pair(difference: Difference, width: int) -> tuple[str, str]:
    return show_pair(difference.legacy, difference.candidate, width, typed=difference.kind is Kind.TYPE)
