"""Secrets that give themselves away by their shape, wherever they stand."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Final

_SHAPES: Final = (
    # kind, literals of which a text must hold one, shape
    (
        "private-key",
        ("PRIVATE KEY",),
        r"-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----(?:[\w+/=\\\s:,.()]|-(?!-))*+"
        r"(?:-----END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    ("jwt", ("eyJ",), r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"),
    ("aws-key", ("AKIA", "ASIA"), r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    (
        "github-token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat"),
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})",
    ),
    ("gitlab-token", ("glpat-",), r"\bglpat-[\w-]{20,}"),
    ("slack-token", ("xox",), r"\bxox[abeoprs]-[\w-]{10,}"),
    ("stripe-key", ("k_live_", "k_test_"), r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("google-key", ("AIza",), r"\bAIza[\w-]{35}"),
    ("sendgrid-key", ("SG.",), r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    ("secret-key", ("sk-",), r"\bsk-[\w-]{20,}+"),
    (
        "bearer",
        ("earer ", "EARER "),
        r"\b(?i:bearer)\s+(?P<value>[\w.~+/-]{12,}+=*)",
    ),
    ("basic", ("asic ", "ASIC "), r"\b(?i:basic)\s+(?P<value>[A-Za-z0-9+/]{6,}={0,2})(?![\w+/=])"),
    (
        "password",
        ("://",),
        r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@?#\"'<>\\]*:(?P<value>[^\s/@\"'<>\\]+)@",
    ),
)
_COMPILED: Final = [(kind, literals, re.compile(shape)) for kind, literals, shape in _SHAPES]
_ESCAPE: Final = re.compile(r"\\++(?:u[0-9a-fA-F]{4}|[nrtbf])")
_LITERALS: Final = [literal for _, literals, _ in _SHAPES for literal in literals]


def without_escapes(text: str) -> str:
    """The text with blanks for ``\\n``, ``\\u00e9`` and the like, position for position.

    In JSON such an escape may stand right before a secret, and its letter would seem to belong to it.
    """
    return _ESCAPE.sub(lambda match: " " * len(match[0]), text) if "\\" in text else text


def find_shapes(text: str) -> Iterator[tuple[str, int, int]]:
    """Class, start and end of everything whose shape says that it is a secret."""
    for literal in _LITERALS:
        if literal in text:
            break
    else:
        return
    for reading in dict.fromkeys((text, without_escapes(text))):
        for kind, literals, shape in _COMPILED:
            if any(literal in reading for literal in literals):
                yield from _matches(reading, kind, shape)


def _matches(text: str, kind: str, shape: re.Pattern[str]) -> Iterator[tuple[str, int, int]]:
    sure = _CHECKS.get(kind)
    for match in shape.finditer(text):
        start, end = match.span("value" if "value" in shape.groupindex else 0)
        if sure is None or sure(text[start:end]):
            yield kind, start, end


def _has_digit(text: str) -> bool:
    """``bearer`` and ``sk-`` also begin ordinary words; credentials have digits in them."""
    return any(letter.isdigit() for letter in text)


def _is_user_and_password(text: str) -> bool:
    """``Basic`` is also a word: what follows it must decode to ``user:password``."""
    try:
        return b":" in b64decode(text, validate=True)
    except binascii.Error:
        return False


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "basic": _is_user_and_password,
    "bearer": _has_digit,
    "secret-key": _has_digit,
}
