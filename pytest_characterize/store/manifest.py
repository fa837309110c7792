"""One line a golden: what the store promises to hold, and what varies without meaning.

A manifest is a text of JSON objects, one a line, sorted by case id and without a header, so that two
branches that add cases merge without a conflict. Nothing here reads a file.
"""

from __future__ import annotations

import json
import math
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, get_args

from pytest_characterize.errors import StoreError
from pytest_characterize.model import Origin
from pytest_characterize.store.names import file_name

SCHEMA: Final = 1
"""Version of a manifest's lines."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What varies from one recording to the next without meaning; kept out of the golden.

    Attributes:
        recorded_at: when legacy was observed, ISO 8601 with an offset.
        at: the time to replay at where the test pins it, ISO 8601, else ``""``.
        duration: seconds that legacy took.
        tool: version of pytest-characterize.
    """

    recorded_at: str
    at: str
    duration: float
    tool: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a manifest: a golden that must be there, with this content.

    Attributes:
        test: as :attr:`pytest_characterize.model.Case.test`.
        id: as :attr:`pytest_characterize.model.Case.id`.
        label: as :attr:`pytest_characterize.model.Case.label`.
        file: the golden's path relative to the root, POSIX separators.
        sha256: of the golden file's bytes, in hex.
        recorded_at, at, duration, tool: as in :class:`Stamp`.
    """

    test: str
    id: str
    label: str
    file: str
    sha256: str
    origin: Origin
    recorded_at: str
    at: str
    duration: float
    tool: str


@dataclass(frozen=True, slots=True)
class PendingEntry(Entry):
    """A golden that awaits review.

    Attributes:
        replaces: path of the accepted golden that it would replace, ``""`` where there is none.
    """

    replaces: str


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in the store that is not as it must be; it never passes.

    Attributes:
        id: the case that it is about, ``""`` where that is unknown.
        label: likewise.
        file: path relative to the root, POSIX separators.
        message: what is wrong, without the file's name.
        leftover: a killed recording may leave this, and recording again may go on in spite of it:
            :meth:`~pytest_characterize.store.atomic_store.Store.write` takes a golden over that is the
            same, and refuses one that is not.
    """

    test: str
    id: str
    label: str
    file: str
    slug: str
    message: str
    hint: str
    leftover: bool = False

    def error(self) -> StoreError:
        """The same as an error to raise."""
        return StoreError(f"{self.file}: {self.message}", slug=self.slug, hint=self.hint)

    @classmethod
    def of(cls, error: StoreError, test: str, file: str) -> Damage:
        """An error that hit one file, as something to report beside the sound rest."""
        return cls(test, "", "", file, error.slug, error.message.removeprefix(f"{file}: "), error.hint)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest's text says; an id that has a problem is not among the entries."""

    entries: tuple[Entry, ...]
    problems: tuple[Damage, ...] = ()


def manifest_text(entries: Iterable[Entry]) -> str:
    """The manifest that holds exactly these entries; the same text whatever their order.

    >>> stamp = ("2024-03-01T12:00:00+00:00", "", 0.25, "0.1.0")
    >>> print(manifest_text([Entry("t.py::t", "ab", "a-ab", "a-ab.json", "cd", "given", *stamp)]), end="")
    {"id":"ab","test":"t.py::t","label":"a-ab","sha256":"cd","origin":"given","recorded_at":"2024-03-01T12:00:00+00:00","at":"","duration":0.25,"tool":"0.1.0","schema":1}
    """
    return "".join(f"{_line(entry)}\n" for entry in sorted(entries, key=lambda entry: entry.id))


@lru_cache(maxsize=64)
def read_manifest(content: bytes, file: str, test: str) -> Manifest:
    """Read the manifest of ``test``; what is wrong with it is told, never raised.

    Remembered for a while, as a run looks at its shelves before and after, and most never change.

    The same line twice is one line: git's union merge repeats lines that stand near those that both
    sides added. Two lines that say different things of one case are damage.
    """
    folder = posixpath.dirname(file)
    entries: list[Entry] = []
    unread: list[tuple[int, str]] = []
    newer = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        if line:
            try:
                entries.append(_entry(line, folder))
            except _NewerError:
                newer += 1
            except ValueError as error:
                unread.append((number, str(error)))
    problems = [*_unread(test, file, unread), *_newer(test, file, newer), *_foreign(test, file, entries)]
    entries = [entry for entry in dict.fromkeys(entries) if entry.test == test]
    doubled = {id_: count for id_, count in Counter(entry.id for entry in entries).items() if count > 1}
    problems += [_doubled(entry, file, doubled[entry.id]) for entry in _first(entries) if entry.id in doubled]
    sound = (entry for entry in entries if entry.id not in doubled)
    return Manifest(tuple(sorted(sound, key=lambda entry: entry.id)), tuple(problems))


def stated_tests(content: bytes) -> Iterator[str]:
    """The tests that a manifest's readable lines name, in their order."""
    for line in content.split(b"\n"):
        with suppress(ValueError):
            yield _entry(line, "").test


class _NewerError(ValueError):
    """A line of a schema that this version does not know."""


_LINE: Final[dict[str, type | tuple[type, ...]]] = {
    "id": str,
    "test": str,
    "label": str,
    "sha256": str,
    "origin": str,
    "recorded_at": str,
    "at": str,
    "duration": (int, float),
    "tool": str,
    "schema": int,
}
_ORIGINS: Final = frozenset(get_args(Origin))
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MARKER: Final = re.compile(rb"(?:<{7}|\|{7}|={7}|>{7})(?: |\r?$)")


def _line(entry: Entry) -> str:
    fields = {name: getattr(entry, name) for name in _LINE if name != "schema"}
    return json.dumps(fields | {"schema": SCHEMA}, separators=(",", ":"), allow_nan=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _entry(line: bytes, folder: str) -> Entry:
    """Read one line, or say in a ``ValueError`` why it cannot be read."""
    try:
        raw = _DECODER.decode(line.decode("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("a merge marker" if _MARKER.match(line) else "not one whole JSON object") from None
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")
    schema = raw.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise _NewerError
    if raw.keys() != _LINE.keys():
        wrong = sorted(raw.keys() ^ _LINE.keys())[0]
        raise ValueError(f"key {wrong!r} is {'unknown' if wrong in raw else 'missing'}")
    for name, kind in _LINE.items():
        if not isinstance(raw[name], kind) or isinstance(raw[name], bool):
            raise ValueError(f"{name!r} has the wrong type")
    _check(raw)
    del raw["schema"]
    return Entry(file=f"{folder}/{file_name(raw['label'])}", **raw)


def _check(raw: dict[str, Any]) -> None:
    if raw["schema"] != SCHEMA:
        raise ValueError(f"schema {raw['schema']} was never used")
    if not _HASH.fullmatch(raw["id"]) or not _HASH.fullmatch(raw["sha256"]):
        raise ValueError("'id' and 'sha256' must be 64 hex digits")
    if not raw["label"].endswith(raw["id"][:12]):
        raise ValueError("'label' does not end with the id's first digits")
    if raw["origin"] not in _ORIGINS:
        raise ValueError(f"origin {raw['origin']!r} is unknown")
    if not math.isfinite(raw["duration"]):
        raise ValueError("'duration' is not a number of seconds")
    if datetime.fromisoformat(raw["recorded_at"]).tzinfo is None:
        raise ValueError("'recorded_at' has no offset")
    if raw["at"]:
        datetime.fromisoformat(raw["at"])


def _first(entries: list[Entry]) -> Iterable[Entry]:
    return {entry.id: entry for entry in reversed(entries)}.values()


def _unread(test: str, file: str, unread: list[tuple[int, str]]) -> Iterable[Damage]:
    if unread:
        number, why = unread[0]
        lines = "1 line" if len(unread) == 1 else f"{len(unread)} lines"
        yield Damage(
            test,
            "",
            "",
            file,
            slug="manifest-damaged",
            message=f"{lines} cannot be read; line {number}: {why}",
            hint="solve the merge, or restore the file with git checkout",
        )


def _newer(test: str, file: str, newer: int) -> Iterable[Damage]:
    if newer:
        yield Damage(
            test,
            "",
            "",
            file,
            slug="manifest-newer",
            message=f"{newer} lines were written by a newer pytest-characterize",
            hint="upgrade pytest-characterize to the version that recorded them",
        )


def _foreign(test: str, file: str, entries: list[Entry]) -> Iterable[Damage]:
    for other, count in Counter(entry.test for entry in entries if entry.test != test).items():
        yield Damage(
            test,
            "",
            "",
            file,
            slug="manifest-foreign",
            message=f"{count} lines belong to {other}, not to {test}",
            hint="move them to that test's folder, or rename one of the tests if both claim this folder",
        )


def _doubled(entry: Entry, file: str, count: int) -> Damage:
    return Damage(
        entry.test,
        entry.id,
        entry.label,
        entry.file,
        slug="golden-doubled",
        message=f"{file} has {count} different lines for the case",
        hint="keep the line whose sha256 is that of the file",
    )
