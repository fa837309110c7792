"""The store: goldens, manifests, cassettes and pending files of a project; damage is named, never passed over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeAlias

from pytest_characterize.errors import StoreError
from pytest_characterize.matrix import Matrix
from pytest_characterize.measured import Measurement
from pytest_characterize.model import Case, Golden
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.golden_file import Contents, digest, read_golden, render
from pytest_characterize.store.loading import load_golden
from pytest_characterize.store.lock import run_lock
from pytest_characterize.store.manifest import Entry, PendingEntry, Stamp
from pytest_characterize.store.matrix_file import matrix_file, matrix_text, packed, read_matrix
from pytest_characterize.store.measurement_files import (
    KeptMeasurements,
    measurement_content,
    measurement_file,
    read_measurements,
)
from pytest_characterize.store.names import Places, accepted_places, pending_places
from pytest_characterize.store.pending import pending_in, plain
from pytest_characterize.store.shelving import Shelf, look, look_astray, tests_in
from pytest_characterize.store.source_files import (
    KeptTexts,
    SourceText,
    read_sources,
    source_content,
    source_file,
)
from pytest_characterize.store.writing import Writing

Guard: TypeAlias = Callable[[str, str], None]
"""Sees a text and its file's name before the disk does, and raises if the text must not get there."""


class Store:
    """The goldens of one project.

    Reading never writes. Writing holds the run lock: take it for a whole recording with
    :meth:`recording`, else each call takes it for itself.

    Attributes:
        root: folder of the project.

    Args:
        root: folder of the project; test paths, and every file named in a message, are relative to it.
        directory: the store's folder below it.
        guard: sees every text that goes to the disk, cassettes included.

    Raises:
        StoreError: ``store-outside-root``.
    """

    def __init__(self, root: Path, directory: Path, guard: Guard | None = None) -> None:
        top, folder = (PurePath(os.path.normpath(path)) for path in (root, root / directory))
        if folder == top or not folder.is_relative_to(top):
            raise StoreError(
                f"the store's folder {directory} is not below {root}",
                slug="store-outside-root",
                hint="name a folder below the one of pyproject.toml in [tool.characterize] directory",
            )
        self.root = root
        self._disk = Disk(root)
        self._directory = folder.relative_to(top).as_posix()
        self._guard = guard
        self._pending_sources = f"{self._directory}/pending/sources"
        self._writing: Writing | None = None

    # -- reading -------------------------------------------------------------------------------------

    def tests(self) -> tuple[str, ...]:
        """Every test that has goldens or a manifest on the disk, sorted.

        Where nothing there says which test it is, the path itself stands for it; :meth:`shelf` takes it
        and says what is wrong.
        """
        self._settle()
        return tuple(sorted(tests_in(self._disk, self._directory)))

    def shelf(self, test: str) -> Shelf:
        """What the store holds of a test, and everything that is wrong with it; damage never raises.

        Raises:
            StoreError: ``store-test-path``: this can be no test.
        """
        self._settle()
        if self._is_astray(test):
            return look_astray(self._disk, test)
        return look(self._disk, accepted_places(self._directory, test), test)

    def load(self, entry: Entry) -> Golden:
        """The golden of an entry, with what HTTP said from its cassette.

        Its hash, schema, test, identity and cassette are checked.

        Raises:
            StoreError: it is missing, damaged, edited, foreign, newer than this version, or unreadable.
        """
        return load_golden(self._disk, self._places(entry), entry).golden

    def pending(self) -> tuple[PendingEntry, ...]:
        """Everything that awaits review, by test and label.

        Raises:
            StoreError: ``pending-damaged``; or a file cannot be read.
        """
        self._settle()
        found = pending_in(self._disk, self._directory)
        return tuple(sorted(found, key=lambda entry: (entry.test, entry.label)))

    def sources(self) -> KeptTexts:
        """The legacy source texts that were kept, and what is wrong with some."""
        return read_sources(self._disk, self._directory)

    def matrix(self, test: str) -> Matrix | None:
        """What the rule mutants do on the cases of a test; ``None`` if nobody has run them.

        Raises:
            StoreError: ``matrix-damaged``, ``matrix-newer``, or it cannot be read.
        """
        file = matrix_file(self._directory, test)
        content = self._disk.read(file)
        return None if content is None else read_matrix(content, file)

    def measurements(self) -> KeptMeasurements:
        """What coverage tools said of legacy, and what is wrong with some of it."""
        return read_measurements(self._disk, self._directory)

    @property
    def catalogue_file(self) -> str:
        """Where business rules are declared."""
        return f"{self._directory}/rules.toml"

    def catalogue(self) -> bytes:
        """The file in which business rules are declared; empty if there is none.

        Raises:
            StoreError: it cannot be read.
        """
        return self._disk.read(self.catalogue_file) or b""

    # -- writing -------------------------------------------------------------------------------------

    def keep_source(self, one: SourceText, *, pending: bool = False) -> None:
        """Keep a legacy source text, in the place of an older version of it.

        Args:
            pending: leave the older version where it is until a golden of this legacy source is accepted.

        Raises:
            StoreError: it cannot be written.
        """
        file, text = source_file(self._directory, one), source_content(one)
        waiting = source_file(self._pending_sources, one)
        if self._disk.read(file) == text.encode("ascii"):
            with self._write():
                self._disk.remove(waiting)
            return
        if self._guard is not None:
            self._guard(text, file)
        with self._write():
            self._disk.write(waiting if pending else file, text.encode("ascii"))

    def keep_measurement(self, one: Measurement) -> str:
        """Keep what a coverage tool said, in the place of what it said before; the file's name.

        Raises:
            StoreError: it cannot be written.
        """
        file, text = measurement_file(self._directory, one), measurement_content(one)
        if self._guard is not None:
            self._guard(text, file)
        with self._write():
            self._disk.write(file, text.encode("ascii"))
        return file

    @contextmanager
    def recording(self, beside: Iterable[str] = ()) -> Iterator[None]:
        """Keep every other recording out during the block; inside another such block it changes nothing.

        A process that is forked within the block may keep the matrices of the tests that are ``beside``.

        Raises:
            StoreError: ``store-locked``, ``store-unwritable``.
        """
        with self._write():
            self._disk.sweep({PurePosixPath(matrix_file(self._directory, test)).parent for test in beside})
            yield

    def keep_matrix(self, matrix: Matrix) -> str:
        """Keep what the rule mutants do, in the place of an older matrix of the test; the file's name.

        Raises:
            StoreError: it cannot be written.
        """
        file, text = matrix_file(self._directory, matrix.test), matrix_text(matrix)
        if self._guard is not None:
            self._guard(text, file)
        with self._write():
            self._disk.write(file, packed(text))
        return file

    def draft_catalogue(self, text: str) -> str:
        """Write the file in which business rules are declared, where there is none yet; its name.

        Raises:
            StoreError: ``rules-exist``, or it cannot be written.
        """
        file = self.catalogue_file
        with self._write():
            if self._disk.exists(file):
                raise StoreError(
                    f"{file}: is there already and was left as it is",
                    slug="rules-exist",
                    hint="run it without --write, and copy what you want to declare",
                )
            self._disk.write(file, text.encode("utf-8"))
        return file

    def write(self, golden: Golden, stamp: Stamp) -> Path:
        """Accept the golden of a new case.

        A file of the same content that no line lists, as a killed recording leaves it, is taken over.

        Raises:
            StoreError: ``store-exists``; ``golden-foreign``: another file of that name is there;
                or it cannot be written.
        """
        case = golden.case
        places = accepted_places(self._directory, case.test)
        contents, file = self._checked(golden, places), places.golden(case.label)
        with self._write() as writing:
            if writing.ledger(places, case.test).get(case.id):
                raise StoreError(
                    f"{file}: the case has an accepted golden",
                    slug="store-exists",
                    hint="record with --characterize-record=rewrite, then pytest-characterize accept",
                )
            if self._disk.read(file) not in (None, contents.golden):
                raise StoreError(
                    f"{file}: is not listed in manifest.jsonl and holds something else",
                    slug="golden-foreign",
                    hint="restore manifest.jsonl with git checkout, or delete the file, then record again",
                )
            writing.put(places, _entry(case, file, contents, stamp), contents)
        return self._disk.path(file)

    def propose(self, golden: Golden, stamp: Stamp) -> Path | None:
        """Lay a golden out for review; ``None`` if the accepted one has the same content.

        Raises:
            StoreError: it cannot be written, or a manifest is damaged.
        """
        case = golden.case
        places = pending_places(self._directory, case.test)
        contents, file = self._checked(golden, places), places.golden(case.label)
        entry = _entry(case, file, contents, stamp)
        with self._write() as writing:
            if self._is_accepted(entry, contents, writing):
                writing.discard(places, entry)
                return None
            writing.put(places, entry, contents)
        return self._disk.path(file)

    def accept(self, entry: PendingEntry) -> Path:
        """Make a pending golden the accepted one.

        Raises:
            StoreError: what :meth:`load` raises, or it cannot be written.
        """
        pending, places = self._places(entry), accepted_places(self._directory, entry.test)
        file = places.golden(entry.label)
        with self._write() as writing:
            loaded = load_golden(self._disk, pending, entry)
            golden, contents = loaded.golden, loaded.contents
            self._show_guard(contents, places, entry.label)
            writing.put(places, plain(entry, file), contents)
            writing.discard(pending, entry)
            self._accept_sources(str(golden.descriptor.get("source", "")))
        return self._disk.path(file)

    def _accept_sources(self, source: str) -> None:
        """Goldens are of legacy as it was: with a newer golden, the newer texts of its source are kept."""
        waiting = read_sources(self._disk, self._pending_sources)
        if waiting.damages:
            raise waiting.damages[0]
        for file, one in waiting.texts.items():
            if one.source == source:
                self._disk.write(source_file(self._directory, one), source_content(one).encode("ascii"))
                self._disk.remove(file)

    def reject(self, entry: PendingEntry) -> None:
        """Delete a pending golden; the accepted one, if any, stays.

        Raises:
            StoreError: it cannot be deleted.
        """
        with self._write() as writing:
            writing.discard(self._places(entry), entry)
            if not self.pending():
                for file in read_sources(self._disk, self._pending_sources).texts:
                    self._disk.remove(file)

    def remove(self, entry: Entry) -> None:
        """Delete an accepted golden, its cassette and its line.

        Raises:
            StoreError: it cannot be deleted, or the manifest is damaged.
        """
        places = accepted_places(self._directory, entry.test)
        with self._write() as writing:
            writing.ledger(places, entry.test)
            writing.discard(places, entry)

    @contextmanager
    def _write(self) -> Iterator[Writing]:
        """The running recording, or one for the block alone."""
        if self._writing is not None:
            yield self._writing
            return
        lock = f"{self._directory}/.lock"
        self._disk.make_folder(self._directory)
        try:
            with run_lock(self._disk.path(lock), lock):
                self._writing = Writing(self._disk, self._directory)
                try:
                    yield self._writing
                finally:
                    self._end()
        finally:
            self._disk.remove_empty(self._directory)

    def _end(self) -> None:
        try:
            self._settle()
        finally:
            self._writing = None

    def _settle(self) -> None:
        """What was written in this recording is on the disk before anything is read from there."""
        if self._writing is not None:
            self._writing.settle()

    def _is_astray(self, test: str) -> bool:
        """Whether it is one of the paths that :meth:`tests` gives where it knows no test."""
        parts = PurePosixPath(test).parts
        goldens = PurePosixPath(self._directory, "goldens").parts
        return "::" not in test and parts[: len(goldens)] == goldens and ".." not in parts

    def _places(self, entry: Entry) -> Places:
        where = pending_places if isinstance(entry, PendingEntry) else accepted_places
        return where(self._directory, entry.test)

    def _checked(self, golden: Golden, places: Places) -> Contents:
        """What the disk will get: readable by :meth:`load`, and seen by the guard."""
        contents, label = render(golden), golden.case.label
        read_golden(
            contents.golden,
            places.golden(label),
            lambda _: (places.cassette(label), contents.cassette or b""),
        )
        self._show_guard(contents, places, label)
        return contents

    def _show_guard(self, contents: Contents, places: Places, label: str) -> None:
        if self._guard is not None:
            self._guard(contents.golden.decode("ascii"), places.golden(label))
            if contents.cassette is not None:
                self._guard(contents.cassette.decode("ascii"), places.cassette(label))

    def _is_accepted(self, entry: Entry, contents: Contents, writing: Writing) -> bool:
        places = accepted_places(self._directory, entry.test)
        accepted = writing.ledger(places, entry.test).get(entry.id)
        return (
            accepted is not None
            and accepted.sha256 == entry.sha256
            and self._disk.read(places.golden(entry.label)) == contents.golden
            and self._disk.read(places.cassette(entry.label)) == contents.cassette
        )


def _entry(case: Case, file: str, contents: Contents, stamp: Stamp) -> Entry:
    return Entry(
        test=case.test,
        id=case.id,
        label=case.label,
        file=file,
        sha256=digest(contents.golden),
        origin=case.origin,
        **asdict(stamp),
    )
