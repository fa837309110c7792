"""Bad input of any kind: one line that names it, a hint, no traceback of ours, nothing written."""

from __future__ import annotations

import pytest

from tests.plugin.project import TESTS, Project, Run

MARKER_CASES = 'cases=[{"quantity": 1}, {"quantity": 9}, {"quantity": 10}],'
SOURCE = """
[tool.characterize.sources.billing]
kind = "postgresql"
hosts = ["127.0.0.1"]
"""


def refused(project: Project, run: Run, *texts: str) -> None:
    run.has(*texts, "hint:").no_traceback()
    assert run.code != 0
    assert not (project.root / "characterization").exists()


MARKERS = {
    "marker-unknown-argument": ("cases=", "colour='red', cases="),
    "marker-missing-argument": (MARKER_CASES, ""),
    "marker-wrong-type": ("cases=[", "cases='[', freeze=["),
    "case-none": (MARKER_CASES, "cases=[],"),
    "case-uneven": ('{"quantity": 9}', '{"number": 9}'),
    "case-doubled": ('{"quantity": 9}', '{"quantity": 1}'),
    "input-unused": ("def test_price(quantity)", "def test_price(tmp_path)"),
    "input-has-default": ("def test_price(quantity)", "def test_price(quantity=1)"),
    "args-unknown-input": ("cases=", "args={'qty': 'number'}, cases="),
    "policy-no-reason": ("cases=", "policy=[Ignore('$.x', reason=' ')], cases="),
    "policy-bad-path": ("cases=", "policy=[Ignore('total', reason='x')], cases="),
    "policy-bad-limit": ("cases=", "policy=[Tolerance('$.x', absolute='abc', reason='x')], cases="),
    "input-unsupported": ('{"quantity": 9}', '{"quantity": [pytest.ExitCode.OK]}'),
    "value-unsupported": ('{"quantity": 9}', '{"quantity": object()}'),
}


@pytest.mark.parametrize("mode", ["record", "replay"])
@pytest.mark.parametrize("slug", MARKERS)
def test_a_marker_that_makes_no_sense(project: Project, slug: str, mode: str) -> None:
    old, new = MARKERS[slug]
    project.edit("tests/test_shop.py", "import Function", "import Function, Ignore, Tolerance").edit(
        "tests/test_shop.py", old, new
    )
    run = project.record() if mode == "record" else project.replay()
    named = {"policy-bad-path": "policy", "policy-bad-limit": "$.x"}.get(slug, "tests/test_shop.py")
    refused(project, run.exits(4), f"[{slug}]", named)


def test_an_input_that_bears_a_fixtures_name(project: Project) -> None:
    (project.root / "tests/test_shop.py").write_text(TESTS.replace("quantity", "capsys"))
    refused(project, project.record().exits(4), "[input-is-fixture]", "'capsys'", "rename it")


@pytest.mark.parametrize(
    ("extra", "texts"),
    [
        ("[tool.characterize]\ncolour = 1\n", ["config-unknown-key", "'colour'", "pyproject.toml"]),
        ("[tool.characterize]\nheaders = 1\n", ["config-wrong-type", "headers", "pyproject.toml"]),
        ("[tool.characterize.sources.x]\nkind = 'ftp'\nhosts = ['a']\n", ["config-bad-value", "'ftp'"]),
        ("[tool.characterize.sources.x]\nkind = 'http'\n", ["config-missing-key", "hosts"]),
        ("[[tool.characterize.policy]]\naction='ignore'\npath='$.x'\n", ["config-missing-key", "reason"]),
        ("[tool.characterize]\ndirectory = '../x'\n", ["config-bad-value", "directory"]),
        ("[tool.characterize\n", ["pyproject.toml"]),
    ],
)
@pytest.mark.parametrize("mode", ["record", "replay"])
def test_a_configuration_that_makes_no_sense(
    pytester: pytest.Pytester, extra: str, texts: list[str], mode: str
) -> None:
    project = Project.make(pytester, extra=extra)
    run = project.record() if mode == "record" else project.replay()
    run.has(*texts).no_traceback()
    assert run.code == 4
    assert not (project.root / "characterization").exists()


def test_a_legacy_function_that_does_not_exist(project: Project) -> None:
    project.edit("tests/test_shop.py", "legacy_shop:price", "legacy_shop:prise")
    refused(project, project.record().exits(1), "[function-unknown]", "prise")


def test_a_legacy_function_that_gives_what_cannot_be_stored(project: Project) -> None:
    project.write("legacy_shop.py", "def price(quantity): return {'lines': [object()]}\n")
    run = project.record().exits(1).has("value-unsupported", "$.lines[0]", "hint:").no_traceback()
    assert "3 failed" in run.out
    assert not project.goldens()


def test_one_bad_case_does_not_keep_the_others_from_being_recorded(project: Project) -> None:
    project.write("legacy_shop.py", "def price(quantity): return object() if quantity == 9 else quantity\n")
    project.record().exits(1).has("quantity-9", "2 recorded, 1 failed").no_traceback()
    assert len(project.goldens()) == 2


@pytest.mark.parametrize(
    ("extra", "env", "texts"),
    [
        ("", {}, ["[source-unknown]", "tool.characterize.sources.billing"]),
        (SOURCE, {}, ["[variable-missing]", "CHARACTERIZE_SOURCE_BILLING_DSN"]),
        (
            SOURCE,
            {
                "CHARACTERIZE_SOURCE_BILLING_DSN": "host=127.0.0.1 port=1 user=me password=hunter2secret dbname=billing"
            },
            ["[source-down]", "billing"],
        ),
        (
            SOURCE,
            {
                "CHARACTERIZE_SOURCE_BILLING_DSN": "host=legacy.example port=1 user=me password=hunter2secret dbname=b"
            },
            ["[source-not-allowed]", "billing"],
        ),
    ],
    ids=["unknown", "no address", "down", "not allowed"],
)
def test_a_source_that_cannot_be_reached(
    pytester: pytest.Pytester, extra: str, env: dict[str, str], texts: list[str]
) -> None:
    tests = TESTS.replace('Function("legacy_shop:price")', 'Procedure("price", source="billing")').replace(
        "import Function", "import Procedure"
    )
    project = Project.make(pytester, tests=tests, extra=extra)
    run = project.record(env=env).exits(1)
    refused(project, run, *texts)
    assert "hunter2secret" not in run.out


def test_an_unknown_recorder_kind(project: Project) -> None:
    project.edit(
        "tests/test_shop.py",
        "import shop",
        "import shop\nfrom dataclasses import dataclass\nfrom pytest_characterize.descriptors import Descriptor\n"
        "@dataclass(frozen=True)\nclass Fax(Descriptor):\n    kind = 'fax'\n    number: str\n",
    ).edit("tests/test_shop.py", 'Function("legacy_shop:price")', "Fax('1')")
    refused(project, project.record().exits(1), "[recorder-unknown]", "'fax'", "function, http")


def test_a_logger_without_a_name(project: Project) -> None:
    project.edit("tests/test_shop.py", "cases=[", 'notices="", cases=[')
    refused(
        project,
        project.record().exits(1, 2, 4),
        "[marker-wrong-type]",
        "notices= must be the name of a logger",
    )


@pytest.mark.parametrize("spec", ["json", "docx:x.docx", ":x", "json:"])
def test_a_report_that_makes_no_sense(project: Project, spec: str) -> None:
    project.recorded()
    run = project.pytest("--characterize", f"--characterize-report={spec}").exits(4).no_traceback()
    run.has("hint:", "report")


def test_a_report_that_cannot_be_written(project: Project) -> None:
    project.recorded().write("file", "x")
    run = project.pytest("--characterize", "--characterize-report=json:file/report.json")
    run.has("file/report.json", "hint:", "PASS").no_traceback()
    assert run.code != 0
