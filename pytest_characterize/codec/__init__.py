"""Values to text and back without loss: strict, tagged, pretty JSON.

What JSON can say exactly stays as it is; everything else is an object with one ``$`` tag
(``{"$decimal": "1.00"}``). One value has one text, so equal files mean equal values and the other way
round, to the type: ``1`` is not ``1.0`` nor ``True``. Only the order of a dictionary's keys is not kept:
Python says that it is no part of the value.

>>> from decimal import Decimal
>>> to_tagged({"total": Decimal("1.00"), "lines": (1, 2)})
{'lines': {'$tuple': [1, 2]}, 'total': {'$decimal': '1.00'}}
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Final

from pytest_characterize.codec.decoding import from_tagged
from pytest_characterize.codec.encoding import enough_stack, to_tagged
from pytest_characterize.codec.reading import parse_json
from pytest_characterize.codec.scalars import Tree
from pytest_characterize.codec.writing import pretty_json
from pytest_characterize.values import Value

__all__ = [
    "canonical",
    "canonical_tree",
    "dumps",
    "from_tagged",
    "loads",
    "parse_json",
    "pretty_json",
    "to_tagged",
    "values_equal",
]

_PLAIN: Final = frozenset({type(None), bool, int, str, bytes, date})
"""Types of which Python's own equality is strict, as long as the types are the same."""
_COMPACT = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def dumps(value: Value) -> str:
    """The value as pretty tagged JSON: ASCII only, stable, with a final newline.

    Raises:
        UnsupportedValueError: ``value-unsupported`` or ``value-too-deep``, naming the path.
    """
    return pretty_json(to_tagged(value))


def loads(text: str, where: str) -> Value:
    """The value that :func:`dumps` wrote.

    Args:
        where: the file's name, for the error.

    Raises:
        StoreError: the text is damaged or says something that no value is.
    """
    return from_tagged(parse_json(text, where), where)


def canonical(value: Value) -> bytes:
    """The one compact ASCII form of a value, for hashing: equal bytes mean strictly equal values."""
    return canonical_tree(to_tagged(value))


def canonical_tree(tree: Tree) -> bytes:
    """The same of a value that is a tagged tree already, and known to be a sound one."""
    with enough_stack():
        return _COMPACT.encode(tree).encode("ascii")


def values_equal(one: Value, other: Value) -> bool:
    """Strict equality: type, scale, sign of zero, time zone and all; NaN equals NaN."""
    kind, other_kind = type(one), type(other)
    if kind in _PLAIN and other_kind in _PLAIN:
        return kind is other_kind and one == other
    if kind is other_kind is Decimal:
        return str(one) == str(other)
    return canonical(one) == canonical(other)
