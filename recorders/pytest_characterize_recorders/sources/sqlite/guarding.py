"""What legacy's SQL may do: decided by SQLite for each statement, also for what triggers and views do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pytest_characterize.errors import RecordingError
from pytest_characterize.interrupts import never_within

OURS: Final = "characterize_"
"""What the names of the recorder's own temporary objects begin with."""

_READ: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_WRITE: Final = frozenset((sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE))
_TEMPORARY: Final = frozenset(
    (
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_INDEX,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_DROP_TEMP_TABLE,
        sqlite3.SQLITE_DROP_TEMP_INDEX,
        sqlite3.SQLITE_DROP_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_TEMP_VIEW,
    )
)
_ACTIONS: Final = {
    getattr(sqlite3, f"SQLITE_{name}"): name.replace("_", " ")
    for name in (
        "CREATE_INDEX", "CREATE_TABLE", "CREATE_TRIGGER", "CREATE_VIEW", "CREATE_VTABLE", "DROP_INDEX",
        "DROP_TABLE", "DROP_TRIGGER", "DROP_VIEW", "DROP_VTABLE", "ALTER_TABLE", "ATTACH", "DETACH", "PRAGMA",
        "ANALYZE", "REINDEX", "TRANSACTION", "SAVEPOINT", "INSERT", "UPDATE", "DELETE", "FUNCTION",
    )
}  # fmt: skip
_SCHEMAS: Final = ("sqlite_master", "sqlite_schema")


class Guard:
    """Watches one connection.

    Attributes:
        refused: what was refused since the block began, in words, each once.
    """

    def __init__(self, connection: sqlite3.Connection, *, writes: bool) -> None:
        self._connection, self._writes = connection, writes
        self.refused: dict[str, None] = {}

    @contextmanager
    def on(self) -> Iterator[None]:
        """Guard what the block executes."""
        self.refused.clear()
        with never_within(self.decide):
            self._connection.set_authorizer(self.decide)
            try:
                yield
            finally:
                self._connection.set_authorizer(None)

    def error(self, what: str) -> RecordingError | None:
        """Why legacy cannot be recorded, if anything was refused."""
        if not self.refused:
            return None
        told = ", ".join(self.refused)
        if not self._writes and any(action in told for action in ("INSERT", "UPDATE", "DELETE")):
            return RecordingError(
                f"{what} writes: {told}",
                slug="query-writes",
                hint="name the tables that it changes: effects=Tables(...); they are changed in a copy only",
            )
        return RecordingError(
            f"{what} does what cannot be recorded here: {told}",
            slug="sqlite-refused",
            hint="leave transactions, schema changes, other files and settings out of the script: set the copy up"
            " with them before",
        )

    def decide(
        self, action: int, one: str | None, two: str | None, _: str | None, trigger: str | None
    ) -> int:
        """What SQLite asks for each action of a statement."""
        one, two = one or "", two or ""
        of_schema = action in _WRITE and one.lower() in _SCHEMAS
        if self._allows(action, one, two, trigger or ""):  # each change of the schema has an action besides
            return sqlite3.SQLITE_OK
        name = _ACTIONS.get(action, f"action {action}")
        self.refused[
            "a change of the schema"
            if of_schema
            else f"{name} {two if action == sqlite3.SQLITE_FUNCTION else one}".strip()
        ] = None
        return sqlite3.SQLITE_DENY

    def _allows(self, action: int, one: str, two: str, trigger: str) -> bool:
        if action == sqlite3.SQLITE_PRAGMA:
            return (one, two) == ("data_version", "")  # full-text tables ask for it
        if action in _READ:
            return not (action == sqlite3.SQLITE_FUNCTION and two.lower() == "load_extension")
        if not self._writes:
            return False
        if action in _WRITE:
            return not one.startswith(OURS) or trigger.startswith(OURS)
        return action in _TEMPORARY and not one.startswith(OURS)
