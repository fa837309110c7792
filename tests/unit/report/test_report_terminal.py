"""The terminal summary, compared with expected texts, and what must hold of any run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from expectations import assert_expected
from hypothesis import given
from hypothesis import strategies as st
from report_samples import SAMPLES, STAMP, case, cases, drift, drifts, mixture, run
from run_strategies import of_runs, run_results

from pytest_characterize.descriptors import Ignore
from pytest_characterize.model import Difference, Kind, PolicyHit, Problem, RunResult, RunVerdict, Verdict
from pytest_characterize.report.terminal import lines


def text(result: RunResult, width: int = 110) -> str:
    return "\n".join(lines(result, width)) + "\n"


@pytest.mark.parametrize("name", SAMPLES)
def test_the_summary_reads_as_expected(name: str) -> None:
    assert_expected(f"{name}.txt", text(SAMPLES[name]()))


def test_the_summary_of_a_narrow_terminal_reads_as_expected() -> None:
    assert_expected("drifts_narrow.txt", text(drifts(), 60))


def test_only_paths_and_commands_may_be_wider_than_the_terminal() -> None:
    wide = (
        "golden",
        "characterization/",
        "case",
        "tests/",
        "characterize:",
        "ignore",
        "tolerance",
        "unordered",
    )
    for width in (60, 80, 100, 140):
        for name in SAMPLES:
            for line in lines(SAMPLES[name](), width):
                assert line.lstrip().startswith(wide) or len(line) <= width, line


def test_the_witness_can_be_run_alone() -> None:
    (command,) = [line for line in lines(drifts()) if line.endswith("027db255")]
    assert command == "  next          pytest --characterize -k 027db255"


def test_colours_change_no_word() -> None:
    def style(shown: str, **markup: bool) -> str:
        return f"<{'+'.join(markup)}>{shown}</>" if markup else shown

    for build in SAMPLES.values():
        coloured = "\n".join(lines(build(), 100, style))
        for start in ("<red+bold>", "<green+bold>", "<yellow+bold>", "<bold>", "<light>"):
            coloured = coloured.replace(start, "")
        assert coloured.replace("</>", "") == "\n".join(lines(build(), 100))


def test_pytests_own_writer_can_be_the_style() -> None:
    from _pytest._io import TerminalWriter

    writer = TerminalWriter()
    writer.hasmarkup = True
    first = lines(drifts(), 100, writer.markup)[0]
    assert first.startswith("\x1b[31m\x1b[1mDRIFT\x1b[0m  \x1b[1mD1 billing.invoice_total\x1b[0m")


@pytest.mark.parametrize("known", [True, False])
def test_a_damaged_case_without_names_is_still_told(known: bool) -> None:
    nameless = replace(
        case(1, Verdict.ERRORED), case="", label="", golden="lost.json" if known else "", legacy=""
    )
    result = run(RunVerdict.INCOMPLETE, [replace(nameless, problem=Problem("golden-foreign", "is not ours"))])
    assert "  case          tests/characterization/test_billing.py::test_invoice_total" in lines(result)


def test_many_causes_keep_one_line_each() -> None:
    members = [
        case(n, Verdict.DRIFTED, differences=(Difference(f"$.f{n}", Kind.VALUE, 1, 2),)) for n in range(45)
    ]
    groups = tuple(drift(f"D{n + 1}", [member], 45, "") for n, member in enumerate(members))
    shown = lines(run(RunVerdict.DRIFT, members, groups))
    assert sum(line.startswith("DRIFT  D") for line in shown) == 45
    assert sum(line.startswith("  witness") for line in shown) == 20


def test_many_messages_are_cut_with_a_count_and_the_way_to_all() -> None:
    failing = [case(n, Verdict.ERRORED, problem=Problem("boom", f"error {n}", "mend it")) for n in range(9)]
    shown = lines(run(RunVerdict.INCOMPLETE, failing))
    assert shown[0] == "ERRORED  9 cases   boom"
    assert sum("(1 case) error" in line for line in shown) == 5
    assert sum("mend it" in line for line in shown) == 1
    assert any("and 4 cases for 4 other reasons; --characterize-report=json:PATH" in line for line in shown)


def test_many_cases_of_one_message_are_cut_with_a_count() -> None:
    shown = text(mixture())
    assert "UNRECORDED  41 cases" in shown
    assert "                and 38 more\n" in shown


def test_a_long_message_is_wrapped_and_then_cut() -> None:
    problem = Problem("boom", "word " * 1_000)
    shown = lines(run(RunVerdict.INCOMPLETE, [case(1, Verdict.ERRORED, problem=problem)]), 80)
    told = [line for line in shown if "word" in line]
    assert len(told) <= 5
    assert told[-1].endswith("…")


def test_a_command_cannot_begin_a_wrapped_line() -> None:
    problem = Problem("boom", "x " * 31 + "::error::injected")
    shown = lines(run(RunVerdict.INCOMPLETE, [case(1, Verdict.ERRORED, problem=problem)]), 80)
    assert any(line.lstrip().startswith(r"\x3a:error::injected") for line in shown)


def test_a_policy_without_hits_is_told_as_not_needed() -> None:
    shown = text(run(RunVerdict.PASS, cases(range(2), policy_hits=(PolicyHit(STAMP, 0),))))
    assert "LOOSENED  0 differences taken away by policy" in shown
    assert "ignore   $.generated_at   0 hits, not needed   changes with every run" in shown


@of_runs
@given(run_results(), st.integers(1, 200))
def test_no_run_can_write_to_the_terminal_what_is_not_text(result: RunResult, width: int) -> None:
    for line in lines(result, width):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


@of_runs
@given(run_results())
def test_the_last_line_is_the_verdict_and_adds_up(result: RunResult) -> None:
    last = lines(result)[-1]
    assert last.startswith(f"characterize: {result.verdict}  {len(result.results)} case")
    for verdict, number in result.counts().items():
        assert (f"{number} {verdict}" in last) or not number


@of_runs
@given(run_results())
def test_the_same_run_reads_the_same(result: RunResult) -> None:
    assert lines(result) == lines(result)


def test_reasons_that_do_not_fit_get_lines_of_their_own_and_are_not_cut() -> None:
    reason = "the page says when it was made, which is not part of what the customer was promised"
    policies = (Ignore("$.made", reason=reason), STAMP)
    shown = text(
        run(RunVerdict.PASS, cases(range(2), policy_hits=tuple(PolicyHit(one, 1) for one in policies))), 80
    )
    assert (
        "  ignore   $.generated_at   2 hits in 2 cases\n"
        "           changes with every run\n"
        "  ignore   $.made           2 hits in 2 cases\n"
        "           the page says when it was made, which is not part of what the\n"
        "           customer was promised\n"
    ) in shown
