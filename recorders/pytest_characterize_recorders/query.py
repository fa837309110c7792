"""Recording SQL statements of legacy reports on PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import psycopg
from psycopg import sql

from pytest_characterize.descriptors import Descriptor, Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext, Reduction
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.given_rows import given_rows
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.ordering import asks_for_order
from pytest_characterize_recorders.sources.placeholders import filled
from pytest_characterize_recorders.sources.postgresql.arguments import natural_type, server_text
from pytest_characterize_recorders.sources.postgresql.connecting import open_postgresql
from pytest_characterize_recorders.sources.postgresql.errors import faults, observed, raised_by_statement
from pytest_characterize_recorders.sources.postgresql.irreversible import refuse_irreversible
from pytest_characterize_recorders.sources.postgresql.reaching import reached_by
from pytest_characterize_recorders.sources.postgresql.results import DIALECT, ResultReader, Row, texts
from pytest_characterize_recorders.sources.postgresql.session import notices, now, rolled_back

WHOLE: Final = 10_000
"""Rows that are stored as they are, where the descriptor does not say how many."""
CURSOR: Final = "characterize"
FETCHED_AT_ONCE: Final = 10_000
READ_ONLY_TRANSACTION: Final = ("25006", "25001")
"""What a function gets that writes, or that tries to leave the read-only mode."""
NOT_A_QUERY: Final = ("42", "0A")
"""Classes of SQLSTATEs that say, before a row is read, that the statement itself cannot be."""


class QueryRecorder:
    """Runs one SELECT, case by case, as the query of a cursor in a read-only transaction.

    That it is one statement, that it gives rows and that it writes nothing is enforced by the server.

    Raises:
        RecordingError: the source cannot be used.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Query)
        if descriptor.effects is not None:
            raise RecordingError(
                "a query has no effects on tables: it runs in a read-only transaction",
                slug="effects-unobservable",
                hint="leave effects= out",
            )
        self._sql = descriptor.sql
        self._asked = descriptor.given
        self._given: Mapping[str, Rows] = {}
        self._moment: datetime | None = None
        self._ordered = asks_for_order(descriptor.sql)
        self._context = context
        self._whole = WHOLE if descriptor.whole is None else descriptor.whole
        self._checked = False
        self._connection = open_postgresql(context)

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the statement, or a variant of it, with the case's input."""
        arguments = bind(case.input, self._context.args)
        statement, values = _numbered((variant or {}).get(self._name, self._sql), arguments)
        if self._connection.closed:
            self._connection.close()
            self._connection = open_postgresql(self._context)
        with faults(self._connection, self._name):
            self._check()
            if self._asked and not variant:
                self._given = given_rows(self._connection, self._asked, case.input)
        with (
            faults(self._connection, self._name),
            rolled_back(self._connection, "READ ONLY"),
            notices(self._connection) as heard,
        ):
            if not variant:
                self._moment = now(self._connection)
            outcome = self._outcome(statement, values)
        return Observation(outcome, notices=tuple(heard)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The statement itself."""
        return {self._name: self._sql}

    def given(self) -> Mapping[str, Rows]:
        """The declared rows, as they were before the last case."""
        return self._given

    def moment(self) -> datetime | None:
        """The last case's ``CURRENT_TIMESTAMP``."""
        return self._moment

    def provenance(self) -> Mapping[str, str]:
        """The server's version, and legacy's as the team calls it."""
        assert self._context.source is not None
        told = {
            "server": f"PostgreSQL {self._connection.info.parameter_status('server_version')}",
            "version": self._context.source.version,
        }
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _check(self) -> None:
        """Once: whether the statement, or a function that it may reach, acts outside its transaction."""
        if not self._checked:
            refuse_irreversible(
                self._name, {self._name: self._sql, **reached_by(self._connection, self._sql)}
            )
            self._checked = True

    @property
    def _name(self) -> str:
        return f"query {hashlib.sha256(self._sql.encode('utf-8', 'replace')).hexdigest()[:12]}"

    def _outcome(self, statement: str, values: list[str | None]) -> Outcome:
        with psycopg.RawServerCursor(self._connection, CURSOR) as cursor:
            try:
                cursor.execute(statement.encode(), values)
            except psycopg.Error as error:
                if (error.sqlstate or "").startswith(NOT_A_QUERY):
                    raise _invalid(f"{self._name}: {error.diag.message_primary}", _ONE_SELECT) from None
                return self._raised(error)
            try:
                return Outcome("returned", self._rows(cursor))
            except psycopg.Error as error:
                return self._raised(error)

    def _rows(self, cursor: psycopg.ServerCursor[tuple[object, ...]]) -> Value:
        assert cursor.pgresult is not None
        columns = ResultReader(self._connection).columns(cursor.pgresult)
        found: list[Row] = []
        reduction: Reduction | None = None
        fetch = sql.SQL("FETCH FORWARD {} FROM {}").format(FETCHED_AT_ONCE, sql.Identifier(CURSOR))
        while True:
            result = self._connection.execute(fetch).pgresult
            assert result is not None
            found.extend(texts(result))
            if len(found) > self._whole and reduction is None and self._context.reduction is not None:
                reduction = self._context.reduction(DIALECT, columns, self._ordered)
            if reduction is not None:
                reduction.add_texts(found)
                found = []
            if result.ntuples < FETCHED_AT_ONCE:
                return (
                    reduction.result() if reduction else Rows(DIALECT, columns, tuple(found), self._ordered)
                )

    def _raised(self, error: psycopg.Error) -> Outcome:
        if error.sqlstate in READ_ONLY_TRANSACTION and not raised_by_statement(error.diag):
            raise RecordingError(
                f"{self._name} writes: {error.diag.message_primary}",
                slug="query-writes",
                hint="record what writes as a Procedure, whose changes are rolled back",
            )
        return Outcome("raised", observed(error, self._connection, self._name))


def _numbered(statement: str, arguments: Mapping[str, Value]) -> tuple[str, list[str | None]]:
    """The statement with the server's own placeholders, and the values as server texts.

    A value that is no text brings its type with it, as a literal does; a text takes its type from its place.
    """

    def spelled(name: str, place: int) -> str:
        """A numbered placeholder, with the type of a value that is no text."""
        value = arguments[name]
        cast = "" if value is None or isinstance(value, str) else f"::{natural_type(value)}"
        return f"${place + 1}{cast}"

    numbered, order = filled(statement, arguments, spelled)
    return numbered, [server_text(arguments[name]) for name in order]


def _invalid(message: str, hint: str) -> RecordingError:
    return RecordingError(message, slug="query-invalid", hint=hint)


_ONE_SELECT = "give one SELECT statement that runs on the source"
