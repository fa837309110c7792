"""Looking at a test's folder: what the manifest promises against what is there. Damage is told, never raised."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pytest_characterize.codec import parse_json
from pytest_characterize.errors import StoreError
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.manifest import Damage, Entry, read_manifest, stated_tests
from pytest_characterize.store.names import MANIFEST, Places, accepted_places, file_name

Names: TypeAlias = Mapping[str, "os.DirEntry[str]"]

_RESTORE: Final = "restore it with git checkout, or delete its line and record the case again"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the store holds of one test.

    Attributes:
        entries: what is there as promised, as far as can be said without reading the goldens; by id.
        problems: everything else; a case that has a problem of its own is not among the entries.
    """

    entries: tuple[Entry, ...]
    problems: tuple[Damage, ...]


def look(disk: Disk, places: Places, test: str) -> Shelf:
    """Compare the manifest of a test with its folders."""
    at = places.goldens
    try:
        names = disk.names(at)
        at = places.manifest
        content = disk.read(at)
    except StoreError as error:
        return Shelf((), (Damage.of(error, test, at),))
    goldens = [name for name in sorted(names) if _is_json(name)]
    if content is None:
        return Shelf((), tuple(_without_manifest(places, test, len(goldens))))
    manifest = read_manifest(content, places.manifest, test)
    known = {entry.file: entry for entry in manifest.entries}
    problems = [
        *manifest.problems,
        *(_missing(entry) for entry in manifest.entries if posixpath.basename(entry.file) not in names),
        *_irregular(places, test, [names[name] for name in goldens], known),
    ]
    explained = known.keys() | {problem.file for problem in problems}
    strangers = [file for name in goldens if (file := f"{places.goldens}/{name}") not in explained]
    listed = {entry.id: entry for entry in manifest.entries}
    problems += [_stranger(disk, test, file, listed) for file in strangers]
    explained.update(strangers)
    problems += _stray_cassettes(disk, places, test, {posixpath.basename(file) for file in explained})
    bad = {problem.id for problem in problems}
    return Shelf(tuple(entry for entry in manifest.entries if entry.id not in bad), tuple(problems))


def tests_in(disk: Disk, directory: str) -> Iterator[str]:
    """Every test that has goldens or a manifest; where nothing says which test it is, the path as it is."""
    return _walk(disk, directory, f"{directory}/goldens", levels=2)


def look_astray(disk: Disk, path: str) -> Shelf:
    """What is wrong with a path below the goldens that belongs to no test (see :func:`tests_in`)."""
    try:
        is_folder = disk.exists(path) and not _is_json(path)
        claimed = next(_claimed_tests(disk, path, disk.names(path)), "") if is_folder else ""
    except StoreError as error:
        return Shelf((), (Damage.of(error, path, path),))
    damage = Damage(
        path,
        "",
        "",
        path,
        slug="store-foreign",
        message=f"holds goldens of {claimed}, which belong elsewhere" if claimed else "belongs to no test",
        hint="delete it, or restore the store with git checkout",
    )
    return Shelf((), (damage,))


def _walk(disk: Disk, directory: str, folder: str, levels: int) -> Iterator[str]:
    try:
        names = disk.names(folder)
    except StoreError:
        yield folder
        return
    for name in sorted(names):
        path = f"{folder}/{name}"
        if names[name].is_symlink() or (_is_json(name) and levels):
            yield path
        elif names[name].is_dir() and not name.startswith("."):
            yield from (
                _walk(disk, directory, path, levels - 1) if levels > 1 else _test_of(disk, directory, path)
            )


def _test_of(disk: Disk, directory: str, folder: str) -> Iterator[str]:
    """The test whose folder this is, by what its manifest or else its goldens say."""
    try:
        names = disk.names(folder)
        if MANIFEST in names or any(map(_is_json, names)):
            claimed = _claimed_tests(disk, folder, names)
            yield next((test for test in claimed if _lives_in(directory, test, folder)), folder)
    except StoreError:
        yield folder


def _claimed_tests(disk: Disk, folder: str, names: Names) -> Iterator[str]:
    yield from stated_tests(disk.read(f"{folder}/{MANIFEST}") or b"")
    for name in sorted(names):
        if _is_json(name) and (test := _claim(disk, f"{folder}/{name}")["test"]):
            yield test


def _lives_in(directory: str, test: str, folder: str) -> bool:
    try:
        return accepted_places(directory, test).goldens == folder
    except StoreError:
        return False


def _is_json(name: str) -> bool:
    return name.lower().endswith(".json") and not name.startswith(".")


def _claim(disk: Disk, file: str) -> dict[str, str]:
    """Which case a golden says it is, without believing it; empty texts where it cannot be read."""
    try:
        tree = parse_json(disk.read(file) or b"", file)
    except StoreError:
        tree = None
    claim = tree if isinstance(tree, dict) else {}
    return {key: value if isinstance(value := claim.get(key), str) else "" for key in ("id", "test", "slug")}


def _missing(entry: Entry) -> Damage:
    return Damage(
        entry.test,
        entry.id,
        entry.label,
        entry.file,
        slug="golden-missing",
        message="the manifest lists this golden, but there is no such file",
        hint=_RESTORE,
    )


def _without_manifest(places: Places, test: str, goldens: int) -> Iterator[Damage]:
    if goldens:
        yield Damage(
            test,
            "",
            "",
            places.manifest,
            slug="manifest-missing",
            message=f"there is no manifest, but {goldens} goldens lie there",
            hint="restore it with git checkout, or delete the folder and record the test again",
            leftover=True,
        )


def _irregular(
    places: Places, test: str, found: list[os.DirEntry[str]], known: Mapping[str, Entry]
) -> Iterator[Damage]:
    for item in found:
        if item.is_file(follow_symlinks=False):
            continue
        file = f"{places.goldens}/{item.name}"
        entry = known.get(file)
        about = (test, entry.id if entry else "", entry.label if entry else "", file)
        if item.is_symlink():
            yield Damage(
                *about,
                slug="store-symlink",
                message="is a symbolic link, and links are not followed",
                hint="replace the link by the real file",
            )
        else:
            yield Damage(*about, slug="store-unreadable", message="is not a regular file", hint=_RESTORE)


def _stranger(disk: Disk, test: str, file: str, listed: Mapping[str, Entry]) -> Damage:
    """A golden that no line lists: a second file of a listed case, or one from elsewhere."""
    claim = _claim(disk, file)
    entry = listed.get(claim["id"])
    if entry is not None and claim["test"] == test:
        return Damage(
            test,
            entry.id,
            entry.label,
            file,
            slug="golden-doubled",
            message=f"is a second golden of the case in {entry.file}",
            hint="delete the file that manifest.jsonl does not list",
        )
    label = f"{claim['slug']}-{claim['id'][:12]}"
    ours = claim["test"] == test and file_name(label) == posixpath.basename(file)
    return Damage(
        test,
        claim["id"] if ours else "",
        label if ours else "",
        file,
        slug="golden-foreign",
        message="no line of manifest.jsonl lists this file"
        + ("" if ours or not claim["test"] else f"; it says that it belongs to {claim['test']}"),
        hint="restore manifest.jsonl with git checkout, or delete the file"
        + (" and record the case again" if ours else ""),
        leftover=ours,
    )


def _stray_cassettes(disk: Disk, places: Places, test: str, explained: set[str]) -> Iterator[Damage]:
    try:
        names = disk.names(places.cassettes)
    except StoreError as error:
        yield Damage.of(error, test, places.cassettes)
        return
    for name in sorted(names):
        if _is_json(name) and name not in explained:
            yield Damage(
                test,
                "",
                "",
                f"{places.cassettes}/{name}",
                slug="cassette-foreign",
                message="there is no golden for this cassette",
                hint="delete it, or restore its golden with git checkout",
                leftover=True,
            )
