"""The reference names every option, configuration key and marker argument, and none that is not there."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from doc_pages import DOCS, ROOT

import pytest_characterize
from pytest_characterize.compare.paths import Pattern
from pytest_characterize.model import Kind, Verdict
from pytest_characterize.plugin.marker import KNOWN
from pytest_characterize.report.writing import RENDERERS
from pytest_characterize.settings import Redaction, Settings, Source, TableMapping


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def sections(text: str) -> dict[str, str]:
    """Second-level headings and what stands below each."""
    return dict(
        re.findall(r"^## (\S[^\n]*)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL),
    )


def keys(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    cells = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_every_option_has_its_section(request: pytest.FixtureRequest) -> None:
    parser = request.config._parser
    (group,) = [group for group in parser._groups if group.name == "characterize"]
    known = [name for option in group.options for name in option.names()]
    assert re.findall(r"^### (--\S+)$", page("reference/options.md"), re.MULTILINE) == known


def test_every_marker_argument_has_its_section() -> None:
    named = [title for title in sections(page("reference/marker.md")) if title in KNOWN]
    assert sorted(named) == sorted(KNOWN)


def test_every_name_of_the_package_is_in_the_marker_reference() -> None:
    text = page("reference/marker.md")
    assert [name for name in pytest_characterize.__all__ if f"{name}(" not in text] == []


@pytest.mark.parametrize(
    ("section", "known"),
    [
        ("tool.characterize", {"directory", "headers", "allow", "rule_modules", "queries"}),
        ("tool.characterize.sources.NAME", {field.name for field in fields(Source)} - {"name"}),
        ("tool.characterize.tables.NAME", {field.name for field in fields(TableMapping)} - {"table"}),
        ("tool.characterize.policy", {"action", "path", "reason", "test", "absolute", "relative"}),
        ("tool.characterize.redaction", {field.name for field in fields(Redaction)}),
    ],
)
def test_every_configuration_key_is_in_its_table(section: str, known: set[str]) -> None:
    assert keys(sections(page("reference/configuration.md"))[section]) == known


def test_every_part_of_the_settings_has_a_section() -> None:
    plain = {"root", "directory", "headers", "allow", "rule_modules", "queries"}
    tables = {field.name for field in fields(Settings)} - plain
    named = {
        title.split(".")[2] for title in sections(page("reference/configuration.md")) if title.count(".") > 1
    }
    assert named == {"policy" if name == "policies" else name for name in tables}


def test_every_kind_and_verdict_is_explained() -> None:
    kinds = sections(page("explanation/what-is-compared.md"))["Kinds"]
    assert keys(kinds) == {str(kind) for kind in Kind}
    reports = page("reference/reports.md")
    assert [verdict for verdict in Verdict if f"| `{verdict}` |" not in reports] == []


def test_every_report_format_is_named() -> None:
    text = page("reference/options.md")
    assert [name for name in RENDERERS if f"`{name}`" not in text] == []


def test_every_path_of_the_pages_is_a_pattern() -> None:
    paths = [
        path
        for name in ("explanation/what-is-compared.md", "how-to/loosen-a-comparison.md")
        for path in re.findall(r"[`\"](\$[^`\s]*?)[`\"](?=[,) |`\n]|$)", page(name), re.MULTILINE)
    ]
    assert len(paths) > 10
    for path in paths:
        Pattern(path)


def test_hints_name_pages_that_are_there() -> None:
    sources = [*(ROOT / "pytest_characterize").rglob("*.py"), *(ROOT / "recorders").rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"docs/[\w/-]+\.md", path.read_text("utf-8"))}
    assert {name for name in named if not (ROOT / name).exists()} == set()
