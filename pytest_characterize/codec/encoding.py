"""Values to tagged JSON trees: one small writer a type, found by exact type."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, NoReturn

from pytest_characterize.codec.scalars import WRITERS, Tree, is_utf8
from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.paths import LocatedError
from pytest_characterize.values import (
    MAX_DEPTH,
    Absent,
    Cell,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)

_HINT: Final = "turn it into a value first: pytest_characterize.freezing.freeze does for most objects"
_SORT_KEY: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class _EnoughStack:
    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None and issubclass(kind, RecursionError):
            raise UnsupportedValueError(
                "$: the value is nested too deeply for the stack that is left",
                slug="value-too-deep",
                hint="return a flatter structure, or call from a shallower place",
            ) from None


_ENOUGH_STACK: Final = _EnoughStack()


def enough_stack() -> AbstractContextManager[None]:
    """Where the caller left too little stack for a deep value, that is said in an error of ours."""
    return _ENOUGH_STACK


def to_tagged(value: Value) -> Tree:
    """The value as a JSON tree in which every type that JSON lacks is an object with one ``$`` tag.

    Raises:
        UnsupportedValueError: ``value-unsupported`` or ``value-too-deep``, naming the path.
    """
    try:
        with enough_stack():
            return _WRITERS[type(value)](value, 0)
    except LocatedError as error:
        raise UnsupportedValueError(
            f"{error.path}: {error.message}", slug=error.slug, hint=error.hint
        ) from None


def body_tree(body: bytes) -> Tree:
    """Bytes that mostly are text: text, as lines where there are several, else base64."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode("ascii")}
    lines = text.split("\n")
    if len(lines) <= 2:
        return {"text": text}
    return {"lines": [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])}


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise LocatedError(
            f"nested deeper than {MAX_DEPTH} containers",
            "value-too-deep",
            "return a flatter structure, or the part of it that is behaviour",
        )
    return depth + 1


def _items(items: Iterable[Value], depth: int) -> list[Tree]:
    depth = _deeper(depth)
    trees: list[Tree] = []
    add, writers = trees.append, _WRITERS
    try:
        for item in items:
            add(writers[type(item)](item, depth))
    except LocatedError as error:
        raise error.under(len(trees)) from None
    return trees


def _tuple(value: tuple[Value, ...], depth: int) -> Tree:
    return {"$tuple": _items(value, depth)}


def _set(value: set[Value], depth: int) -> Tree:
    return {"$set": sorted(_items(value, depth), key=_SORT_KEY)}


def _frozenset(value: frozenset[Value], depth: int) -> Tree:
    return {"$frozenset": sorted(_items(value, depth), key=_SORT_KEY)}


def _dict(value: Mapping[Any, Value], depth: int) -> Tree:
    depth = _deeper(depth)
    for key in value:
        if type(key) is not str or key[:1] == "$" or not (key.isascii() or is_utf8(key)):
            return {"$map": _pairs(value, depth)}
    tree = {}
    try:
        for key in sorted(value):
            item = value[key]
            tree[key] = _WRITERS[type(item)](item, depth)
    except LocatedError as error:
        raise error.under(key) from None
    return tree


def _pairs(value: Mapping[Any, Value], depth: int) -> list[list[Tree]]:
    pairs = []
    part: object = None
    try:
        for key, item in value.items():
            part = type(key)
            name = _WRITERS[type(key)](key, depth)
            part = key
            pairs.append([name, _WRITERS[type(item)](item, depth)])
    except LocatedError as error:
        raise error.under(part) from None
    return sorted(pairs, key=lambda pair: _SORT_KEY(pair[0]))


def _record(value: Record, depth: int) -> Tree:
    return {"$record": {"type": _text(value.type), "fields": _dict(value.fields, depth)}}


def _member(value: Member, depth: int) -> Tree:
    try:
        inner = _WRITERS[type(value.value)](value.value, _deeper(depth))
    except LocatedError as error:
        raise error.under("value") from None
    return {"$member": {"type": _text(value.type), "name": _text(value.name), "value": inner}}


def _cell(value: Cell, _depth: int) -> Tree:
    return {"$cell": {"dialect": _text(value.dialect), "type": _text(value.type), "text": _null(value.text)}}


def _rows(value: Rows, _depth: int) -> Tree:
    width = len(value.columns)
    rows: list[Tree] = []
    for row in value.rows:
        if len(row) != width:
            raise LocatedError(
                f"row {len(rows)} has {len(row)} cells for {width} columns",
                "value-unsupported",
                "give every row one text, or None, a column",
            )
        rows.append([None if text is None else _text(text) for text in row])
    return {
        "$rows": {
            "dialect": _text(value.dialect),
            "ordered": bool(value.ordered),
            "columns": [[_text(column.name), _text(column.type)] for column in value.columns],
            "rows": rows,
        }
    }


def _response(value: Response, _depth: int) -> Tree:
    return {
        "$response": {
            "status": value.status,
            "reason": _text(value.reason),
            "headers": [[_text(name), _text(text)] for name, text in value.headers],
            "body": body_tree(value.body),
        }
    }


def _raised(value: Raised, depth: int) -> Tree:
    return {
        "$raised": {
            "types": [_text(name) for name in value.types],
            "code": _text(value.code),
            "message": _text(value.message),
            "details": _dict(value.details, depth),
        }
    }


def _text(value: str) -> Tree:
    """A text field of our own classes, where the type checker's promise is proved once more."""
    if type(value) is not str:
        raise LocatedError(f"a text is {type(value).__name__}, not str", "value-unsupported", _HINT)
    tree: Tree = WRITERS[str](value, 0)
    return tree


def _null(value: str | None) -> Tree:
    return None if value is None else _text(value)


class _Writers(dict[type, Callable[[Any, int], Tree]]):
    """Writers by exact type: a subclass would come back as its base class, so it is refused."""

    def __missing__(self, kind: type) -> NoReturn:
        raise LocatedError(
            f"{kind.__module__}.{kind.__qualname__} is not a value that a golden can hold",
            "value-unsupported",
            _HINT,
        )


_WRITERS: Final = _Writers(
    {
        **WRITERS,
        list: _items,
        dict: _dict,
        tuple: _tuple,
        set: _set,
        frozenset: _frozenset,
        Record: _record,
        Member: _member,
        Cell: _cell,
        Rows: _rows,
        Response: _response,
        Raised: _raised,
        Absent: lambda _value, _depth: {"$absent": True},
    }
)
