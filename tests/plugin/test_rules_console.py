"""``pytest-characterize rules``: annotated sources and drafts."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.plugin.project import Project
from tests.plugin.rule_projects import (
    CATALOGUE,
    DISCOUNT,
    Legacy,
    console,
    declare,
)


def test_the_annotated_source(legacy: Legacy, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = console(legacy.recorded(), capsys, "status", "discount")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "public.discount(integer, integer)  billing  7 of 9 rules exercised, 77.7 %"
    (boundary,) = [line for line in lines if "ELSIF years > 5 THEN" in line]
    assert boundary.split() == ["4", "taken", "9", "ELSIF", "years", ">", "5", "THEN", "[BILL-007]"]
    (missed,) = [line for line in lines if "IF years > 10 THEN" in line]
    assert missed.startswith("! 0 taken, 6 no branch taken")
    assert "percent(amount" not in out
    assert "\x1b" not in out


def test_all_annotated_sources(legacy: Legacy, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = console(legacy.recorded(), capsys, "status")
    assert code == 0
    assert "public.percent(integer, integer)  billing" in out
    assert out.splitlines()[-1] == "71.4 %  10 of 14 rules exercised in 2 routines"


def test_an_unknown_routine(legacy: Legacy, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = console(legacy.recorded(), capsys, "status", "discounts")
    assert (code, out) == (1, "")
    assert "rules-no-match" in err
    assert "there are discount, percent" in err


def test_no_source_at_all(opaque: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("status", "scan"):
        code, out, err = console(opaque.recorded(), capsys, what)
        assert (code, out) == (1, "")
        assert "rules-no-source" in err


def test_a_damaged_golden_is_told_beside_the_listing(
    legacy: Legacy, capsys: pytest.CaptureFixture[str]
) -> None:
    project = legacy.recorded()
    project.golden("years-9").write_text("{}")
    code, out, err = console(project, capsys, "status")
    assert code == 1
    assert "public.discount" in out
    assert err.startswith("not counted: characterization/goldens/")
    assert len(err.splitlines()) == 1


def test_a_stale_golden_is_told_in_the_listing(legacy: Legacy, capsys: pytest.CaptureFixture[str]) -> None:
    project = legacy.project.edit("tests/test_shop.py", ', "total": -1', ', "total": -2')
    legacy.recorded()
    legacy.run(DISCOUNT.replace("more than", "above"))
    project.edit("tests/test_shop.py", ', "total": -2', ', "total": -1')
    legacy.record().exits(0)
    code, out, err = console(project, capsys, "status")
    assert (code, err) == (0, "")
    assert "not counted  11 goldens: public.discount(integer, integer) has changed since" in out


def test_a_draft_is_printed_written_once_and_holds(
    legacy: Legacy, capsys: pytest.CaptureFixture[str]
) -> None:
    project = legacy.recorded()
    code, out, _ = console(project, capsys, "scan")
    assert code == 0
    assert [one["title"] for one in tomllib.loads(out)["rule"]] == [
        "IF total < 0",
        "IF years > 10",
        "IF rate IS NULL",
    ]
    file = project.root / "characterization/rules.toml"
    assert not file.exists()
    assert console(project, capsys, "scan", "--write")[:2] == (
        0,
        "drafted  characterization/rules.toml  3 decisions\n",
    )
    assert file.read_text() == out
    assert console(project, capsys, "scan")[1] == "# every decision of the kept sources is declared\n"
    project.replay().exits(0).has("4 business rules")


def test_a_catalogue_is_never_overwritten(legacy: Legacy, capsys: pytest.CaptureFixture[str]) -> None:
    project = declare(legacy.recorded(), CATALOGUE)
    code, out, err = console(project, capsys, "scan", "--write")
    assert (code, out) == (1, "")
    assert "rules-exist" in err
    assert (project.root / "characterization/rules.toml").read_text() == CATALOGUE
    code, out, _ = console(project, capsys, "scan")
    assert [one["title"] for one in tomllib.loads(out)["rule"]] == ["IF rate IS NULL", "IF total < 0"]


def test_a_lost_anchor_is_told_by_the_console_script(
    legacy: Legacy, capsys: pytest.CaptureFixture[str]
) -> None:
    project = declare(legacy.recorded(), CATALOGUE.replace("years > 10", "years > 12"))
    code, out, err = console(project, capsys, "status")
    assert code == 1
    assert "public.discount" in out
    assert "BILL-003" in err
    assert "rule-anchor-lost" in err


def test_colours_on_a_terminal_only(tmp_path: Path) -> None:
    from io import StringIO

    from pytest_characterize.cli.colours import ansi, style_of
    from pytest_characterize.report.layout import plain

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    assert style_of(StringIO(), {}) is plain
    assert style_of(Terminal(), {}) is ansi
    assert style_of(Terminal(), {"NO_COLOR": "1"}) is plain
    assert style_of(Terminal(), {"TERM": "dumb"}) is plain
    assert ansi("x") == "x"
    assert ansi("", red=True) == ""
    assert ansi("x", red=True, bold=False) == "\x1b[31mx\x1b[0m"
