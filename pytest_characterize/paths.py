"""Where in a value something is: ``$.lines[2].price``.

A part of a path is a text (a key, a field) or a whole number (an index). Other keys of a dictionary are
shown in brackets by their text, which names them without saying their type; a key that has no safe text
is shown by its type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final, Self

_LONG: Final = 160
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


def join_path(parts: Iterable[object], root: str = "$") -> str:
    """The path's text.

    >>> join_path(["lines", 2, "unit price"])
    '$.lines[2]["unit price"]'
    """
    return root + "".join(map(show_part, parts))


def show_part(part: object) -> str:
    """One part of a path, with the punctuation before it."""
    if isinstance(part, str):
        return f".{part}" if _PLAIN.match(part) else f"[{json.dumps(part)}]"
    return f"[{part.__qualname__} key]" if isinstance(part, type) else f"[{part}]"


class LocatedError(Exception):
    """A complaint that learns on its way up where it happened; a door turns it into an error of ours.

    Attributes:
        parts: the way from the complaint up to the root, innermost first.
    """

    def __init__(self, message: str, slug: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.slug = slug
        self.hint = hint
        self.parts: list[object] = []

    def under(self, part: object) -> Self:
        """The same complaint, one step further up."""
        self.parts.append(part)
        return self

    @property
    def path(self) -> str:
        """Where, from the root; the middle of a very long way is left out."""
        path = join_path(reversed(self.parts))
        return path if len(path) <= _LONG else f"{path[: _LONG // 2]}...{path[-_LONG // 2 :]}"
