"""Legacy in another language: reports of its coverage tool, imported, and read in every view of the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.project import Project

FEE = """\
int fee(int days) {
    // rule: BILL-007 more than ten days
    if (days > 10)
        return 5;
    return 0;
}
"""
TESTS = """
import pytest
import shop
from pytest_characterize import Function

@pytest.mark.characterize(legacy=Function("legacy_shop:fee"), cases=[{"days": days} for days in (3, 10, 11, 12)])
def test_fee(days):
    return shop.fee(days)
"""
LEGACY = """
def fee(days):
    return (0, 5)[days > 10]
"""


def lcov(above: int, below: int) -> str:
    return (
        "SF:/build/src/fee.c\nFN:1,fee\nFNDA:1,fee\n"
        f"BRDA:3,0,0,{above}\nBRDA:3,0,1,{below}\nDA:3,1\nend_of_record\n"
    )


@pytest.fixture
def recorded(pytester: pytest.Pytester) -> Project:
    project = Project.make(pytester, tests=TESTS, legacy=LEGACY, shop=LEGACY)
    project.write("old/src/fee.c", FEE).write("three.info", lcov(0, 1)).write("nightly.info", lcov(7, 0))
    return project.recorded()


def console(project: Project, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    from pytest_characterize.cli import main

    capsys.readouterr()
    code = main(["--root", str(project.root), *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def bring(project: Project, capsys: pytest.CaptureFixture[str], file: str, *more: str) -> str:
    report = str(project.root / file)
    code, out, err = console(
        project, capsys, "import", "lcov", report, "--root", str(project.root / "old"), *more
    )
    assert (code, err) == (0, "")
    return out


def measured(run: object) -> dict[str, object]:
    routines = run.report["rules"]["routines"]  # type: ignore[attr-defined]
    return next(one for one in routines if one["name"] == "fee.c")


def test_a_case_and_a_run(recorded: Project, capsys: pytest.CaptureFixture[str]) -> None:
    out = bring(recorded, capsys, "three.info", "--case", "days-3")
    assert "of days-3" in out
    assert "reached   2 of 3 rules in 1 source file" in out
    one = recorded.replay().exits(0).says("PASS", matched=4)
    assert measured(one)["counts"] == {
        "known": 3, "exercised": 2, "never": 1, "at_parity": 2, "unknown": 0, "percent": 66.6,
    }  # fmt: skip
    one.has("fee.c:3", "if (days > 10)", "never: branch 0 taken")

    assert "of a run over many cases" in bring(recorded, capsys, "nightly.info")
    both = recorded.replay("--characterize-fail-under=100").exits(0).says("PASS", matched=4)
    counts = measured(both)["counts"]
    assert (counts["exercised"], counts["at_parity"]) == (3, 1)
    assert both.report["rules"]["runs"] == ["nightly.info"]
    both.has("and 1 measured run", "by runs", "1 rule is exercised by measured runs only")
    (declared,) = both.report["rules"]["declared"]
    assert (declared["id"], declared["counts"]["exercised"]) == ("BILL-007", 2)

    code, out, _ = console(recorded, capsys, "rules", "status", "fee.c")
    assert code == 0
    assert "run branch 0 taken, 1 branch 1" in " ".join(out.split())
    assert "[BILL-007]" in out


def test_the_markdown_report_says_which_rules_have_unknown_cases(
    recorded: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(recorded, capsys, "nightly.info")
    recorded.replay("--characterize-report=md:report.md").exits(0)
    text = (recorded.root / "report.md").read_text("utf-8")
    assert "### Exercised by measured runs only, so that parity is not known: 2 rules" in text
    assert "and 1 measured run, " in text


def test_a_drift_names_the_measured_rule(recorded: Project, capsys: pytest.CaptureFixture[str]) -> None:
    recorded.write("more.info", lcov(1, 0))
    for file, days in (("three.info", 3), ("three.info", 10), ("more.info", 11), ("more.info", 12)):
        bring(recorded, capsys, file, "--case", f"days-{days}-", "--test", "test_fee")
    recorded.write("shop.py", LEGACY.replace("5", "6"))
    run = recorded.replay().exits(1)
    (group,) = run.report["drifts"]
    suspect = group["suspects"][0]
    assert (suspect["routine"], suspect["line"], suspect["arm"]) == ("fee.c", 3, "branch 0 taken")
    assert (suspect["score"], suspect["drifting"], suspect["others"]) == (1.0, 2, 0)


def test_another_text_makes_older_reports_stale(
    recorded: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(recorded, capsys, "three.info", "--case", "days-3")
    recorded.write("old/src/fee.c", FEE.replace("10", "12"))
    bring(recorded, capsys, "nightly.info")
    run = recorded.replay().exits(1).has("coverage-stale", "fee.c has another text by now")
    assert not run.report["complete"] or run.report["verdict"] == "INCOMPLETE"
    bring(recorded, capsys, "three.info", "--case", "days-3")
    recorded.replay().exits(0)


def test_a_damaged_import_is_no_green_run(recorded: Project, capsys: pytest.CaptureFixture[str]) -> None:
    bring(recorded, capsys, "nightly.info")
    (file,) = (recorded.root / "characterization/coverage").rglob("*.json")
    file.write_text(file.read_text().replace("3 branch", "3 twig", 1))
    recorded.replay().exits(1).has("coverage-file-damaged")


REFUSED = [
    (("lcov", "nowhere.info"), "coverage-unreadable"),
    (("lcov", "old/src/fee.c"), "coverage-damaged"),
    (("jacoco", "three.info"), "coverage-damaged"),
    (("lcov", "empty.info"), "coverage-empty"),
    (("lcov", "three.info", "--case", "days-4"), "coverage-case"),
    (("lcov", "three.info", "--test", "test_fee"), "coverage-case"),
    (("lcov", "three.info", "--case", "days-3", "--source", "shop"), "coverage-source"),
    (("lcov", "three.info", "--source", "shop"), "source-unknown"),
    (("lcov", "three.info", "--root", "nowhere"), "coverage-root"),
    (("lcov", "far.info", "--root", "old"), "coverage-other-text"),
    (("lcov", "twins.info", "--root", "old"), "coverage-root"),
]


def test_what_is_refused_writes_nothing(
    recorded: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recorded.root)
    recorded.write("empty.info", "SF:fee.c\nend_of_record\n")
    recorded.write("far.info", lcov(1, 1).replace("BRDA:3", "BRDA:300"))
    recorded.write("twins.info", lcov(1, 1) + lcov(1, 1).replace("/build/src/", "/src/"))
    for arguments, slug in REFUSED:
        code, out, err = console(recorded, capsys, "import", *arguments)
        assert (code, out) == (1, ""), arguments
        assert f"[{slug}]" in err
    assert not (recorded.root / "characterization/coverage").exists()


def test_files_that_are_not_there_are_told(recorded: Project, capsys: pytest.CaptureFixture[str]) -> None:
    recorded.write("elsewhere.info", lcov(1, 1).replace("fee.c", "tax.c"))
    out = bring(recorded, capsys, "elsewhere.info")
    assert "no text   1 source file not found below" in out
    assert "such as build/src/tax.c" in out
    recorded.replay().exits(0).has("by runs")


def test_a_hash_of_the_text_is_kept_beside(recorded: Project, capsys: pytest.CaptureFixture[str]) -> None:
    bring(recorded, capsys, "three.info", "--case", "days-3")
    kept = sorted(
        path.relative_to(recorded.root / "characterization").as_posix()
        for path in Path(recorded.root / "characterization").rglob("*.json")
        if "fee" in path.name
    )
    assert any(name.startswith("legacy/project/src_fee.c-") for name in kept), kept
