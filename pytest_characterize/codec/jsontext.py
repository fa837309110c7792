"""Strict JSON text: what is damaged is refused by file and line, what is written is made for review."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from pytest_characterize.errors import StoreError

WIDTH: Final = 100
"""Arrays of scalars that fit into this many columns stay on one line."""

_CONFLICT: Final = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: |$)", re.MULTILINE)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_RESTORE: Final = "restore the file from version control, or record the case again"
_text: Final = json.encoder.encode_basestring_ascii


class _DuplicateKeyError(ValueError):
    """An object says one key twice."""


class _NotJsonNumberError(ValueError):
    """NaN, Infinity, or a number that no float can hold."""


def parse_json(text: str | bytes, where: str) -> Any:
    """The JSON tree of a text; anything doubtful is an error.

    Args:
        where: the file's name, for the error.

    Raises:
        StoreError: ``json-encoding``, ``json-conflict``, ``json-duplicate-key``, ``json-number``,
            ``json-too-deep`` or ``json-malformed``, naming file and line.
    """
    if isinstance(text, bytes):
        text = _utf8(text, where)
    if text.startswith("\ufeff"):
        _refuse(where, 1, "starts with a byte order mark", "json-encoding", "save it as UTF-8 without one")
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        _refuse(where, line, "holds a merge conflict", "json-conflict", "resolve it, or restore the file")
    try:
        return _load(text)
    except _DuplicateKeyError as error:
        _refuse(where, _line_of_duplicate(text), f"has the key {error} twice", "json-duplicate-key")
    except _NotJsonNumberError as error:
        line = _line_of_token(text, str(error))
        _refuse(where, line, f"has {str(error)[:40]}, which is not a JSON number", "json-number")
    except json.JSONDecodeError as error:
        _refuse(where, error.lineno, f"is not JSON: {error.msg} (column {error.colno})", "json-malformed")
    except RecursionError:
        _refuse(where, 1, "is nested too deeply", "json-too-deep")
    except ValueError:
        token = max(re.findall(r"\d+", text), key=len)
        _refuse(where, _line_of_token(text, token), "has a number of too many digits", "json-number")


def pretty_json(tree: Any) -> str:
    """JSON made for line diffs: two spaces, one item a line, ASCII, keys in the given order.

    Tagged scalars, and arrays of scalars that fit, stay on one line, so that one changed cell of a
    result row is one changed line.
    """
    return _pretty(tree, "\n") + "\n"


def _utf8(text: bytes, where: str) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        _refuse(where, line, f"is not UTF-8 (byte {error.start})", "json-encoding")


def _refuse(where: str, line: int, what: str, slug: str, hint: str = _RESTORE) -> NoReturn:
    raise StoreError(f"{where}, line {line}: {what}", slug=slug, hint=hint) from None


def _load(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(ascii(key)[:80])
            seen.add(key)
    return found


def _constant(text: str) -> NoReturn:
    raise _NotJsonNumberError(text)


def _float(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise _NotJsonNumberError(text)
    return number


def _line_of_duplicate(text: str) -> int:
    stack: list[set[str]] = []
    previous, start = "", 0
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in "{[":
            stack.append(set())
        elif piece in "}]":
            stack.pop()
        elif piece == ":":
            key = json.loads(previous)
            if key in stack[-1]:
                return text.count("\n", 0, start) + 1
            stack[-1].add(key)
        previous, start = piece, match.start()
    return 1


def _line_of_token(text: str, wanted: str) -> int:
    for match in _TOKEN.finditer(text):
        if match[0].lstrip("-") == wanted.lstrip("-"):
            return text.count("\n", 0, match.start()) + 1
    return 1


def _pretty(tree: Any, newline: str) -> str:
    scalar = _SCALARS.get(type(tree))
    if scalar is not None:
        return scalar(tree)
    deeper = newline + "  "
    if type(tree) is dict:
        if not tree:
            return "{}"
        if _is_tagged_scalar(tree):
            return _line(tree)
        items = [f"{_text(key)}: {_pretty(item, deeper)}" for key, item in tree.items()]
        return "{" + deeper + ("," + deeper).join(items) + newline + "}"
    if not tree:
        return "[]"
    if all(type(item) in _SCALARS or _is_tagged_scalar(item) for item in tree):
        line = _line(tree)
        if len(line) + len(newline) <= WIDTH:
            return line
    return "[" + deeper + ("," + deeper).join([_pretty(item, deeper) for item in tree]) + newline + "]"


def _is_tagged_scalar(tree: Any) -> bool:
    return (
        type(tree) is dict
        and next(iter(tree), "").startswith("$")
        and all(type(item) in _SCALARS for item in tree.values())
    )


def _line(tree: Any) -> str:
    scalar = _SCALARS.get(type(tree))
    if scalar is not None:
        return scalar(tree)
    if type(tree) is dict:
        return "{" + ", ".join([f"{_text(key)}: {_line(item)}" for key, item in tree.items()]) + "}"
    return "[" + ", ".join(map(_line, tree)) + "]"


_SCALARS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: _text,
    int: int.__repr__,
    float: float.__repr__,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}
