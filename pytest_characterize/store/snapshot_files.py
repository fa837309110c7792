"""Snapshots of users' own tests as files: schema 1, one value a file, read as strictly as a golden."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from pytest_characterize.codec import from_tagged, parse_json, pretty_json, to_tagged
from pytest_characterize.errors import StoreError
from pytest_characterize.paths import LocatedError
from pytest_characterize.store.shape import has_fields
from pytest_characterize.values import Value

SCHEMA: Final = 1
"""Version of a snapshot file's structure."""

LONGEST: Final = 180
"""Characters a snapshot's name may have: as many as leave room for the folders on every file system."""

_UNTAME: Final = re.compile(r"[^A-Za-z0-9_ .,=+@~()\[\]-]+")
_RESTORE: Final = "restore the file with git checkout, or delete it and run pytest --snapshot-update"


def snapshot_text(value: Value) -> str:
    """The text of a snapshot's file; ASCII only.

    Raises:
        UnsupportedValueError: it is no value.
    """
    return pretty_json({"schema": SCHEMA, "value": to_tagged(value)})


def read_snapshot(content: bytes, file: str) -> Value:
    """The value that :func:`snapshot_text` wrote.

    Args:
        file: the file's name, for errors.

    Raises:
        StoreError: ``snapshot-damaged`` or ``snapshot-newer``; ``json-conflict`` for a merge conflict,
            ``value-zone-data`` where this machine does not know a time zone.
    """
    try:
        tree = has_fields(parse_json(content, file), ("schema", "value"))
        if type(tree["schema"]) is int and tree["schema"] > SCHEMA:
            raise StoreError(
                f"{file}: has schema {tree['schema']}, and this version reads up to {SCHEMA}",
                slug="snapshot-newer",
                hint="upgrade pytest-characterize to the version that wrote it",
            )
        if tree["schema"] is not SCHEMA:
            raise LocatedError(f"{tree['schema']!r} is no schema").under("schema")
        return from_tagged(tree["value"], file)
    except LocatedError as error:
        raise _damaged(file, f"{error.path}: {error.message}") from None
    except StoreError as error:
        if error.slug in ("snapshot-newer", "json-conflict", "value-zone-data"):
            raise
        raise _damaged(file, error.message.removeprefix(file).lstrip(":, ")) from None


def file_stem(name: str) -> str:
    """A good file name for a test's name: itself, or its readable part and a hash of the whole.

    Two tests never share a file by what was taken away from their names.

    >>> file_stem("TestTotals.test_total[EUR-7]")
    'TestTotals.test_total[EUR-7]'
    """
    tame = _UNTAME.sub("_", name)
    if tame == name and len(name) <= LONGEST:
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{tame[: LONGEST - len(digest) - 1]}-{digest}"


def _damaged(file: str, what: str) -> StoreError:
    return StoreError(f"{file}: is damaged: {what}", slug="snapshot-damaged", hint=_RESTORE)
