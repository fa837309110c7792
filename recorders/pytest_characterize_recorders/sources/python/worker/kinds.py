"""What the interpreters' versions call differently, and the two ways of saying no."""

from __future__ import unicode_literals

import datetime
import sys

TYPE_CHECKING = False  # Python 2.7 has no typing to import it from
if TYPE_CHECKING:
    from typing import Any, List, Optional, Type

PYTHON_2 = sys.version_info[0] == 2
TEXT = type("")


class Refused(Exception):
    """The function cannot be used, or not with these arguments, or not in this interpreter."""


class Unstorable(Exception):
    """A value has no tagged form.

    Attributes:
        parts: the way from the value up to the root, innermost first.
    """

    def __init__(self, why, hint):
        # type: (str, str) -> None
        Exception.__init__(self, why)
        self.why, self.hint = why, hint
        self.parts = []  # type: List[Any]


class FixedOffset(datetime.tzinfo):
    """What ``datetime.timezone`` is to Python 3."""

    def __init__(self, offset=datetime.timedelta(0), name=None):
        # type: (datetime.timedelta, Optional[str]) -> None
        self.offset, self.name = offset, name

    def utcoffset(self, _moment):
        # type: (Optional[datetime.datetime]) -> datetime.timedelta
        """The same at all times."""
        return self.offset

    def dst(self, _moment):
        # type: (Optional[datetime.datetime]) -> None
        """Not known."""

    def tzname(self, _moment):
        # type: (Optional[datetime.datetime]) -> str
        """The name that was given, else the offset in minutes."""
        return self.name or "UTC%+d" % (self.offset.total_seconds() // 60)


TIMEZONE = getattr(datetime, "timezone", FixedOffset)  # type: Type[Any]


def name_of(kind):
    # type: (Type[Any]) -> str
    """``module.Class``; Python 2 does not know in which class a class was written."""
    return "%s.%s" % (kind.__module__, getattr(kind, "__qualname__", kind.__name__))


def as_text(text, native=""):
    # type: (Any, str) -> Any
    """Any string as characters, for people to read."""
    for encoding in (native, "utf-8", "latin-1") if isinstance(text, bytes) else ():
        try:
            return text.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return text


def message_of(error, native=""):
    # type: (Any, str) -> Any
    """The text of an exception, whatever its class makes of it."""
    try:
        try:
            text = str(error)  # type: Any
        except UnicodeError:
            text = TEXT(error)
    except Exception as fault:
        return "(no text: its __str__ raised %s)" % type(fault).__name__
    return as_text(text, native)
