"""Recording SQL statements of legacy reports on MariaDB and MySQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import pymysql
from pymysql.connections import Connection

from pytest_characterize.descriptors import Descriptor, Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.mariadb_given import given_rows
from pytest_characterize_recorders.sources.inputs import bind
from pytest_characterize_recorders.sources.mariadb.connecting import open_mariadb, source_of, version
from pytest_characterize_recorders.sources.mariadb.errors import faults, number_of, observed
from pytest_characterize_recorders.sources.mariadb.lexing import Token, tokens
from pytest_characterize_recorders.sources.mariadb.literals import literal
from pytest_characterize_recorders.sources.mariadb.results import result_sets
from pytest_characterize_recorders.sources.mariadb.routines import fetch
from pytest_characterize_recorders.sources.mariadb.session import diagnostics, stop_clock
from pytest_characterize_recorders.sources.ordering import asks_for_order
from pytest_characterize_recorders.sources.placeholders import filled

WHOLE: Final = 10_000
"""Rows that are kept whole where the descriptor does not say how many."""
FIRST: Final = ("SELECT", "WITH", "VALUES", "TABLE", "(")
"""What a statement begins with that gives rows and nothing else."""
READ_ONLY_TRANSACTION: Final = 1792
"""What a statement gets that writes."""
NOT_A_QUERY: Final = (1064, 1146, 1054, 1305, 1149)
"""What says that the statement itself cannot be: syntax, unknown tables, columns, functions."""


class MariaQueryRecorder:
    """Runs one SELECT, case by case, each on a connection of its own in a read-only transaction.

    That it writes nothing is enforced by the server.

    Raises:
        RecordingError: the source cannot be used, or the statement is no query.
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
        self._whole = WHOLE if descriptor.whole is None else descriptor.whole
        self._name = f"query {hashlib.sha256(self._sql.encode('utf-8', 'replace')).hexdigest()[:12]}"
        self._context = context
        self._facts: dict[str, str] = {}
        self._moment: datetime | None = None
        connection = open_mariadb(context)
        try:
            with faults(connection, self._name):
                [[mode]] = fetch(connection, "SELECT @@sql_mode")
        finally:
            connection.close()
        read = tokens(self._sql, mode or "")
        self._ordered = asks_for_order(_neutral(read))
        _refuse_what_is_no_query(self._name, read)

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the statement, or a variant of it, with the case's input."""
        text = (variant or {}).get(self._name, self._sql)
        arguments = bind(case.input, self._context.args)
        statement, _ = filled(text, arguments, lambda name, _: literal(arguments[name]))
        connection = open_mariadb(self._context)
        try:
            if self._asked and not variant:
                with faults(connection, self._name):
                    self._given = given_rows(connection, self._asked, case.input)
            with faults(connection, self._name), _read_only(connection):
                self._moment = stop_clock(connection, self._moment if variant else None)
                outcome = self._outcome(connection, statement)
                notices = tuple(diagnostics(connection)) if outcome.how == "returned" else ()
                self._facts = {"server": version(connection), "version": source_of(self._context).version}
        finally:
            if connection.open:
                connection.close()
        return Observation(outcome, notices=notices), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The statement itself."""
        return {self._name: self._sql}

    def given(self) -> Mapping[str, Rows]:
        """The declared rows, as they were before the last case."""
        return self._given

    def moment(self) -> datetime | None:
        """The last case's ``NOW()``."""
        return self._moment

    def provenance(self) -> Mapping[str, str]:
        """The server's version, and legacy's as the team calls it."""
        return {name: text for name, text in self._facts.items() if text}

    def close(self) -> None:
        """Nothing is open between cases."""

    def _outcome(self, connection: Connection, statement: str) -> Outcome:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                [found] = result_sets(cursor, ordered=self._ordered)
        except pymysql.Error as error:
            number, message = number_of(error), str(error.args[-1])
            if number in NOT_A_QUERY:
                raise _invalid(f"{self._name}: {message}", _ONE_SELECT) from None
            if number == READ_ONLY_TRANSACTION:
                raise RecordingError(
                    f"{self._name} writes: {message}",
                    slug="query-writes",
                    hint="record what writes as a Procedure, whose changes are rolled back",
                ) from None
            return Outcome("raised", observed(error, connection, diagnostics(connection), self._name))
        return Outcome("returned", self._kept(found))

    def _kept(self, found: Rows) -> Value:
        """The rows, or what is left of too many."""
        if len(found.rows) <= self._whole or self._context.reduction is None:
            return found
        reduction = self._context.reduction(found.dialect, found.columns, found.ordered)
        reduction.add_texts(found.rows)
        return reduction.result()


@contextmanager
def _read_only(connection: Connection) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("START TRANSACTION READ ONLY")
    try:
        yield
    finally:
        if connection.open:
            connection.rollback()


def _refuse_what_is_no_query(name: str, read: list[Token]) -> None:
    words = [token.keyword for token in read]
    if not words or words[0] not in FIRST:
        raise _invalid(f"{name} begins with {words[0] if words else 'nothing'!r}", _ONE_SELECT)
    if ";" in words[:-1]:
        raise _invalid(f"{name} holds more than one statement", _ONE_SELECT)
    if "INTO" in words:
        raise _invalid(f"{name} puts its result elsewhere (INTO)", _ONE_SELECT)


def _neutral(read: list[Token]) -> str:
    """The statement for a reader of another dialect: what is quoted means nothing."""
    return " ".join("''" if token.kind in ("text", "name") else token.text for token in read)


def _invalid(message: str, hint: str) -> RecordingError:
    return RecordingError(message, slug="query-invalid", hint=hint)


_ONE_SELECT: Final = "give one SELECT statement that runs on the source"
