"""A value over several lines, one for each thing in it that may differ by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from pytest_characterize.report.showing import show
from pytest_characterize.report.visible import columns, quoted, visible
from pytest_characterize.values import Record, Rows, Value

_FLAT: Final = 60
"""Columns that a container of scalars may take to stay on one line."""
_FEW: Final = 12
"""Items of such a container."""

_Part: TypeAlias = tuple[str, Value]
"""What stands before an item, and the item."""


def has_lines(value: Value) -> bool:
    """Whether the value takes more than one line.

    >>> has_lines("one line\\n"), has_lines("two\\nlines"), has_lines([])
    (False, True, False)
    """
    match value:
        case str():
            return value.find("\n", 0, -1) >= 0
        case bytes():
            return value.find(b"\n", 0, -1) >= 0
        case list() | tuple() | dict() | set() | frozenset():
            return bool(value)
        case Record():
            return bool(value.fields)
        case Rows():
            return bool(value.rows)
        case _:
            return False


def unfold(value: Value, before: str = "", after: str = "", indent: str = "") -> Iterator[str]:
    """The value's lines, made as they are asked for: harmless text, of any length.

    >>> print(*unfold({"code": "A ", "lines": [{"price": 7}, {"price": 8}]}), sep="\\n")
    {
      'code': 'A·',
      'lines': [
        {'price': 7},
        {'price': 8},
      ],
    }

    Args:
        before: what stands before the value on its first line.
        after: what stands after it on its last.
        indent: what all lines begin with.
    """
    if not has_lines(value) or (indent and _is_small(value)):
        yield f"{indent}{before}{show(value)}{after}"
    elif isinstance(value, str | bytes):
        *lines, last = value.splitlines(keepends=True)
        for line in lines:
            yield f"{indent}{before}{_piece(line)}"
            before = "  " if before else ""
        yield f"{indent}{before}{_piece(last)}{after}"
    elif isinstance(value, Rows):
        yield f"{indent}{before}{show(Rows(value.dialect, value.columns, ()))}"
        yield from (f"{indent}  {_row(row)}" for row in value.rows)
    else:
        opening, items, closing = _container(value)
        yield f"{indent}{before}{opening}"
        for head, item in items:
            yield from unfold(item, head, ",", f"{indent}  ")
        yield f"{indent}{closing}{after}"


def _is_small(value: Value) -> bool:
    if isinstance(value, str | bytes | Rows):
        return False
    items: Iterable[Value]
    match value:
        case dict():
            items = value.values()
        case Record():
            items = value.fields.values()
        case _:
            items = value
    few = len(value.fields if isinstance(value, Record) else value) <= _FEW
    return few and not any(map(has_lines, items)) and columns(show(value, _FLAT + 1)) <= _FLAT


def _piece(line: str | bytes) -> str:
    return quoted(line) if isinstance(line, str) else visible(repr(line))


def _row(row: tuple[str | None, ...]) -> str:
    return f"({', '.join('NULL' if text is None else quoted(text) for text in row)})"


def _container(value: Value) -> tuple[str, Iterable[_Part], str]:
    match value:
        case list():
            return "[", (("", item) for item in value), "]"
        case tuple():
            return "(", (("", item) for item in value), ")"
        case dict():
            return "{", ((f"{show(key)}: ", item) for key, item in value.items()), "}"
        case Record():
            name = visible(value.type.rpartition(".")[2])
            return f"{name}(", ((f"{visible(key)}=", item) for key, item in value.fields.items()), ")"
        case _:
            opening, closing = ("{", "}") if isinstance(value, set) else ("frozenset({", "})")
            return opening, (("", item) for item in sorted(value, key=show)), closing
