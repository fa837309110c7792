"""Result sets that are too large to be kept whole: reduced, row by row, alike on both sides.

What is left of one is a :class:`~pytest_characterize.values.Record` (see :data:`~pytest_characterize.values.LARGE`)
that compares like any other: the number of rows, the columns, some rows to look at, and digests of all
rows. A digest is taken of the exact natural values, so equal digests mean strictly equal rows. Where
order is behaviour there is one for each part of the rows, whose name says which; where it is none, one
of the multiset: a sum of the rows' digests, in which a row that comes twice counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timezone
from hashlib import sha256, sha512
from heapq import heappush, heappushpop
from typing import Final

from pytest_characterize.codec import canonical
from pytest_characterize.compare.natural import natural, reader
from pytest_characterize.compare.rows import as_row, keys_of
from pytest_characterize.values import LARGE, Cell, Column, Record, Rows, Value

PART: Final = 10_000
"""Rows of one digest where order is behaviour."""
SHOWN: Final = 20
"""Rows that are kept to look at, and compared one by one: the first, or those with the smallest digests."""
_ANY_ORDER: Final = "all rows, in any order"
_MODULUS: Final = 1 << 512


class Reduction:
    """Takes the rows of one result set, and keeps no more of them than their digests and a few.

    Args:
        columns: of legacy's result set.
        ordered: whether the order of rows is behaviour.
    """

    def __init__(self, dialect: str, columns: tuple[Column, ...], ordered: bool) -> None:
        self._dialect, self._columns, self._ordered = dialect, columns, ordered
        self._keys = keys_of(columns)
        self._readers = [reader(dialect, column.type) for column in columns]
        self._count = 0
        self._part = sha256()
        self._sum = 0
        self._digests: dict[str, str] = {}
        self._shown: list[tuple[int, int, Value]] = []

    def add_texts(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Take rows as the server's texts."""
        for row in rows:
            values = [read(text) for read, text in zip(self._readers, row, strict=True)]
            self._take(dict(zip(self._keys, values, strict=True)), tuple(row))

    def add_values(self, items: Iterable[Value]) -> Sequence[str]:
        """Take the rows of a candidate: dictionaries, records, tuples, or (one column) plain values.

        Returns:
            The columns that they have: legacy's that are there, in legacy's order, then others.
        """
        types = {key: column.type for key, column in zip(self._keys, self._columns, strict=True)}
        seen: dict[str, None] = {}
        for item in items:
            row = as_row(item, types)
            if type(row) is dict:
                seen.update(dict.fromkeys(row))
            self._take(row, row)
        return [key for key in self._keys if key in seen] + [key for key in seen if key not in types]

    def result(self, columns: Sequence[str] | None = None) -> Record:
        """What is left of them."""
        if self._ordered and self._count % PART:
            self._end_part()
        elif not self._ordered:
            self._digests[_ANY_ORDER] = f"{self._sum:0128x}"
        shown = [row for _, _, row in sorted(self._shown, key=lambda kept: (-kept[0], kept[1]))]
        legacy = columns is None
        return Record(
            LARGE,
            {
                "count": self._count,
                "columns": [*(self._keys if columns is None else columns)],
                "rows": Rows(self._dialect, self._columns, tuple(shown), self._ordered) if legacy else shown,
                "digests": self._digests,
            },
        )

    def _take(self, row: Value, shown: Value) -> None:
        text = canonical(plain(row))
        self._count += 1
        if self._ordered:
            self._part.update(b"%d:" % len(text) + text)
            if self._count <= SHOWN:
                self._shown.append((0, self._count, shown))
            if self._count % PART == 0:
                self._end_part()
            return
        digest = int.from_bytes(sha512(text).digest())
        self._sum = (self._sum + digest) % _MODULUS
        kept = (-digest, self._count, shown)
        if len(self._shown) < SHOWN:
            heappush(self._shown, kept)
        elif -digest > self._shown[0][0]:
            heappushpop(self._shown, kept)

    def _end_part(self) -> None:
        first = (self._count - 1) // PART * PART + 1
        self._digests[f"rows {first} to {first + PART - 1}"] = self._part.hexdigest()
        self._part = sha256()


def reduce_like(legacy: Record, items: Iterable[Value]) -> Record:
    """The rows of a candidate, reduced as legacy's large result set was."""
    sample: Rows = legacy.fields["rows"]
    reduction = Reduction(sample.dialect, sample.columns, sample.ordered)
    columns = reduction.add_values(items)
    return reduction.result(columns)


def plain(value: Value) -> Value:
    """The value without what is no behaviour: names of time zones and of classes, kinds of database cells."""
    kind = type(value)
    if kind is Cell:
        return plain(natural(value))
    if kind is Record:
        return plain(dict(value.fields))
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if kind is list:
        return [plain(item) for item in value]
    if kind is tuple:
        return tuple([plain(item) for item in value])
    if kind in (datetime, time) and value.tzinfo is not None:
        offset = value.utcoffset()
        return value if offset is None else value.replace(tzinfo=timezone(offset), fold=0)
    return value
