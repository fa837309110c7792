"""The statements of PostgreSQL's csvlog and jsonlog files, one at a time, however large the files are."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from pytest_characterize.errors import UsageError

_DETAIL: Final = 14
_MESSAGE: Final = 13
_SHORTEST: Final = 23
"""Columns of a csvlog line in the oldest version that is supported; later ones add columns at its end."""

_STATEMENT: Final = re.compile(
    r"(?:duration: [0-9.]+ ms  )?(?:statement|execute (?P<portal>(?:fetch from )?[^:]*)): (?P<sql>.*)",
    re.DOTALL,
)
_PHASE: Final = re.compile(r"(?:duration: [0-9.]+ ms  )?(?:parse|bind) ")
_PARAMETERS: Final = re.compile(r"parameters: ", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"\$([0-9]+) = (?:(NULL)|'((?:[^']|'')*+)')(?:, |\Z)")

UNREADABLE: Final = "damaged lines, such as the last one of a file that was cut"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that a client sent.

    Attributes:
        sql: its text, with ``$1`` where it had parameters.
        parameters: their texts by number, ``None`` for ``NULL``.
        why_not: why it cannot be used, ``""`` if it can.
    """

    sql: str
    parameters: dict[int, str | None]
    why_not: str = ""


def statements(path: Path) -> Iterator[Statement | None]:
    """The statements of a log file in order; ``None`` for a line that is none.

    Raises:
        UsageError: ``log-unreadable`` or ``log-unknown-format``.
    """
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for entry in _entries(path, file):
                yield Statement("", {}, UNREADABLE) if entry is None else _statement(*entry)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}",
            slug="log-unreadable",
            hint="name the server's log files",
        ) from None


def _entries(path: Path, file: TextIO) -> Iterator[tuple[str, str] | None]:
    """Message and detail of each entry, ``None`` where a line is damaged."""
    first = file.read(1)
    file.seek(0)
    if first == "{":
        return map(_from_json, file)
    if path.suffix == ".csv" or (first.isdigit() and _is_csv(file)):
        return _from_csv(file)
    if not first:
        return iter(())
    raise UsageError(
        f"{path}: is neither a csvlog nor a jsonlog",
        slug="log-unknown-format",
        hint="set log_destination = 'csvlog' (or 'jsonlog', from PostgreSQL 15 on) and logging_collector = on",
    )


def _is_csv(file: TextIO) -> bool:
    line = file.readline()
    file.seek(0)
    return line.count(",") >= _MESSAGE


def _from_json(line: str) -> tuple[str, str] | None:
    try:
        entry: Any = json.loads(line)
        return str(entry.get("message", "")), str(entry.get("detail", ""))
    except (ValueError, AttributeError, RecursionError):
        return None


def _from_csv(file: Iterable[str]) -> Iterator[tuple[str, str] | None]:
    rows = csv.reader(file, strict=True)
    while True:
        try:
            with _large_fields():
                row = next(rows, None)
        except csv.Error:
            yield None
            continue
        if row is None:
            return
        yield (row[_MESSAGE], row[_DETAIL]) if len(row) >= _SHORTEST else None


@contextmanager
def _large_fields() -> Iterator[None]:
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _statement(message: str, detail: str) -> Statement | None:
    found = _STATEMENT.fullmatch(message)
    if found is None:
        return (
            Statement("", {}, "parse and bind, which come before execute") if _PHASE.match(message) else None
        )
    if (found["portal"] or "").startswith("fetch from "):
        return Statement("", {}, "further rows of a statement that was executed before")
    if "\ufffd" in message or "\ufffd" in detail:
        return Statement("", {}, "texts that are not UTF-8")
    begin = _PARAMETERS.match(detail)
    if begin is None:
        return Statement(found["sql"], {})
    parameters: dict[int, str | None] = {}
    position = begin.end()
    while position < len(detail):
        one = _PARAMETER.match(detail, position)
        if one is None:
            return Statement("", {}, UNREADABLE)
        parameters[int(one[1])] = None if one[2] else one[3].replace("''", "'")
        position = one.end()
    cut = any(text is not None and text.endswith("...") for text in parameters.values())
    return Statement(
        found["sql"], parameters, "parameters that log_parameter_max_length may have cut" if cut else ""
    )
