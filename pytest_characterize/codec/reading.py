"""Strict JSON reading: a text that is damaged or doubtful is refused by file and line."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from pytest_characterize.errors import StoreError

MAX_DIGITS: Final = 4000
"""Whole numbers of more digits are refused: reading them costs time that grows with their square."""

_MARKERS: Final = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
_CONFLICT: Final = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: |\r?$)", re.MULTILINE)
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]|[^\s{}\[\]:,"]+')
_RESTORE: Final = "restore the file from version control, or record the case again"


class _DuplicateKeyError(ValueError):
    """An object has one key twice; the text is the key."""


class _NumberError(ValueError):
    """NaN, Infinity, or a number that is too long or that no float can hold; the text is the literal."""


def parse_json(text: str | bytes, where: str) -> Any:
    """The JSON tree of a text; anything doubtful is an error.

    Args:
        where: the file's name, for the error.

    Raises:
        StoreError: ``json-encoding``, ``json-conflict``, ``json-duplicate-key``, ``json-number``,
            ``json-too-deep`` or ``json-malformed``, naming file and line.
    """
    if isinstance(text, bytes):
        text = _decoded(text, where)
    if text.startswith("\ufeff"):
        raise _damaged(where, 1, "starts with a byte order mark", "json-encoding", "save it as plain UTF-8")
    _refuse_conflict(text, where)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        what = f"is not JSON: {error.msg} (column {error.colno})"
        raise _damaged(where, error.lineno, what, "json-malformed") from None
    except _DuplicateKeyError as error:
        line, what = _line_of_duplicate(text), f"an object has the key {error} twice"
        raise _damaged(where, line, what, "json-duplicate-key") from None
    except _NumberError as error:
        line, what = _line_of_literal(text, str(error)), f"{str(error)[:40]} is no number that JSON can hold"
        raise _damaged(where, line, what, "json-number") from None
    except RecursionError:
        raise _damaged(where, 1, "is nested too deeply", "json-too-deep") from None


def _damaged(where: str, line: int, what: str, slug: str, hint: str = _RESTORE) -> StoreError:
    return StoreError(f"{where}, line {line}: {what}", slug=slug, hint=hint)


def _decoded(text: bytes, where: str) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise _damaged(where, line, f"is not UTF-8 (byte {error.start})", "json-encoding") from None


def _refuse_conflict(text: str, where: str) -> None:
    """No line of JSON begins so: line ends within texts are escaped."""
    if not any(marker in text for marker in _MARKERS):
        return
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        hint = "resolve it, or take one side: git checkout --ours, or --theirs, and the file's name"
        raise _damaged(where, line, "holds a merge conflict", "json-conflict", hint)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise _DuplicateKeyError(ascii(key)[:80])


def _constant(text: str) -> NoReturn:
    raise _NumberError(text)


def _float(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise _NumberError(text)
    return number


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _NumberError(text)
    try:
        return int(text)
    except ValueError:  # the interpreter may have been told a lower limit
        raise _NumberError(text) from None


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
)


def _line_of_duplicate(text: str) -> int:
    """Line of the first object to close with a key twice: the order in which the reader notices."""
    found: list[dict[str, int]] = []
    doubles: list[int] = []
    previous, start = "", 0
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece in "{[":
            found.append({})
            doubles.append(-1)
        elif piece in "}]":
            found.pop()
            double = doubles.pop()
            if double >= 0:
                return text.count("\n", 0, double) + 1
        elif piece == ":":
            key = json.loads(previous)
            if key in found[-1] and doubles[-1] < 0:
                doubles[-1] = start
            found[-1][key] = start
        previous, start = piece, match.start()
    return 1


def _line_of_literal(text: str, literal: str) -> int:
    for match in _PIECE.finditer(text):
        if match[0] == literal:
            return text.count("\n", 0, match.start()) + 1
    return 1
