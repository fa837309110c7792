"""SQLite files that are reached through SQLAlchemy: the file itself is only read, what writes runs in a copy."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def open_read_only(file: Path) -> sqlite3.Connection:
    """The file itself, of which nothing can be written through this connection."""
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)


class FileCopy:
    """A copy of a file in a folder of its own, until it is closed."""

    def __init__(self, file: Path) -> None:
        self._folder = tempfile.mkdtemp(prefix="characterize-sqlite-")
        self._file = Path(self._folder, "copy.db")
        try:
            with closing(open_read_only(file)) as original, closing(self.open()) as connection:
                original.backup(connection)
        except BaseException:
            self.close()
            raise

    def open(self) -> sqlite3.Connection:
        """A connection to the copy."""
        return sqlite3.connect(self._file)

    def close(self) -> None:
        """Throw the copy away."""
        shutil.rmtree(self._folder, ignore_errors=True)
