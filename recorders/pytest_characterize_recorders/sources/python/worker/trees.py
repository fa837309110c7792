"""Values to tagged trees, as goldens spell them.

Two things are left to whoever reads them: a dictionary always is a list of pairs, and a time zone of any
library is told as its name and its offset.
"""

from __future__ import unicode_literals

import base64
import collections
import datetime
import decimal
import importlib
import inspect
import re
import sys
import uuid

from .kinds import PYTHON_2, TEXT, TIMEZONE, Unstorable, message_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Type

    Tree = Any
    Writer = Callable[[Any, str, int], Tree]

MAX_INT = 10**600
MAX_DEPTH = 200
SPELLING = decimal.Context(capitals=1)
LONE = re.compile("[\ud800-\udfff]")
if sys.maxunicode == 0xFFFF:  # where a surrogate that has its other half is an ordinary character
    LONE = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")


def write(value, native, depth=0):
    # type: (Any, str, int) -> Tree
    """The value as a tagged tree.

    ``native`` is the encoding of Python 2's byte strings, which are its ordinary texts; those that are not
    in it (or in ASCII, where it is ``""``) are bytes.
    """
    writer = _WRITERS.get(type(value))
    return writer(value, native, depth) if writer else _foreign(value, native, depth)


def raised(kind, error, native, depth=0):
    # type: (Type[Any], Any, str, int) -> Tree
    """An exception; in Python 2 it may be an object of any class."""
    root = Exception if isinstance(error, Exception) else BaseException
    bases = inspect.getmro(kind)
    state = getattr(error, "sqlstate", None) or getattr(getattr(error, "__cause__", None), "sqlstate", None)
    group = "builtins.BaseExceptionGroup" in map(name_of, bases)
    details = [("exceptions", list(error.exceptions))] if group else []
    return {
        "$raised": {
            "types": [
                name_of(base) for base in bases if not issubclass(kind, root) or issubclass(base, root)
            ],
            "code": state if isinstance(state, (str, TEXT)) else "",
            "message": _text(message_of(error, native)),
            "details": _pairs(details, native, depth),
        }
    }


# -- objects -------------------------------------------------------------------------------------------


def _foreign(value, native, depth):
    # type: (Any, str, int) -> Tree
    """An object that is no builtin, as the kind of record that it is."""
    kind = type(value)
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        inner = _under("value", write, value.value, native, _deeper(depth))
        return {"$member": {"type": name_of(kind), "name": _text(value.name), "value": inner}}
    if isinstance(value, BaseException):
        return raised(kind, value, native, depth)
    names = _field_names(value, kind)
    if names is None:
        raise _unstorable(value)
    for name in names:
        if not hasattr(value, name):
            raise Unstorable(
                "the field %s was never set on the %s" % (name, name_of(kind)), "set every field"
            )
    fields = [(name, getattr(value, name)) for name in names]
    return {"$record": {"type": name_of(kind), "fields": _pairs(fields, native, depth)}}


def _field_names(value, kind):
    # type: (Any, Type[Any]) -> Optional[List[str]]
    """The fields of a dataclass, an attrs class or a named tuple."""
    if inspect.isclass(value):
        return None
    if hasattr(kind, "__dataclass_fields__"):
        import dataclasses

        return [field.name for field in dataclasses.fields(value)]
    if hasattr(kind, "__attrs_attrs__"):
        return [attribute.name for attribute in kind.__attrs_attrs__]
    if isinstance(value, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return list(kind._fields)
    return None


def _unstorable(value):
    # type: (Any) -> Unstorable
    if hasattr(value, "__iter__") and (hasattr(value, "__next__") or hasattr(value, "next")):
        hint = "record a function that returns list(...) of it: looking into an iterator would use it up"
    elif callable(value):
        hint = "record what it gives, not the callable"
    else:
        hint = "record a function that returns a dictionary or a record in its place"
    return Unstorable(name_of(type(value)) + " is not a value that a golden can hold", hint)


# -- containers ----------------------------------------------------------------------------------------


def _deeper(depth):
    # type: (int) -> int
    if depth >= MAX_DEPTH:
        why = "nested deeper than %d containers, or an object that contains itself" % MAX_DEPTH
        raise Unstorable(why, "record a function that returns the part of it that is behaviour")
    return depth + 1


def _under(part, step, *args):
    # type: (Tree, Callable[..., Tree], *Any) -> Tree
    """What the step gives; a complaint of it learns that it is about this part."""
    try:
        return step(*args)
    except Unstorable as error:
        error.parts.append(part)
        raise


def _items(value, native, depth):
    # type: (Iterable[Any], str, int) -> List[Tree]
    depth = _deeper(depth)
    return [_under(number, write, item, native, depth) for number, item in enumerate(value)]


def _pairs(value, native, depth):
    # type: (Iterable[Tuple[Any, Any]], str, int) -> Tree
    depth = _deeper(depth)
    found = []
    for key, item in value:
        name = _under(name_of(type(key)), write, key, native, depth)
        part = name if isinstance(name, (str, TEXT, int)) else name_of(type(key))
        found.append([name, _under(part, write, item, native, depth)])
    return {"$map": found}


# -- scalars -------------------------------------------------------------------------------------------


def _text(value, *_):
    # type: (Any, *Any) -> Tree
    if LONE.search(value) is None:
        return value
    return {"$str16": re.sub("[\\\\\ud800-\udfff]", lambda match: "\\u%04x" % ord(match.group()), value)}


def _bytes(value, *_):
    # type: (Any, *Any) -> Tree
    return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}


def _native(value, native, _depth):
    # type: (Any, str, int) -> Tree
    """An ordinary string of Python 2."""
    try:
        return _text(value.decode(native or "ascii"))
    except UnicodeDecodeError:
        return _bytes(value)


def _int(value, *_):
    # type: (int, *Any) -> Tree
    return value if -MAX_INT < value < MAX_INT else {"$int": hex(value).rstrip("L")}


def _float(value, *_):
    # type: (float, *Any) -> Tree
    return value if value - value == 0.0 and (value or str(value) == "0.0") else {"$float": str(value)}


def _duration(value, *_):
    # type: (datetime.timedelta, *Any) -> Tree
    fraction = ".%06d" % value.microseconds if value.microseconds else ""
    return {"$timedelta": "P%dDT%d%sS" % (value.days, value.seconds, fraction)}


def _moment(value, *_):
    # type: (Any, *Any) -> Tree
    """A datetime or a time, with what ``isoformat`` leaves out."""
    tree = {"$datetime" if isinstance(value, datetime.datetime) else "$time": value.isoformat()}
    if getattr(value, "fold", 0):
        tree["fold"] = 1
    zone = value.tzinfo
    if type(zone) is TIMEZONE:
        name = zone.tzname(None)
        if name != TIMEZONE(zone.utcoffset(None)).tzname(None):
            tree["name"] = _text(name)
    elif zone is not None:
        name = getattr(zone, "key", None) or getattr(zone, "zone", None)
        if isinstance(name, (str, TEXT)):
            tree["zone"] = name
        elif value.utcoffset() is None:
            raise Unstorable("its time zone has neither a name nor an offset", "give it one of the two")
    return tree


_WRITERS = {
    type(None): lambda value, *_: value,
    bool: lambda value, *_: value,
    int: _int,
    type(1 << 80): _int,  # long in Python 2
    float: _float,
    TEXT: _text,
    bytes: _native if PYTHON_2 else _bytes,
    bytearray: _bytes,
    memoryview: lambda value, *_: _bytes(value.tobytes()),
    decimal.Decimal: lambda value, *_: {"$decimal": SPELLING.to_sci_string(value)},
    datetime.date: lambda value, *_: {"$date": value.isoformat()},
    datetime.datetime: _moment,
    datetime.time: _moment,
    datetime.timedelta: _duration,
    uuid.UUID: lambda value, *_: {"$uuid": str(value)},
    list: _items,
    collections.deque: _items,
    tuple: lambda value, native, depth: {"$tuple": _items(value, native, depth)},
    set: lambda value, native, depth: {"$set": _items(value, native, depth)},
    frozenset: lambda value, native, depth: {"$frozenset": _items(value, native, depth)},
}  # type: Dict[Type[Any], Writer]
if PYTHON_2:
    _WRITERS[importlib.import_module("__builtin__").buffer] = _bytes
for _mapping in (
    dict,
    collections.OrderedDict,
    collections.defaultdict,
    collections.Counter,
    type(type.__dict__),
):
    _WRITERS[_mapping] = lambda value, native, depth: _pairs(value.items(), native, depth)
