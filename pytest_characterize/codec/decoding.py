"""Tagged JSON trees to values; what :mod:`~pytest_characterize.codec.encoding` would not write is refused."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from pytest_characterize.codec.encoding import body_tree
from pytest_characterize.codec.scalars import TAGS, WRITERS, Tree, is_utf8, read_scalar
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


def from_tagged(tree: Tree, where: str) -> Value:
    """The value that :func:`~pytest_characterize.codec.encoding.to_tagged` turned into this tree.

    Args:
        where: the file's name, for the error.

    Raises:
        StoreError: ``value-damaged`` (an unknown tag, or a content that its tag does not have),
            ``value-nested-too-deep`` or ``value-zone-data``, naming file and path.
    """
    try:
        return _READERS[type(tree)](tree, 0)
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


def _same(tree: Tree, _depth: int) -> Value:
    return tree


def _plain(tree: Tree, _depth: int) -> Value:
    if WRITERS[type(tree)](tree, 0) is not tree:
        raise LocatedError(f"{ascii(tree)[:60]} is not spelled as a golden spells it")
    return tree


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise LocatedError(f"nested deeper than {MAX_DEPTH} containers", "value-nested-too-deep")
    return depth + 1


def _items(tree: list[Tree], depth: int) -> list[Value]:
    depth = _deeper(depth)
    value: list[Value] = []
    add, readers = value.append, _READERS
    try:
        for item in tree:
            add(readers[type(item)](item, depth))
    except LocatedError as error:
        raise error.under(len(value)) from None
    return value


def _object(tree: dict[str, Tree], depth: int) -> Value:
    """In one piece with the plain dictionary: each function more is a frame more for each level of depth."""
    for key in tree:
        if key[:1] == "$":
            if key in TAGS:
                return read_scalar(key, tree)
            try:
                return _container(key, tree)(tree[key], depth)
            except (TypeError, ValueError):
                raise LocatedError(f"{key} has a content that it cannot have") from None
        if not (key.isascii() or is_utf8(key)):
            raise LocatedError(f"the key {key[:40]!a} is not spelled as a golden spells it")
    value = {}
    depth = _deeper(depth)
    try:
        for key, item in tree.items():
            value[key] = _READERS[type(item)](item, depth)
    except LocatedError as error:
        raise error.under(key) from None
    return value


def _container(tag: str, tree: dict[str, Tree]) -> Callable[[Any, int], Value]:
    if tag not in _CONTAINERS:
        raise LocatedError(f"{tag[:40]!a} is no tag of ours")
    if len(tree) > 1:
        raise LocatedError(f"{tag} stands beside other keys")
    return _CONTAINERS[tag]


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
            name = _READERS[type(key)](key, depth)
            found[name] = _READERS[type(item)](item, depth)
        except LocatedError as error:
            raise error.under(number) from None
    if len(found) != len(content):
        raise LocatedError("a dictionary holds one key twice")
    return found


def _record(content: Tree, depth: int) -> Record:
    _keys(content, "type", "fields")
    fields = content["fields"]
    return Record(_text(content["type"]), _named(_READERS[type(fields)](fields, depth)))


def _member(content: Tree, depth: int) -> Member:
    _keys(content, "type", "name", "value")
    value = content["value"]
    try:
        value = _READERS[type(value)](value, _deeper(depth))
    except LocatedError as error:
        raise error.under("value") from None
    return Member(_text(content["type"]), _text(content["name"]), value)


def _cell(content: Tree, _depth: int) -> Cell:
    _keys(content, "dialect", "type", "text")
    return Cell(_text(content["dialect"]), _text(content["type"]), _null(content["text"]))


def _rows(content: Tree, _depth: int) -> Rows:
    _keys(content, "dialect", "ordered", "columns", "rows")
    columns = _columns(content["columns"])
    rows = tuple([tuple(map(_null, _list_of(row))) for row in _list_of(content["rows"])])
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            raise LocatedError(f"row {number} has {len(row)} cells for {len(columns)} columns")
    if type(content["ordered"]) is not bool:
        raise LocatedError("ordered is true or false")
    return Rows(_text(content["dialect"]), columns, rows, content["ordered"])


def _columns(content: Tree) -> tuple[Column, ...]:
    named = [tuple(column) for column in _list_of(content)]
    if all(type(part) is str for column in named for part in column):
        return _plain_columns(tuple(named))
    return tuple(Column(_text(name), _text(kind)) for name, kind in named)


@lru_cache(maxsize=256)
def _plain_columns(named: tuple[tuple[str, str], ...]) -> tuple[Column, ...]:
    """Columns; all result sets of a query, and of a table, have the same ones."""
    return tuple(Column(_text(name), _text(kind)) for name, kind in named)


def _response(content: Tree, _depth: int) -> Response:
    _keys(content, "status", "reason", "headers", "body")
    if type(content["status"]) is not int:
        raise LocatedError("a status is a whole number")
    headers = tuple((_text(name), _text(text)) for name, text in _list_of(content["headers"]))
    return Response(content["status"], headers, _body(content["body"]), _text(content["reason"]))


def _body(tree: Tree) -> bytes:
    match tree:
        case {"text": str(text)}:
            body = text.encode("utf-8")
        case {"lines": [*lines]}:
            body = "".join(lines).encode("utf-8")
        case {"base64": str(text)}:
            body = b64decode(text, validate=True)
        case _:
            raise LocatedError("a body is one of text, lines and base64")
    if body_tree(body) != tree:
        raise LocatedError("the body is not spelled as a golden spells it")
    return body


def _raised(content: Tree, depth: int) -> Raised:
    _keys(content, "types", "code", "message", "details")
    types = tuple(map(_text, _list_of(content["types"])))
    details = content["details"]
    named = _named(_READERS[type(details)](details, depth))
    return Raised(types, _text(content["message"]), _text(content["code"]), named)


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


def _named(fields: Value) -> dict[str, Value]:
    if type(fields) is not dict or not all(type(name) is str for name in fields):
        raise LocatedError("expected an object of fields by name")
    return fields


def _text(content: Tree) -> str:
    text = _READERS[type(content)](content, 0)
    if type(text) is not str:
        raise LocatedError(f"expected a text, not {type(text).__name__}")
    return text


def _null(content: Tree) -> str | None:
    if content is None or (type(content) is str and content.isascii()):
        return content
    return _text(content)


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

_READERS: Final[Mapping[type, Callable[[Any, int], Value]]] = {
    type(None): _same,
    bool: _same,
    str: _plain,
    int: _plain,
    float: _plain,
    list: _items,
    dict: _object,
}
