"""A legacy MariaDB database of a test's own, and recorders of it as the corridor opens them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest
from legacy_database import case

from pytest_characterize.compare.large import Reduction
from pytest_characterize.descriptors import Descriptor, Procedure
from pytest_characterize.errors import ConfigurationError
from pytest_characterize.model import Observation
from pytest_characterize.recording.loading import recorder_factory
from pytest_characterize.recording.protocols import Recorder, RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize.values import Value
from pytest_characterize_recorders.embedded.binaries import mariadb_programs
from pytest_characterize_recorders.embedded.mariadb import MariaServer


def require_mariadb() -> None:
    """Skip where the machine has no server; where CI is set, that is a failure."""
    try:
        mariadb_programs()
    except ConfigurationError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@dataclass
class LegacyMaria:
    """A legacy database of a test's own, and recorders of it."""

    server: MariaServer
    database: str

    def run(self, *statements: str) -> list[Any]:
        """Run statements, each by itself; the rows of the last."""
        connection = pymysql.connect(
            unix_socket=str(self.server.socket),
            user="root",
            ssl_disabled=True,
            database=self.database,
            autocommit=True,
        )
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def checksum(self, *tables: str) -> list[Any]:
        """What the server says of the tables' content."""
        return self.run(f"CHECKSUM TABLE {', '.join(tables)}")

    def context(
        self, url: str = "", args: Mapping[str, str] | None = None, **source: Any
    ) -> RecordingContext:
        """What the corridor hands to a recorder."""
        given = {"name": "legacy", "kind": "mariadb", "hosts": (str(self.server.socket.parent),), **source}
        return RecordingContext(
            settings=Settings(root=Path()),
            source=Source(**given),
            address=url or self.server.address(self.database),
            secret=lambda secret: secret.variable,
            scrubber=Scrubber(Redaction(), b"key"),
            args=args or {},
            reduction=Reduction,
        )

    def recorder(self, descriptor: Descriptor, **context: Any) -> Recorder:
        """A recorder, found as the corridor finds it; it holds nothing between cases."""
        return recorder_factory(descriptor.kind, "mariadb")(descriptor, self.context(**context))

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
