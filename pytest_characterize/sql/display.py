"""Statements for people, over several lines where sqlparse is installed (Django brings it)."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 2_000
"""Longer statements stay as they are: sqlparse takes seconds over large ones, and refuses very large ones."""


def laid_out(sql: str) -> str:
    """The statement a clause a line; as it is where it is long, or where sqlparse is missing or gives up."""
    if len(sql) > LONGEST:
        return sql
    try:
        import sqlparse
        from sqlparse.exceptions import SQLParseError
    except ImportError:
        return sql
    try:
        return str(sqlparse.format(sql, reindent=True)).strip() or sql
    except SQLParseError:
        return sql
