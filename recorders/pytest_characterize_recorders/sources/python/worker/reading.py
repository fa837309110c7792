"""Tagged trees to values."""

from __future__ import unicode_literals

import binascii
import datetime
import decimal
import importlib
import re
import uuid

from .kinds import PYTHON_2, TEXT, TIMEZONE, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Optional, Tuple

    Tree = Any
    Reader = Callable[[Any, Dict[str, Any], str], Any]

DATE = r"(?:(\d{4})-(\d\d)-(\d\d))?"
CLOCK = r"(?:T?(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?)?"
OFFSET = r"(?:([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{6}))?)?)?"
MOMENT = re.compile(DATE + CLOCK + OFFSET + r"\Z")
DURATION = re.compile(r"P(-?\d+)DT(\d+)(?:\.(\d{6}))?S\Z")


def read(tree, native):
    # type: (Tree, str) -> Any
    """The value of a tagged tree.

    ``native`` as in :func:`.trees.write`.
    """
    if isinstance(tree, TEXT):
        return _text(tree, native)
    if isinstance(tree, list):
        return [read(item, native) for item in tree]
    if not isinstance(tree, dict):
        return tree
    for tag in tree:
        if tag in _READERS:
            return _READERS[tag](tree[tag], tree, native)
    return _mapping(tree.items(), native)


def _members(content, native):
    # type: (Any, str) -> Any
    found = read(content, native)
    return _complete(frozenset(found), len(found))


def _mapping(pairs, native):
    # type: (Iterable[Any], str) -> Any
    found = [(read(key, native), read(item, native)) for key, item in pairs]
    return _complete(dict(found), len(found))


def _complete(container, count):
    # type: (Any, int) -> Any
    """What differs may be equal here, as texts and bytes in Python 2; then legacy would get less than was named."""
    if len(container) < count:
        raise Refused("two keys or members of a set are equal there")
    return container


def _text(text, native):
    # type: (Any, str) -> Any
    """A text; in Python 2 the ordinary string that callers of legacy would give, where it is one."""
    if not PYTHON_2:
        return text
    try:
        return text.encode(native or "ascii")
    except UnicodeEncodeError:
        return text


def _str16(content, _tree, native):
    # type: (Any, Dict[str, Any], str) -> Any
    letters = re.split(r"\\u([0-9a-f]{4})", content)
    letters[1::2] = [(b"\\u" + code.encode("ascii")).decode("unicode_escape") for code in letters[1::2]]
    return _text(TEXT().join(letters), native)


def _moment(content, tree, native):
    # type: (Any, Dict[str, Any], str) -> Any
    """A date, a datetime or a time."""
    found = MOMENT.match(content)
    assert found is not None, content
    groups = found.groups()
    year, month, day, hour, minute, second, micro = (int(group or 0) for group in groups[:7])
    if "$date" in tree:
        return datetime.date(year, month, day)
    zone = _zone(groups[7:], tree, native)
    if "$time" in tree:
        moment = datetime.time(hour, minute, second, micro, zone)  # type: Any
    else:
        moment = datetime.datetime(year, month, day, hour, minute, second, micro, zone)
    if "fold" not in tree:
        return moment
    if not hasattr(moment, "fold"):
        raise Refused("it does not know fold=1, the second of two equal clock times (%s)" % content)
    return moment.replace(fold=1)


def _zone(groups, tree, native):
    # type: (Tuple[Optional[str], ...], Dict[str, Any], str) -> Optional[datetime.tzinfo]
    if "zone" in tree:
        try:
            return importlib.import_module("zoneinfo").ZoneInfo(tree["zone"])  # type: ignore[no-any-return]
        except (ImportError, LookupError, OSError):
            raise Refused("it has no time zone %s (zoneinfo came with Python 3.9)" % tree["zone"])
    if groups[0] is None:
        return None
    hours, minutes, seconds, micro = (int(group or 0) for group in groups[1:])
    offset = datetime.timedelta(0, hours * 3600 + minutes * 60 + seconds, micro)
    name = [read(tree["name"], native)] if "name" in tree else []
    try:
        zone = TIMEZONE(-offset if groups[0] == "-" else offset, *name)
        datetime.datetime(2000, 1, 1, tzinfo=zone).utcoffset()
    except ValueError as error:
        raise Refused("it has no time zone of such an offset: %s" % error)
    return zone  # type: ignore[no-any-return]


def _duration(content, *_):
    # type: (Any, *Any) -> datetime.timedelta
    found = DURATION.match(content)
    assert found is not None, content
    return datetime.timedelta(*[int(group or 0) for group in found.groups()])


_READERS = {
    "$tuple": lambda content, _, native: tuple(read(content, native)),
    "$set": lambda content, _, native: set(_members(content, native)),
    "$frozenset": lambda content, _, native: _members(content, native),
    "$map": lambda content, _, native: _mapping(content, native),
    "$str16": _str16,
    "$int": lambda content, *_: int(content, 16),
    "$float": lambda content, *_: float(content),
    "$bytes": lambda content, *_: binascii.a2b_base64(content.encode("ascii")),
    "$decimal": lambda content, *_: decimal.Decimal(content),
    "$uuid": lambda content, *_: uuid.UUID(content),
    "$date": _moment,
    "$datetime": _moment,
    "$time": _moment,
    "$timedelta": _duration,
}  # type: Dict[str, Reader]
