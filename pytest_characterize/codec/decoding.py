"""Tagged JSON trees to values; what :mod:`~pytest_characterize.codec.encoding` would not write is refused."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pytest_characterize.codec.encoding import Tree, to_tagged
from pytest_characterize.errors import StoreError
from pytest_characterize.paths import LocatedError
from pytest_characterize.values import (
    ABSENT,
    MAX_DEPTH,
    Absent,
    Cell,
    Column,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)

_HINT: Final = "restore the file from version control, or record the case again"
_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")
_TIMEDELTA: Final = re.compile(r"P(-?\d+)DT(\d+)(?:\.(\d{6}))?S", re.ASCII)


def from_tagged(tree: Tree, where: str) -> Value:
    """The value that :func:`~pytest_characterize.codec.encoding.to_tagged` turned into this tree.

    Args:
        where: the file's name, for the error.

    Raises:
        StoreError: ``value-damaged`` (an unknown tag, or a content that its tag does not have),
            ``value-nested-too-deep`` or ``value-zone-data``, naming file and path.
    """
    try:
        return _decode(tree, 0)
    except LocatedError as error:
        raise StoreError(
            f"{where}: {error.path}: {error.message}",
            slug=error.slug or "value-damaged",
            hint=error.hint or _HINT,
        ) from None
    except RecursionError:
        raise StoreError(
            f"{where}: nested deeper than {MAX_DEPTH} containers", slug="value-nested-too-deep", hint=_HINT
        ) from None


def body_bytes(tree: Tree) -> bytes:
    """The bytes that :func:`~pytest_characterize.codec.encoding.body_tree` described.

    Raises:
        LocatedError: it describes none.
    """
    match tree:
        case {"text": str(text), **rest} if not rest:
            return text.encode("utf-8")
        case {"lines": [*lines], **rest} if not rest and all(type(line) is str for line in lines):
            return "".join(lines).encode("utf-8")
        case {"base64": str(text), **rest} if not rest:
            return b64decode(text, validate=True)
        case _:
            raise LocatedError("a body is one of text, lines and base64")


def _decode(tree: Tree, depth: int) -> Value:
    kind = type(tree)
    if kind is dict:
        for key in tree:
            if key[:1] == "$":
                return _tagged(tree, depth)
        return _dict(tree, depth)
    if kind is list:
        return _items(tree, depth)
    return tree


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise LocatedError(f"nested deeper than {MAX_DEPTH} containers", "value-nested-too-deep")
    return depth + 1


def _dict(tree: Tree, depth: int) -> dict[str, Value]:
    depth = _deeper(depth)
    value = {}
    key = ""
    try:
        for key, item in tree.items():
            value[key] = _decode(item, depth)
    except LocatedError as error:
        raise error.under(key) from None
    return value


def _items(tree: Tree, depth: int) -> list[Value]:
    depth = _deeper(depth)
    value: list[Value] = []
    try:
        for item in tree:
            value.append(_decode(item, depth))
    except LocatedError as error:
        raise error.under(len(value)) from None
    return value


def _tagged(tree: dict[str, Tree], depth: int) -> Value:
    tag = next(key for key in tree if key[:1] == "$")
    try:
        if tag in _SCALARS:
            return _scalar(tag, tree)
        if tag in _CONTAINERS and len(tree) == 1:
            return _CONTAINERS[tag](tree[tag], depth)
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
        raise LocatedError(f"{tag} has a content that it cannot have") from None
    raise LocatedError(f"{tag!a} is no tag of ours" if len(tree) == 1 else f"{tag!a} has company")


def _scalar(tag: str, tree: dict[str, Tree]) -> Value:
    """One value has one spelling; another one is an edit by hand that nobody would see again."""
    content = tree[tag]
    if type(content) is not str:
        raise LocatedError(f"{tag} holds {type(content).__name__}, not a text")
    value = _SCALARS[tag](content, tree)
    spelled = to_tagged(value)
    if spelled != tree:
        raise LocatedError(f"{ascii(tree)[:80]} would be written {ascii(spelled)[:80]}")
    return value


def _str16(content: str, _tree: Tree) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), content)


def _datetime(content: str, tree: Tree) -> datetime:
    value = datetime.fromisoformat(content)
    zoned = value.replace(tzinfo=_zone(value.tzinfo, tree), fold=tree.get("fold", 0))
    if zoned.utcoffset() != value.utcoffset():
        raise LocatedError(
            f"{content} has the offset {zoned.strftime('%z')} in {tree['zone']} on this machine",
            "value-zone-data",
            "use the time zone data of the recording machine (python -m pip install tzdata)",
        )
    return zoned


def _time(content: str, tree: Tree) -> time:
    value = time.fromisoformat(content)
    return value.replace(tzinfo=_zone(value.tzinfo, tree), fold=tree.get("fold", 0))


def _zone(plain: tzinfo | None, tree: Tree) -> tzinfo | None:
    if "zone" in tree:
        try:
            return ZoneInfo(tree["zone"])
        except (ZoneInfoNotFoundError, OSError):
            raise LocatedError(
                f"this machine has no time zone {tree['zone']!a}",
                "value-zone-data",
                "python -m pip install tzdata",
            ) from None
    if "name" in tree and plain is not None:
        return timezone(plain.utcoffset(None) or timedelta(0), _text(tree["name"]))
    return plain


def _timedelta(content: str, _tree: Tree) -> timedelta:
    match = _TIMEDELTA.fullmatch(content)
    if match is None:
        raise LocatedError(f"{ascii(content)[:80]} is no span of time")
    days, seconds, micro = match.groups("0")
    return timedelta(int(days), int(seconds), int(micro))


def _float(content: str, _tree: Tree) -> float:
    """A new object each: two NaN may be two members of one set."""
    return float(content)


def _tuple(content: Tree, depth: int) -> tuple[Value, ...]:
    return tuple(_items(_list_of(content), depth))


def _set(content: Tree, depth: int) -> set[Value]:
    members = _items(_list_of(content), depth)
    found = set(members)
    if len(found) != len(members):
        raise LocatedError("a set holds one member twice")
    return found


def _frozenset(content: Tree, depth: int) -> frozenset[Value]:
    return frozenset(_set(content, depth))


def _map(content: Tree, depth: int) -> dict[Value, Value]:
    depth = _deeper(depth)
    found: dict[Value, Value] = {}
    for number, (key, item) in enumerate(_list_of(content)):
        try:
            found[_decode(key, depth)] = _decode(item, depth)
        except LocatedError as error:
            raise error.under(number) from None
    if len(found) != len(content):
        raise LocatedError("a dictionary holds one key twice")
    return found


def _record(content: Tree, depth: int) -> Record:
    _keys(content, "type", "fields")
    return Record(_text(content["type"]), _fields(content["fields"], depth))


def _member(content: Tree, depth: int) -> Member:
    _keys(content, "type", "name", "value")
    try:
        value = _decode(content["value"], _deeper(depth))
    except LocatedError as error:
        raise error.under("value") from None
    return Member(_text(content["type"]), _text(content["name"]), value)


def _cell(content: Tree, _depth: int) -> Cell:
    _keys(content, "dialect", "type", "text")
    return Cell(_text(content["dialect"]), _text(content["type"]), _null(content["text"]))


def _rows(content: Tree, _depth: int) -> Rows:
    _keys(content, "dialect", "ordered", "columns", "rows")
    columns = tuple(Column(_text(name), _text(kind)) for name, kind in _list_of(content["columns"]))
    rows = tuple(tuple(map(_null, _list_of(row))) for row in _list_of(content["rows"]))
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            raise LocatedError(f"row {number} has {len(row)} cells for {len(columns)} columns")
    if type(content["ordered"]) is not bool:
        raise LocatedError("ordered is true or false")
    return Rows(_text(content["dialect"]), columns, rows, content["ordered"])


def _response(content: Tree, _depth: int) -> Response:
    _keys(content, "status", "reason", "headers", "body")
    if type(content["status"]) is not int:
        raise LocatedError("a status is a whole number")
    headers = tuple((_text(name), _text(text)) for name, text in _list_of(content["headers"]))
    return Response(content["status"], headers, body_bytes(content["body"]), _text(content["reason"]))


def _raised(content: Tree, depth: int) -> Raised:
    _keys(content, "types", "code", "message", "details")
    types = tuple(map(_text, _list_of(content["types"])))
    details = _fields(content["details"], depth)
    return Raised(types, _text(content["message"]), _text(content["code"]), details)


def _absent(content: Tree, _depth: int) -> Absent:
    if content is not True:
        raise LocatedError("$absent is true")
    return ABSENT


def _keys(content: Tree, *names: str) -> None:
    if type(content) is not dict or content.keys() != set(names):
        raise LocatedError(f"expected an object with exactly {', '.join(names)}")


def _list_of(content: Tree) -> list[Tree]:
    if type(content) is not list:
        raise LocatedError(f"expected an array, not {type(content).__name__}")
    return content


def _fields(content: Tree, depth: int) -> dict[str, Value]:
    if type(content) is not dict:
        raise LocatedError(f"expected an object, not {type(content).__name__}")
    fields = _decode(content, depth)
    if type(fields) is not dict or not all(type(name) is str for name in fields):
        raise LocatedError("names of fields are texts")
    return fields


def _text(content: Tree) -> str:
    text = _decode(content, 0)
    if type(text) is not str:
        raise LocatedError(f"expected a text, not {type(text).__name__}")
    return text


def _null(content: Tree) -> str | None:
    return None if content is None else _text(content)


_SCALARS: Final[Mapping[str, Callable[[str, Tree], Value]]] = {
    "$str16": _str16,
    "$int": lambda content, _: int(content, 16),
    "$float": _float,
    "$bytes": lambda content, _: b64decode(content, validate=True),
    "$decimal": lambda content, _: Decimal(content),
    "$date": lambda content, _: date.fromisoformat(content),
    "$datetime": _datetime,
    "$time": _time,
    "$timedelta": _timedelta,
    "$uuid": lambda content, _: UUID(content),
}
_CONTAINERS: Final[Mapping[str, Callable[[Any, int], Value]]] = {
    "$tuple": _tuple,
    "$set": _set,
    "$frozenset": _frozenset,
    "$map": _map,
    "$record": _record,
    "$member": _member,
    "$cell": _cell,
    "$rows": _rows,
    "$response": _response,
    "$raised": _raised,
    "$absent": _absent,
}
