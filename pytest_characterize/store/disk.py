"""The only code that touches the disk: no symbolic link is followed, no file is ever half written.

Paths are POSIX strings relative to the root, as error messages and manifests show them.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePath
from secrets import token_hex
from typing import Final

from pytest_characterize.errors import StoreError

_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_CREATE: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)
_PORTION: Final = 1 << 20
_JUNCTION: Final = 0xA0000003
"""Windows' reparse tag of a directory junction, which is a symbolic link by another name."""
_OWN_LEVELS: Final = 3
"""Folders of the store above a file: the test's, the module's, and ``goldens``, ``cassettes`` or ``pending``."""


class Disk:
    """Files below ``root``; whatever is reached through a link is refused.

    Args:
        shared: whether others may write into the same folders at the same time, with no run lock to keep
            them apart; then the temporary files of a killed process are left where they are.
    """

    def __init__(self, root: Path, *, shared: bool = False) -> None:
        self._root = os.fspath(root)
        self._shared = shared
        self._swept: set[str] = set()

    def path(self, file: str) -> Path:
        """The absolute path of a file."""
        return Path(self._root, file)

    def read(self, file: str) -> bytes | None:
        """Content of a regular file, ``None`` if there is nothing of that name.

        Raises:
            StoreError: ``store-symlink``, ``store-unreadable``.
        """
        try:
            status = self._inspect(file)
            if status is None:
                return None
            if not stat.S_ISREG(status.st_mode):
                raise OSError("it is not a regular file")
            handle = os.open(self._absolute(file), _READ)
            try:
                portion = min(status.st_size + 1, _PORTION)  # a buffer too large costs more than the reading
                content = os.read(handle, portion)
                if len(content) == status.st_size:
                    return content
                return content + b"".join(iter(partial(os.read, handle, portion), b""))
            finally:
                os.close(handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(file, error) from None

    def names(self, folder: str) -> dict[str, os.DirEntry[str]]:
        """What is in a folder, by name; empty if there is no such folder.

        Raises:
            StoreError: ``store-symlink``, ``store-unreadable``.
        """
        try:
            if self._inspect(folder) is None:
                return {}
            with os.scandir(self._absolute(folder)) as found:
                return {entry.name: entry for entry in found}
        except OSError as error:
            raise _unreadable(folder, error) from None

    def write(self, file: str, content: bytes) -> None:
        """Replace ``file`` by ``content`` in one step; after a crash there is either the old or the new file.

        Raises:
            StoreError: ``store-symlink``, ``store-unwritable``.
        """
        folder, name = posixpath.split(file)
        with _writing(file):
            if (status := self._inspect(file)) is not None and not stat.S_ISREG(status.st_mode):
                raise OSError("there is something of that name that is not a regular file")
            self._make_folder(folder)
            self._sweep(folder)
            _replace(self._absolute(folder), name, content)

    def remove(self, file: str) -> None:
        """Delete a file, and the folders of a test in which nothing is left; one that is gone is fine.

        Raises:
            StoreError: ``store-symlink``, ``store-unwritable``.
        """
        self.delete(file)
        folder = posixpath.dirname(file)
        for _ in range(_OWN_LEVELS):
            self.remove_empty(folder)
            folder = posixpath.dirname(folder)

    def delete(self, file: str) -> None:
        """Delete a file and nothing else; one that is gone is fine.

        Raises:
            StoreError: ``store-symlink``, ``store-unwritable``.
        """
        with _writing(file):
            if self._inspect(file) is not None:
                os.unlink(self._absolute(file))  # noqa: PTH108 - the paths of this module are strings

    def remove_empty(self, folder: str) -> None:
        """Delete a folder if it is there and nothing is in it."""
        with suppress(OSError):
            os.rmdir(self._absolute(folder))  # noqa: PTH106

    def sweep(self, folders: Iterable[PurePath]) -> None:
        """Clean folders now, and not at their next write, when another process of ours may be writing there.

        Raises:
            StoreError: ``store-symlink``, ``store-unwritable``.
        """
        for folder in map(PurePath.as_posix, folders):
            with _writing(folder):
                if self._inspect(folder) is not None:
                    self._sweep(folder)
                self._swept.add(folder)

    def forget_sweeps(self) -> None:
        """Clean every folder again at its next write: a new recording begins."""
        self._swept.clear()

    def exists(self, file: str) -> bool:
        """Whether there is something of that name.

        Raises:
            StoreError: ``store-symlink``, ``store-unreadable``.
        """
        try:
            return self._inspect(file) is not None
        except OSError as error:
            raise _unreadable(file, error) from None

    def make_folder(self, folder: str) -> None:
        """Make a folder and those above it.

        Raises:
            StoreError: ``store-symlink``, ``store-unwritable``.
        """
        with _writing(folder):
            self._make_folder(folder)

    def _absolute(self, file: str) -> str:
        return f"{self._root}/{file}"

    def _inspect(self, file: str) -> os.stat_result | None:
        """Status of a file, every step of the way below the root checked; ``None`` if it is not there."""
        at, status = self._root, None
        for part in file.split("/"):
            at = f"{at}/{part}"
            try:
                status = os.lstat(at)
            except FileNotFoundError:
                return None
            if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION:
                raise StoreError(
                    f"{file}: {part!r} is a symbolic link, and links are not followed",
                    slug="store-symlink",
                    hint="replace the link by the real file or folder",
                )
        return status

    def _make_folder(self, folder: str) -> None:
        if self._inspect(folder) is not None:
            return
        above = posixpath.dirname(folder)
        if above:
            self._make_folder(above)
        try:
            os.mkdir(self._absolute(folder))  # noqa: PTH102
        except FileExistsError:
            self._inspect(folder)
        _sync_folder(self._absolute(above) if above else self._root)

    def _sweep(self, folder: str) -> None:
        """Delete the temporary files that a killed recording left; the run lock keeps others from writing."""
        if self._shared or folder in self._swept:
            return
        self._swept.add(folder)
        for name in os.listdir(self._absolute(folder)):  # noqa: PTH208
            if _is_temporary(name):
                os.unlink(f"{self._absolute(folder)}/{name}")  # noqa: PTH108


def _is_temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")


def _replace(folder: str, name: str, content: bytes) -> None:
    temporary = f"{folder}/.{name[:40]}.{os.getpid()}-{token_hex(4)}.tmp"
    try:
        with os.fdopen(os.open(temporary, _CREATE, 0o666), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, f"{folder}/{name}")  # noqa: PTH105
    except BaseException:
        if os.path.lexists(temporary):
            os.unlink(temporary)  # noqa: PTH108
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Make a rename last through a power cut, where the system can sync a folder (Windows cannot)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _writing(file: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be written: {_reason(error)}",
            slug="store-unwritable",
            hint="make the folder writable and see that the disk has room; what was there is unchanged",
        ) from None


def _unreadable(file: str, error: OSError) -> StoreError:
    return StoreError(
        f"{file}: cannot be read: {_reason(error)}",
        slug="store-unreadable",
        hint="make it a file that you may read, or restore it with git checkout",
    )


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
