"""Routines and triggers as the server keeps them: with the settings that they were made under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.mariadb.lexing import tokens
from pytest_characterize_recorders.sources.mariadb.literals import literal, quoted
from pytest_characterize_recorders.sources.mariadb.results import Row
from pytest_characterize_recorders.sources.mariadb.routines import Kind, fetch

StoredKind: TypeAlias = Kind | Literal["TRIGGER"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A routine or a trigger.

    Attributes:
        name: what its rules bear.
        mode: the ``sql_mode`` that it was made under, and keeps.
        text: its ``CREATE`` statement.
        client: the character set of the client that made it.
        collation: of that client's connection.
    """

    kind: StoredKind
    schema: str
    own_name: str
    name: str
    mode: str
    text: str
    client: str
    collation: str

    @property
    def settings(self) -> str:
        """The statement that must come before its ``CREATE``.

        The client's character set is ours where it would read the text otherwise than we send it.
        """
        same = self.text.isascii() or self.client.startswith("utf8")
        client = f", character_set_client = {self.client}" if same else ""
        return f"SET sql_mode = {_mode(self.mode)}{client}, collation_connection = {self.collation};"

    @property
    def names_database(self) -> bool:
        """Whether a database's name stands before its own, or before that of a trigger's table."""
        words = [token.keyword for token in tokens(self.text, self.mode)]
        at = words.index(self.kind) if self.kind in words else 0
        head = words[at : words.index("FOR", at)] if self.kind == "TRIGGER" and "FOR" in words else []
        return "." in words[at : at + 3] or "." in head

    def source(self, unseen: str = "") -> str:
        """How a client would make it anew, which is how it is kept beside the goldens.

        Args:
            unseen: why its rules cannot be seen; stands behind the settings as a comment.
        """
        return f"{self.settings}{f' -- {unseen}' if unseen else ''}\n{self.text}"

    def drop(self, connection: Connection) -> None:
        """Drop the one that is there in the connection's database."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP {self.kind} IF EXISTS {quoted(self.own_name)}")

    def create(self, connection: Connection) -> None:
        """Make it in the connection's database, whose session has its settings from then on."""
        with connection.cursor() as cursor:
            cursor.execute(self.settings)
            cursor.execute(self.text)

    def changed(self, source: str) -> Stored:
        """The same with another text, which a changed source holds behind its settings."""
        return replace(self, text=source.partition("\n")[2])


def _mode(mode: str) -> str:
    """A mode as a text; it holds nothing but words and commas."""
    return "'" + "".join(letter for letter in mode if letter.isalnum() or letter in "_,") + "'"


def stored(connection: Connection, kind: StoredKind, schema: str, own_name: str, name: str) -> Stored:
    """What the server says of a routine or a trigger.

    Raises:
        RecordingError: ``source-forbidden``.
    """
    [shown] = fetch(connection, f"SHOW CREATE {kind} {quoted(schema, own_name)}")
    _, mode, text, client, collation, *_ = shown
    if text is None:
        raise RecordingError(
            f"the source of {name} is not shown to the recording account",
            slug="source-forbidden",
            hint="record as its definer, or grant SELECT on mysql.proc (MySQL 8: SHOW_ROUTINE)",
        )
    return Stored(kind, schema, own_name, name, mode or "", text, client or "", collation or "")


def all_stored(connection: Connection, schema: str) -> Iterator[Stored]:
    """Every routine of a database, then every trigger, in the order in which they act."""
    for kind, name in _typed(fetch(connection, _ROUTINES.format(literal(schema)))):
        yield stored(connection, kind, schema, name, f"{schema}.{name}")
    for (trigger,) in fetch(connection, _TRIGGERS.format(literal(schema))):
        yield stored(connection, "TRIGGER", schema, trigger or "", f"{schema}.{trigger}")


def _typed(found: tuple[Row, ...]) -> Iterator[tuple[Kind, str]]:
    for kind, name in found:
        yield ("FUNCTION" if kind == "FUNCTION" else "PROCEDURE"), name or ""


_ROUTINES: Final = """
SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES
WHERE ROUTINE_SCHEMA = {} AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') ORDER BY 1, 2
"""
_TRIGGERS: Final = """
SELECT TRIGGER_NAME FROM information_schema.TRIGGERS
WHERE TRIGGER_SCHEMA = {} ORDER BY EVENT_OBJECT_TABLE, EVENT_MANIPULATION, ACTION_TIMING, ACTION_ORDER
"""
