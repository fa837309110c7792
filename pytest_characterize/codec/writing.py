"""Pretty JSON made for line diffs: what changes together stands on one line, all else on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pytest_characterize.codec.encoding import enough_stack
from pytest_characterize.codec.scalars import Tree

WIDTH: Final = 100
"""Arrays of scalars that fit into this many columns stay on one line."""

_text: Final = json.encoder.encode_basestring_ascii


def pretty_json(tree: Tree) -> str:
    """The tree as ASCII text: two spaces a level, keys in the given order, a final newline.

    A tagged scalar is one line, and so is an array of scalars that fits: one changed cell of a result
    row is one changed line.

    >>> print(pretty_json({"total": {"$decimal": "1.00"}, "rows": [["7", None], ["8", "x"]]}), end="")
    {
      "total": {"$decimal": "1.00"},
      "rows": [
        ["7", null],
        ["8", "x"]
      ]
    }

    Raises:
        UnsupportedValueError: ``value-too-deep``.
    """
    parts: list[str] = []
    with enough_stack():
        _write(tree, "", "\n", parts.append)
    return "".join(parts) + "\n"


def _write(tree: Tree, before: str, newline: str, add: Callable[[str], None]) -> None:
    """One frame a level of depth, and parts that are joined once: a deep tree is mostly indentation."""
    line = _line(tree, WIDTH - len(newline))
    if line is not None:
        add(before + line)
        return
    deeper = newline + "  "
    if type(tree) is dict:
        before += "{"
        for key, item in tree.items():
            before += f"{deeper}{_text(key)}: "
            scalar = _SCALARS.get(type(item))
            if scalar:
                add(before + scalar(item))
            else:
                _write(item, before, deeper, add)
            before = ","
        add(newline + "}")
    else:
        before += "["
        for item in tree:
            _write(item, before + deeper, deeper, add)
            before = ","
        add(newline + "]")


def _line(tree: Tree, room: int) -> str | None:
    """The tree's text if it is to stand on one line, which scalars in an array do only where they fit."""
    inline = _inline(tree)
    if inline is not None:
        return inline
    if type(tree) is list:
        return _array(tree, room)
    if type(tree) is not dict:
        raise TypeError(f"{type(tree).__name__} is no part of a JSON tree")
    if len(tree) > 1:
        return None
    ((tag, content),) = tree.items()
    if tag[:1] != "$":
        return None
    inner = _array(content, room) if type(content) is list else _object(content, _inline)
    line = f"{{{_text(tag)}: {inner}}}"
    return None if inner is None or len(line) > room else line


def _inline(tree: Tree) -> str | None:
    """The text of what never takes more than one line: a scalar, a tagged scalar, an empty container."""
    scalar = _SCALARS.get(type(tree))
    if scalar is not None:
        return scalar(tree)
    if type(tree) is list:
        return None if tree else "[]"
    if type(tree) is not dict:
        return None
    if not tree:
        return "{}"
    return _object(tree, _scalar) if next(iter(tree))[:1] == "$" else None


def _array(tree: list[Tree], room: int) -> str | None:
    parts = []
    for item in tree:
        part = _inline(item)
        if part is None or (room := room - len(part) - 2) < 0:
            return None
        parts.append(part)
    return f"[{', '.join(parts)}]"


def _object(tree: Mapping[str, Tree], one: Callable[[Tree], str | None]) -> str | None:
    parts = []
    for key, item in tree.items():
        part = one(item)
        if part is None:
            return None
        parts.append(f"{_text(key)}: {part}")
    return f"{{{', '.join(parts)}}}"


def _scalar(tree: Tree) -> str | None:
    scalar = _SCALARS.get(type(tree))
    return scalar(tree) if scalar else None


def _float(tree: float) -> str:
    if tree - tree != 0.0:
        raise ValueError(f"{tree} is no JSON number")
    return float.__repr__(tree)


_SCALARS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: _text,
    int: int.__repr__,
    float: _float,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}
