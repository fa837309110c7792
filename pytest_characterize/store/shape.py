"""Strict reading of JSON trees: what is missing, unknown or of another type is a complaint with its path."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias, TypeVar

from pytest_characterize.paths import LocatedError

Tree: TypeAlias = Any
"""What JSON text says: None, bool, int, float, str, list and dict."""

T = TypeVar("T")


def has_fields(tree: Tree, required: Collection[str], optional: Iterable[str] = ()) -> dict[str, Tree]:
    """An object with exactly these keys.

    Raises:
        LocatedError: it is something else, lacks a required key or has another one.
    """
    found: dict[str, Tree] = has_type(tree, dict)
    for key in required:
        if key not in found:
            raise LocatedError(f"key {key!r} is missing")
    if len(found) > len(required) and (unknown := found.keys() - {*required, *optional}):
        raise LocatedError(f"key {min(unknown)!r} is unknown")
    return found


def has_type(tree: Any, kind: type[T]) -> T:
    """The tree, if it is exactly of this type.

    Raises:
        LocatedError: it is of another one.
    """
    if type(tree) is not kind:
        raise LocatedError(_mistaken(tree, kind))
    return tree


def field(owner: dict[str, Tree], key: str, kind: type[T]) -> T:
    """A field of this type.

    Raises:
        LocatedError: it is of another one; its path names the key.
    """
    found = owner[key]
    if type(found) is not kind:
        raise LocatedError(_mistaken(found, kind)).under(key)
    return found


class Under:
    """Complaints of a ``with`` block are about this part of the tree."""

    __slots__ = ("_part",)

    def __init__(self, part: str | int) -> None:
        self._part = part

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LocatedError):
            error.under(self._part)


def _mistaken(found: Tree, kind: type) -> str:
    return f"{type(found).__name__} where {kind.__name__} is expected"
