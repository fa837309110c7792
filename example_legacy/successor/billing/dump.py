"""Reading a dump of the legacy database: the rows of its ``COPY`` blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

BLOCK = re.compile(r"^COPY (\w+) \((.+?)\) FROM stdin;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

Row = dict[str, str | None]


def read_dump(path: Path) -> dict[str, list[Row]]:
    """The rows of every table in the dump, as texts by column; ``None`` is NULL."""
    return {table: list(_rows(columns.split(", "), block)) for table, columns, block in _blocks(path)}


def _blocks(path: Path) -> Iterator[tuple[str, str, str]]:
    for block in BLOCK.finditer(path.read_text("utf-8")):
        yield block[1], block[2], block[3]


def _rows(columns: list[str], block: str) -> Iterator[Row]:
    for line in block.split("\n")[:-1]:
        yield dict(zip(columns, map(_value, line.split("\t")), strict=True))


def _value(text: str) -> str | None:
    if text == r"\N":
        return None
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text)
