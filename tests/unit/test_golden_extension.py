"""The syrupy extension: what it relies on in the installed syrupy, and what it makes of a missing one."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from syrupy.data import Snapshot, SnapshotCollection
from syrupy.extensions.base import AbstractSyrupyExtension, SnapshotReporter
from syrupy.extensions.single_file import SingleFileSnapshotExtension

from pytest_characterize.snapshots import SUPPORTED, GoldenExtension, line_diff

ROOT = Path(__file__).parents[2]

# -- the contract ------------------------------------------------------------------------------------

OVERRIDDEN = (
    "serialize",
    "read_snapshot_data_from_location",
    "write_snapshot_collection",
    "delete_snapshots",
    "diff_snapshots",
    "diff_lines",
    "get_snapshot_name",
    "matches_test_location",
)


def shape(function: object) -> list[tuple[str, object, bool]]:
    """Names and kinds of the parameters, and which have a default."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    return [(p.name, p.kind, p.default is not p.empty) for p in signature.parameters.values()]


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_methods_have_the_parameters_of_syrupys(name: str) -> None:
    ours, theirs = getattr(GoldenExtension, name), getattr(SingleFileSnapshotExtension, name)
    assert shape(ours) == shape(theirs)
    assert inspect.ismethod(ours) is inspect.ismethod(theirs), "class methods on both sides, or none"


def test_nothing_that_syrupy_calls_final_is_overridden() -> None:
    own = {name for name in vars(GoldenExtension) if callable(getattr(GoldenExtension, name))}
    assert own == set(OVERRIDDEN)
    assert not own & {"read_snapshot", "write_snapshot"}
    assert all(hasattr(AbstractSyrupyExtension, name) for name in own)


def test_attributes_that_syrupy_reads() -> None:
    assert AbstractSyrupyExtension.file_extension == ""
    assert GoldenExtension.file_extension == "golden"
    assert GoldenExtension.write_immediately is True, "else an error would come after the tests"
    assert GoldenExtension.get_supported_dataclass() is str
    assert not GoldenExtension.__abstractmethods__  # type: ignore[attr-defined]


def test_the_ending_is_no_other_extensions() -> None:
    """syrupy finds an extension's files by how their names end, and deletes what it takes for unused."""
    from syrupy.extensions.image import PNGImageSnapshotExtension, SVGImageSnapshotExtension
    from syrupy.extensions.json import JSONSnapshotExtension
    from syrupy.extensions.single_file import SingleFileAmberSnapshotExtension

    file = "tests/__snapshots__/test_shop/test_price.golden"
    for other in (
        SingleFileSnapshotExtension,
        SingleFileAmberSnapshotExtension,
        JSONSnapshotExtension,
        PNGImageSnapshotExtension,
        SVGImageSnapshotExtension,
    ):
        assert not other().is_snapshot_location(location=file)
        assert not GoldenExtension().is_snapshot_location(location=f"x.{other.file_extension}")


def test_the_pinned_version_is_the_supported_one() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert extras["syrupy"] == [f"syrupy>={SUPPORTED},<{int(SUPPORTED) + 1}"]


# -- the file ----------------------------------------------------------------------------------------


def location(tmp_path: Path) -> str:
    (tmp_path / "tests").mkdir()
    return str(tmp_path / "tests/__snapshots__/test_shop/test_price.golden")


def write(place: str, text: str) -> None:
    collection = SnapshotCollection(location=place)
    collection.add(Snapshot(name="test_price", data=text))
    GoldenExtension.write_snapshot_collection(snapshot_collection=collection, name_order={"test_price": 3})


def read(place: str) -> str | None:
    return GoldenExtension().read_snapshot_data_from_location(
        snapshot_location=place, snapshot_name="test_price", session_id="1"
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    place = location(tmp_path)
    assert read(place) is None
    text = GoldenExtension().serialize({"a": (1, 2.5)})
    write(place, text)
    assert read(place) == text
    GoldenExtension().delete_snapshots(snapshot_location=place, snapshot_names={"test_price"})
    assert not Path(place).exists()
    assert Path(place).parent.exists(), "syrupy tidies its folders up itself"
    GoldenExtension().delete_snapshots(snapshot_location=place, snapshot_names={"test_price"})


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    place = location(tmp_path)
    write(place, GoldenExtension().serialize(1))
    before = Path(place).stat().st_ino
    with Path(place).open("rb") as reader:
        write(place, GoldenExtension().serialize(2))
        assert b'"value": 1' in reader.read(), "who reads the old file goes on reading the old one"
    assert Path(place).stat().st_ino != before
    assert [path.name for path in Path(place).parent.iterdir()] == ["test_price.golden"]


def test_temporary_files_of_others_are_left_alone(tmp_path: Path) -> None:
    """Another worker may be writing into the same folder."""
    place = location(tmp_path)
    Path(place).parent.mkdir(parents=True)
    other = Path(place).parent / ".test_other.golden.1-00000000.tmp"
    other.write_bytes(b"half")
    write(place, GoldenExtension().serialize(1))
    assert other.read_bytes() == b"half"


def test_text_that_is_no_value_is_never_written(tmp_path: Path) -> None:
    place = location(tmp_path)
    with pytest.raises(pytest.fail.Exception, match="json-malformed"):
        write(place, "{")
    assert not Path(place).exists()


# -- the line diff -----------------------------------------------------------------------------------


def test_lines_of_both_sides() -> None:
    assert line_diff(["a", "b", "c"], ["a", "x", "c"]) == ["  a", "- b", "+ x", "  c"]
    assert line_diff(["a"], ["a", "b"]) == ["  a", "+ b"]
    assert line_diff(["a", "b"], ["a"]) == ["  a", "- b"]
    assert line_diff([], []) == []


def test_common_lines_in_between_are_left_out() -> None:
    same = [f"line {number}" for number in range(9)]
    assert line_diff(["a", *same, "b"], ["x", *same, "y"]) == [
        "- a", "+ x", "  line 0", "  ...", "  line 8", "- b", "+ y",
    ]  # fmt: skip


def test_no_colours_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "ANSI_COLORS_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b" not in "".join(line_diff(["red"], ["blue"]))
    assert "\x1b" in "".join(SnapshotReporter().diff_lines("red", "blue"))


# -- without syrupy ----------------------------------------------------------------------------------


def run_without(tmp_path: Path, *hidden: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run code where all packages of this environment are installed but the hidden ones."""
    packages = tmp_path / f"all-but-{'-'.join(hidden)}"
    packages.mkdir()
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(folder).iterdir():
            if not entry.name.startswith(hidden) and entry.suffix != ".pth":
                (packages / entry.name).symlink_to(entry)
    path = os.pathsep.join(map(str, (tmp_path, ROOT, ROOT / "recorders", packages)))
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


USE = "from pytest_characterize.snapshots import GoldenExtension"


def test_a_missing_syrupy_is_told_with_what_to_install(tmp_path: Path) -> None:
    done = run_without(tmp_path, "syrupy", code=USE)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "[syrupy-missing] hint: pip install 'pytest-characterize[syrupy]'" in last


def test_a_syrupy_that_is_too_new_is_told(tmp_path: Path) -> None:
    metadata = tmp_path / "syrupy-8.0.0.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: syrupy\nVersion: 8.0.0\n")
    done = run_without(tmp_path, "syrupy", code=USE)
    assert "need syrupy 7, and 8.0.0 is installed [syrupy-version]" in done.stderr.splitlines()[-1]


def test_a_replay_does_without_syrupy(tmp_path: Path) -> None:
    code = "from pytest_characterize.plugin.differing import line_diff; print(line_diff())"
    done = run_without(tmp_path, "syrupy", code=code)
    assert (done.stdout, done.stderr, done.returncode) == ("None\n", "", 0)
    done = run_without(tmp_path, "nothing", code=code)
    assert "function line_diff" in done.stdout
