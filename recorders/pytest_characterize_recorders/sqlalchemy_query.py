"""Recording SQL statements of legacy reports on any database that SQLAlchemy reaches."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

import sqlalchemy
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError, ProgrammingError, SQLAlchemyError

from pytest_characterize.descriptors import Descriptor, Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Column, Raised, Rows, Value
from pytest_characterize_recorders.effects.generic_given import given_rows
from pytest_characterize_recorders.effects.generic_rows import TableSnapshots
from pytest_characterize_recorders.sources.generic.connecting import TESTED, connected, file_copy
from pytest_characterize_recorders.sources.generic.tables import LegacyTable, find_tables
from pytest_characterize_recorders.sources.generic.values import (
    DIALECT,
    MIXED,
    bound,
    columns_of,
    row_of_texts,
)
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.ordering import asks_for_order
from pytest_characterize_recorders.sources.placeholders import named

WHOLE: Final = 10_000
"""Rows that are kept whole where the descriptor does not say how many."""
_AT_ONCE: Final = 5_000
_BEFORE: Final = r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?!M?!).*?\*/|\()*"
"""Comments and brackets; what MySQL and MariaDB run of a comment is none."""
_FIRST: Final = re.compile(_BEFORE + r"(?:SELECT|WITH|VALUES)\b", re.IGNORECASE | re.DOTALL)
_FIRST_OF_CHANGES: Final = re.compile(
    _BEFORE + r"(?:SELECT|WITH|VALUES|INSERT|UPDATE|DELETE|MERGE|REPLACE)\b", re.IGNORECASE | re.DOTALL
)
_ABORTING: Final = ("postgresql",)
"""Dialects in which nothing can be read any more after an error, but after a rollback to a savepoint."""
_LASTING: Final = "what the statement draws from sequences and counters of generated keys"
_COLON: Final = re.compile(r":(?!characterize_\d)")
_WRITES: Final = ("25006", "1792")
"""What a statement gets that writes in a read-only transaction, in PostgreSQL and in MariaDB."""
_NOT_A_QUERY: Final = re.compile(r"(?:42|0A)...")
"""Classes of SQLSTATEs that say that the statement itself cannot be."""
_SQLITES: Final = re.compile(r"^no such (?:table|column|function)|: syntax error$")
"""The same in SQLite's words, which has no SQLSTATEs."""
_NAME_TABLES: Final = "name the tables that it changes: effects=Tables(...); the changes are rolled back"
_ONE_SELECT: Final = "give one SELECT statement that runs on the source"


class SqlalchemyQueryRecorder:
    """Runs one statement, case by case, each on a connection of its own in a transaction that is rolled back.

    It is a SELECT, and the transaction is read-only where the dialect has such; with effects it may change rows.

    Raises:
        RecordingError: the source cannot be used or has no such table, or the statement is none of these.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Query)
        self._sql = descriptor.sql
        self._name = f"query {hashlib.sha256(self._sql.encode('utf-8', 'replace')).hexdigest()[:12]}"
        self._whole = WHOLE if descriptor.whole is None else descriptor.whole
        self._effects, self._asked = descriptor.effects, descriptor.given
        self._given: Mapping[str, Rows] = {}
        self._context = context
        self._facts: dict[str, str] = {}
        self._require_one_statement()
        self._copy = file_copy(context) if self._effects else None
        try:
            with self._connected() as connection, self._faults():
                self._tables(connection)
        except BaseException:
            self.close()
            raise

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the statement, or a variant of it, with the case's input."""
        written = (variant or {}).get(self._name, self._sql)
        text, values = named(written, bind(case.input, self._context.args))
        statement = sqlalchemy.text(_COLON.sub(r"\\:", text))
        with self._connected() as connection, self._faults():
            self._facts = self._told(connection)
            if self._asked and not variant:
                self._given = given_rows(connection, self._asked, case.input)
            if self._effects:
                return self._changing(connection, statement, values, written), ()
            statement = statement.execution_options(stream_results=True)
            return Observation(self._outcome(connection, statement, values, written)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The statement itself."""
        return {self._name: self._sql}

    def given(self) -> Mapping[str, Rows]:
        """The declared rows, as they were before the last case."""
        return self._given

    def provenance(self) -> Mapping[str, str]:
        """Database, driver, legacy's version, that a dialect is not tested, and what is not rolled back."""
        return {name: text for name, text in self._facts.items() if text}

    def close(self) -> None:
        """Throw the copy of a file away; nothing else is open between cases."""
        if self._copy is not None:
            self._copy.close()

    def _require_one_statement(self) -> None:
        if self._effects and self._effects.found:
            raise RecordingError(
                "a source of kind 'sqlalchemy' does not find out which tables a statement changes",
                slug="effects-unobservable",
                hint="name them: effects=Tables(...), or use a source of the database's own kind",
            )
        if not (_FIRST_OF_CHANGES if self._effects else _FIRST).match(self._sql):
            begins = "INSERT, UPDATE, DELETE, MERGE, REPLACE, " if self._effects else ""
            raise _invalid(
                f"{self._name} does not begin with {begins}SELECT, WITH or VALUES",
                _NAME_TABLES if _FIRST_OF_CHANGES.match(self._sql) else _ONE_SELECT,
            )
        if ";" in self._sql.rstrip().removesuffix(";"):
            raise _invalid(
                f"{self._name} has a semicolon: no reader of all dialects knows whether it ends it"
            )

    @contextmanager
    def _connected(self) -> Iterator[sqlalchemy.Connection]:
        connection = connected(self._context, self._copy, writes=self._effects is not None)
        try:
            yield connection
        finally:
            with suppress(SQLAlchemyError):  # what failed before is told
                connection.rollback()
            connection.close()

    def _tables(self, connection: sqlalchemy.Connection) -> tuple[LegacyTable, ...]:
        return find_tables(connection, self._effects.names) if self._effects else ()

    def _changing(
        self, connection: sqlalchemy.Connection, statement: Any, values: Mapping[str, Value], written: str
    ) -> Observation:
        watched = TableSnapshots(connection, self._tables(connection))
        # Where an error leaves nothing readable behind, what came before it is kept apart from it.
        apart = connection.begin_nested() if connection.dialect.name in _ABORTING else None
        outcome = self._outcome(connection, statement, values, written)
        if apart is not None:
            apart.rollback() if outcome.how == "raised" else apart.commit()
        effects: Any = watched.changes()
        connection.rollback()
        watched.require_undone()
        return Observation(outcome, {"tables": effects})

    def _outcome(
        self, connection: sqlalchemy.Connection, statement: Any, values: Mapping[str, Value], written: str
    ) -> Outcome:
        try:
            given = {name: bound(connection.dialect.name, value) for name, value in values.items()}
            result = connection.execute(statement, given)
            if not result.returns_rows:
                if self._effects:
                    return Outcome("returned", None)
                raise _invalid(f"{self._name} gives no rows")
            return Outcome("returned", self._rows(result, asks_for_order(written)))
        except ProgrammingError as error:
            raise _invalid(f"{self._name}: {_first_line(error)}") from None
        except DBAPIError as error:
            if error.connection_invalidated or error.orig is None:
                raise self._failed("the connection to the source was lost", "source-lost") from None
            raised = _raised(error.orig)
            if not self._effects and (raised.code in _WRITES or "readonly database" in raised.message):
                raise RecordingError(
                    f"{self._name} writes: {raised.message}",
                    slug="query-writes",
                    hint=_NAME_TABLES,
                ) from None
            if _NOT_A_QUERY.fullmatch(raised.code) or _SQLITES.search(raised.message):
                raise _invalid(f"{self._name}: {raised.message}") from None
            return Outcome("raised", raised)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._failed(_first_line(error), "source-failed") from None
        except SQLAlchemyError as error:
            raise self._failed(str(error).partition("\n")[0], "source-failed") from None

    def _rows(self, result: CursorResult[Any], ordered: bool) -> Value:
        names = list(result.keys())
        found = [tuple(row) for row in result.fetchmany(self._whole + 1)]
        if len(found) <= self._whole or self._context.reduction is None:
            found += [tuple(row) for row in result.fetchall()]
            columns = columns_of(names, found)
            return Rows(DIALECT, columns, tuple(row_of_texts(columns, row) for row in found), ordered)
        columns = tuple(Column(name, MIXED) for name in names)  # types are not known before the last row
        reduction = self._context.reduction(DIALECT, columns, ordered)
        while found:
            reduction.add_texts([row_of_texts(columns, row) for row in found])
            found = [tuple(row) for row in result.fetchmany(_AT_ONCE)]
        return reduction.result()

    def _told(self, connection: sqlalchemy.Connection) -> dict[str, str]:
        assert self._context.source is not None
        dialect = connection.dialect
        version = ".".join(map(str, getattr(dialect, "server_version_info", None) or ()))
        untested = "" if dialect.name in TESTED else f"nobody has tested recording from {dialect.name}"
        return {
            "server": f"{dialect.name} {version}".strip(),
            "driver": f"{dialect.driver} through SQLAlchemy",
            "version": self._context.source.version,
            "untested": untested,
            "not rolled back": _LASTING if self._effects and self._copy is None else "",
        }

    def _failed(self, why: str, slug: str) -> RecordingError:
        return RecordingError(
            f"{self._name}: {why}", slug=slug, hint="see the server's log, and record again"
        )


def _raised(error: BaseException) -> Raised:
    code = getattr(error, "sqlstate", None) or (error.args[0] if len(error.args) > 1 else "")
    message = str(error.args[-1] if error.args else error).partition("\n")[0]
    return Raised((type(error).__name__,), message, str(code))


def _first_line(error: DBAPIError) -> str:
    told = error.orig.args[-1] if error.orig is not None and error.orig.args else error
    return str(told).partition("\n")[0]


def _invalid(message: str, hint: str = _ONE_SELECT) -> RecordingError:
    return RecordingError(message, slug="query-invalid", hint=hint)
