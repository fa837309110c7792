"""Finding another Python interpreter on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_characterize.errors import RecordingError

_NAME: Final = re.compile(r"(python|pypy)\d+(\.\d+)?")
_SHOWN: Final = 12


def places(asked: str, root: Path) -> list[Path]:
    """Where the interpreter may be, best first: one found by name may turn out to be a mere stand-in.

    Args:
        asked: a path, relative to ``root``, or a name, which is looked for on ``PATH`` and among pyenv's.

    Raises:
        RecordingError: ``interpreter-unknown``, naming those that there are.
    """
    if os.sep in asked or asked.startswith("~"):
        found = [root / Path(asked).expanduser()]
    else:
        found = [folder / asked for folder in _folders()]
    usable = [place for place in found if _is_program(place)]
    if not usable:
        known = sorted(names(), key=_by_version)
        shown = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
        raise RecordingError(
            f"there is no interpreter {asked!r} on this machine (found: {shown or 'none'})",
            slug="interpreter-unknown",
            hint='give a name on PATH or among pyenv\'s, or a path such as "legacy-venv/bin/python"',
        )
    return usable


def names() -> set[str]:
    """The interpreters that can be asked for by name."""
    return {
        entry.name
        for folder in _folders()
        if folder != _pyenv() / "shims" and folder.is_dir()
        for entry in folder.iterdir()
        if _NAME.fullmatch(entry.name) and _is_program(entry)
    }


def _folders() -> Iterator[Path]:
    """``PATH`` and the versions of pyenv; its stand-ins, which start slowly, if at all, come last."""
    stand_ins = _pyenv() / "shims"
    path = [Path(name) for name in os.environ.get("PATH", os.defpath).split(os.pathsep) if name]
    yield from (folder for folder in path if folder != stand_ins)
    versions = _pyenv() / "versions"
    if versions.is_dir():
        newest_first = sorted(versions.iterdir(), key=lambda place: _by_version(place.name), reverse=True)
        yield from (version / "bin" for version in newest_first)
    if stand_ins in path:
        yield stand_ins


def _pyenv() -> Path:
    return Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


def _is_program(place: Path) -> bool:
    return place.is_file() and os.access(place, os.X_OK)


def _by_version(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]
