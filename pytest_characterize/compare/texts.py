"""Texts and bytes: what is left of a difference when blanks, case or encoding are set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import normalize

from pytest_characterize.compare.findings import Finding
from pytest_characterize.compare.numeric import numeral_finding
from pytest_characterize.compare.times import timestamp_finding
from pytest_characterize.model import Kind

_NEWLINE: Final = re.compile(r"\r\n?")
_REPLACED: Final = frozenset("?\ufffd")
_LEGACY_CHARSETS: Final = ("latin-1", "cp1252")


def finding(legacy: str, candidate: str) -> Finding:
    """What two different texts have in common."""
    return (
        _blanks(legacy, candidate)
        or _case(legacy, candidate)
        or _encoding(legacy, candidate)
        or timestamp_finding(legacy, candidate)
        or numeral_finding(legacy, candidate)
        or _mixed(legacy, candidate)
        or (Kind.VALUE, _where(legacy, candidate))
    )


def bytes_finding(legacy: bytes, candidate: bytes) -> Finding:
    """What two different byte strings have in common, read as text where they are text."""
    if not legacy or not candidate:
        return Kind.EMPTY, ""
    try:
        old, new = legacy.decode("utf-8"), candidate.decode("utf-8")
    except UnicodeDecodeError:
        return _bytes_encoding(legacy, candidate) or (Kind.VALUE, _first_byte(legacy, candidate))
    kind, note = finding(old, new)
    return (kind, note) if kind is not Kind.VALUE else (kind, _first_byte(legacy, candidate))


def _blanks(legacy: str, candidate: str) -> Finding | None:
    for strip, place in ((str.rstrip, "trailing"), (str.lstrip, "leading")):
        if strip(legacy, " ") == strip(candidate, " "):
            more = len(legacy) - len(candidate)
            side, blanks = "legacy" if more > 0 else "the candidate", "blanks" if abs(more) > 1 else "blank"
            return Kind.PADDING, f"{side} has {abs(more)} more {place} {blanks}"
    if (text := legacy.strip(" ")) and text == candidate.strip(" "):
        return Kind.PADDING, "equal but for blanks at both ends"
    if not legacy or not candidate:
        return Kind.EMPTY, ""
    if _NEWLINE.sub("\n", legacy) == _NEWLINE.sub("\n", candidate):
        return Kind.WHITESPACE, "equal but for line endings"
    if legacy.split() == candidate.split():
        return Kind.WHITESPACE, "equal when white space is normalised"
    return None


def _case(legacy: str, candidate: str) -> Finding | None:
    if legacy.casefold() == candidate.casefold():
        return Kind.CASE, "equal when case is ignored"
    return None


def _encoding(legacy: str, candidate: str) -> Finding | None:
    if legacy.isascii() and candidate.isascii():
        return None
    if normalize("NFC", legacy) == normalize("NFC", candidate):
        return Kind.ENCODING, "equal in Unicode's normal form C"
    for old, new, side in ((legacy, candidate, "the candidate"), (candidate, legacy, "legacy")):
        for charset in _misreadings(old, new):
            return Kind.ENCODING, f"{side} has UTF-8 that was read as {charset}"
        if _replaced(old, new):
            return Kind.ENCODING, f"{side} lost characters that its charset does not have"
    return None


def _misreadings(right: str, wrong: str) -> Iterator[str]:
    """Charsets by which the bytes of the right text were read when they gave the wrong one."""
    for charset in _LEGACY_CHARSETS:
        try:
            if right.encode("utf-8").decode(charset) == wrong:
                yield charset
        except UnicodeError:
            continue


def _replaced(right: str, wrong: str) -> bool:
    """Whether one text is the other with question marks for what is not ASCII."""
    return len(right) == len(wrong) and all(
        a == b or (b in _REPLACED and not a.isascii()) for a, b in zip(right, wrong, strict=True)
    )


def _mixed(legacy: str, candidate: str) -> Finding | None:
    """Several harmless-looking differences in one text; the kind is that of the one that weighs most."""
    old, new = (normalize("NFC", " ".join(side.casefold().split())) for side in (legacy, candidate))
    if old == new:
        return Kind.CASE, "equal when case, blanks and Unicode's normal form are ignored"
    return None


def _bytes_encoding(legacy: bytes, candidate: bytes) -> Finding | None:
    """Equal texts, one in UTF-8 and one in an older charset."""
    for charset in _LEGACY_CHARSETS:
        for old, new in ((legacy, candidate), (candidate, legacy)):
            try:
                if old.decode("utf-8") == new.decode(charset):
                    return Kind.ENCODING, f"equal texts, one in UTF-8 and one in {charset}"
            except UnicodeDecodeError:
                continue
    return None


def _where(legacy: str, candidate: str) -> str:
    """Where two long texts part; short ones show it themselves."""
    if max(len(legacy), len(candidate)) <= 40:
        return ""
    return f"they part at character {_common(legacy, candidate)}"


def _first_byte(legacy: bytes, candidate: bytes) -> str:
    return f"they part at byte {_common(legacy, candidate)} of {len(legacy)} and {len(candidate)}"


def _common(legacy: str | bytes, candidate: str | bytes) -> int:
    """How long the common beginning is, by halving: texts may be long."""
    low, high = 0, min(len(legacy), len(candidate))
    while low < high:
        middle = (low + high + 1) // 2
        if legacy[low:middle] == candidate[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
