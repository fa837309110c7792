"""Keys that a database hands out: each side's own, so they are compared up to renaming.

The first new row of a declared table has the first new key on either side, and so on. A candidate's new key is
then told as the one that legacy gave to the same row, in its own column and in those that refer to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.compare.rows import keys_of
from pytest_characterize.model import Observation
from pytest_characterize.settings import TableMapping
from pytest_characterize.values import Rows, Value

Renamed = Mapping[str, Mapping[Value, Value]]
"""By legacy table: the candidate's new keys, and legacy's."""
TABLES = "tables"


def in_legacys_keys(
    observed: Observation, golden: Observation, mapped: Mapping[str, TableMapping]
) -> Observation:
    """The observation with the candidate's new keys told as legacy's, as far as legacy has as many."""
    legacy, candidate = golden.effects.get(TABLES), observed.effects.get(TABLES)
    if not isinstance(legacy, Mapping) or not isinstance(candidate, Mapping):
        return observed
    renamed = {
        table: _paired(_new(legacy.get(table), mapping.generated), _new(parts, mapping.generated))
        for table, parts in candidate.items()
        if (mapping := mapped.get(table)) is not None and mapping.generated
    }
    if not any(renamed.values()):
        return observed
    told = {
        table: _told(parts, mapped[table], renamed) if table in mapped else parts
        for table, parts in candidate.items()
    }
    return replace(observed, effects={**observed.effects, TABLES: told})


def _new(parts: Value, column: str) -> list[int]:
    """The keys of the inserted rows, in the order in which they were handed out."""
    inserted = parts.get("inserted") if isinstance(parts, Mapping) else None
    found: Iterable[Value] = ()
    if isinstance(inserted, Rows):
        names = keys_of(inserted.columns)
        found = [dict(zip(names, row, strict=True)).get(column) for row in natural_rows(inserted)]
    elif isinstance(inserted, list):
        found = [row.get(column) for row in inserted if isinstance(row, dict)]
    return sorted(key for key in found if type(key) is int)


def _paired(legacy: list[int], candidate: list[int]) -> dict[Value, Value]:
    return dict(zip(candidate, legacy, strict=False))


def _told(parts: Value, mapping: TableMapping, renamed: Renamed) -> Value:
    """A table's rows, whatever was done with them."""
    columns = {
        **{column: renamed.get(table, {}) for column, table in mapping.references.items()},
        **({mapping.generated: renamed.get(mapping.table, {})} if mapping.generated else {}),
    }
    if not isinstance(parts, dict):
        return parts
    return {
        part: [_row(row, columns) for row in rows] if isinstance(rows, list) else rows
        for part, rows in parts.items()
    }


def _row(row: Value, columns: Mapping[str, Mapping[Value, Value]]) -> Value:
    if not isinstance(row, dict):
        return row
    return {
        column: columns[column].get(value, value) if column in columns and type(value) is int else value
        for column, value in row.items()
    }
