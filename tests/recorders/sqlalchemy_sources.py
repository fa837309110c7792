"""Legacy databases that are reached through SQLAlchemy: SQLite, PostgreSQL and MariaDB, of one making."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from legacy_database import case

from pytest_characterize.compare.large import Reduction
from pytest_characterize.descriptors import Query
from pytest_characterize.model import Observation
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize.values import Value
from pytest_characterize_recorders.sqlalchemy_query import SqlalchemyQueryRecorder


def context(url: str, root: Path = Path(), **source: Any) -> RecordingContext:
    """What the corridor hands to a recorder."""
    given = Source("legacy", **({"kind": "sqlalchemy", "hosts": ("/",)} | source))
    return RecordingContext(
        Settings(root, sources={"legacy": given}),
        given,
        url,
        lambda secret: secret.variable,
        Scrubber(Redaction(), b"key"),
        {},
        reduction=Reduction,
    )


@dataclass(frozen=True)
class Database:
    """One of them.

    Attributes:
        run: runs statements past the recorder and gives the rows of the last.
        quote: what encloses a name.
    """

    name: str
    context: RecordingContext
    run: Callable[..., list[Any]]
    quote: str = '"'

    def recorder(self, query: Query) -> SqlalchemyQueryRecorder:
        """A recorder of a query; the caller closes it."""
        return SqlalchemyQueryRecorder(query, self.context)

    def observe(self, sql: str, whole: int | None = None, effects: Any = None, **given: Value) -> Observation:
        """Record one case, twice: it leaves nothing behind."""
        query = Query(sql, source="legacy", whole=whole, effects=effects)
        with closing(self.recorder(query)) as recorder:
            first, _ = recorder.observe(case(**given))
            again, _ = recorder.observe(case(**given))
        assert again == first, "a case leaves nothing behind"
        return first

    def named(self, name: str) -> str:
        """An identifier."""
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote
