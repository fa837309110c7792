"""In which dialect a kept source of a stored procedure is written: its first words tell."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pytest_characterize.rules.mariadb.header import BEGINNING, read_settings

Dialect: TypeAlias = Literal["plpgsql", "mariadb"]


def dialect(text: str) -> Dialect:
    """The dialect of a kept source.

    >>> dialect("SET sql_mode = 'ANSI_QUOTES';\\nCREATE PROCEDURE p() BEGIN END")
    'mariadb'
    """
    return "mariadb" if text.startswith(BEGINNING) else "plpgsql"


def lines_before_rules(text: str) -> int:
    """How many lines of a kept source stand before the line that its rules call the first."""
    if dialect(text) == "mariadb":
        return text.count("\n", 0, read_settings(text).offset)
    from pytest_characterize.rules.plpgsql.header import HeaderError, read_header

    try:
        return text.count("\n", 0, read_header(text).offset)
    except HeaderError:
        return 0
