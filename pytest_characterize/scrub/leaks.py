"""The second look: text about to be stored is searched for secrets by their looks alone.

It knows no keys and trusts no scrubbing before it: well-known shapes, card numbers by check digit, and
words that look drawn at random. It knows what our own files look like, so that hashes, identifiers and
stored bytes are no findings; what such bytes say is looked at as well.
"""

from __future__ import annotations

import binascii
import math
import re
from base64 import b64decode
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from pytest_characterize.scrub.shapes import find_shapes, without_escapes
from pytest_characterize.scrub.tokens import TOKEN

_Found: TypeAlias = Iterator[tuple[int, int, str]]
"""Start, end and kind."""

MIN_BITS: Final = 3.5
"""Shannon entropy a character; 20 characters drawn from letters and digits have 4.0 on average."""

MIN_CHANGES: Final = 0.3
"""Share of neighbours of different class (capital, small, digit): 0.62 where drawn from 62 symbols, about
0.2 in camel case."""

MAX_WORDS: Final = 0.5
"""Share of the characters that stand in parts of words: names have most of them there."""

_BYTES: Final = re.compile(r'"(?:\$bytes|base64)": "([A-Za-z0-9+/]+={0,2})"')
_WORD: Final = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,128}+={0,2}(?![\w+/=-])", re.ASCII)
_PART_OF_WORD: Final = re.compile(r"[A-Z][a-z]{3,}|[a-z]{4,}")
_EMBEDDED: Final = re.compile(r"(?:base64,|sha(?:1|256|384|512)-)[A-Za-z0-9+/=]+")
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_CARD: Final = re.compile(
    r"(?<![\w.+/=-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5})(?![\w+/=-]|\.\d)"
)
_ISSUED: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)
_KEY: Final = re.compile(r'\s*"((?:[^"\\]|\\.)*)": ')


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a text looks like a secret; says where and what sort, never the secret itself.

    Attributes:
        kind: a shape's class (``jwt``, ``private-key``), ``card-number`` or ``high-entropy``.
        line: counted from 1.
        column: counted from 1, in characters.
        length: of what was found.
    """

    kind: str
    line: int
    column: int
    length: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.length} characters at line {self.line}, column {self.column}"


def find_leaks(text: str, kept: Callable[[str], bool]) -> list[Finding]:
    """Every place in the text that looks like a secret, in order.

    Args:
        kept: whether the project said that values of this key are no secrets; it silences guesses on the
            key's line, never a known shape.
    """
    own = TOKEN.sub(_blank, text) if "scrubbed:" in text else text
    found = sorted(_certain(own))
    covered = [(start, end) for start, end, _ in found]
    for start, end, kind in _guesses(without_escapes(own)):
        if not kept(_key_of(own, start)) and not _overlaps(covered, start, end):
            found.append((start, end, kind))
    findings = []
    line, line_start, counted = 1, 0, 0
    for start, end, kind in sorted(set(found)):
        line += text.count("\n", counted, start)
        line_start = max(line_start, text.rfind("\n", counted, start) + 1)
        findings.append(Finding(kind, line, start - line_start + 1, end - start))
        counted = start
    return findings


def _overlaps(covered: list[tuple[int, int]], start: int, end: int) -> bool:
    after = bisect_left(covered, (end, 0))
    return after > 0 and covered[after - 1][1] > start


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _key_of(text: str, position: int) -> str:
    key = _KEY.match(text, text.rfind("\n", 0, position) + 1)
    return key[1] if key else ""


def _certain(text: str) -> _Found:
    for kind, start, end in find_shapes(text):
        if text[start:end].strip():
            yield start, end, kind
    for match in _BYTES.finditer(text):
        try:
            content = b64decode(match[1], validate=True).decode("latin-1")
        except binascii.Error:
            continue
        for kind, _, _ in find_shapes(content):
            yield *match.span(1), kind


def _guesses(text: str) -> _Found:
    if "base64" in text or "$bytes" in text or "sha" in text:
        text = _EMBEDDED.sub(_blank, _BYTES.sub(_blank, text))
    for match in _WORD.finditer(text):
        if _looks_random(match[0].rstrip("=")):
            yield *match.span(), "high-entropy"
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _ISSUED.fullmatch(digits) and _luhn(digits):
            yield *match.span(), "card-number"


def _looks_random(word: str) -> bool:
    """Capitals, small letters and digits, well mixed. Digests and UUIDs, of one case, are not."""
    classes = [_class_of(letter) for letter in word]
    if not {"A", "a", "0"} <= set(classes) or _ULID.fullmatch(word):
        return False
    bits = -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values())
    neighbours = [pair for pair in pairwise(classes) if "-" not in pair]
    changes = sum(one != other for one, other in neighbours)
    wordy = sum(map(len, _PART_OF_WORD.findall(word)))
    return bits >= MIN_BITS and changes >= MIN_CHANGES * len(neighbours) and wordy < MAX_WORDS * len(word)


def _class_of(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return "-"


def _luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
