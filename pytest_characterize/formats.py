"""How a file is read so that it can be compared: as text, by columns, or byte by byte.

A format loses nothing that it does not say it loses. Each makes the same value of the same bytes on either
side, so a difference between two files is told by line and column.
"""

from __future__ import annotations

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from io import StringIO
from itertools import accumulate
from typing import Any, ClassVar, Final, TypeAlias

Columns: TypeAlias = Sequence[tuple[str, int]]
"""Names and widths."""

LINE_END: Final = "line end"
BEYOND: Final = "beyond"


class UnreadableError(ValueError):
    """The bytes are not what the format says; the text says where."""


class Format(ABC):
    """How the bytes of a file become a value."""

    name: ClassVar[str]

    @abstractmethod
    def read(self, content: bytes) -> Any:
        """The file as a value of builtins.

        Raises:
            UnreadableError: it is no such file.
        """

    @abstractmethod
    def fault(self) -> str:
        """Why nothing could be read so, ``""`` if the format can be used."""

    def as_value(self) -> dict[str, Any]:
        """The format as a golden holds it."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]
        return {"format": self.name} | {name: _plain(value) for name, value in told.items() if value}


@dataclass(frozen=True)
class Binary(Format):
    """The bytes themselves.

    >>> Binary().read(b"%PDF")
    b'%PDF'
    """

    name = "binary"

    def read(self, content: bytes) -> bytes:
        """As it is."""
        return content

    def fault(self) -> str:
        """Nothing can be wrong with it."""
        return ""


@dataclass(frozen=True)
class Text(Format):
    """One text, line ends included.

    >>> Text("latin-1").read(b"K\\xe4the")
    'Käthe'
    """

    name = "text"
    encoding: str = "utf-8"

    def read(self, content: bytes) -> str:
        """Decoded."""
        return decoded(content, self.encoding)

    def fault(self) -> str:
        """Whether Python knows the encoding."""
        return encoding_fault(self.encoding)


@dataclass(frozen=True)
class Csv(Format):
    """Lines of delimited cells, compared by column: a list of dictionaries of exact texts.

    The first item is the list of names, from the file's first line. How cells were quoted, and how lines
    end, is not told; compare as :class:`Text` where that is behaviour. A cell without a name is named by
    its place (``column 4``), and a missing one is absent.

    >>> Csv(";").read(b"id;name\\r\\n7;Anna \\r\\n")
    [['id', 'name'], {'id': '7', 'name': 'Anna '}]
    >>> Csv(";", columns=["id", "name"]).read(b"7;Anna;x\\n")
    [{'id': '7', 'name': 'Anna', 'column 3': 'x'}]

    Attributes:
        columns: the names, where the file has no line of names.
    """

    name = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    quote: str = '"'
    columns: Sequence[str] = ()

    def read(self, content: bytes) -> list[list[str] | dict[str, str]]:
        """The names, if the file has them, and the rows."""
        text = StringIO(decoded(content, self.encoding), newline="")
        reader = csv.reader(text, delimiter=self.delimiter, quotechar=self.quote)
        try:
            lines = list(reader)
        except csv.Error as error:
            raise UnreadableError(f"line {reader.line_num}: {error}") from None
        heading = [] if self.columns else lines[:1]
        names = heading[0] if heading else self.columns
        keys = _keys(names)
        return [*heading, *(_row(names, keys, cells) for cells in lines[len(heading) :])]

    def fault(self) -> str:
        """Whether delimiter and quote are one character each, and Python knows the encoding."""
        if len(self.delimiter) != 1 or len(self.quote) != 1:
            return "delimiter= and quote= are one character each"
        return encoding_fault(self.encoding)


@dataclass(frozen=True)
class FixedWidth(Format):
    """Lines of columns of fixed width, compared by column: a list of dictionaries of exact texts, padding
    included.

    What a line has beyond its columns is told as ``beyond``, and a line end that is not the declared one as
    ``line end``, so nothing is lost; a line that is too short lacks columns.

    >>> FixedWidth([("account", 6), ("amount", 4)]).read(b"  4711 950\\n")
    [{'account': '  4711', 'amount': ' 950'}]

    Attributes:
        newline: how lines end; ``""`` for records that follow each other without an end.
        records: other columns for lines that begin with a text, such as headers and trailers.
    """

    name = "fixed width"
    columns: Columns
    encoding: str = "utf-8"
    newline: str = "\n"
    records: Mapping[str, Columns] = field(default_factory=dict)

    def read(self, content: bytes) -> list[dict[str, str]]:
        """One dictionary a line."""
        return [self._cut(line) for line in self._lines(decoded(content, self.encoding))]

    def fault(self) -> str:
        """Whether columns have widths and names of their own, and Python knows the encoding."""
        for columns in (self.columns, *self.records.values()):
            names = [name for name, _ in columns]
            if not names or any(width < 1 for _, width in columns):
                return "it needs columns, each at least one character wide"
            if len({*names, LINE_END, BEYOND}) < len(names) + 2:
                return f"columns need names of their own, other than {LINE_END!r} and {BEYOND!r}"
        if self.newline not in ("\n", "\r\n", ""):
            return "newline= is one of '\\n', '\\r\\n' and ''"
        if not self.newline and self.records:
            return "records of several sorts need a line end"
        return encoding_fault(self.encoding)

    def _lines(self, text: str) -> list[str]:
        if self.newline:
            return [line for line in re.split(r"(?<=\n)", text) if line]
        width = sum(width for _, width in self.columns)
        return [text[start : start + width] for start in range(0, len(text), width)]

    def _cut(self, line: str) -> dict[str, str]:
        whole = line
        if self.newline:
            line = line.rstrip("\r\n")
        columns = next((cols for start, cols in self.records.items() if line.startswith(start)), self.columns)
        stops = list(accumulate(width for _, width in columns))
        cells = zip(columns, [0, *stops], stops, strict=False)
        row = {name: line[start:stop] for (name, _), start, stop in cells if start < len(line)}
        if len(line) > stops[-1]:
            row[BEYOND] = line[stops[-1] :]
        if (end := whole[len(line) :]) != self.newline:
            row[LINE_END] = end
        return row


def decoded(content: bytes, encoding: str) -> str:
    """The bytes as text.

    Raises:
        UnreadableError: they are not in that encoding.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        odd = content[error.start : error.start + 1].hex()
        raise UnreadableError(f"byte {error.start} (0x{odd}) is not {encoding}") from None


def encoding_fault(encoding: str) -> str:
    """Why nothing can be decoded so, ``""`` if Python knows the encoding of texts."""
    try:
        "".encode(encoding)
    except LookupError as error:
        return str(error)
    return ""


def _keys(names: Sequence[str]) -> list[str]:
    """Names as keys: none is empty, and none comes twice."""
    keys: list[str] = []
    for place, name in enumerate(names, start=1):
        wanted = key = name or f"column {place}"
        again = 1
        while key in keys:
            again += 1
            key = f"{wanted} ({again})"
        keys.append(key)
    return keys


def _row(names: Sequence[str], keys: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) > len(names):
        keys = _keys([*names, *[""] * (len(cells) - len(names))])
    return dict(zip(keys, cells, strict=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
