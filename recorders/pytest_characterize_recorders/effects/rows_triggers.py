"""Row changes seen by triggers of ours, made inside the transaction that is rolled back.

Each change of a row is logged as the row's text, counted up or down, in a temporary table. The sums are the
net change: they do not depend on the table's size, nor on the order of events, and what a sub-transaction
takes back leaves the log with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import psycopg
from psycopg import sql

from pytest_characterize.values import Rows
from pytest_characterize_recorders.effects.rows import Row, net_changes
from pytest_characterize_recorders.effects.rows_catalog import LegacyTable, Place
from pytest_characterize_recorders.effects.rows_text import read_row
from pytest_characterize_recorders.sources.postgresql.results import texts
from pytest_characterize_recorders.sources.postgresql.session import Mode

TRIGGER = "~characterize"
"""Sorts behind a table's own triggers, as triggers fire in the order of their names."""


_REDEFINING: Final = re.compile(
    r"\b(?:alter|attach|cluster|copy|create|detach|drop|execute|import|rename|truncate|vacuum)\b",
    re.IGNORECASE,
)


class TriggersNotPermittedError(Exception):
    """The role may not make triggers on a table, or the table cannot have any."""


class TriggersDisturbedError(Exception):
    """The call exchanged a watched table's content or definition, or disabled triggers."""


class RowTriggers:
    """Watches tables by triggers; made and read within one transaction.

    Attributes:
        checked: whether to look for what triggers do not tell; false where nothing can redefine a table.
        defined: how the tables were defined when watching began.

    Raises:
        TriggersNotPermittedError: the transaction is aborted then.
    """

    mode: Mode = "READ WRITE"

    def __init__(self, connection: psycopg.Connection, tables: Sequence[LegacyTable]) -> None:
        self._connection = connection
        self._tables = tables
        self.checked = True
        oids = sql.Literal([place.oid for place in self._places()])
        self._question = (
            sql.SQL(_DEFINITION).format(oids=oids, trigger=sql.Literal(TRIGGER)).as_bytes(connection)
        )
        try:
            self._install()
            self.defined = self._definition()
        except (psycopg.errors.LockNotAvailable, psycopg.OperationalError):
            raise
        except psycopg.Error:
            raise TriggersNotPermittedError from None

    def changes(self) -> Mapping[str, Mapping[str, Rows]]:
        """The net changes since the beginning, by declared table.

        Raises:
            TriggersDisturbedError: something happened that triggers do not tell.
        """
        if self.checked:
            self._check(self._definition())
        try:
            counted = _texts(self._connection, _COUNTED)
        except psycopg.errors.UndefinedTable:
            raise TriggersDisturbedError from None
        return self._net(counted)

    def questions(self) -> tuple[bytes, ...]:
        """The statements whose answers :meth:`told` reads, for who asks them in another way than :meth:`changes`."""
        return (self._question, _COUNTED) if self.checked else (_COUNTED,)

    def told(self, answers: Sequence[Sequence[Row]]) -> Mapping[str, Mapping[str, Rows]]:
        """As :meth:`changes`, out of the answers to :meth:`questions`.

        Raises:
            TriggersDisturbedError: as :meth:`changes`.
        """
        *definitions, counted = answers
        for definition in definitions:
            self._check(definition)
        return self._net(counted)

    def _net(self, counted: Sequence[Row]) -> Mapping[str, Mapping[str, Rows]]:
        return {
            table.table.declared: net_changes(table.table, _rows_of(table, counted)) for table in self._tables
        }

    def _install(self) -> None:
        self._connection.execute(_LOG)
        self._connection.execute(_WATCH)
        for place in self._places():
            if not place.is_partition:  # a partition has its trigger by its parent's
                self._connection.execute(sql.SQL(_TRIGGER).format(sql.Identifier(TRIGGER), place.name))
        for place in self._places():
            self._connection.execute(sql.SQL(_ALWAYS).format(place.name, sql.Identifier(TRIGGER)))

    def _places(self) -> tuple[Place, ...]:
        """Every relation once, also where two declared tables share it."""
        return tuple({place.oid: place for table in self._tables for place in table.places}.values())

    def _check(self, definition: Sequence[Row]) -> None:
        if tuple(definition) != self.defined:
            raise TriggersDisturbedError

    def _definition(self) -> tuple[Row, ...]:
        """What changes with everything that is done to the tables besides changing rows.

        A catalog row has another place after each update, and all of them are updated by what gives a table
        other columns, another content at once (``TRUNCATE``), other partitions or triggers.
        """
        return _texts(self._connection, self._question)


def may_redefine(sources: Iterable[str]) -> bool:
    """Whether a routine may exchange or redefine tables, by the words of its source; sure only if not."""
    return any(len(_REDEFINING.findall(text)) > 1 for text in sources)  # one is its own CREATE


def _texts(connection: psycopg.Connection, statement: bytes) -> tuple[Row, ...]:
    result = connection.execute(statement).pgresult
    assert result is not None
    return texts(result)


def _rows_of(table: LegacyTable, counted: Sequence[Row]) -> Iterator[tuple[Row, int]]:
    wanted = [column.name for column in table.table.columns]
    orders = {place.oid: [place.columns.index(name) for name in wanted] for place in table.places}
    for oid, image, count in counted:
        assert oid is not None
        assert image is not None
        assert count is not None
        order = orders.get(int(oid))
        if order is not None:
            row = read_row(image)
            yield tuple(row[position] for position in order), int(count)


_LOG = "CREATE TEMP TABLE characterize_log (place oid, image text, count int)"
_WATCH = """
CREATE FUNCTION pg_temp.characterize_watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'iso_8601' SET TimeZone = 'UTC'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET lc_monetary = 'C' SET xmloption = 'content'
AS $$
BEGIN
    IF tg_op <> 'INSERT' THEN
        INSERT INTO pg_temp.characterize_log VALUES (tg_relid, OLD::text, -1);
    END IF;
    IF tg_op <> 'DELETE' THEN
        INSERT INTO pg_temp.characterize_log VALUES (tg_relid, NEW::text, 1);
    END IF;
    RETURN NULL;
END
$$
"""
_TRIGGER = """
CREATE TRIGGER {} AFTER INSERT OR UPDATE OR DELETE ON {}
FOR EACH ROW EXECUTE FUNCTION pg_temp.characterize_watch()
"""
_ALWAYS = "ALTER TABLE {} ENABLE ALWAYS TRIGGER {}"
_DEFINITION = """
SELECT ARRAY(SELECT ctid::text FROM pg_class WHERE oid = ANY ({oids}::oid[]) ORDER BY oid),
       ARRAY(SELECT ctid::text FROM pg_attribute WHERE attrelid = ANY ({oids}::oid[]) ORDER BY attrelid, attnum),
       ARRAY(SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY ({oids}::oid[]) ORDER BY inhrelid),
       ARRAY(SELECT tgenabled FROM pg_trigger WHERE tgname = {trigger} AND tgrelid = ANY ({oids}::oid[])
             ORDER BY tgrelid)
"""
_COUNTED = b"""
SELECT place, image, sum(count)::int FROM pg_temp.characterize_log GROUP BY 1, 2 HAVING sum(count) <> 0
"""
