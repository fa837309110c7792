"""Snapshots in users' own tests with a golden's fidelity: syrupy's assertions on our codec and writer.

All that is known of syrupy is in this module. Its session, its options and its report of unused snapshots
stay as they are; replaced are the text (tagged and loss-free), the file (one snapshot a file, written in
one step) and the answer to what is wrong with either. syrupy takes an exception for "not equal", which
``assert snapshot != value`` would pass; an error of ours ends the test instead.
"""

from __future__ import annotations

import os
import re
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_characterize.codec import dumps, loads
from pytest_characterize.errors import CharacterizeError, ConfigurationError, RecordingError
from pytest_characterize.freezing import freeze
from pytest_characterize.replay import django
from pytest_characterize.scrub import Scrubber, project_scrubber
from pytest_characterize.selection import Filter, Matcher, Selection
from pytest_characterize.settings import Settings, load_settings
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.snapshot_files import file_stem, read_snapshot, snapshot_text
from pytest_characterize.values import Record

SUPPORTED: Final = "7"
"""The major version of syrupy whose classes are known here; they changed with every one so far."""


def _require_syrupy() -> None:
    """Say what is missing, where Python would only say that there is no such module or name."""
    try:
        installed = version("syrupy")
    except PackageNotFoundError:
        raise ConfigurationError(
            "golden snapshots need syrupy, which is not installed",
            slug="syrupy-missing",
            hint="pip install 'pytest-characterize[syrupy]'",
        ) from None
    if installed.partition(".")[0] != SUPPORTED:
        raise ConfigurationError(
            f"golden snapshots need syrupy {SUPPORTED}, and {installed} is installed",
            slug="syrupy-version",
            hint="pip install 'pytest-characterize[syrupy]', which chooses one that fits",
        )


_require_syrupy()

from syrupy.data import SnapshotCollection  # noqa: E402 - after the check that says what is missing
from syrupy.extensions.amber.serializer import Repr  # noqa: E402
from syrupy.extensions.base import SnapshotReporter  # noqa: E402
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode  # noqa: E402
from syrupy.location import PyTestLocation  # noqa: E402
from syrupy.terminal import disable_color  # noqa: E402
from syrupy.types import SnapshotIndex  # noqa: E402

_OWN_LEVELS: Final = 3
"""Parts of a snapshot's path that are its own, and no links: syrupy's folder, the module's, the file."""

_TELLS_LINE_END: Final = re.compile(r"^.*\\n.*$", re.MULTILINE)
_LINE_END: Final = re.compile(r"(?<!\\)(?:\\\\)*\\n(?!\")")
_REPORTER: Final = SnapshotReporter()


class GoldenExtension(SingleFileSnapshotExtension):
    r"""Stores snapshots without loss: ``assert value == snapshot.use_extension(GoldenExtension)``.

    Values are compared by type as well (``1`` is not ``True``, a tuple no list), an object that cannot be
    stored is an error that names its path, and secrets are replaced as in goldens. Files are written by
    ``--snapshot-update`` only; one that is damaged fails every assertion on it until it is restored or
    deleted.
    """

    file_extension = "golden"
    _write_mode = WriteMode.TEXT
    _folder = ""

    def serialize(
        self,
        data: Any,
        *,
        exclude: Filter | None = None,
        include: Filter | None = None,
        matcher: Matcher | None = None,
    ) -> str:
        """The scrubbed value as text; equal texts mean strictly equal values."""
        adapters = (_simpler, *(django.adapters() if django.in_use() else ()))
        with _ending_the_test():
            selected = Selection(matcher, exclude, include, adapters).of(data)
            value, _ = _scrubber_of(self._folder).value(freeze(selected, adapters))
            return dumps(value)

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> str | None:
        """The stored value as text, however its file is formatted; ``None`` if there is no such file.

        syrupy reads before it serializes, and tells only the reader where it is: the folder decides by
        which project's rules the value is scrubbed.
        """
        self._folder = _folder_of(snapshot_location)
        disk, file = _opened(snapshot_location)
        with _ending_the_test():
            content = disk.read(file)
            return None if content is None else dumps(read_snapshot(content, file))

    @classmethod
    def write_snapshot_collection(
        cls, *, snapshot_collection: SnapshotCollection, name_order: dict[str, int] | None = None
    ) -> None:
        """Write the one snapshot of the file in one step; there is no order to keep within it."""
        location = snapshot_collection.location
        disk, file = _opened(location)
        with _ending_the_test():
            for snapshot in snapshot_collection:
                text = snapshot_text(loads(str(snapshot.data), file))
                _refuse_leaks(_scrubber_of(_folder_of(location)), text, file)
                disk.write(file, text.encode("ascii"))

    def delete_snapshots(self, *, snapshot_location: str, snapshot_names: set[str]) -> None:
        """Delete an unused file; one that cannot be deleted is a warning, as no test is running any more."""
        disk, file = _opened(snapshot_location)
        try:
            disk.delete(file)
        except CharacterizeError as error:
            warnings.warn(str(error), stacklevel=2)

    def diff_snapshots(self, serialized_data: str | bytes, snapshot_data: str | bytes) -> str:
        """The difference between two snapshots, itself as a snapshot: a list of lines."""
        return dumps(str(super().diff_snapshots(serialized_data, snapshot_data)).splitlines())

    def diff_lines(self, serialized_data: str | bytes, snapshot_data: str | bytes) -> Iterator[str]:
        """syrupy's lines, with long texts broken at their line ends."""
        return super().diff_lines(_broken(str(serialized_data)), _broken(str(snapshot_data)))

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The file's name without its ending; no two tests have the same."""
        suffix = f"[{file_stem(index)}]" if isinstance(index, str) else f".{index}" if index else ""
        return file_stem(test_location.snapshot_name) + suffix

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Whether a test wrote the file, also where the file does not bear the test's whole name."""
        if super().matches_test_location(test_location=test_location, snapshot_location=snapshot_location):
            return True
        path, stem = Path(snapshot_location), file_stem(test_location.snapshot_name)
        return (
            path.parent.name == test_location.basename
            and test_location.matches_snapshot_site(snapshot_location)
            and path.name.startswith((f"{stem}.", f"{stem}["))
        )


def line_diff(legacy: Sequence[str], candidate: Sequence[str]) -> list[str]:
    """Two texts' lines as syrupy shows them: ``- `` legacy's, ``+ `` the candidate's, ``  `` what both have."""
    old, new = ("".join(f"{line}\n" for line in side) for side in (legacy, candidate))
    with disable_color():
        return list(_REPORTER.diff_lines(new, old))


@contextmanager
def _ending_the_test() -> Iterator[None]:
    """Turn an error of ours into a failure that no comparison, and no ``except Exception``, swallows."""
    try:
        yield
    except CharacterizeError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _simpler(obj: object) -> object:
    """What syrupy's matchers put in the place of an object is a record of its text, and no text."""
    return Record("syrupy.Repr", {"repr": repr(obj)}) if isinstance(obj, Repr) else NotImplemented


def _broken(text: str) -> str:
    """JSON text with a new line after each line end that it tells of."""

    def line(match: re.Match[str]) -> str:
        indent = len(match[0]) - len(match[0].lstrip()) + 4
        return _LINE_END.sub(lambda end: f"{end[0]}\n{' ' * indent}", match[0])

    return _TELLS_LINE_END.sub(line, text)


def _opened(location: str) -> tuple[Disk, str]:
    """The disk above syrupy's folder, and the snapshot's path below it."""
    above = Path(location).parents
    root = above[min(_OWN_LEVELS, len(above)) - 1]
    return Disk(root, shared=True), Path(location).relative_to(root).as_posix()


def _folder_of(location: str) -> str:
    return str(Path(location).parent)


def _scrubber_of(folder: str) -> Scrubber:
    return _scrubber(folder, os.environ.get("CHARACTERIZE_SCRUB_KEY", ""))


@lru_cache(maxsize=256)
def _scrubber(folder: str, key: str) -> Scrubber:
    return project_scrubber(_settings_above(Path(folder)), key)


def _settings_above(folder: Path) -> Settings:
    """The configuration of the project that a folder belongs to, or none."""
    for root in (folder, *folder.parents):
        if _is_configured(root / "pyproject.toml"):
            return load_settings(root)
    return Settings(folder)


def _is_configured(path: Path) -> bool:
    try:
        return "characterize" in tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return True  # reading it as the configuration says what is wrong with it


def _refuse_leaks(scrubber: Scrubber, text: str, file: str) -> None:
    findings = scrubber.leaks(text)
    if findings:
        raise RecordingError(
            f"{file}: not written, it would contain what looks like a secret: {findings[0]}",
            slug="scrub-leak",
            hint="name the field in [tool.characterize.redaction] fields, then update again",
        )
