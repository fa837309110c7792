"""Row changes of a database table: what a net change is, whichever way it was found.

A table's content is a multiset of rows, each told by the server's text of it. What a call changed is the
difference of two such multisets: a row counted up was not there before, a row counted down is not there any
more. Rows of one key on both sides are one row that was updated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pytest_characterize.values import Column, Rows

Row = tuple[str | None, ...]
KEY_OF_NUMBERS = ("smallint", "integer", "bigint", "numeric", "tinyint", "mediumint", "int", "decimal")


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table.

    Attributes:
        declared: its name as the descriptor has it.
        columns: in the server's order.
        key: positions of the primary key's columns, empty where there is none.
    """

    declared: str
    dialect: str
    columns: tuple[Column, ...]
    key: tuple[int, ...]

    def key_of(self, row: Row) -> Row:
        """The row's primary key."""
        return tuple(row[position] for position in self.key)


def net_changes(table: Table, counted: Iterable[tuple[Row, int]]) -> dict[str, Rows]:
    """``inserted``, ``deleted``, and ``before`` and ``after`` of updated rows, paired by position.

    Rows are in the order of the key, or of their texts where there is none; the order is no behaviour.

    Args:
        counted: rows and by how much there are more of them than before.
    """
    up: list[Row] = []
    down: list[Row] = []
    for row, count in counted:
        (up if count > 0 else down).extend([row] * abs(count))
    before = {table.key_of(row): row for row in down} if table.key else {}
    after = {table.key_of(row): row for row in up} if table.key else {}
    updated = before.keys() & after.keys()

    return {
        "inserted": in_order(table, (row for row in up if table.key_of(row) not in updated or not table.key)),
        "deleted": in_order(
            table, (row for row in down if table.key_of(row) not in updated or not table.key)
        ),
        "before": in_order(table, (before[key] for key in updated)),
        "after": in_order(table, (after[key] for key in updated)),
    }


def in_order(table: Table, rows: Iterable[Row]) -> Rows:
    """Rows in the order of the key, or of their texts where there is none; the order is no behaviour."""
    ordered = sorted(rows, key=lambda row: _order(table, row))
    return Rows(table.dialect, table.columns, tuple(ordered), ordered=False)


def no_changes(tables: Iterable[Table]) -> Mapping[str, Mapping[str, Rows]]:
    """The effect of a call that changed nothing."""
    return {table.declared: net_changes(table, ()) for table in tables}


def _order(table: Table, row: Row) -> tuple[tuple[int, Decimal, str], ...]:
    numeric = [re.split("[( ]", column.type)[0] in KEY_OF_NUMBERS for column in table.columns]
    positions = table.key or range(len(row))
    return tuple(_place(row[position], numeric[position]) for position in positions)


def _place(text: str | None, numeric: bool) -> tuple[int, Decimal, str]:
    """Nulls first; numbers by value (NaN last), everything else by text."""
    if text is None:
        return 0, Decimal(0), ""
    if not numeric:
        return 1, Decimal(0), text
    number = Decimal(text)
    return (2, Decimal(0), "") if number.is_nan() else (1, number, text)
