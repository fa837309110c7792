"""Reading one golden back: nothing is believed that was not checked."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_characterize.errors import StoreError
from pytest_characterize.model import Golden
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.golden_file import Contents, ReadCassette, digest, read_golden
from pytest_characterize.store.manifest import Entry
from pytest_characterize.store.names import Places


@dataclass(frozen=True, slots=True)
class Loaded:
    """A golden and the files that it was read from."""

    golden: Golden
    contents: Contents


def load_golden(disk: Disk, places: Places, entry: Entry) -> Loaded:
    """The golden that an entry promises.

    Raises:
        StoreError: it or its cassette is missing, damaged, edited, from elsewhere, or unreadable.
    """
    file = places.golden(entry.label)
    content = disk.read(file)
    if content is None:
        raise StoreError(
            f"{file}: the manifest lists this golden, but there is no such file",
            slug="golden-missing",
            hint="restore it with git checkout, or delete its line and record the case again",
        )
    cassettes: list[bytes] = []
    reader = _reader(disk, places, entry.label, cassettes)
    if digest(content) != entry.sha256:
        raise _mismatch(content, file, entry, reader)
    golden = read_golden(content, file, reader)
    if not _is_of(golden, entry):
        raise _of_another(golden, file)
    return Loaded(golden, Contents(content, cassettes[0] if cassettes else None))


def _reader(disk: Disk, places: Places, label: str, read: list[bytes]) -> ReadCassette:
    def cassette(_reference: str) -> tuple[str, bytes]:
        """Name and content of the case's cassette."""
        file = places.cassette(label)
        content = disk.read(file)
        if content is None:
            raise StoreError(
                f"{file}: the cassette of a golden is missing",
                slug="cassette-missing",
                hint="restore it with git checkout, or record the case again with "
                "--characterize-record=rewrite and pytest-characterize accept",
            )
        read.append(content)
        return file, content

    return cassette


def _is_of(golden: Golden, entry: Entry) -> bool:
    case = golden.case
    return (case.id, case.test, case.label) == (entry.id, entry.test, entry.label)


def _mismatch(content: bytes, file: str, entry: Entry, reader: ReadCassette) -> StoreError:
    """Why the content is not what the manifest promises, as exactly as it can be told."""
    if digest(content.replace(b"\r\n", b"\n")) == entry.sha256:
        return StoreError(
            f"{file}: its line ends were changed to CRLF",
            slug="golden-damaged",
            hint="keep '* -text' in the store's .gitattributes, then restore the file with git checkout",
        )
    try:
        golden = read_golden(content, file, reader)
    except StoreError as error:
        if error.slug == "golden-newer":
            return error
        if error.slug != "golden-identity" and not error.slug.startswith("cassette-"):
            return StoreError(
                f"{file}: is damaged: {error.message.removeprefix(f'{file}: ')}",
                slug="golden-damaged",
                hint="git checkout the file, or record it again with --characterize-record=rewrite "
                "and pytest-characterize accept",
            )
    else:
        if not _is_of(golden, entry):
            return _of_another(golden, file)
    return StoreError(
        f"{file}: was edited: its sha256 is not the manifest's",
        slug="golden-edited",
        hint="git checkout the file, or record it again with --characterize-record=rewrite "
        "and pytest-characterize accept",
    )


def _of_another(golden: Golden, file: str) -> StoreError:
    return StoreError(
        f"{file}: holds another case, {golden.case.label} of {golden.case.test}",
        slug="golden-foreign",
        hint="git checkout the file; a golden's name is not free",
    )
