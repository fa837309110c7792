"""The value tree that every room shares: what an observation is made of.

A **value** is one of the builtins below, exactly (no subclasses), or one of the frozen classes of this
module; nothing else is ever stored or compared.

=====================  ==========================================================================
scalars                None, bool, int, float, str, bytes, Decimal, date, time, datetime, timedelta,
                       UUID
containers             list, tuple, set, frozenset, dict (any hashable value as key)
:class:`Record`        a named record: dataclass, named tuple, model instance
:class:`Member`        an enumeration's member
:class:`Cell`          one database value as the server's text and its type
:class:`Rows`          a result set, as server texts with their column types
:class:`Response`      an HTTP response as it came over the wire
:class:`Raised`        an exception or a database error
=====================  ==========================================================================

This module only names them. :mod:`pytest_characterize.codec` makes values from live objects and text
from values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

Value: TypeAlias = Any
"""A value of the tree described above; Python's type system cannot say it more exactly."""

LARGE: Final = "pytest_characterize.LargeResult"
"""Type of the record that is left of a result set which is too large to be kept whole."""
MAX_DEPTH: Final = 200
"""Containers may be nested this deep; deeper is an error, never an ellipsis."""


class Absent(Enum):
    """The side of a difference on which there is nothing (which is not the same as ``None``)."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Record:
    """A named record: a dataclass, a named tuple, a model instance.

    Attributes:
        type: qualified name of the class it was made from, ``module.Class``.
        fields: its fields by name.
    """

    type: str
    fields: Mapping[str, Value]

    def __hash__(self) -> int:
        return hash((self.type, frozenset(self.fields.items())))


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enumeration: qualified type name, member name, and value."""

    type: str
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Cell:
    """One database value: the server's own text and type, so that nothing is lost on the way.

    Attributes:
        dialect: ``postgresql``, ``mysql`` or ``sqlite``.
        type: the type as the server prints it, for example ``numeric(10,2)`` or ``character(5)``.
        text: the server's text output, ``None`` for NULL.
    """

    dialect: str
    type: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """Name and server type of one column of a result set."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A result set.

    Attributes:
        dialect: as in :class:`Cell`.
        columns: in the server's order; names may repeat.
        rows: one tuple of server texts a row, ``None`` for NULL, as long as ``columns``.
        ordered: whether the order of rows was asked for and is therefore behaviour.
    """

    dialect: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | None, ...], ...]
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response: status, headers in wire order (names may repeat), body bytes after
    transfer and content decoding."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception or a database error.

    Attributes:
        types: qualified class names, most specific first (a Python exception's MRO up to
            ``Exception``); for a database error its condition name.
        code: SQLSTATE of a database error, else ``""``.
        message: the error's text.
        details: further fields, for example ``detail``, ``hint``, ``constraint``.
    """

    types: tuple[str, ...]
    message: str
    code: str = ""
    details: Mapping[str, Value] = field(default_factory=dict)
