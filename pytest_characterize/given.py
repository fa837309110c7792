"""Which legacy rows a case reads: tables, and what their columns equal. Frozen data only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 1000
"""Rows of all tables together that a case may be given, where nothing else is said."""


@dataclass(frozen=True)
class Given:
    """The legacy rows that a case reads; its golden holds them, and the candidate builds its state from them.

    A table's columns equal an input of the case, or a column of another given table; a table without columns
    is read whole. A table whose name is no Python name is given in a dictionary.

    >>> given = Given(customer={"id": "customer_id"}, plan={"id": "customer.plan_id"}, rate={})
    >>> given.origin("customer.plan_id"), given.origin("customer_id")
    (('customer', 'plan_id'), ('', 'customer_id'))

    Attributes:
        tables: legacy table -> column -> input name, or ``table.column`` of another given table.
        limit: so many rows of all tables together are read at most; more are refused.
    """

    tables: Mapping[str, Mapping[str, str]]
    limit: int

    def __init__(
        self,
        tables: Mapping[str, Mapping[str, str]] | None = None,
        /,
        *,
        limit: int = MOST,
        **named: Mapping[str, str],
    ) -> None:
        object.__setattr__(self, "tables", {**(tables or {}), **named})
        object.__setattr__(self, "limit", limit)

    def origin(self, told: str) -> tuple[str, str]:
        """The given table and its column that a text names; without a table, the input that it names."""
        tables = [table for table in self.tables if told.startswith(f"{table}.")]
        table = max(tables, key=len, default="")
        return (table, told[len(table) + 1 :]) if table else ("", told)

    def as_value(self) -> dict[str, Any]:
        """What is read, as a golden holds it."""
        return {table: dict(columns) for table, columns in self.tables.items()}

    def faults(self, inputs: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with it for cases with these inputs, in clauses."""
        if type(self.limit) is not int or self.limit < 1:
            yield f"limit= must be a whole number above 0, not {self.limit!r}"
        if not self.tables:
            yield "names no table"
        for table, columns in self.tables.items():
            if not isinstance(columns, Mapping) or not all(
                isinstance(text, str) and text for pair in columns.items() for text in pair
            ):
                yield f"{table!r} must be a dictionary of column to input name, not {columns!r}"
                return
        yield from self._unknown(inputs)
        yield from self._circles()

    def _unknown(self, inputs: Mapping[str, Any]) -> Iterator[str]:
        for table, columns in self.tables.items():
            for column, told in columns.items():
                if not self.origin(told)[0] and told not in inputs:
                    yield f"{table}.{column} is {told!r}, which is neither an input nor a column of a given table"

    def _circles(self) -> Iterator[str]:
        for table in self.tables:
            behind, waiting = set[str](), [table]
            while waiting:
                origins = {self.origin(told)[0] for told in self.tables[waiting.pop()].values()} - {""}
                waiting += origins - behind
                behind |= origins
            if table in behind:
                yield f"the rows of {table!r} are reached through themselves"
                return
