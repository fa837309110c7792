"""Detector: one side read or wrote its texts in the wrong charset, and what became of the characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from pytest_characterize.explain.pairs import Pairs, every, texts

_SEVERAL: Final = 2
"""Of one text, another letter in one place may be a change of the text."""
_LOST: Final = "\ufffd"


def charset(pairs: Pairs) -> str:
    """What the texts of the one side are, made of those of the other."""
    known = texts(pairs)
    if not known or any(old.isascii() and new.isascii() for old, new in known):
        return ""
    for rights, side, other in (
        (known, "the candidate", "legacy"),
        ([(new, old) for old, new in known], "legacy", "the candidate"),
    ):
        told = _misread(rights) or _lost(rights, other)
        if told:
            return f"{side} has {told}: {every(pairs)}"
    return ""


def _misread(pairs: Sequence[tuple[str, str]]) -> str:
    """Bytes of one charset that were read as another, each character of which says so."""
    for times, told in ((1, "UTF-8 that was read as"), (2, "UTF-8 that was twice read as")):
        fitting = [name for name in ("latin-1", "cp1252") if _all(pairs, _reading(name, times))]
        if fitting:
            return f"{told} {' or '.join(fitting)}"
    return ""


def _lost(pairs: Sequence[tuple[str, str]], other: str) -> str:
    """What stands in place of characters that got lost; the charset is named where these tell it."""
    if len(pairs) < _SEVERAL:
        return ""
    for name, shown in (("ascii", "ASCII"), ("latin-1", "latin-1")):
        if _all(pairs, lambda text, name=name: text.encode(name, "replace").decode(name)):  # type: ignore[misc]
            return f"a question mark where {other} has characters that {shown} does not have"
        if _all(pairs, lambda text, name=name: text.encode(name, "ignore").decode(name)):  # type: ignore[misc]
            return f"nothing where {other} has characters that {shown} does not have"
    if _all(pairs, lambda text: "".join(one if one.isascii() else _LOST for one in text)):
        return f"U+FFFD where {other} has characters that ASCII does not have"
    if all(_LOST in wrong for _, wrong in pairs) and _all(pairs, _reread):
        return "latin-1 that was read as UTF-8, with U+FFFD for what is none"
    return "letters without their accents" if _all(pairs, _plain) else ""


def _all(pairs: Sequence[tuple[str, str]], made: Callable[[str], str]) -> bool:
    """Whether all of the wrong texts are what is made of the right ones."""
    try:
        return all(right != wrong == made(right) for right, wrong in pairs)
    except UnicodeError:
        return False


def _reading(read: str, times: int) -> Callable[[str], str]:
    """Writing a text in UTF-8 and reading it in another charset, so many times."""

    def reading(text: str) -> str:
        """The text as it is read in the end."""
        for _ in range(times):
            text = text.encode().decode(read)
        return text

    return reading


def _reread(text: str) -> str:
    """Bytes of latin-1 read as UTF-8, whatever is wrong about them."""
    return text.encode("latin-1").decode("utf-8", "replace")


def _plain(text: str) -> str:
    """The letters without what Unicode puts on them."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
