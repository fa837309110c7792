"""Colours of the console script: on a terminal only, and never where ``NO_COLOR`` asks for none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TextIO

from pytest_characterize.report.layout import Style, plain

_CODES: Final = {"bold": "1", "light": "2", "red": "31", "green": "32", "yellow": "33"}


def style_of(stream: TextIO, environment: Mapping[str, str]) -> Style:
    """How text is coloured on a stream (https://no-color.org)."""
    dumb = environment.get("TERM") == "dumb"
    return plain if environment.get("NO_COLOR") or dumb or not stream.isatty() else ansi


def ansi(text: str, **markup: bool) -> str:
    """The text with ANSI's colour codes around it.

    >>> ansi("no", red=True)
    '\\x1b[31mno\\x1b[0m'
    """
    codes = ";".join(_CODES[name] for name, on in markup.items() if on)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text
