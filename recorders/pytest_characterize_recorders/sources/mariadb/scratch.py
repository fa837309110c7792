"""A copy of a source's database on its own server, in which routines may be exchanged; always dropped.

Definitions commit, so no routine is ever exchanged in the legacy database itself. The copy holds its tables with
their rows, routines, views and triggers, each made anew from what ``SHOW CREATE`` says, under the settings that it
was made under. Its maker holds a lock of the copy's name as long as it lives, so a copy whose lock nobody holds was
left by a process that was killed: whoever makes the next one drops it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize_recorders.sources.mariadb.connecting import limit, open_mariadb
from pytest_characterize_recorders.sources.mariadb.errors import faults, number_of
from pytest_characterize_recorders.sources.mariadb.literals import literal, quoted
from pytest_characterize_recorders.sources.mariadb.routines import fetch
from pytest_characterize_recorders.sources.mariadb.stored import Stored, all_stored

PREFIX: Final = "characterize_scratch_"
ENGINES: Final = ("InnoDB", "MyISAM", "Aria", "MEMORY", "ARCHIVE", "CSV", "ROCKSDB")
"""Of tables whose rows are in the table itself: to copy one that leads to another would write there."""
FORBIDDEN: Final = (1044, 1142, 1227)
"""What an account gets that may not make a database, or something in it."""


class Scratch:
    """A copy of a database.

    Raises:
        RecordingError: ``clone-forbidden``, ``clone-failed``, ``clone-qualified``, or as
            :func:`~pytest_characterize_recorders.sources.mariadb.connecting.open_mariadb`.
    """

    def __init__(self, context: RecordingContext) -> None:
        self._context = context
        self._keeper = open_mariadb(context)
        [[original]] = fetch(self._keeper, "SELECT DATABASE()")
        self.original = original or ""
        self._triggers: dict[str, Stored] = {}
        self.name = f"{PREFIX}{os.getpid()}_{secrets.token_hex(4)}"
        try:
            with faults(self._keeper, f"a copy of {self.original}"):
                self._make()
        except BaseException:
            with suppress(pymysql.Error, RecordingError):  # what went wrong first is what must be told
                self.close()
            raise

    def open(self, seconds: float = 0) -> Connection:
        """A connection to the copy, whose statements take no longer than so many seconds, if that is said."""
        connection = open_mariadb(self._context, self.name)
        if seconds:
            limit(connection, seconds)
        return connection

    def install(self, what: Sequence[Stored]) -> None:
        """Exchange routines and triggers of the copy; all triggers are made anew then, as their order counts.

        Raises:
            RecordingError: ``variant-broken``: the server does not take one of them.
        """
        routines = [one for one in what if one.kind != "TRIGGER"]
        triggers = {one.own_name: one for one in what if one.kind == "TRIGGER"}
        if triggers:
            self._triggers |= triggers
        connection = self.open()
        try:
            for exchanged in (routines, list(self._triggers.values()) if triggers else []):
                for one in exchanged:
                    one.drop(connection)
                for one in exchanged:
                    self._create(connection, one)
        finally:
            connection.close()

    def _create(self, connection: Connection, one: Stored) -> None:
        try:
            one.create(connection)
        except pymysql.Error as error:
            if number_of(error) in FORBIDDEN:
                raise self._refused(error) from None
            raise RecordingError(
                f"{one.name}: the server does not take the variant: {error.args[-1]}",
                slug="variant-broken",
                hint="see which rules it changes, and that the account may make routines",
            ) from None

    def close(self) -> None:
        """Drop the copy.

        Raises:
            RecordingError: ``clone-left``.
        """
        keeper = self._keeper if self._keeper.open else open_mariadb(self._context)
        try:
            with keeper.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {quoted(self.name)}")
        except pymysql.Error as error:
            raise RecordingError(
                f"the copy {self.name!r} could not be dropped: {error.args[-1]}",
                slug="clone-left",
                hint=f"drop it: DROP DATABASE {self.name}; the next recording with a copy tries it as well",
            ) from None
        finally:
            keeper.close()

    # Making it

    def _make(self) -> None:
        self._run("SET max_statement_time = 0", f"DO GET_LOCK({literal(self.name)}, 0)")
        self._sweep()
        [[charset, collation]] = fetch(self._keeper, _DATABASE.format(literal(self.original)))
        try:
            self._run(
                f"CREATE DATABASE {quoted(self.name)} CHARACTER SET {charset} COLLATE {collation}",
                f"USE {quoted(self.name)}",
                "SET foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
            )
            self._tables()
            everything = list(all_stored(self._keeper, self.original))
            _refuse_qualified(everything)
            self.install([one for one in everything if one.kind != "TRIGGER"])
            self._views()
            self.install([one for one in everything if one.kind == "TRIGGER"])
        except pymysql.Error as error:
            raise self._refused(error) from None

    def _tables(self) -> None:
        """Tables and their rows; what a table generates is not copied but generated anew."""
        for table, engine in fetch(self._keeper, _TABLES.format(literal(self.original))):
            name = table or ""
            if engine not in ENGINES:
                raise RecordingError(
                    f"the database cannot be copied: the rows of {name!r} may be elsewhere (its engine is {engine})",
                    slug="clone-failed",
                    hint="record on a copy of the database without that table, or leave clone out",
                )
            [[_, text]] = fetch(self._keeper, f"SHOW CREATE TABLE {quoted(self.original, name)}")
            where = f"TABLE_SCHEMA = {literal(self.original)} AND TABLE_NAME = {literal(name)}"
            columns = ", ".join(
                quoted(column or "") for (column,) in fetch(self._keeper, _COLUMNS.format(where))
            )
            self._run(
                text or "",
                f"INSERT INTO {quoted(name)} ({columns}) SELECT {columns} FROM {quoted(self.original, name)}",
            )

    def _views(self) -> None:
        """Views, each after those that it reads; in their own database the server shows them without its name."""
        self._run(f"USE {quoted(self.original)}")
        names = [name or "" for (name,) in fetch(self._keeper, _VIEWS.format(literal(self.original)))]
        waiting = [fetch(self._keeper, f"SHOW CREATE VIEW {quoted(name)}")[0][1] or "" for name in names]
        self._run(f"USE {quoted(self.name)}")
        while waiting:
            failed: list[tuple[str, pymysql.Error]] = []
            for text in waiting:
                try:
                    self._run(text)
                except pymysql.Error as error:
                    failed.append((text, error))
            if len(failed) == len(waiting):
                raise failed[0][1]
            waiting = [text for text, _ in failed]

    def _sweep(self) -> None:
        """Drop the copies of processes that are gone: no lock of their names is held."""
        for (name,) in fetch(self._keeper, _ORPHANS):
            if name != self.name:
                with suppress(pymysql.Error):  # another one sweeps it
                    self._run(f"DROP DATABASE IF EXISTS {quoted(name or '')}")

    def _run(self, *statements: str) -> None:
        with self._keeper.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _refused(self, error: pymysql.Error) -> RecordingError:
        if number_of(error) in FORBIDDEN:
            return RecordingError(
                f"the database cannot be copied: {error.args[-1]}",
                slug="clone-forbidden",
                hint=f"GRANT ALL ON `{PREFIX.replace('_', chr(92) + '_')}%`.* to the recording account,"
                " and SET USER where routines have other definers; or leave clone out",
            )
        return RecordingError(
            f"the database cannot be copied: {error.args[-1]}",
            slug="clone-failed",
            hint="leave clone = true out of the source's table, or mend what cannot be made anew",
        )


def _refuse_qualified(everything: Sequence[Stored]) -> None:
    for one in everything:
        if one.names_database:
            raise RecordingError(
                f"the database cannot be copied: the source of {one.name} names the database that it is made in",
                slug="clone-qualified",
                hint="make it anew without the name of the database before its own, and before its table's",
            )


_DATABASE: Final = """
SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}
"""
_TABLES: Final = """
SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES
WHERE TABLE_SCHEMA = {} AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1
"""
_COLUMNS: Final = """
SELECT COLUMN_NAME FROM information_schema.COLUMNS
WHERE {} AND coalesce(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION
"""
_VIEWS: Final = "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {} ORDER BY 1"
_ORPHANS: Final = f"""
SELECT SCHEMA_NAME FROM information_schema.SCHEMATA
WHERE SCHEMA_NAME REGEXP '^{PREFIX}[0-9]+_[0-9a-f]{{8}}$' AND IS_FREE_LOCK(SCHEMA_NAME) = 1
"""
