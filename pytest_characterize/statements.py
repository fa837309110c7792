"""The SQL statements that a block sends through Django or SQLAlchemy, on either side.

Neither is imported here: where a process does not use them, nothing is counted, and that is said.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_characterize.sql.counting import StatementGroup, grouped


@dataclass(slots=True)
class Sent:
    """What a block sent.

    Attributes:
        counted: whether a library was in use whose statements can be seen, from the block's beginning on.
        statements: dialect and text of each, in order.
    """

    counted: bool = False
    statements: list[tuple[str, str]] = field(default_factory=list)

    def groups(self) -> tuple[StatementGroup, ...]:
        """The statements by fingerprint; see :func:`~pytest_characterize.sql.counting.grouped`."""
        return grouped(self.statements)


class StatementWatch:
    """Sees the statements of one block after the other, until it is closed.

    Django's are seen on every connection of the thread that begins the block, ``callproc`` included;
    SQLAlchemy's on every engine. What goes to a driver directly is not seen.
    """

    def __init__(self) -> None:
        self._sent: Sent | None = None
        self._engines: Any = None

    def prepare(self) -> None:
        """Listen to SQLAlchemy if it is imported; connections that were opened earlier are not heard."""
        if self._engines is None and (engine := sys.modules.get("sqlalchemy.engine")) is not None:
            import sqlalchemy

            self._engines = engine.Engine
            sqlalchemy.event.listen(self._engines, "before_cursor_execute", self._heard)

    def close(self) -> None:
        """Listen no longer."""
        if self._engines is not None:
            import sqlalchemy

            sqlalchemy.event.remove(self._engines, "before_cursor_execute", self._heard)
            self._engines = None

    @contextmanager
    def watching(self) -> Iterator[Sent]:
        """The statements of the block; complete at its end, however that comes."""
        self.prepare()
        sent = Sent()
        outer, self._sent = self._sent, sent
        with ExitStack() as stack:
            django = _django_in_use()
            if django:
                stack.enter_context(_through_django(sent))
            try:
                yield sent
            finally:
                self._sent = outer
                late = self._engines is None and "sqlalchemy.engine" in sys.modules
                sent.counted = (django or self._engines is not None) and not late

    def _heard(self, connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if self._sent is not None:
            self._sent.statements.append((connection.dialect.name, statement))


def _django_in_use() -> bool:
    conf = sys.modules.get("django.conf")
    return conf is not None and bool(conf.settings.configured)


@contextmanager
def _through_django(sent: Sent) -> Iterator[None]:
    from django.db import connections

    def heard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        sent.statements.append((context["connection"].vendor, _text(sql)))
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(heard))
        stack.enter_context(_calls_of_procedures(sent, [connections[alias] for alias in connections]))
        yield


@contextmanager
def _calls_of_procedures(sent: Sent, watched: list[Any]) -> Iterator[None]:
    """Django's wrappers do not see ``callproc``."""
    from django.db.backends.utils import CursorWrapper

    original = CursorWrapper.callproc

    def callproc(self: Any, procname: str, params: Any = None, kparams: Any = None) -> Any:
        if any(self.db is one for one in watched):
            marks = ", ".join("?" * len(params or ()))
            sent.statements.append((self.db.vendor, f"CALL {procname}({marks})"))
        return original(self, procname, params, kparams)

    CursorWrapper.callproc = callproc  # type: ignore[method-assign]
    try:
        yield
    finally:
        CursorWrapper.callproc = original  # type: ignore[method-assign]


def _text(sql: Any) -> str:
    """A statement as text; psycopg composes some of objects."""
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "replace")
    return sql if isinstance(sql, str) else str(sql.as_string(None))
