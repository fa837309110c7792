"""What no rollback takes back, found in the sources before they run: files, programs, other sessions, other databases.

By name, in code and in the texts that code executes: a routine that puts such a statement together out of
pieces is not seen. A role without the rights for it is what protects a database then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pytest_characterize.errors import RecordingError

FUNCTIONS: Final[Mapping[str, str]] = {
    r"dblink\w*": "works on another connection",
    r"lo_export": "writes a file on the server",
    r"pg_file_(?:write|sync|rename|unlink)": "writes a file on the server",
    r"pg_(?:terminate|cancel)_backend": "ends the work of a session",
    r"pg_(?:reload_conf|rotate_logfile|promote|switch_wal|create_restore_point|logical_emit_message"
    r"|wal_replay_pause|wal_replay_resume|backup_start|backup_stop|start_backup|stop_backup)": "acts on the server",
    r"pg_stat_(?:statements_)?reset\w*": "clears the server's statistics",
    r"pg_(?:create|copy)_(?:physical|logical)_replication_slot|pg_drop_replication_slot"
    r"|pg_replication_slot_advance|pg_logical_slot_get_(?:binary_)?changes": "changes a replication slot",
    r"pg_background_launch|cron\.schedule\w*": "starts work in another session",
}
"""Functions (as patterns) that act at once, and what they do."""
_CALL: Final = [
    (re.compile(rf'(?<![\w$"])"?({name})"?\s*\(', re.IGNORECASE), what) for name, what in FUNCTIONS.items()
]
_COMMENT: Final = re.compile(r"('(?:[^']|'')*')|--[^\n]*|/\*.*?\*/", re.DOTALL)
_TOLD: Final = re.compile(r"\bRAISE\s+(?:\w+\s+)?'(?:[^']|'')*'", re.IGNORECASE)
_COPY: Final = re.compile(
    r"(?:^|[;'$]|\b(?:BEGIN|THEN|ELSE|LOOP)\b)\s*"
    r"(COPY\s+(?:\([^;]*?\)|\"[^\"]+\"(?:\.\"[^\"]+\")?|[^\s;(|]+)(?:\s*\([^)]*\))?\s+"
    r"(?:TO\s+(?!STDOUT\b)|FROM\s+PROGRAM\b)"
    r"|COPY\s[^';]*'\s*(?:\|\||,))",
    re.IGNORECASE,
)


def refuse_irreversible(what: str, sources: Mapping[str, str]) -> None:
    """Refuse what would change more than its own transaction.

    Args:
        what: what is to be recorded, for the message.
        sources: texts by name: its own, and what it may reach.

    Raises:
        RecordingError: ``cannot-be-undone``, naming the source and what it says.
    """
    for name, text in sources.items():
        found = _irreversible(text)
        if found:
            where = "" if name == what else f", in {name}"
            raise RecordingError(
                f"{what} was not run: no rollback undoes what it says{where}: {found}",
                slug="cannot-be-undone",
                hint="record what it calls besides, or a copy of it without that, installed in a copy of the database",
            )


def code_of(text: str) -> str:
    """A source without comments, and without the words of its messages."""
    return _TOLD.sub("RAISE", _COMMENT.sub(lambda found: found[1] or " ", text))


def _irreversible(text: str) -> str:
    code = code_of(text)
    for pattern, what in _CALL:
        called = pattern.search(code)
        if called:
            return f"{called[1]}() {what}"
    copied = _COPY.search(code)
    if copied:
        return f"{' '.join(copied[1].split())[:60]} ... works on files or programs of the server"
    return ""
