"""Who compares what: found by the types of the two values.

Types must agree, with these declared exceptions (*bridges*): a record and a dictionary, a database
value and a Python value, a result set and a Python sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

from pytest_characterize.compare.leaves import compare_members, compare_types
from pytest_characterize.compare.mappings import compare_records
from pytest_characterize.compare.plain import PLAIN
from pytest_characterize.compare.raised import compare_raised
from pytest_characterize.compare.responses import compare_responses
from pytest_characterize.compare.rows import (
    compare_cells,
    compare_items_with_rows,
    compare_naturally,
    compare_rows,
    compare_rows_with_items,
)
from pytest_characterize.compare.walking import Comparator, Dispatch
from pytest_characterize.values import Cell, Member, Raised, Record, Response, Rows, Value

_BRIDGES: Final[Mapping[tuple[type, type], Comparator]] = {
    (Record, dict): compare_records,
    (dict, Record): compare_records,
    (Rows, list): compare_rows_with_items,
    (list, Rows): compare_items_with_rows,
    (Rows, tuple): compare_rows_with_items,
    (tuple, Rows): compare_items_with_rows,
}


@lru_cache(maxsize=64)
def dispatcher(headers: tuple[str, ...]) -> Dispatch:
    """The dispatcher of a comparison in which these response headers (lower case) are behaviour."""
    same_type: dict[type, Comparator] = {
        **PLAIN,
        Record: compare_records,
        Member: compare_members,
        Cell: compare_cells,
        Rows: compare_rows,
        Raised: compare_raised,
        Response: partial(compare_responses, headers),
    }

    def dispatch(legacy: Value, candidate: Value) -> Comparator:
        """The comparator of two values, by their types."""
        kind, other = type(legacy), type(candidate)
        if kind is other:
            return same_type[kind]
        if Cell in (kind, other):
            return compare_naturally
        return _BRIDGES.get((kind, other), compare_types)

    return dispatch
