"""A manifest during a recording: read once, kept in memory, written back whole.

Writing it after each golden would cost the square of their number; writing it at the end only would lose
everything to a kill. It is written when the last writing is some twenty times its own duration ago: the
cost stays about a twentieth, and a kill loses lines of a moment, whose goldens the next recording takes
over.
"""

from __future__ import annotations

from time import perf_counter
from typing import Final

from pytest_characterize.store.disk import Disk
from pytest_characterize.store.manifest import Entry, manifest_text, read_manifest

_PAUSE: Final = 20
"""Durations of one writing to wait before the next."""


class Ledger:
    """The manifest of one test; only who holds the run lock has one.

    Raises:
        StoreError: the manifest is damaged; rewriting it would lose what is in it.
    """

    def __init__(self, disk: Disk, file: str, test: str) -> None:
        manifest = read_manifest(disk.read(file) or b"", file, test)
        if manifest.problems:
            raise manifest.problems[0].error()
        self._disk, self._file = disk, file
        self._entries = {entry.id: entry for entry in manifest.entries}
        self._unwritten = False
        self._next = 0.0

    def get(self, id_: str) -> Entry | None:
        """The line of a case."""
        return self._entries.get(id_)

    def put(self, entry: Entry) -> None:
        """Add or replace a line."""
        self._entries[entry.id] = entry
        self._changed()

    def drop(self, id_: str) -> None:
        """Take a line away."""
        if self._entries.pop(id_, None) is not None:
            self._changed()

    def flush(self) -> None:
        """Bring what changed to the disk; a manifest without lines is deleted."""
        if not self._unwritten:
            return
        start = perf_counter()
        if self._entries:
            self._disk.write(self._file, manifest_text(self._entries.values()).encode("ascii"))
        else:
            self._disk.remove(self._file)
        end = perf_counter()
        self._next = end + _PAUSE * (end - start)
        self._unwritten = False

    def _changed(self) -> None:
        self._unwritten = True
        if perf_counter() >= self._next:
            self.flush()
