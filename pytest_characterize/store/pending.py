"""Goldens that await review: the same files as accepted ones, in a folder that git does not see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from pytest_characterize.errors import StoreError
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.manifest import Entry, PendingEntry, read_manifest, stated_tests
from pytest_characterize.store.names import MANIFEST, accepted_places, pending_places


def pending_in(disk: Disk, directory: str) -> Iterator[PendingEntry]:
    """Everything that awaits review.

    Raises:
        StoreError: ``pending-damaged``; or a file cannot be read.
    """
    above = f"{directory}/pending"
    for module in _folders(disk, above):
        for folder in _folders(disk, module):
            yield from _in_folder(disk, directory, folder)


def plain(entry: Entry, file: str) -> Entry:
    """The same line for a golden at another place."""
    return Entry(**{part.name: getattr(entry, part.name) for part in fields(Entry)} | {"file": file})


def pending_damaged(folder: str, why: str) -> StoreError:
    """The error for a pending folder that cannot be relied upon; it is on this machine only."""
    return StoreError(
        f"{folder}: cannot be reviewed: {why}",
        slug="pending-damaged",
        hint="delete the folder, then record again with --characterize-record=rewrite",
    )


def _folders(disk: Disk, above: str) -> list[str]:
    return [f"{above}/{name}" for name, item in sorted(disk.names(above).items()) if item.is_dir()]


def _in_folder(disk: Disk, directory: str, folder: str) -> Iterator[PendingEntry]:
    content = disk.read(f"{folder}/{MANIFEST}")
    if content is None:
        return
    test = next((test for test in stated_tests(content) if _lives_in(directory, test, folder)), "")
    if not test:
        raise pending_damaged(folder, "no line of its manifest says which test it is about")
    manifest = read_manifest(content, f"{folder}/{MANIFEST}", test)
    if manifest.problems:
        raise pending_damaged(folder, manifest.problems[0].message)
    for entry in manifest.entries:
        accepted = accepted_places(directory, test).golden(entry.label)
        replaces = accepted if disk.exists(accepted) else ""
        yield PendingEntry(
            **{part.name: getattr(entry, part.name) for part in fields(Entry)}, replaces=replaces
        )


def _lives_in(directory: str, test: str, folder: str) -> bool:
    try:
        return pending_places(directory, test).goldens == folder
    except StoreError:
        return False
