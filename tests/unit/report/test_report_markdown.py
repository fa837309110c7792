"""The drift summary for auditors: expected texts, sums, bounds, and foreign text that stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from expectations import assert_expected
from hypothesis import example, given
from markdown_it import MarkdownIt
from report_samples import BILLING, PAGES, SAMPLES, STAMP, all_pass, case, cases, drift, drifts, mixture, run
from run_strategies import TEXTS, of_runs, run_results

from pytest_characterize.descriptors import Ignore
from pytest_characterize.model import (
    CaseResult,
    Difference,
    Kind,
    PolicyHit,
    Problem,
    RunResult,
    RunVerdict,
    Verdict,
)
from pytest_characterize.report.markdown import LARGEST, render
from pytest_characterize.report.marks import cell, code, link, plain

OURS = {"<details>", "</details>", "<summary>", "</summary>"}
STRUCTURE = {"h1", "h2", "h3", "p", "strong", "em", "ul", "li", "code", "a", "details", "summary"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Page(HTMLParser):
    """What a browser makes of a rendered summary: tables as rows of texts, headings, tags and links."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.headings: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.codes: list[str] = []
        self._inside: list[str] = []
        self.feed(PARSER.render(source))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._inside.append(tag)
        match tag:
            case "table":
                self.tables.append([])
            case "tr":
                self.tables[-1].append([])
            case "td" | "th":
                self.tables[-1][-1].append("")
            case "a":
                self.links.append(dict(attrs)["href"] or "")
            case "code":
                self.codes.append("")
            case "h1" | "h2" | "h3":
                self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "td" in self._inside or "th" in self._inside:
            self.tables[-1][-1][-1] += data
        if "code" in self._inside:
            self.codes[-1] += data
        if {"h1", "h2", "h3"} & set(self._inside):
            self.headings[-1] += data


def strings(page: Page, table: int) -> list[list[str]]:
    return page.tables[table]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_summary_reads_as_expected(name: str) -> None:
    assert_expected(f"{name}.md", render(SAMPLES[name]()))


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "empty"])
def test_the_table_of_tests_adds_up(name: str) -> None:
    result = SAMPLES[name]()
    head, *rows, total = strings(Page(render(result)), 0)
    assert (head[:3], total[0]) == (["Test", "Legacy", "Cases"], "Total")
    for column in range(2, len(head)):
        assert sum(int(row[column]) for row in rows) == int(total[column])
    for row in (*rows, total):
        assert int(row[2]) == sum(map(int, row[3:]))
    counts = {str(verdict): number for verdict, number in result.counts().items() if number}
    assert {
        name: int(number) for name, number in zip(head[3:], total[3:], strict=True) if int(number)
    } == counts


def test_the_sections_come_in_the_order_of_an_auditors_questions() -> None:
    assert Page(render(drifts())).headings == [
        "Characterization report: DRIFT",
        "What was tested",
        "What was not tested",
        "Loosened by policy",
        "Drifts by cause",
        "D1: billing.invoice_total at $.total",
        "D2: billing.invoice_total at $raised",
        "D3: web GET /invoice/{customer_id} at $.customer.code",
        "D4: web GET /invoice/{customer_id} at $.body.text",
        "D5: web GET /invoice/{customer_id} at $.customer.code",
        "Provenance",
    ]


def test_each_case_of_a_cause_shows_its_own_values() -> None:
    rows = strings(Page(render(drifts())), 3)
    assert rows[0] == ["Case", "Input", "Where", "Legacy", "Candidate"]
    assert rows[2][1:] == ["customer_id=2 on=2024-03-03", "$.total", "190.00", "200.00"]
    assert len(rows) == 15


def test_a_case_shows_the_difference_of_its_group_and_not_its_first() -> None:
    other = Difference("$.z", Kind.NULL, None, 1)
    lines = [Difference(f"$.lines[{n}].price", Kind.VALUE, n, n + 1) for n in range(3)]
    members = [case(n, Verdict.DRIFTED, differences=(other, lines[n])) for n in range(3)]
    group = drift("D1", members, 3, "", place=1)
    where = replace(group.places[0], pattern="$.lines[*].price")
    group = replace(group, pattern=where.pattern, places=(where,))
    rows = strings(Page(render(run(RunVerdict.DRIFT, members, (group,)))), 2)
    assert [row[2:] for row in rows[1:]] == [[f"$.lines[{n}].price", str(n), str(n + 1)] for n in range(3)]


def test_links_lead_from_the_reports_folder_to_the_goldens() -> None:
    golden = case(1).golden
    assert golden in Page(render(drifts())).links
    assert f"../../{golden}" in Page(render(drifts(), "../../")).links
    assert Page(render(drifts(), None)).links == []


def test_what_the_goldens_say_of_their_origin_is_counted() -> None:
    results = [case(n, provenance={"source hash": f"{n:04}"}) for n in range(9)]
    told = render(run(RunVerdict.PASS, results))
    assert "| Goldens: source hash | `0000` (1 case), " in told
    assert "and 6 more values (all in the JSON report) |" in told


def test_a_large_run_is_cut_with_a_sentence_and_still_adds_up() -> None:
    difference = Difference("$.total", Kind.VALUE, "legacy " * 20, "candidate " * 20)
    members = cases(range(12_000), Verdict.DRIFTED, differences=(difference,))
    told = render(run(RunVerdict.DRIFT, members, (drift("D1", members, 12_000, ""),)))
    assert len(told.encode()) <= LARGEST
    assert "<summary>The first 1000 of 12000 cases</summary>" in told
    assert "*11000 more cases left off to keep this summary small; the JSON report has all.*" in told
    assert "**12000 cases = 12000 drifted.**" in told


def test_many_causes_and_tests_are_cut_as_well() -> None:
    tests = [f"tests/test_{n}.py::test_{'x' * 150}" for n in range(1_500)]
    difference = Difference("$." + "deep." * 100, Kind.VALUE, "l" * 300, "c" * 300)
    members = [
        case(1, Verdict.DRIFTED, test=test, differences=(difference,), provenance={"é" * 90: test})
        for test in tests
    ]
    groups = tuple(drift(f"D{n}", [member], 1, "evidence " * 20) for n, member in enumerate(members, start=1))
    told = render(run(RunVerdict.DRIFT, members, groups))
    assert len(told.encode()) <= LARGEST
    rows = strings(Page(told), 0)
    left = re.fullmatch(r"and (\d+) more tests", rows[-2][0])
    assert left is not None
    assert int(left[1]) == int(rows[-2][2]) == 1_500 - (len(rows) - 3)
    assert rows[-1][2] == "1500"
    assert f"*{1_500 - (len(rows) - 3)} more causes left off" in told


def test_a_run_at_the_limit_is_not_cut() -> None:
    members = cases(range(900), Verdict.DRIFTED, differences=(Difference("$", Kind.VALUE, 1, 2),))
    told = render(run(RunVerdict.DRIFT, members, (drift("D1", members, 900, ""),)))
    assert "left off" not in told
    assert told.count("| `1` | `2` |") == 900


NASTY = "x|y\\|`z`<b>*b*</b><!-- --> [l](javascript:1) ![i](http://h/p) \n# h\n\x1b[31m @all ~~s~~ $m$ &amp; "


def nasty_run() -> RunResult:
    """Every text of a run that comes from outside is hostile."""
    hit = (PolicyHit(Ignore(NASTY, reason=NASTY), 1),)
    texts = {"legacy": NASTY, "input": {NASTY: NASTY}, "golden": NASTY, "policy_hits": hit}
    difference = Difference(NASTY, Kind.VALUE, NASTY, NASTY + "!", NASTY)
    drifting = case(1, Verdict.DRIFTED, **texts, differences=(difference,), provenance={NASTY: NASTY})
    failing = case(2, Verdict.ERRORED, **texts, problem=Problem(NASTY, NASTY, NASTY))
    results = [replace(one, test=NASTY, label=NASTY + one.label) for one in (drifting, failing)]
    group = replace(drift("D1", [results[0]], 2, NASTY), name=NASTY)
    result = run(RunVerdict.DRIFT, results, (group,), incomplete=(NASTY,))
    return replace(result, provenance={NASTY: NASTY}, started_at=NASTY)


def test_hostile_text_stays_text_everywhere() -> None:
    told = render(nasty_run())
    page = Page(told)
    assert page.tags <= STRUCTURE
    assert all("javascript:" not in target and "://" not in target for target in page.links)
    for table in page.tables:
        assert {len(row) for row in table} == {len(table[0])}
    shown = (
        r"x|y\|`z`<b>*b*</b><!-- --> [l](javascript:1) ![i](http://h/p) \n# h\n\x1b[31m @all ~~s~~ $m$ &amp; "
    )
    assert shown.strip() in {text.strip() for text in page.codes}


@given(TEXTS)
@example("a\\|b|c`d")
@example("`")
@example(" ` ")
@example("\\")
def test_a_cell_and_a_code_span_give_the_text_back(text: str) -> None:
    in_code, in_cell = code(text), cell(text)
    page = Page(f"- {in_code}\n\n| a | b |\n|---|---|\n| {in_cell} | end |\n")
    assert page.tags <= {"ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td"}
    ((_, row),) = page.tables
    assert row[1] == "end"
    if in_code:
        assert page.codes[0].strip() == row[0].strip()


@given(TEXTS)
@example("__0__ _a_ b_c_d")
def test_running_text_has_no_markup(text: str) -> None:
    page = Page(f"- said: {plain(text)}\n")
    assert page.tags <= {"ul", "li"}


def test_a_link_needs_a_path_and_a_root() -> None:
    assert link("`a`", "a b/ü|.json", "../") == "[`a`](../a%20b/%C3%BC%7C.json)"
    assert link("`a`", "", "../") == "`a`"
    assert link("`a`", "x.json", None) == "`a`"
    assert link("`a`", "javascript:alert(1)", "") == "[`a`](javascript%3Aalert%281%29)"


@of_runs
@given(run_results())
def test_any_run_gives_printable_bounded_markdown(result: RunResult) -> None:
    told = render(result)
    assert told.endswith("\n")
    assert len(told.encode()) <= LARGEST
    assert all(line.isprintable() for line in told.split("\n"))
    assert not re.search(r"^\s*::|##\[|##vso\[", told, re.MULTILINE)
    assert told == render(result)


@of_runs
@given(run_results())
def test_any_run_names_every_case_that_did_not_match(result: RunResult) -> None:
    told = render(result)
    for one in result.results:
        if one.verdict is not Verdict.MATCHED:
            assert one.case[-12:] in told


def test_the_html_is_ours() -> None:
    html = set(re.findall(r"</?[a-z]+>", render(mixture()) + render(drifts()) + render(all_pass())))
    assert html <= OURS | {"<golden>"}


def test_verdicts_without_a_case_have_no_column() -> None:
    assert strings(Page(render(all_pass())), 0)[0] == ["Test", "Legacy", "Cases", "matched"]


def test_nothing_matched_is_said_with_a_zero() -> None:
    failing: list[CaseResult] = cases(range(2), Verdict.SKIPPED, test=PAGES)
    head, _, total = strings(Page(render(run(RunVerdict.INCOMPLETE, failing))), 0)
    assert (head[3:], total[3:]) == (["matched", "skipped"], ["0", "2"])


def test_a_policy_names_its_hits_and_reason() -> None:
    rows = strings(Page(render(run(RunVerdict.PASS, cases(range(2), policy_hits=(PolicyHit(STAMP, 3),))))), 1)
    assert rows[1] == ["ignore", "$.generated_at", "changes with every run", "6", "2", "1"]
    assert BILLING not in rows[1]


def test_even_absurd_texts_do_not_break_the_bound() -> None:
    huge = "x" * 200_000
    difference = Difference(f"$.{huge}", Kind.VALUE, huge, huge + "!", huge)
    members = [
        case(
            n,
            Verdict.DRIFTED,
            test=f"t{n}.py::{huge}",
            differences=(difference,),
            golden="g" * 4_000,
            legacy=huge,
        )
        for n in range(40)
    ]
    groups = tuple(drift(f"D{n}", [member], 1, huge) for n, member in enumerate(members))
    told = render(
        replace(run(RunVerdict.DRIFT, members, groups), provenance={f"{n}{huge}": huge for n in range(900)})
    )
    assert 10_000 < len(told.encode()) <= LARGEST
    assert "**40 cases = 40 drifted.**" in told
    assert "more facts left off" in told
