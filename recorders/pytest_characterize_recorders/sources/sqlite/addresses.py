"""Whether an address is a file that a SQLite source may read. No message holds any part of the address."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.hosts import PRODUCTION

_FLAGS: Final = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is.

    Attributes:
        file: the real file, no link.
        foreign_keys: whether legacy's connections enforce foreign keys, which each has to ask for.
    """

    file: Path
    foreign_keys: bool = False


def checked_address(context: RecordingContext) -> Address:
    """The file of a source, after it was found to be one that the source may read.

    Raises:
        RecordingError: ``source-wrong-kind``, ``source-address-invalid``, ``source-not-allowed``,
            ``source-looks-like-production`` or ``source-down``.
    """
    source = context.source
    if source is None or source.kind != "sqlite":
        raise RecordingError(
            f"source {source.name if source else ''!r} is no SQLite database",
            slug="source-wrong-kind",
            hint="name a source of kind 'sqlite' in the descriptor: source=...",
        )
    name, foreign_keys = _parsed(source, context.address.strip())
    root = context.settings.root
    try:
        file = (root / name).resolve(strict=True)
    except OSError:
        file = Path()
    if not file.is_file():
        raise RecordingError(
            f"source {source.name!r} cannot be reached: there is no such file",
            slug="source-down",
            hint=f"correct {source.secret_variable}, which is relative to the project's folder",
        )
    if not any(_allows(root, entry, file) for entry in source.hosts):
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} leads to a file that is not in its list of hosts",
            slug="source-not-allowed",
            hint=f"list the file or its folder in [tool.characterize.sources.{source.name}] hosts",
        )
    if not source.production and PRODUCTION.search(file.name):
        raise RecordingError(
            f"source {source.name!r}: the file is named like a production system",
            slug="source-looks-like-production",
            hint=f"record on a copy, or set production = true in [tool.characterize.sources.{source.name}]",
        )
    return Address(file, foreign_keys)


def _parsed(source: Source, address: str) -> tuple[str, bool]:
    """A path, or ``sqlite:///path`` (below the project) and ``sqlite:////path``, with options."""
    try:
        if not address.startswith("sqlite:"):
            if not address or "\0" in address or address.startswith((":memory:", "file:")):
                raise ValueError
            return address, False
        parts = urlsplit(address)
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        name = unquote(parts.path.removeprefix("/"), errors="strict")
        if parts.netloc or not name or "\0" in name or options.keys() - {"foreign_keys"}:
            raise ValueError
        return name, _FLAGS[options.get("foreign_keys", "off").lower()]
    except (ValueError, KeyError):
        raise RecordingError(
            f"source {source.name!r}: {source.secret_variable} holds no address of a SQLite file",
            slug="source-address-invalid",
            hint=f"set {source.secret_variable}=sqlite:////FOLDER/FILE (option: foreign_keys=on), or a path",
        ) from None


def _allows(root: Path, entry: str, file: Path) -> bool:
    """The file itself or the folder that it is in; either may hold ``*``."""
    wanted = str((root / entry).resolve())
    return fnmatchcase(str(file), wanted) or fnmatchcase(str(file.parent), wanted)
