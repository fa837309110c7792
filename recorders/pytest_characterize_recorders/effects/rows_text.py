"""PostgreSQL's text of a whole row, read back into the texts of its columns.

The row is written by the server's output functions, so every column has exactly the text that a query gives
(a cast of the single column would not: it trims ``character(n)`` and spells booleans out).
"""

from __future__ import annotations

import re
from typing import Final

_FIELD: Final = re.compile(r'(?:"((?:[^"\\]|""|\\.)*)"|([^,()"]*))([,)])', re.DOTALL)
_ESCAPED: Final = re.compile(r'""|\\(.)', re.DOTALL)


def read_row(text: str) -> tuple[str | None, ...]:
    r"""The columns of a row's text; there is at least one.

    >>> read_row('(7,,"","a ""quoted"" \\\\ text")')
    ('7', None, '', 'a "quoted" \\ text')
    """
    columns: list[str | None] = []
    position = 1
    while position < len(text):
        field = _FIELD.match(text, position)
        assert field is not None, "the server's text of a row is always well-formed"
        quoted, plain, _ = field.groups()
        columns.append(_unescaped(quoted) if quoted is not None else plain or None)
        position = field.end()
    return tuple(columns)


def _unescaped(quoted: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] or '"', quoted)
