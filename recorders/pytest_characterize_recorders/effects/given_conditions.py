"""Which rows of a table are given to a case, as a condition of SQL; the same in every dialect but for its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from pytest_characterize.errors import RecordingError
from pytest_characterize.given import Given
from pytest_characterize.values import Rows, Value
from pytest_characterize_recorders.effects.rows import Table
from pytest_characterize_recorders.sources.nearest import names_alike

HINT: Final = (
    "compare a column with an input or a column of its own type, or leave the table out of Given(...)"
)


@dataclass(frozen=True, slots=True)
class Words:
    """How a dialect says it.

    Attributes:
        names: declared table -> its quoted name.
        quote: quotes a column's name.
        equals: that an expression equals a value, or one of a list's.
    """

    names: Mapping[str, str]
    quote: Callable[[str], str]
    equals: Callable[[str, Value], str]


def select(given: Given, table: Table, inputs: Mapping[str, Value], words: Words, most: int) -> str:
    """The statement that reads a table's given rows, one more than ``most`` at the most."""
    columns = ", ".join(f"g0.{words.quote(column.name)}" for column in table.columns)
    where = _where(given, table.declared, inputs, words, 0)
    return f"SELECT {columns} FROM {words.names[table.declared]} AS g0 WHERE {where} LIMIT {most + 1}"


def _where(given: Given, table: str, inputs: Mapping[str, Value], words: Words, depth: int) -> str:
    """Columns that equal inputs, and rows of other given tables that there must be; those of one table together."""
    conditions: list[str] = []
    behind: defaultdict[str, list[str]] = defaultdict(list)
    for column, told in given.tables[table].items():
        own = f"g{depth}.{words.quote(column)}"
        other, name = given.origin(told)
        if other:
            behind[other].append(f"g{depth + 1}.{words.quote(name)} = {own}")
        else:
            conditions.append(words.equals(own, inputs[name]))
    for other, joined in behind.items():
        joined.append(_where(given, other, inputs, words, depth + 1))
        name = words.names[other]
        conditions.append(f"EXISTS (SELECT 1 FROM {name} AS g{depth + 1} WHERE {' AND '.join(joined)})")
    return " AND ".join(conditions) or "1 = 1"


def within_limit(
    given: Given, tables: Collection[Table], read: Callable[[Table, int], Rows]
) -> dict[str, Rows]:
    """The given rows of all tables.

    Args:
        read: reads a table's rows in order, one more than a number at the most.

    Raises:
        RecordingError: ``given-too-many``.
    """
    found: dict[str, Rows] = {}
    left = given.limit
    for table in tables:
        rows = read(table, left)
        left -= len(rows.rows)
        if left < 0:
            raise RecordingError(
                f"the case reads more than {given.limit} given rows; the limit is passed in {table.declared!r}",
                slug="given-too-many",
                hint="name more of its columns in Given(...), or raise the limit: Given(..., limit=...)",
            )
        found[table.declared] = rows
    return found


def require_columns(given: Given, tables: Collection[Table]) -> None:
    """Refuse a column that its table does not have.

    Raises:
        RecordingError: ``given-column-unknown``.
    """
    known = {table.declared: [column.name for column in table.columns] for table in tables}
    for table, columns in given.tables.items():
        asked = [(table, column) for column in columns]
        asked += [origin for told in columns.values() if (origin := given.origin(told))[0]]
        for owner, column in asked:
            if column not in known[owner]:
                alike = names_alike(column, [(owner, name) for name in known[owner]])
                raise RecordingError(
                    f"given: the table {owner!r} has no column {column!r}{alike}",
                    slug="given-column-unknown",
                    hint="write the column as the catalog has it",
                )


def unreadable(told: str) -> RecordingError:
    """The error for a condition that the server does not understand."""
    return RecordingError(f"given rows cannot be read: {told}", slug="given-unreadable", hint=HINT)
