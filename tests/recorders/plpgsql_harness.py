"""Runs the same statements against a database as it is and one whose routines bear probes, and compares.

Everything a client can see is compared: rows as texts, command tags, SQLSTATE, message, detail, hint, context,
the position of an error, and the notices with all of these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

import psycopg
from plpgsql_scripts import ScriptStatement
from psycopg import pq

from pytest_characterize.rules.catalogue import Depth, Instrumented, Rule
from pytest_characterize.rules.plpgsql.helpers import SETUP
from pytest_characterize.rules.plpgsql.messages import rules_of
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize.rules.plpgsql.text import MARK, restore, restore_position

FIELDS = {
    "sqlstate": pq.DiagnosticField.SQLSTATE,
    "message": pq.DiagnosticField.MESSAGE_PRIMARY,
    "detail": pq.DiagnosticField.MESSAGE_DETAIL,
    "hint": pq.DiagnosticField.MESSAGE_HINT,
    "context": pq.DiagnosticField.CONTEXT,
    "query": pq.DiagnosticField.INTERNAL_QUERY,
    "position": pq.DiagnosticField.INTERNAL_POSITION,
    "table": pq.DiagnosticField.TABLE_NAME,
    "constraint": pq.DiagnosticField.CONSTRAINT_NAME,
}
ROUTINES = """
SELECT p.oid::regprocedure::text AS name, p.xmin::text || p.ctid::text AS version, l.lanname AS language, p.oid
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname IN ('plpgsql', 'sql') AND p.prokind IN ('f', 'p') AND p.oid >= 16384
  AND p.pronamespace <> pg_my_temp_schema() ORDER BY p.oid
"""

Message = tuple[tuple[str, str], ...]


@dataclass
class Answer:
    """What a client sees of one statement."""

    rows: tuple[tuple[str | None, ...], ...] = ()
    columns: tuple[str, ...] = ()
    tag: str = ""
    error: Message = ()
    notices: tuple[Message, ...] = ()
    hits: Counter[str] = field(default_factory=Counter, compare=False)


class Session:
    """One connection that sees everything, through the simple protocol as psql does."""

    def __init__(self, dsn: str, *, probed: bool = False) -> None:
        self._probed = probed
        self.connection = psycopg.connect(dsn, autocommit=True)
        self._messages: list[dict[str, str | None]] = []
        self.connection.add_notice_handler(lambda message: self._messages.append(_fields(message)))
        self.run("SET timezone = 'UTC'")

    def close(self) -> None:
        self.connection.close()

    def run(self, statement: str, copied: str | None = None) -> Answer:
        """Execute one statement; ``copied`` are the data of a ``COPY FROM stdin``."""
        self._messages.clear()
        pgconn = self.connection.pgconn
        result = pgconn.exec_(statement.encode())
        if result.status == pq.ExecStatus.COPY_IN:
            pgconn.put_copy_data((copied or "").encode())
            pgconn.put_copy_end()
            result = pgconn.get_result() or result
            while pgconn.get_result():
                pass
        elif result.status in (pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH):
            while pgconn.get_copy_data(0)[0] > 0:
                pass
            while pgconn.get_result():
                pass
        return self._answer(result)

    def _answer(self, result: pq.abc.PGresult) -> Answer:
        answer = Answer(tag=(result.command_status or b"").decode())
        answer.columns = tuple((result.fname(at) or b"").decode() for at in range(result.nfields))
        answer.rows = tuple(
            tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
            for row in range(result.ntuples)
        )
        if result.status == pq.ExecStatus.FATAL_ERROR:
            fields = {name: _text(result.error_field(code)) for name, code in FIELDS.items()}
            answer.error = self._message(fields)
        notices = []
        for message in self._messages:
            rules = rules_of(message["severity"] or "", message["message"] or "")
            answer.hits.update(rules)
            if not rules:
                notices.append(self._message(message))
        answer.notices = tuple(notices)
        return answer

    def _message(self, fields: dict[str, str | None]) -> Message:
        """The fields that are there, without probes."""
        given = {name: value for name, value in fields.items() if value is not None}
        if not self._probed:
            return tuple(given.items())
        if "query" in given and "position" in given:
            given["position"] = str(restore_position(given["query"], int(given["position"])))
        return tuple((name, restore(value)) for name, value in given.items())

    @property
    def aborted(self) -> bool:
        """Whether the transaction takes no statement but its end."""
        return self.connection.info.transaction_status == pq.TransactionStatus.INERROR

    def value(self, statement: str) -> str | None:
        """The single value of a query that must succeed."""
        answer = self.run(statement)
        assert not answer.error, answer.error
        return answer.rows[0][0]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


def _fields(message: psycopg.errors.Diagnostic) -> dict[str, str | None]:
    """What a notice says; libpq forgets it when the handler returns."""
    return {
        "severity": message.severity_nonlocalized,
        "sqlstate": message.sqlstate,
        "message": message.message_primary,
        "detail": message.message_detail,
        "hint": message.message_hint,
        "context": message.context,
        "query": message.internal_query,
        "position": message.internal_position,
    }


@dataclass
class Installed:
    """What installing probes into a database's routines gave."""

    accepted: dict[str, Instrumented] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unparsed: dict[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> list[Rule]:
        return [rule for routine in self.accepted.values() for rule in routine.rules]

    @property
    def share(self) -> float:
        """Accepted routines of all."""
        everything = len(self.accepted) + len(self.refused) + len(self.unparsed)
        return len(self.accepted) / everything if everything else 1.0


class Installer:
    """Puts probes into routines as they appear in a database."""

    def __init__(self, session: Session, depth: Depth) -> None:
        self.session = session
        self.depth = depth
        self.done = Installed()
        self.blocks = 0
        self._versions: dict[str, str] = {}

    def install(self) -> None:
        """Instrument every routine that is new or changed."""
        for name, version, language, oid in self._routines():
            if self._versions.get(name) == version:
                continue
            source = self.session.value(f"SELECT pg_get_functiondef({oid})") or ""
            if MARK in source:
                continue
            made = instrument(source, name, depth=self.depth)
            assert restore(made.text) == source, f"{name}: probes cannot be taken out again"
            assert made.text.count("\n") == source.count("\n"), f"{name}: lines were moved"
            self._install(name, language, made)
        self._versions = {name: version for name, version, _, _ in self._routines()}

    def _routines(self) -> Iterable[tuple[str, str, str, str]]:
        return self.session.run(ROUTINES).rows  # type: ignore[return-value]

    def _install(self, name: str, language: str, made: Instrumented) -> None:
        if not made.rules:
            whole = [unknown for unknown in made.unknown if not unknown.text]
            if language == "plpgsql" and whole:
                self.done.unparsed[name] = whole[0].reason
            return
        if made.setup:
            set_up(self.session)
        answer = self.session.run(made.text)
        if answer.error:
            self.done.refused[name] = str(answer.error)
        else:
            self.done.accepted[name] = made


def set_up(session: Session) -> None:
    """Create what probes in expressions call."""
    for statement in SETUP:
        answer = session.run(statement)
        assert not answer.error, answer.error


class Pair:
    """The same database twice, as it is and with probes; every statement goes to both.

    Attributes:
        statements: how many were run.
        failed: how many of them the server refused, on both sides.
        differences: what a client would see differently, in words.
        hits: of the probes.
    """

    def __init__(self, plain: Session, probed: Session, depth: Depth) -> None:
        self.plain, self.probed = plain, probed
        self.installer = Installer(probed, depth)
        self.statements = self.failed = 0
        self.differences: list[str] = []
        self.hits: Counter[str] = Counter()
        set_up(probed)

    def make(self, schema: Iterable[ScriptStatement]) -> None:
        """Make the schema on both sides, as psql would, and put probes into one."""
        for statement in schema:
            for session in (self.plain, self.probed):
                session.run(statement.text, statement.copied)
        self.installer.install()

    def run(self, statement: ScriptStatement) -> None:
        """Run a statement on both sides; new routines get probes at once."""
        left = self.plain.run(statement.text, statement.copied)
        right = self.probed.run(self._with_probes(statement.text), statement.copied)
        self.statements += 1
        self.failed += bool(left.error)
        self.hits.update(right.hits)
        self.differences += differences(statement.text, left, right)
        if right.tag.split(" ")[0] in _CHANGING and not self.probed.aborted:
            self.installer.install()

    def finish(self) -> None:
        """End a script: transactions that it left open are rolled back."""
        for session in (self.plain, self.probed):
            session.run("ROLLBACK")
        self.installer.install()

    def close(self) -> None:
        self.plain.close()
        self.probed.close()

    def _with_probes(self, statement: str) -> str:
        """A ``DO`` block is a routine that is in no catalogue."""
        if not re.match(r"(?:\s|--[^\n]*\n)*do\b", statement, re.IGNORECASE):
            return statement
        made = instrument(statement, depth=self.installer.depth)
        assert restore(made.text) == statement
        self.installer.blocks += bool(made.rules)
        return made.text


_CHANGING = ("CREATE", "ALTER", "DROP", "DO", "ROLLBACK")


def differences(statement: str, plain: Answer, probed: Answer) -> Iterator[str]:
    """What a client would see differently, in words."""
    for name in ("rows", "columns", "tag", "error"):
        left, right = getattr(plain, name), getattr(probed, name)
        if left != right:
            yield f"{statement[:300]}\n   {name}: {left!r}\n     with probes: {right!r}"
    for left, right in zip_longest(plain.notices, probed.notices):
        if left != right:
            yield f"{statement[:300]}\n   notice: {left!r}\n     with probes: {right!r}"
