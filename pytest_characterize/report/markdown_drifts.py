"""The drift summary's heart: one section a cause, with witness, golden and every case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_characterize.model import CaseResult, Difference, DriftGroup, DriftPlace, Kind
from pytest_characterize.report.markdown_rules import suspects
from pytest_characterize.report.marks import Page, cell, code, link, plain, table
from pytest_characterize.report.places import legacy_of
from pytest_characterize.report.showing import show_input, show_pair
from pytest_characterize.report.summary import shared_cases
from pytest_characterize.report.words import KIND_WORDS, count

COLUMNS: Final = ("Case", "Input", "Where", "Legacy", "Candidate")
"""What a table of differing cases shows."""

_INDEX: Final = re.compile(r"\[\d+\]")
_PLACES: Final = ("Where", "What", "Cases")
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
    others = f" and {count(len(group.places) - 1, 'other place')}" if len(group.places) > 1 else ""
    return [plain(group.name), cell(group.legacy), cell(group.pattern) + others, _what(group), share]


def _what(told: DriftGroup | DriftPlace) -> str:
    evidence = f": {plain(told.evidence)}" if told.evidence else ""
    return f"{KIND_WORDS[told.kind]}{evidence}"


def _section(group: DriftGroup, page: Page) -> Iterator[str]:
    difference, witness = group.difference, group.witness
    legacy, candidate = _pair(difference, _LINE)
    what, where = _what(group), code(group.pattern)
    yield from ("", f"### {plain(group.name)}: {code(group.legacy or group.test)} at {where}", "")
    yield f"{what[0].upper()}{what[1:]} (kind *{group.kind}*)."
    yield f"In {len(group.cases)} of {count(group.of, 'case')} of {_tests(group)}."
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
    yield from _places(group, page)
    yield ""

    def row(case: CaseResult) -> list[str]:
        return case_row(case, _difference(case, group), page)

    yield from page.folded(group.cases, COLUMNS, row)


def _tests(group: DriftGroup) -> str:
    if len(group.tests) < 2:
        return code(group.test)
    return f"{count(len(group.tests), 'test')}: " + ", ".join(
        f"{len(test.cases)} of {test.of} of {code(test.test)}" for test in group.tests
    )


def _places(group: DriftGroup, page: Page) -> Iterator[str]:
    """All places where the cause shows, where there are several."""
    if len(group.places) < 2:
        return
    shown, left = page.entries_of(group.places)
    yield from ("", f"It shows in {count(len(group.places), 'place')}:", "")
    yield from table(_PLACES, (_place(group, place) for place in shown), numbers=(2,))
    yield from page.left_off(left, "more place")


def _place(group: DriftGroup, place: DriftPlace) -> list[str]:
    name = f"{cell(legacy_of(group, place))} " if place.test != group.test else ""
    follows = " (follows from an earlier step)" if place.follows else ""
    return [f"{name}{cell(place.pattern)}", f"{_what(place)}{follows}", str(place.cases)]


def _difference(case: CaseResult, group: DriftGroup) -> Difference:
    """The case's first difference of this cause."""
    places = {(place.test, place.pattern, place.kind) for place in group.places}
    for difference in case.differences:
        if (case.test, _INDEX.sub("[*]", difference.path), difference.kind) in places:
            return difference
    return case.differences[0] if case.differences else group.difference


def _pair(difference: Difference, width: int) -> tuple[str, str]:
    return show_pair(difference.legacy, difference.candidate, width, typed=difference.kind is Kind.TYPE)
