"""One recording's writes, in an order that a kill at any moment cannot turn into a pass.

Of one case the cassette comes first, then the golden, the manifest's line last. What was reviewed leaves
the pending folder only after the manifest that lists it as accepted is on the disk.
"""

from __future__ import annotations

import posixpath
from typing import Final

from pytest_characterize.errors import StoreError
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.golden_file import Contents
from pytest_characterize.store.ledger import Ledger
from pytest_characterize.store.manifest import Entry
from pytest_characterize.store.names import Places
from pytest_characterize.store.pending import pending_damaged

_GIT_FILES: Final = {
    ".gitattributes": b"* -text\nmanifest.jsonl merge=union\n",
    ".gitignore": b"pending/\n.lock\n*.tmp\n",
}


class Writing:
    """The writes of whoever holds the run lock."""

    def __init__(self, disk: Disk, directory: str) -> None:
        disk.forget_sweeps()
        self._disk, self._directory = disk, directory
        self._ledgers: dict[str, Ledger] = {}
        self._discarded: dict[str, tuple[Places, Entry]] = {}
        self._has_git_files = False

    def ledger(self, places: Places, test: str) -> Ledger:
        """The manifest of a test.

        Raises:
            StoreError: it is damaged, or another test claims the folder.
        """
        ledger = self._ledgers.get(places.manifest)
        if ledger is None:
            ledger = self._ledgers[places.manifest] = self._open(places, test)
        return ledger

    def put(self, places: Places, entry: Entry, contents: Contents) -> None:
        """Write one case.

        Raises:
            StoreError: the disk refuses, or as :meth:`ledger`.
        """
        ledger = self.ledger(places, entry.test)
        self._write_git_files()
        if contents.cassette is not None:
            self._disk.write(places.cassette(entry.label), contents.cassette)
        self._disk.write(places.golden(entry.label), contents.golden)
        if contents.cassette is None:
            self._disk.remove(places.cassette(entry.label))
        ledger.put(entry)
        self._discarded.pop(places.golden(entry.label), None)

    def discard(self, places: Places, entry: Entry) -> None:
        """Delete a case's pending files once everything that was accepted is safe."""
        self._discarded[places.golden(entry.label)] = (places, entry)

    def settle(self) -> None:
        """Bring everything to the disk.

        Raises:
            StoreError: the disk refuses.
        """
        self._flush()
        for places, entry in self._discarded.values():
            self._disk.remove(places.cassette(entry.label))
            self._disk.remove(places.golden(entry.label))
            self.ledger(places, entry.test).drop(entry.id)
        self._discarded.clear()
        self._flush()

    def _flush(self) -> None:
        for ledger in self._ledgers.values():
            ledger.flush()

    def _open(self, places: Places, test: str) -> Ledger:
        module, name = posixpath.split(places.goldens)
        above, module_name = posixpath.split(module)
        self._refuse_twin(above, module_name)
        self._refuse_twin(module, name)
        try:
            return Ledger(self._disk, places.manifest, test)
        except StoreError as error:
            if places.goldens.startswith(f"{self._directory}/pending/"):
                raise pending_damaged(places.goldens, error.message) from None
            raise

    def _refuse_twin(self, folder: str, name: str) -> None:
        for other in self._disk.names(folder):
            if other != name and other.casefold() == name.casefold():
                raise StoreError(
                    f"{folder}/{name}: there is {other} already, which is the same name on Windows and macOS",
                    slug="store-collision",
                    hint="rename one of the two tests or modules so that they differ by more than case",
                )

    def _write_git_files(self) -> None:
        if self._has_git_files:
            return
        for name, content in _GIT_FILES.items():
            if not self._disk.exists(f"{self._directory}/{name}"):
                self._disk.write(f"{self._directory}/{name}", content)
        self._has_git_files = True
