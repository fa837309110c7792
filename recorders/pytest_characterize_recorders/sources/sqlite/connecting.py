"""The one place where a SQLite source is opened: to be read only, or as a copy that is thrown away."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pytest_characterize.errors import RecordingError
from pytest_characterize.interrupts import never_within
from pytest_characterize_recorders.sources.sqlite.addresses import Address
from pytest_characterize_recorders.sources.sqlite.guarding import OURS

SECONDS: Final = 60.0
"""How long one case may take."""
_STEPS: Final = 10_000


def open_read_only(address: Address) -> sqlite3.Connection:
    """The file itself, of which nothing can be written through this connection.

    Raises:
        RecordingError: ``source-down``.
    """
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(address.file))}?mode=ro", uri=True, isolation_level=None, timeout=10
        )
        connection.text_factory = bytearray
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise RecordingError(
            f"the SQLite file cannot be read: {error.args[0] if error.args else 'unknown'}",
            slug="source-down",
            hint="see that it is a database, that no journal of a crash lies beside it, and that it is not locked",
        ) from None
    return connection


class PrivateCopy:
    """A copy of the database in a folder of its own: what legacy writes goes there.

    Its journal is a WAL, and it is attached once more, to be read: that shows the database as it was before a
    transaction.

    Attributes:
        connection: to the copy.
        before: the schema of the connection that shows it so.
    """

    before: Final = f"{OURS}before"

    def __init__(self, address: Address) -> None:
        self._folder = tempfile.mkdtemp(prefix="characterize-sqlite-")
        self._file = Path(self._folder, "copy.db")
        try:
            with closing(open_read_only(address)) as original:
                self.connection = self._opened()
                original.backup(self.connection)
            self.connection.execute("PRAGMA journal_mode = WAL").fetchall()
            again = f"file:{quote(str(self._file))}?mode=ro"
            self.connection.execute(f"ATTACH ? AS {self.before}", [again])
            self.connection.execute(f"PRAGMA foreign_keys = {int(address.foreign_keys)}")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def close(self) -> None:
        """Throw the copy away."""
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file.as_uri(), uri=True, isolation_level=None)
        connection.text_factory = bytearray
        return connection


@contextmanager
def limited(connection: sqlite3.Connection, seconds: float = SECONDS) -> Iterator[None]:
    """Stop a statement of the block that runs past the time, or is interrupted.

    Raises:
        KeyboardInterrupt: whatever error the statement ended with.
    """
    end = time.monotonic() + seconds

    def stop() -> int:
        return int(interrupted() or time.monotonic() > end)

    with never_within(stop) as interrupted:
        connection.set_progress_handler(stop, _STEPS)
        try:
            yield
        finally:
            connection.set_progress_handler(None, 0)
