"""One recording at a time: a lock that the operating system gives back even if the process is killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pytest_characterize.errors import StoreError

_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30
    """Windows locks bytes against reading too; this one is behind those that name the owner."""

    def _take(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _delete(path: Path) -> None:
        """Windows deletes no open file; the empty lock stays, which does no harm."""

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _delete(path: Path) -> None:
        """While it is still locked, or another could lock it in between."""
        path.unlink(missing_ok=True)


@contextmanager
def run_lock(path: Path, file: str) -> Iterator[None]:
    """Hold the lock file ``path`` (called ``file`` in messages) during the block; its folder must exist.

    Raises:
        StoreError: ``store-locked`` if another process holds it, ``store-unwritable``.
    """
    try:
        handle = os.open(path, _FLAGS, 0o666)
    except OSError as error:
        raise _unusable(file, error) from None
    try:
        _own(handle, path, file)
        try:
            yield
        finally:
            _delete(path)
    finally:
        os.close(handle)


def _own(handle: int, path: Path, file: str) -> None:
    try:
        if _take(handle) and _is_still(handle, path):
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, b"%d" % os.getpid())
            return
        os.lseek(handle, 0, os.SEEK_SET)
        owner = os.read(handle, 20).decode("ascii", "replace")
    except OSError as error:
        raise _unusable(file, error) from None
    raise StoreError(
        f"{file}: another recording is running (process {owner or 'unknown'})",
        slug="store-locked",
        hint="wait until it has ended, then try again; a killed one leaves no lock",
    )


def _is_still(handle: int, path: Path) -> bool:
    """Whether the locked file is the one of that name: its former owner may have deleted it meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


def _unusable(file: str, error: OSError) -> StoreError:
    return StoreError(
        f"{file}: cannot be locked: {error.strerror or error}",
        slug="store-unwritable",
        hint="make the folder writable; recording needs it",
    )
