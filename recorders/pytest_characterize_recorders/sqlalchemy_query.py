"""Recording SQL statements of legacy reports on any database that SQLAlchemy reaches."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError, ProgrammingError, SQLAlchemyError

from pytest_characterize.descriptors import Descriptor, Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Column, Raised, Rows, Value
from pytest_characterize_recorders.sources.generic.connecting import TESTED, connected
from pytest_characterize_recorders.sources.generic.values import DIALECT, MIXED, columns_of, row_of_texts
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.ordering import asks_for_order
from pytest_characterize_recorders.sources.placeholders import named

WHOLE: Final = 10_000
"""Rows that are kept whole where the descriptor does not say how many."""
_AT_ONCE: Final = 5_000
_FIRST: Final = re.compile(
    r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*(?:SELECT|WITH|VALUES)\b", re.IGNORECASE | re.DOTALL
)
_COLON: Final = re.compile(r":(?!characterize_\d)")
_WRITES: Final = ("25006", "1792")
"""What a statement gets that writes in a read-only transaction, in PostgreSQL and in MariaDB."""
_NOT_A_QUERY: Final = ("42", "0A")
"""Classes of SQLSTATEs that say that the statement itself cannot be."""
_SQLITES: Final = re.compile(r"^no such (?:table|column|function)|: syntax error$")
"""The same in SQLite's words, which has no SQLSTATEs."""
_ONE_SELECT: Final = "give one SELECT statement that runs on the source"


class SqlalchemyQueryRecorder:
    """Runs one SELECT, case by case, each on a connection of its own in a transaction that is rolled back.

    The transaction is read-only where the dialect has such.

    Raises:
        RecordingError: the source cannot be used, or the statement is no query.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Query)
        if descriptor.effects is not None:
            raise RecordingError(
                "a source of kind 'sqlalchemy' does not tell what a statement changes",
                slug="effects-unobservable",
                hint="leave effects= out, or use a source of kind 'postgresql', 'mariadb' or 'sqlite'",
            )
        self._sql = descriptor.sql
        self._name = f"query {hashlib.sha256(self._sql.encode('utf-8', 'replace')).hexdigest()[:12]}"
        self._whole = WHOLE if descriptor.whole is None else descriptor.whole
        self._context = context
        self._facts: dict[str, str] = {}
        if not _FIRST.match(self._sql):
            raise _invalid(f"{self._name} does not begin with SELECT, WITH or VALUES")
        if ";" in self._sql.rstrip().removesuffix(";"):
            raise _invalid(
                f"{self._name} has a semicolon: no reader of all dialects knows whether it ends it"
            )
        connected(context).close()

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the statement, or a variant of it, with the case's input."""
        written = (variant or {}).get(self._name, self._sql)
        text, values = named(written, bind(case.input, self._context.args))
        statement = sqlalchemy.text(_COLON.sub(r"\\:", text)).execution_options(stream_results=True)
        connection = connected(self._context)
        try:
            self._facts = self._told(connection)
            return Observation(self._outcome(connection, statement, values, written)), ()
        finally:
            connection.rollback()
            connection.close()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The statement itself."""
        return {self._name: self._sql}

    def provenance(self) -> Mapping[str, str]:
        """Database, driver, legacy's version as the team calls it, and that a dialect is not tested."""
        return {name: text for name, text in self._facts.items() if text}

    def close(self) -> None:
        """Nothing is open between cases."""

    def _outcome(
        self, connection: sqlalchemy.Connection, statement: Any, values: Mapping[str, Value], written: str
    ) -> Outcome:
        try:
            result = connection.execute(statement, dict(values))
            if not result.returns_rows:
                raise _invalid(f"{self._name} gives no rows")
            return Outcome("returned", self._rows(result, asks_for_order(written)))
        except ProgrammingError as error:
            raise _invalid(f"{self._name}: {_first_line(error)}") from None
        except DBAPIError as error:
            if error.connection_invalidated or error.orig is None:
                raise self._failed("the connection to the source was lost", "source-lost") from None
            raised = _raised(error.orig)
            if raised.code in _WRITES or "readonly database" in raised.message:
                raise RecordingError(
                    f"{self._name} writes: {raised.message}",
                    slug="query-writes",
                    hint="record what writes as a Procedure, whose changes are rolled back",
                ) from None
            if raised.code.startswith(_NOT_A_QUERY) or _SQLITES.search(raised.message):
                raise _invalid(f"{self._name}: {raised.message}") from None
            return Outcome("raised", raised)
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


def _invalid(message: str) -> RecordingError:
    return RecordingError(message, slug="query-invalid", hint=_ONE_SELECT)
