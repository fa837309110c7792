"""Strict reading of JSON trees: what is missing, unknown or of another type is a complaint with its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from pytest_characterize.paths import LocatedError

Tree: TypeAlias = Any
"""What JSON text says: None, bool, int, float, str, list and dict."""

T = TypeVar("T")


def has_fields(tree: Tree, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Tree]:
    """An object with exactly these keys.

    Raises:
        LocatedError: it is something else, lacks a required key or has another one.
    """
    found: dict[str, Tree] = has_type(tree, dict)
    for key in required:
        if key not in found:
            raise LocatedError(f"key {key!r} is missing")
    if unknown := found.keys() - {*required, *optional}:
        raise LocatedError(f"key {min(unknown)!r} is unknown")
    return found


def has_type(tree: Any, kind: type[T]) -> T:
    """The tree, if it is exactly of this type.

    Raises:
        LocatedError: it is of another one.
    """
    if type(tree) is not kind:
        raise LocatedError(f"{type(tree).__name__} where {kind.__name__} is expected")
    return tree


def field(owner: dict[str, Tree], key: str, kind: type[T]) -> T:
    """A field of this type.

    Raises:
        LocatedError: it is of another one; its path names the key.
    """
    with at(key):
        return has_type(owner[key], kind)


@contextmanager
def at(part: str | int) -> Iterator[None]:
    """Complaints of the block are about this part of the tree."""
    try:
        yield
    except LocatedError as error:
        raise error.under(part) from None
