"""Report files: what may be asked for, whole files or none, and errors that say what to do."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path, PureWindowsPath

import pytest
from report_samples import all_pass, drifts

from pytest_characterize.errors import UsageError
from pytest_characterize.report.json_report import render_text
from pytest_characterize.report.markdown import render
from pytest_characterize.report.writing import ReportSpec, parse_spec, parse_specs, write_reports


@pytest.mark.parametrize(
    ("text", "format_", "path"),
    [
        ("json:out.json", "json", "out.json"),
        ("md:build/drift.md", "md", "build/drift.md"),
        (r"json:C:\out\x.json", "json", r"C:\out\x.json"),
        ("json:C:/out/x.json", "json", "C:/out/x.json"),
        ("md:/abs/a:b.md", "md", "/abs/a:b.md"),
        ("md: spaced name.md", "md", " spaced name.md"),
        ("md:~no-such-user-here/x.md", "md", "~no-such-user-here/x.md"),
    ],
)
def test_only_the_first_colon_separates(text: str, format_: str, path: str) -> None:
    assert parse_spec(text) == ReportSpec(format_, Path(path))


def test_a_windows_path_keeps_its_drive() -> None:
    assert PureWindowsPath(str(parse_spec(r"json:C:\x.json").path)).drive == "C:"


def test_the_home_folder_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert parse_spec("md:~/drift.md").path == Path("/home/me/drift.md")


@pytest.mark.parametrize(
    ("text", "unknown", "example"),
    [
        ("html:x.html", "'html'", "json:x.html"),
        ("x.json", "'x.json'", "json:x.json"),
        (r"C:\x.json", "'C'", r"json:C:\x.json"),
        ("JSON:x.json", "'JSON'", "json:x.json"),
        ("", "''", "json:"),
        (":x", "''", "json:x"),
    ],
)
def test_an_unknown_format_names_the_known_ones(text: str, unknown: str, example: str) -> None:
    with pytest.raises(UsageError, match="known: json, md") as caught:
        parse_spec(text)
    assert caught.value.slug == "report-unknown-format"
    assert unknown in caught.value.message
    assert caught.value.hint.endswith(example)


@pytest.mark.parametrize("text", ["json", "json:", "md:", "json:a\0b"])
def test_a_report_needs_a_path(text: str) -> None:
    with pytest.raises(UsageError, match="names no file") as caught:
        parse_spec(text)
    assert caught.value.slug == "report-without-path"


def test_two_reports_cannot_share_a_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="both go to") as caught:
        parse_specs([f"json:{tmp_path}/x", f"md:{tmp_path}/y", f"md:{tmp_path}/link/../{tmp_path.name}/x"])
    assert caught.value.slug == "report-same-path"
    assert len(parse_specs([f"json:{tmp_path}/x", f"md:{tmp_path}/y"])) == 2


def test_each_report_is_written_into_folders_that_are_made(tmp_path: Path) -> None:
    specs = parse_specs([f"json:{tmp_path}/a/b/drift.json", f"md:{tmp_path}/c/drift.md"])
    assert write_reports(drifts(), specs, tmp_path) == tuple(spec.path for spec in specs)
    assert (tmp_path / "a/b/drift.json").read_text("utf-8") == render_text(drifts())
    assert (tmp_path / "c/drift.md").read_text("utf-8") == render(drifts(), "../")


def test_reports_outside_the_project_have_no_links(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    write_reports(drifts(), [ReportSpec("md", tmp_path / "drift.md")], root)
    assert (tmp_path / "drift.md").read_text("utf-8") == render(drifts(), None)


def test_a_relative_path_is_relative_to_where_pytest_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_reports(all_pass(), [parse_spec("json:out.json")], tmp_path)
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["verdict"] == "PASS"


@pytest.mark.parametrize("format_", ["json", "md"])
def test_a_file_that_is_no_report_is_left_alone(tmp_path: Path, format_: str) -> None:
    target = tmp_path / "money.py"
    target.write_text("def fee(): ...\n")
    with pytest.raises(UsageError, match="holds something else") as told:
        write_reports(drifts(), [ReportSpec(format_, target)])
    assert (told.value.slug, target.read_text()) == ("report-unwritable", "def fee(): ...\n")


def test_an_older_report_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "drift.json"
    target.write_text(render_text(drifts()) + " " * 1_000_000)
    write_reports(all_pass(), [ReportSpec("json", target)])
    assert target.read_text("utf-8") == render_text(all_pass())
    assert [path.name for path in tmp_path.iterdir()] == ["drift.json"]


def test_a_report_can_be_read_by_others(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_reports(all_pass(), [ReportSpec("json", tmp_path / "x.json")])
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "x.json").stat().st_mode) == 0o644


def test_a_link_is_followed_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "drift.json"
    link.symlink_to(tmp_path / "real/drift.json")
    write_reports(all_pass(), [ReportSpec("json", link)])
    assert link.is_symlink()
    assert (tmp_path / "real/drift.json").read_text("utf-8") == render_text(all_pass())


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text("utf-8")))
    reader.start()
    write_reports(all_pass(), [ReportSpec("md", pipe)])
    reader.join(10)
    assert received == [render(all_pass(), None)]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_report_that_cannot_be_written_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    specs = [
        ReportSpec("json", tmp_path / "file/below.json"),
        ReportSpec("md", tmp_path / "drift.md"),
        ReportSpec("json", tmp_path),
    ]
    with pytest.raises(UsageError) as caught:
        write_reports(all_pass(), specs)
    assert caught.value.slug == "report-unwritable"
    assert (
        f"json report {tmp_path}/file/below.json: what should be its folder is a file" in caught.value.message
    )
    assert f"json report {tmp_path}: Is a directory" in caught.value.message
    assert "\n" not in str(caught.value)
    assert (tmp_path / "drift.md").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drift.md", "file"]


@pytest.mark.parametrize("folder", [Path("/proc/1/nowhere"), Path("/dev/null/x")])
def test_a_folder_that_cannot_be_made_is_an_error(folder: Path) -> None:
    with pytest.raises(UsageError, match="not written: json report"):
        write_reports(all_pass(), [ReportSpec("json", folder / "x.json")])


def test_a_failing_write_leaves_the_older_report_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.json"
    older = render_text(drifts())
    target.write_text(older)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_reports(all_pass(), [ReportSpec("json", target)])
    assert target.read_text("utf-8") == older
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
