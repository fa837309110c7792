"""The drift summary for people who must answer for a migration: what was tested, what was not, what differs.

Readable raw and rendered, and deterministic: the same run gives the same bytes. GitHub drops a summary
of more than 1 MiB as a whole, so lists of a large run are cut until it fits, each with a sentence that
says how much is left off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pytest_characterize.model import CaseResult, RunResult, RunVerdict, Verdict
from pytest_characterize.report import markdown_adequacy, markdown_drifts, markdown_rules, markdown_statements
from pytest_characterize.report.marks import Page, cell, code, link, plain, table
from pytest_characterize.report.rules import STALE
from pytest_characterize.report.summary import Tally, Trouble, loosenings, tallies, together, troubles
from pytest_characterize.report.visible import shorten
from pytest_characterize.report.words import (
    NOTHING,
    VERDICT_WORDS,
    WITHOUT_EVIDENCE,
    action,
    count,
    node_id,
    sum_line,
    where,
)

LARGEST: Final = 900 * 1024
"""No report has more bytes than this."""

_EVERYTHING: Final = 1_000_000_000
_CUTS: Final = (
    (_EVERYTHING, _EVERYTHING),
    (1_000, _EVERYTHING),
    (100, _EVERYTHING),
    (20, _EVERYTHING),
    (10, 1_000),
    (10, 300),
    (5, 100),
    (3, 30),
    (1, 5),
)
_MEANING: Final = {
    RunVerdict.PASS: "The candidate did what legacy did in every case, but for what is listed here as allowed.",
    RunVerdict.DRIFT: "The candidate behaves differently from legacy, and nothing allows it.",
    RunVerdict.INCOMPLETE: "No difference counts against the candidate, but this run does not prove that "
    "there is none.",
}
_VALUES: Final = 3
_VALUE: Final = 40


def render(result: RunResult, to_root: str | None = "") -> str:
    """The summary as Markdown (GitHub's), ending with a newline.

    Args:
        to_root: the way from the report's folder to the project's root (``"../"``), for links to
            goldens; ``None`` where the report lies outside the project.
    """
    return next(filter(None, (_bounded(_lines(result, Page(to_root, *cut))) for cut in _CUTS)))


def _bounded(lines: Iterable[str]) -> str:
    """The lines as one text, ``""`` as soon as it is clear that there are too many."""
    kept, size = [], 0
    for line in lines:
        kept.append(line)
        size += len(line.encode()) + 1
        if size > LARGEST:
            return ""
    return "\n".join(kept) + "\n"


def _lines(result: RunResult, page: Page) -> Iterator[str]:
    every = troubles(result)
    yield from _head(result)
    yield from _tested(result, page)
    yield from _not_tested(result, [one for one in every if one.verdict in WITHOUT_EVIDENCE], page)
    yield from markdown_rules.section(result, page)
    yield from markdown_adequacy.section(result, page)
    yield from _loosened(result, page)
    yield from markdown_drifts.sections(result.groups, page)
    rest = {verdict: [one for one in every if one.verdict is verdict] for verdict in Verdict}
    yield from _troubles("Other drifts", rest[Verdict.DRIFTED], page)
    yield from _troubles("Waivers that have expired", rest[Verdict.EXPIRED], page)
    yield from _troubles("Differences on purpose", rest[Verdict.WAIVED], page)
    yield from markdown_statements.section(result.results, page)
    yield from _provenance(result, page)


def _head(result: RunResult) -> Iterator[str]:
    yield f"# Characterization report: {result.verdict}"
    yield ""
    partial = "" if result.complete else " This run is incomplete."
    yield f"**{sum_line(result.counts())}.** {_MEANING[result.verdict]}{partial}"


def _tested(result: RunResult, page: Page) -> Iterator[str]:
    yield from ("", "## What was tested", "")
    every = tallies(result.results)
    if not every:
        yield f"Nothing: {NOTHING}."
        return
    total = together(every, "Total")
    verdicts = [verdict for verdict in Verdict if total.counts[verdict] or verdict is Verdict.MATCHED]
    shown, left = page.entries_of(every)
    rows = [[cell(one.test), cell(one.legacy), *_numbers(one, verdicts)] for one in shown]
    if left:
        rest = together(every[len(shown) :], "")
        rows.append([f"and {count(left, 'more test')}", "", *_numbers(rest, verdicts)])
    rows.append(["**Total**", "", *(f"**{number}**" for number in _numbers(total, verdicts))])
    head = ["Test", "Legacy", "Cases", *(str(verdict) for verdict in verdicts)]
    yield from table(head, rows, numbers=range(2, len(head)))
    yield ""
    yield from (f"- *{verdict}*: {VERDICT_WORDS[verdict]}" for verdict in verdicts)


def _numbers(tally: Tally, verdicts: Sequence[Verdict]) -> list[str]:
    return [str(number) for number in (tally.total, *(tally.counts[verdict] for verdict in verdicts))]


def _not_tested(result: RunResult, unproven: Sequence[Trouble], page: Page) -> Iterator[str]:
    yield from ("", "## What was not tested", "")
    if result.complete and not unproven:
        yield "Nothing: every case of the code and of the goldens was replayed and compared."
        if result.rules.stale:
            yield ""
            yield f"But with {count(len(result.rules.stale), 'stale golden')}: {STALE}."
        return
    if not result.complete:
        yield "This run is incomplete:"
        yield ""
        yield from (f"- {plain(reason)}" for reason in result.incomplete_because)
    if unproven:
        yield from ("",) if not result.complete else ()
        cases = sum(len(one.cases) for one in unproven)
        yield f"{count(cases, 'case')} ended without evidence."
        yield from _reasons(unproven, page)


def _troubles(title: str, found: Sequence[Trouble], page: Page) -> Iterator[str]:
    if found:
        yield from ("", f"## {title}")
        yield from _reasons(found, page)


def _reasons(found: Sequence[Trouble], page: Page) -> Iterator[str]:
    shown, left = page.entries_of(found)
    for one in shown:
        slug = f" ({plain(one.slug)})" if one.slug else ""
        yield from ("", f"### {one.verdict.capitalize()}: {count(len(one.cases), 'case')}{slug}", "")
        yield from [f"- Why: {code(one.message)}"] if one.message else []
        yield from [f"- Next: {plain(one.hint)}"] if one.hint else []
        yield ""
        yield from _cases(one.cases, page)
    yield from page.left_off(left, "more reason")


def _cases(cases: Sequence[CaseResult], page: Page) -> Iterator[str]:
    """The cases with what differs, or with their names alone where nothing was compared."""

    def named(case: CaseResult) -> list[str]:
        return [link(cell(node_id(case)), case.golden, page.to_root)]

    def differing(case: CaseResult) -> list[str]:
        return markdown_drifts.case_row(case, case.differences[0], page)

    if all(case.differences for case in cases):
        return page.folded(cases, markdown_drifts.COLUMNS, differing)
    return page.folded(cases, ("Case",), named)


def _loosened(result: RunResult, page: Page) -> Iterator[str]:
    yield from ("", "## Loosened by policy", "")
    policies = loosenings(result.results)
    if not policies:
        yield "Nothing: no policy applies to a case that was compared."
        return
    yield "Declared differences that do not count, and how often each occurred in this run."
    yield ""
    shown, left = page.entries_of(policies)
    rows = (
        [
            action(one.policy),
            cell(where(one.policy)),
            plain(one.policy.reason),
            str(one.hits),
            str(one.cases),
            str(len(one.tests)),
        ]
        for one in shown
    )
    head = ("Policy", "Where", "Reason", "Hits", "Cases hit", "Tests")
    yield from table(head, rows, numbers=(3, 4, 5))
    yield from page.left_off(left, "more loosening")


def _provenance(result: RunResult, page: Page) -> Iterator[str]:
    yield from ("", "## Provenance", "")
    recorded = sorted(case.recorded_at for case in result.results if case.recorded_at)
    rows = [["Started", cell(result.started_at)], ["Duration", f"{result.duration:.1f} s"]]
    rows += [[plain(name), cell(text)] for name, text in sorted(result.provenance.items())]
    if recorded:
        rows.append(["Goldens recorded", f"{cell(recorded[0])} to {cell(recorded[-1])}"])
    for name, values in sorted(_origins(result.results).items()):
        rows.append([f"Goldens: {plain(name)}", _told(values)])
    shown, left = page.entries_of(rows)
    yield from table(("What", "Value"), shown)
    yield from page.left_off(left, "more fact")


def _origins(results: Iterable[CaseResult]) -> dict[str, dict[str, int]]:
    """What the goldens say of their origin: name -> value -> number of goldens."""
    found: dict[str, dict[str, int]] = {}
    for case in results:
        for name, value in case.provenance.items():
            values = found.setdefault(name, {})
            values[value] = values.get(value, 0) + 1
    return found


def _told(values: Mapping[str, int]) -> str:
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    told = [
        f"{cell(shorten(value, _VALUE))} ({count(number, 'case')})" for value, number in ordered[:_VALUES]
    ]
    left = len(ordered) - _VALUES
    return ", ".join(
        told + ([f"and {count(left, 'more value')} (all in the JSON report)"] if left > 0 else [])
    )
