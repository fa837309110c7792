"""Recording SQL statements and scripts of legacy programs on SQLite files."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pytest_characterize.descriptors import Descriptor, Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Column, Raised, Rows, Value
from pytest_characterize_recorders.effects.sqlite_given import given_rows
from pytest_characterize_recorders.effects.sqlite_rows import WatchedTables, all_tables, find_tables
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.ordering import asks_for_order
from pytest_characterize_recorders.sources.placeholders import named
from pytest_characterize_recorders.sources.sqlite.addresses import checked_address
from pytest_characterize_recorders.sources.sqlite.connecting import (
    SECONDS,
    PrivateCopy,
    limited,
    open_read_only,
)
from pytest_characterize_recorders.sources.sqlite.guarding import Guard
from pytest_characterize_recorders.sources.sqlite.inputs import bindable
from pytest_characterize_recorders.sources.sqlite.results import (
    DIALECT,
    class_of,
    classes_of,
    declared_types,
    texts,
    typed,
)

WHOLE: Final = 10_000
"""Rows that are kept whole where the descriptor does not say how many."""
_AT_ONCE: Final = 5_000
_ONE_SELECT: Final = "give one SELECT statement that runs on the source"


class SqliteQueryRecorder:
    """Runs a statement on the file, which is opened to be read only; with effects, a script on a copy.

    Raises:
        RecordingError: the source cannot be used, or has no such table.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Query)
        self._sql = descriptor.sql
        self._name = f"query {hashlib.sha256(self._sql.encode('utf-8', 'replace')).hexdigest()[:12]}"
        self._whole = WHOLE if descriptor.whole is None else descriptor.whole
        self._effects, self._asked = descriptor.effects, descriptor.given
        self._given: Mapping[str, Rows] = {}
        self._context = context
        self._unwatched: tuple[str, ...] = ()
        address = checked_address(context)
        self._copy = PrivateCopy(address) if self._effects else None
        self._connection = self._copy.connection if self._copy else open_read_only(address)
        self._guard = Guard(self._connection, writes=self._copy is not None)
        try:
            self._tables()
        except BaseException:
            self.close()
            raise

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the statement or script, or a variant of it, with the case's input."""
        text, values = named((variant or {}).get(self._name, self._sql), bind(case.input, self._context.args))
        bound = {name: bindable(value) for name, value in values.items()}
        asked = None if variant else case
        with limited(self._connection, SECONDS), self._faults():
            if self._copy is None:
                with self._transaction("BEGIN", asked):
                    return Observation(self._selected(text, bound)), ()
            with self._transaction("BEGIN IMMEDIATE", asked):
                return self._ran(self._copy, text, bound), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The statement itself."""
        return {self._name: self._sql}

    def given(self) -> Mapping[str, Rows]:
        """The declared rows, as they were before the last case."""
        return self._given

    def provenance(self) -> Mapping[str, str]:
        """The library's version, legacy's as the team calls it, and what was not watched."""
        assert self._context.source is not None
        told = {
            "server": f"SQLite {sqlite3.sqlite_version}",
            "version": self._context.source.version,
            "not watched": ", ".join(f"{name} (virtual)" for name in self._unwatched),
        }
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Close the file, or throw the copy away."""
        if self._copy is not None:
            self._copy.close()
        else:
            self._connection.close()

    @contextmanager
    def _transaction(self, begin: str, asked: Case | None) -> Iterator[None]:
        """A transaction that is rolled back; the rows that a case is given are read in it before anything else."""
        self._connection.execute(begin)
        try:
            if self._asked and asked:
                self._given = given_rows(self._connection, self._asked, asked.input)
            yield
        finally:
            self._connection.rollback()

    # -- one SELECT, on the file itself ---------------------------------------------------------------

    def _selected(self, text: str, bound: Mapping[str, Any]) -> Outcome:
        with self._guard.on():
            self._prepared(text, bound)
            outcome = self._outcome(lambda: self._result(text, bound))
        self._refuse()
        return outcome

    def _prepared(self, text: str, bound: Mapping[str, Any]) -> None:
        """Have the statement compiled: what is wrong now is wrong with it, and is no outcome."""
        try:
            self._connection.execute(f"EXPLAIN {text}", bound).close()
        except (sqlite3.Error, sqlite3.Warning) as error:
            self._refuse()
            raise _invalid(f"{self._name}: {error}") from None

    def _result(self, text: str, bound: Mapping[str, Any]) -> Value:
        cursor = self._connection.execute(text, bound)
        if cursor.description is None:
            raise _invalid(f"{self._name} gives no rows")
        return self._rows(cursor, text, bound)

    def _rows(self, cursor: sqlite3.Cursor, text: str, bound: Mapping[str, Any]) -> Value:
        names = [column[0] for column in cursor.description]
        found = cursor.fetchmany(self._whole + 1)
        with self._unguarded():
            declared = declared_types(self._connection, text, len(names))
        if len(declared) != len(names):
            declared = ("",) * len(names)
        classes = classes_of(found, len(names))
        ordered = asks_for_order(text)
        if len(found) <= self._whole or self._context.reduction is None:
            found += cursor.fetchall()
            columns = _columns(names, declared, classes_of(found, len(names)))
            return Rows(DIALECT, columns, tuple(texts(columns, found)), ordered)
        several = [set(one) for one in classes]
        while more := cursor.fetchmany(_AT_ONCE):
            for row in more:
                for place, value in enumerate(row):
                    if value is not None:
                        several[place].add(class_of(value))
        columns = _columns(names, declared, tuple(map(frozenset, several)))
        reduction = self._context.reduction(DIALECT, columns, ordered)
        again = self._connection.execute(text, bound)  # in the same transaction: the same rows
        while more := again.fetchmany(_AT_ONCE):
            reduction.add_texts(list(texts(columns, more)))
        return reduction.result()

    # -- a script, on the copy ------------------------------------------------------------------------

    def _ran(self, copy: PrivateCopy, text: str, bound: Mapping[str, Any]) -> Observation:
        connection = self._connection
        makes_triggers = "trigger" in text.lower()
        watched = WatchedTables(connection, self._tables(), copy.before, makes_triggers=makes_triggers)
        with self._guard.on():
            outcome = self._outcome(lambda: self._results(text, bound))
        self._refuse()
        if not connection.in_transaction:  # legacy rolled back: nothing stayed, the log is gone as well
            connection.execute("BEGIN IMMEDIATE")
            watched = WatchedTables(connection, self._tables(), copy.before, makes_triggers=makes_triggers)
        assert self._effects is not None
        changes: Any = watched.changes(only_changed=self._effects.found)
        return Observation(outcome, {"tables": changes})

    def _results(self, text: str, bound: Mapping[str, Any]) -> Value:
        """The result sets of a script: none, one, or a list."""
        found: list[Value] = []
        for statement in statements(text):
            cursor = self._connection.execute(statement, bound)
            if cursor.description is not None:
                found.append(self._rows(cursor, statement, bound))
        return None if not found else found[0] if len(found) == 1 else found

    def _tables(self) -> Any:
        if self._effects is None:
            return ()
        if self._effects.found:
            tables, self._unwatched = all_tables(self._connection)
            return tables
        return find_tables(self._connection, self._effects.names)

    # -- errors ---------------------------------------------------------------------------------------

    def _outcome(self, run: Any) -> Outcome:
        try:
            return Outcome("returned", run())
        except (sqlite3.Error, sqlite3.Warning) as error:
            self._refuse()
            code = getattr(error, "sqlite_errorname", "")
            if code in ("SQLITE_INTERRUPT", "SQLITE_NOMEM", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT"):
                raise
            if not code:  # the driver's own complaint, before SQLite saw the statement
                raise _invalid(f"{self._name}: {error}") from None
            if "VACUUM from within" in str(error):  # which SQLite asks nobody about
                self._guard.refused["VACUUM"] = None
                self._refuse()
            return Outcome("raised", Raised((code.lower(),), str(error), code))

    def _refuse(self) -> None:
        if (error := self._guard.error(self._name)) is not None:
            raise error from None

    @contextmanager
    def _unguarded(self) -> Iterator[None]:
        self._connection.set_authorizer(None)
        try:
            yield
        finally:
            self._connection.set_authorizer(self._guard.decide)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            stopped = getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
            raise RecordingError(
                f"{self._name}: {'took longer than a case may' if stopped else error}",
                slug="source-too-slow" if stopped else "source-failed",
                hint="record with a smaller input, or on a smaller copy of the database",
            ) from None


def statements(script: str) -> Iterator[str]:
    """The statements of a script, as SQLite itself divides them.

    >>> list(statements("SELECT ';'; CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; -- end"))
    ["SELECT ';';", 'CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;', '-- end']
    """
    begin = at = 0
    while (at := script.find(";", at) + 1) > 0:
        if sqlite3.complete_statement(script[begin:at]):
            yield script[begin:at].strip()
            begin = at
    if rest := script[begin:].strip():
        yield rest


def _columns(
    names: list[str], declared: tuple[str, ...], classes: tuple[frozenset[str], ...]
) -> tuple[Column, ...]:
    return tuple(map(Column, names, typed(declared, classes)))


def _invalid(message: str) -> RecordingError:
    return RecordingError(message, slug="query-invalid", hint=_ONE_SELECT)
