"""Values as short readable text for people; the JSON report has them in full and without loss."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sized
from datetime import date, datetime, time
from itertools import chain, repeat
from typing import Any, Final, TypeVar

from pytest_characterize.report.visible import (
    ELLIPSIS,
    ascii_only,
    columns,
    look_alike,
    quoted,
    shorten,
    visible,
)
from pytest_characterize.values import ABSENT, Cell, Member, Raised, Record, Response, Rows, Value

LONGEST: Final = 2_000
"""No value is written out further than about this many characters, however wide the page."""

T = TypeVar("T", str, bytes)

_CHANGES: Final = frozenset({"inserted", "deleted", "before", "after"})
_BITS: Final = 3_000
_BLOCK: Final = 65_536
_BEFORE: Final = 20
_UNQUOTED_TYPE: Final = re.compile(
    r"(tiny|small|medium|big)?int|integer|numeric|decimal|real|double|float|bool|date|time|interval|uuid|oid",
    re.IGNORECASE,
)


def show(value: Value, width: int = LONGEST) -> str:
    """The value in at most ``width`` columns of harmless text.

    >>> show({"total": None, "lines": [1, 2.5]})
    "{'total': None, 'lines': [1, 2.5]}"
    """
    return shorten(_written(value, min(4 * width, LONGEST)), width)


def show_pair(legacy: Value, candidate: Value, width: int, *, typed: bool = False) -> tuple[str, str]:
    """Two differing values, each in at most ``width`` columns, so that the difference can be seen.

    Long texts are shown from shortly before their first difference. Types are added where the values
    look the same without (or where ``typed`` asks for it), and letters that look the same are escaped.
    """
    left, right = _windows(legacy, candidate, width)
    if typed or left == right:
        left, right = _typed(legacy, left, width), _typed(candidate, right, width)
    return _told_apart(left, right, width)


def show_apart(left: str, right: str, width: int) -> tuple[str, str]:
    """Two differing lines of harmless text, each in at most ``width`` columns, so that the difference can be seen."""
    return _told_apart(*_window(left, right, width), width)


def show_input(values: Mapping[str, Value], width: int = LONGEST) -> str:
    """A case's input as ``name=value`` pairs; values are cut evenly where they do not fit.

    >>> show_input({"customer_id": 7, "code": "A "})
    "customer_id=7 code='A·'"
    """
    full = [(f"{visible(name)}=", show(value)) for name, value in values.items()]
    line = " ".join(name + value for name, value in full)
    if columns(line) <= width or not full:
        return shorten(line, width)
    share = max(8, (width - sum(columns(name) + 1 for name, _ in full)) // len(full))
    return shorten(" ".join(name + shorten(value, share) for name, value in full), width)


def _windows(legacy: Value, candidate: Value, width: int) -> tuple[str, str]:
    old, new = _text_of(legacy), _text_of(candidate)
    if old is None or new is None or max(len(old), len(new)) <= width - 2:
        return _window(_written(legacy), _written(candidate), width)
    start = _start(old, new)
    mark = ELLIPSIS if start else ""
    left, right = (mark + quoted(text[start : start + min(2 * width, LONGEST)]) for text in (old, new))
    return shorten(left, width), shorten(right, width)


def _window(left: str, right: str, width: int) -> tuple[str, str]:
    if shorten(left, width) != shorten(right, width) or left == right:
        return shorten(left, width), shorten(right, width)
    start = _start(left, right)
    return shorten(ELLIPSIS + left[start:], width), shorten(ELLIPSIS + right[start:], width)


def _told_apart(left: str, right: str, width: int) -> tuple[str, str]:
    if look_alike(left, right):
        return shorten(ascii_only(left), width), shorten(ascii_only(right), width)
    return left, right


def _start(one: str, other: str) -> int:
    """Where to begin to read: a little before the first difference, at a word's begin if there is one."""
    same = common_prefix(one, other)
    start = max(0, same - _BEFORE)
    blank = one.find(" ", start, same) if start else -1
    start = blank + 1 if blank >= 0 else start
    while start < same and one[start] == " ":
        start += 1
    return start


def _text_of(value: Value) -> str | None:
    match value:
        case str():
            return value
        case Cell(text=str(text)) if not _UNQUOTED_TYPE.match(value.type):
            return text
        case _:
            return None


def common_prefix(one: T, other: T) -> int:
    """How long the common beginning of two texts is: by blocks, then by halving, as texts may be long."""
    longest = min(len(one), len(other))
    low = 0
    while low < longest and one[low : low + _BLOCK] == other[low : low + _BLOCK]:
        low += _BLOCK
    low, high = min(low, longest), min(low + _BLOCK, longest)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _typed(value: Value, shown: str, width: int) -> str:
    if value is ABSENT or value is None:
        return shown
    name = value.type if isinstance(value, Cell | Record | Member) else type(value).__name__
    kind = shorten(f" ({visible(name)})", width // 2)
    return shorten(shown, width - columns(kind)) + kind


def _written(value: Value, longest: int = LONGEST) -> str:
    """The value's text, left off at a piece boundary once it is clearly longer than anybody reads."""
    pieces, length = [], 0
    for piece in _pieces(value):
        pieces.append(piece)
        length += len(piece)
        if length > longest:
            return "".join(pieces) + ELLIPSIS
    return "".join(pieces)


def _pieces(value: Value) -> Iterator[str]:
    match value:
        case bool() | None | float():
            yield repr(value)
        case int():
            yield _integer(value)
        case str():
            yield quoted(value[: LONGEST + 1])
        case bytes():
            yield visible(repr(value[: LONGEST + 1]))
        case datetime() | date() | time():
            yield value.isoformat()
        case list() | tuple() | set() | frozenset() | dict():
            yield from _container(value)
        case Record() | Member() | Cell() | Rows() | Response() | Raised():
            yield from _named(value)
        case _:
            yield "(absent)" if value is ABSENT else visible(str(value))


def _container(value: Value) -> Iterator[str]:
    match value:
        case list():
            yield from _listed("[", map(_pieces, value), "]")
        case tuple():
            yield from _listed("(", map(_pieces, value), ",)" if len(value) == 1 else ")")
        case dict() if value.keys() == _CHANGES and all(
            isinstance(rows, Rows | list) for rows in value.values()
        ):
            yield from _changes(value)
        case dict():
            yield from _listed("{", (_entry(key, item) for key, item in value.items()), "}")
        case set() | frozenset() if not value:
            yield f"{type(value).__name__}()"
        case _:
            opening, closing = ("{", "}") if isinstance(value, set) else ("frozenset({", "})")
            yield from _listed(opening, ((text,) for text in sorted(map(_written, value))), closing)


def _changes(value: Mapping[Value, Any]) -> Iterator[str]:
    """What a call did to the rows of a table: what it left alone is not told."""
    told = False
    for name, word in (("inserted", "inserted"), ("deleted", "deleted"), ("before", "updated")):
        rows = _rows(value[name])
        if not rows:
            continue
        yield f"{'; ' if told else ''}{_count(rows)} {word}{_columns(value[name])}: "
        if word == "updated":
            rows = [chain(*pair) for pair in zip(rows, repeat([" -> "]), _rows(value["after"]), strict=False)]
        yield from _listed("", rows, "")
        told = True
    if not told:
        yield "no row changed"


def _rows(value: Rows | list[Value]) -> list[Iterator[str]]:
    return [_row(row) for row in value.rows] if isinstance(value, Rows) else [_pieces(row) for row in value]


def _columns(value: Rows | list[Value]) -> str:
    if not isinstance(value, Rows):
        return ""
    return f" ({', '.join(visible(column.name) for column in value.columns)})"


def _count(rows: Sized) -> str:
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}"


def _named(value: Value) -> Iterator[str]:
    match value:
        case Record():
            fields = (_field(name, item) for name, item in value.fields.items())
            yield from _listed(f"{_class(value.type)}(", fields, ")")
        case Member():
            yield f"{_class(value.type)}.{visible(value.name)}"
        case Cell(text=str(text)):
            yield visible(text) if _UNQUOTED_TYPE.match(value.type) else quoted(text[: LONGEST + 1])
        case Cell():
            yield "NULL"
        case Rows():
            yield f"{_count(value.rows)}{_columns(value)}"
            yield from _listed(": " if value.rows else "", map(_row, value.rows), "")
        case Response():
            yield f"{value.status}{visible(' ' + value.reason) if value.reason else ''}, "
            yield from _pieces(value.body)
        case Raised():
            yield " ".join(filter(None, (_class(value.types[0]) if value.types else "", visible(value.code))))
            yield f": {visible(value.message[:LONGEST])}" if value.message else ""


def _listed(opening: str, items: Iterable[Iterable[str]], closing: str) -> Iterator[str]:
    yield opening
    for position, item in enumerate(items):
        if position:
            yield ", "
        yield from item
    yield closing


def _entry(key: Value, item: Value) -> Iterator[str]:
    yield from _pieces(key)
    yield ": "
    yield from _pieces(item)


def _field(name: str, item: Value) -> Iterator[str]:
    yield f"{visible(name)}="
    yield from _pieces(item)


def _row(row: tuple[str | None, ...]) -> Iterator[str]:
    yield from _listed("(", (("NULL" if text is None else quoted(text[:LONGEST]),) for text in row), ")")


def _class(name: str) -> str:
    return visible(name.rpartition(".")[2])


def _integer(value: int) -> str:
    if value.bit_length() <= _BITS:
        return str(value)
    digits = hex(value)
    return f"{digits[:12]}{ELLIPSIS}{digits[-12:]} ({value.bit_length()} bits)"
