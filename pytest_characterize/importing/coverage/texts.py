"""The source files that a report speaks of, found again below a folder."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

_Parts: TypeAlias = tuple[str, ...]

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_LARGEST: Final = 8 << 20
_MOST_FILES: Final = 500_000


@dataclass(frozen=True, slots=True)
class FoundText:
    """A source file: its path below the folder, and its text with ``\\n`` at the ends of lines."""

    name: str
    text: str


def plain_name(name: str, project: Path) -> str:
    """A report's name for a file, the same on every machine as far as that is possible."""
    parts = _parts(name)
    ours = _parts(project.as_posix())
    if parts[: len(ours)] == ours and len(parts) > len(ours):
        parts = parts[len(ours) :]
    return _told(parts) if parts else name


class Texts:
    """Every file below ``root``, by the end of its path; hidden folders are left out."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[_Parts]] = defaultdict(list)
        number = 0
        for folder, folders, files in os.walk(root):
            folders[:] = [one for one in folders if not one.startswith(".")]
            within = Path(folder).relative_to(root).parts
            for file in files:
                number += 1
                self._by_name[file].append((*within, file))
            if number > _MOST_FILES:
                break

    def find(self, name: str, folders: Sequence[str] = ()) -> FoundText | None:
        """The file that a report means; ``None`` if there is none, or more than one that it may be.

        Args:
            folders: what the name may be relative to.
        """
        for candidate in (name, *(f"{folder}/{name}" for folder in folders)):
            parts = _parts(candidate)
            if parts and (found := self._meant(parts)):
                return self._read(found)
        return None

    def _meant(self, wanted: _Parts) -> _Parts | None:
        here = self._by_name.get(wanted[-1], ())
        shorter = [parts for parts in here if wanted[-len(parts) :] == parts]
        if shorter:
            return max(shorter, key=len)
        longer = [parts for parts in here if parts[-len(wanted) :] == wanted]
        return longer[0] if len(longer) == 1 else None

    def _read(self, parts: _Parts) -> FoundText | None:
        path = self._root.joinpath(*parts)
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST:
                return None
            content = path.read_bytes()
        except OSError:
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
        return FoundText(_told(parts), text.replace("\r\n", "\n").replace("\r", "\n"))


def _parts(name: str) -> _Parts:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return tuple(part for part in parts if part not in ("/", "//", ".", "..") and not _DRIVE.fullmatch(part))


def _told(parts: _Parts) -> str:
    """A path that shows that it is one, even if it is no more than a file's name."""
    return "/".join(parts) if len(parts) > 1 else f"./{parts[0]}"
