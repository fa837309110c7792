"""Data folders that were initialised once and are copied from then on."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path


def fill(data: Path, name: str, made_of: Sequence[str], initialise: Callable[[Path], None]) -> None:
    """Fill the folder ``data``, which must not exist: from the cached template, or afresh.

    Args:
        data: the new data folder.
        name: the product, part of the template's file name.
        made_of: everything that decides what the template holds (programs, options).
        initialise: makes a data folder; what it makes becomes the template.
    """
    cache = _cache_folder()
    key = hashlib.sha256("\0".join(made_of).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    template = cache / f"{name}-{key}" if cache else None
    if template and template.is_dir():
        shutil.copytree(template, data, symlinks=True)
        return
    initialise(data)
    if cache and template:
        _keep(data, cache, template)


def _keep(data: Path, cache: Path, template: Path) -> None:
    """Make a template of a data folder in one step; whoever comes second throws away its own."""
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=cache))
    try:
        shutil.copytree(data, fresh / "data", symlinks=True)
        (fresh / "data").rename(template)
    except OSError:
        # Another process was quicker, or the disk is full; the data folder itself is complete.
        pass
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _cache_folder() -> Path | None:
    """Our private folder in the user's cache, ``None`` where there is no place for one."""
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = base / "pytest-characterize"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # the latter where nobody knows our home
        return None
    ours = folder.stat().st_uid == os.geteuid()
    return folder if ours and os.access(folder, os.W_OK | os.X_OK) else None
