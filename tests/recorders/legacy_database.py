"""A legacy database of a test's own, and recorders of it as the corridor opens them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize.compare.large import Reduction
from pytest_characterize.descriptors import Descriptor, Procedure, Query
from pytest_characterize.model import Case, Observation
from pytest_characterize.recording.protocols import Recorder, RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize.values import Value
from pytest_characterize_recorders.procedure import ProcedureRecorder
from pytest_characterize_recorders.query import QueryRecorder


@dataclass
class Legacy:
    """A legacy database of a test's own, and recorders of it."""

    dsn: str
    opened: list[Recorder] = field(default_factory=list)

    def run(self, *statements: str) -> list[Any]:
        """Run statements, each by itself; the rows of the last."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def context(
        self, dsn: str = "", args: Mapping[str, str] | None = None, **source: Any
    ) -> RecordingContext:
        """What the corridor hands to a recorder."""
        host = conninfo_to_dict(self.dsn)["host"]
        given = {"name": "legacy", "kind": "postgresql", "hosts": (str(host),), **source}
        return RecordingContext(
            settings=Settings(root=Path()),
            source=Source(**given),
            address=dsn or self.dsn,
            secret=lambda secret: secret.variable,
            scrubber=Scrubber(Redaction(), b"key"),
            args=args or {},
            reduction=Reduction,
        )

    def recorder(self, descriptor: Descriptor, **context: Any) -> Recorder:
        """A recorder that is closed with the test."""
        opens = {"procedure": ProcedureRecorder, "query": QueryRecorder}[descriptor.kind]
        recorder: Recorder = opens(descriptor, self.context(**context))
        self.opened.append(recorder)
        return recorder

    def observe(
        self, descriptor: Descriptor, args: Mapping[str, str] | None = None, **inputs: Value
    ) -> Observation:
        """Record one case."""
        recorder = self.recorder(descriptor, args=args)
        try:
            observation, hits = recorder.observe(case(**inputs))
        finally:
            recorder.close()
        assert hits == ()
        return observation

    def call(self, name: str, **inputs: Value) -> Value:
        """What the routine returned."""
        outcome = self.observe(Procedure(name, source="legacy"), **inputs).outcome
        assert outcome.how == "returned", outcome
        return outcome.value

    def fail(self, name: str, **inputs: Value) -> Value:
        """What the routine raised."""
        outcome = self.observe(Procedure(name, source="legacy"), **inputs).outcome
        assert outcome.how == "raised", outcome
        return outcome.value

    def select(self, sql: str, **inputs: Value) -> Value:
        """What the query returned."""
        outcome = self.observe(Query(sql, source="legacy"), **inputs).outcome
        assert outcome.how == "returned", outcome
        return outcome.value


def case(**inputs: Value) -> Case:
    return Case(id="0" * 64, test="tests/test_x.py::test_x", slug="x", input=inputs)
