"""Live Python objects into values: a deep copy, taken when the call returned.

What cannot be read back unchanged is an error that names its path; nothing is ever stored as its
``repr``. An object that is no builtin is shown to the adapters first, and then taken as what it is:
enumeration member, exception, dataclass, attrs class, named tuple.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.paths import LocatedError, join_path
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

Adapter: TypeAlias = Callable[[object], object]
"""Gives a simpler object for one that it knows, ``NotImplemented`` for all others."""

_Adapters: TypeAlias = Sequence[Adapter]


class _FreezeError(LocatedError):
    """Knows the objects on its way up as well, so that a cycle can be told from mere depth."""

    def __init__(self, message: str, slug: str, hint: str) -> None:
        super().__init__(message, slug, hint)
        self.trail: list[int] = []

    def through(self, part: object, container: object) -> _FreezeError:
        """The same error, seen from one container further out."""
        self.trail.append(id(container))
        self.under(part)
        return self

    def cycle(self) -> str | None:
        """Path of the first object that is inside itself, ``None`` if there is none."""
        parts = self.parts[::-1]
        seen: set[int] = set()
        for index, identity in enumerate(reversed(self.trail)):
            if identity in seen:
                return join_path(parts[:index])
            seen.add(identity)
        return None


def freeze(obj: object, adapters: Sequence[Adapter] = ()) -> Value:
    """The object as a value that no later change of the object reaches.

    Args:
        adapters: asked first about everything that is no builtin; what they give is frozen in turn.

    Raises:
        UnsupportedValueError: ``value-unsupported``, ``value-too-deep``, ``value-cyclic`` or
            ``value-collapses``, naming path and type.
    """
    try:
        return _freeze(obj, 0, adapters)
    except _FreezeError as error:
        cycle = error.cycle() if error.slug == "value-too-deep" else None
        if cycle is not None:
            raise UnsupportedValueError(
                f"{cycle}: the object contains itself",
                slug="value-cyclic",
                hint="return a structure without the reference back",
            ) from None
        raise UnsupportedValueError(
            f"{error.path}: {error.message}", slug=error.slug, hint=error.hint
        ) from None
    except RecursionError:
        raise UnsupportedValueError(
            "$: the object is nested too deeply for the stack that is left",
            slug="value-too-deep",
            hint="return a flatter structure, or call from a shallower place",
        ) from None


def freeze_exception(error: BaseException) -> Raised:
    """The exception's class names, most specific first, its text, and its SQLSTATE if it has one."""
    root = Exception if isinstance(error, Exception) else BaseException
    names = tuple(qualified_name(kind) for kind in type(error).__mro__ if issubclass(kind, root))
    details: dict[str, Value] = {}
    if isinstance(error, BaseExceptionGroup):
        details["exceptions"] = [freeze_exception(one) for one in error.exceptions]
    return Raised(names, _message(error), _sqlstate(error), details)


def is_known(kind: type) -> bool:
    """Whether :func:`freeze` takes objects of exactly this type as what they are, without asking adapters."""
    return kind in _IMMUTABLE or kind in _WAYS


def field_names(obj: object) -> list[str] | None:
    """The fields by which :func:`freeze` stores an object of no known type; ``None`` for one that has none."""
    return None if isinstance(obj, Enum | BaseException) else _field_names(obj, type(obj))


def qualified_name(kind: type) -> str:
    """``module.Class``, as records, members and exceptions carry it."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _freeze(obj: Any, depth: int, adapters: _Adapters) -> Value:
    kind = type(obj)
    if kind in _IMMUTABLE:
        return obj
    way = _WAYS.get(kind)
    if way is not None:
        return way(obj, depth, adapters)
    return _foreign(obj, depth, adapters)


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise _FreezeError(
            f"nested deeper than {MAX_DEPTH} containers",
            "value-too-deep",
            "return a flatter structure, or the part of it that is behaviour",
        )
    return depth + 1


def _items(obj: Iterable[Any], depth: int, adapters: _Adapters) -> list[Value]:
    depth = _deeper(depth)
    frozen: list[Value] = []
    try:
        for item in obj:
            frozen.append(_freeze(item, depth, adapters))
    except _FreezeError as error:
        raise error.through(len(frozen), obj) from None
    return frozen


def _tuple(obj: tuple[Any, ...], depth: int, adapters: _Adapters) -> tuple[Value, ...]:
    return tuple(_items(obj, depth, adapters))


def _members(obj: set[Any] | frozenset[Any], depth: int, adapters: _Adapters) -> set[Value]:
    members = _items(obj, depth, adapters)
    try:
        frozen = set(members)
    except TypeError as error:
        raise _unsupported(
            obj, f"has a member that cannot be a member of a set once stored ({error})"
        ) from None
    _complete(obj, len(frozen))
    return frozen


def _frozenset(obj: frozenset[Any], depth: int, adapters: _Adapters) -> frozenset[Value]:
    return frozenset(_members(obj, depth, adapters))


def _dict(obj: Mapping[Any, Any], depth: int, adapters: _Adapters) -> dict[Value, Value]:
    depth = _deeper(depth)
    frozen: dict[Value, Value] = {}
    part: object = None
    try:
        for key, item in obj.items():
            part = key if type(key) is str else type(key)
            name = key if type(key) is str else _key(key, depth, adapters)
            part = name
            frozen[name] = _freeze(item, depth, adapters)
    except _FreezeError as error:
        raise error.through(part, obj) from None
    _complete(obj, len(frozen))
    return frozen


def _key(key: Any, depth: int, adapters: _Adapters) -> Value:
    frozen = _freeze(key, depth, adapters)
    try:
        hash(frozen)
    except TypeError as error:
        raise _unsupported(key, f"cannot be a key once stored ({error})") from None
    return frozen


def _complete(obj: Any, count: int) -> None:
    """Different objects may be equal once frozen; then a set or a dictionary would lose some."""
    if len(obj) != count:
        raise _FreezeError(
            f"{len(obj)} members or keys would become {count}, as some are stored alike",
            "value-collapses",
            "return a list, or give the objects what tells them apart",
        )


def _datetime(obj: Any, _depth: int, _adapters: _Adapters) -> Value:
    """Zones of other libraries become the zone of their name, else the offset that they stand for."""
    zone: tzinfo | None = obj.tzinfo
    if zone is None or type(zone) is timezone or (type(zone) is ZoneInfo and zone.key is not None):
        return obj
    offset = obj.utcoffset()
    named = _zone_named(getattr(zone, "key", None) or getattr(zone, "zone", None))
    if named is not None:
        for fold in (obj.fold, 1 - obj.fold):
            zoned = obj.replace(tzinfo=named, fold=fold)
            if zoned.utcoffset() == offset:
                return zoned
    if offset is None:
        raise _unsupported(zone, "is a time zone that cannot be stored")
    return obj.replace(tzinfo=timezone(offset), fold=0)


def _zone_named(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def _record(obj: Record, depth: int, adapters: _Adapters) -> Record:
    return Record(obj.type, _dict(obj.fields, depth, adapters))


def _member(obj: Member, depth: int, adapters: _Adapters) -> Member:
    try:
        return Member(obj.type, obj.name, _freeze(obj.value, _deeper(depth), adapters))
    except _FreezeError as error:
        raise error.through("value", obj) from None


def _raised(obj: Raised, depth: int, adapters: _Adapters) -> Raised:
    return replace(obj, details=_dict(obj.details, depth, adapters))


def _foreign(obj: Any, depth: int, adapters: _Adapters) -> Value:
    for adapter in adapters:
        simpler = adapter(obj)
        if simpler is not NotImplemented:
            return _freeze(simpler, _deeper(depth), adapters)
    kind = type(obj)
    if isinstance(obj, Enum):
        return _member(Member(qualified_name(kind), obj.name or "", obj.value), depth, adapters)
    if isinstance(obj, BaseException):
        return freeze_exception(obj)
    names = _field_names(obj, kind)
    if names is None:
        raise _unsupported(obj)
    return _fields(obj, names, depth, adapters)


def _field_names(obj: Any, kind: type) -> list[str] | None:
    if isinstance(obj, type):
        return None
    if is_dataclass(kind):
        return [field.name for field in fields(kind)]
    if hasattr(kind, "__attrs_attrs__"):
        return [attribute.name for attribute in kind.__attrs_attrs__]
    if isinstance(obj, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return list(kind._fields)  # type: ignore[attr-defined]
    return None


def _fields(obj: Any, names: Iterable[str], depth: int, adapters: _Adapters) -> Record:
    depth = _deeper(depth)
    frozen: dict[str, Value] = {}
    name = ""
    try:
        for name in names:
            if not hasattr(obj, name):
                raise _FreezeError(
                    f"the field was never set on the {qualified_name(type(obj))}",
                    "value-unsupported",
                    "set every field, or pass an adapter",
                )
            frozen[name] = _freeze(getattr(obj, name), depth, adapters)
    except _FreezeError as error:
        raise error.through(name, obj) from None
    return Record(qualified_name(type(obj)), frozen)


def _unsupported(obj: Any, why: str = "is not a value that a golden can hold") -> _FreezeError:
    if isinstance(obj, Iterator):
        hint = "return list(...) of it: looking into an iterator would use it up"
    elif callable(obj):
        hint = "return what it gives, not the callable"
    else:
        hint = "return a dict or a dataclass, or pass an adapter for this type"
    return _FreezeError(f"{qualified_name(type(obj))} {why}", "value-unsupported", hint)


def _message(error: BaseException) -> str:
    try:
        return "".join([str(error)])
    except Exception as fault:
        return f"(no text: its __str__ raised {type(fault).__name__})"


def _sqlstate(error: BaseException) -> str:
    for candidate in (error, error.__cause__):
        code = getattr(candidate, "sqlstate", None)
        if isinstance(code, str):
            return code
    return ""


_IMMUTABLE: Final = frozenset(
    {
        type(None), bool, int, float, str, bytes, Decimal, date, timedelta, UUID,
        Cell, Rows, Response, Absent,
    }
)  # fmt: skip
_WAYS: Final[Mapping[type, Callable[[Any, int, _Adapters], Value]]] = {
    list: _items,
    tuple: _tuple,
    set: _members,
    frozenset: _frozenset,
    dict: _dict,
    OrderedDict: _dict,
    defaultdict: _dict,
    Counter: _dict,
    MappingProxyType: _dict,
    deque: _items,
    bytearray: lambda obj, *_: bytes(obj),
    memoryview: lambda obj, *_: bytes(obj),
    datetime: _datetime,
    time: _datetime,
    Record: _record,
    Member: _member,
    Raised: _raised,
}
