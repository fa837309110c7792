"""What two texts exchange, and what says which thing a case is about.

A page that says ``rating B`` for ``rating C``, and a procedure that returns ``B`` for ``C``, show one fault if
both are about the same customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from pytest_characterize.model import CaseResult, Difference
from pytest_characterize.values import Value

Exchange: TypeAlias = tuple[str, str]

_WORD: Final = re.compile(r"\w+")
_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NAMING: Final = 3
"""A number of so many digits that count, a word of so many letters with a digit, says which thing is meant."""
_LONGEST: Final = 20
"""What is longer is no word that stands for something."""


def exchanged(old: Value, new: Value) -> Exchange | None:
    """The only word in which two values differ; ``None`` where there are several, or none at all.

    >>> exchanged("/invoice?no=7&msg=OK", "/invoice?no=7&msg=PART"), exchanged(9, 3)
    (('OK', 'PART'), ('9', '3'))
    >>> exchanged("73.939", "73.933")
    ('9', '3')
    """
    texts = [_text(value) for value in (old, new)]
    if None in texts:
        return None
    one, other = str(texts[0]), str(texts[1])
    head = _common(one, other)
    tail = _common(one[head:][::-1], other[head:][::-1])
    cut = one[head : len(one) - tail], other[head : len(other) - tail]
    if len(one) == len(other) and len(cut[0]) == 1 and "".join(cut).isalnum():
        return cut  # one place of a line of fixed width
    words = [_WORD.findall(text) for text in (one, other)]
    if len(words[0]) != len(words[1]) or _WORD.split(one) != _WORD.split(other):
        return None
    pairs = {pair for pair in zip(*words, strict=True) if pair[0] != pair[1]}
    if len(pairs) != 1:
        return None
    pair = pairs.pop()
    return pair if max(map(len, pair)) <= _LONGEST else None


def names(case: CaseResult, found: Difference) -> frozenset[str]:
    """What says which thing a difference is about: numbers and codes of the input, and of the text around it."""
    told = {name for value in case.input.values() for name in _names(value)}
    if isinstance(found.legacy, str) and isinstance(found.candidate, str):
        told |= set(_names(found.legacy)) & set(_names(found.candidate))
    return frozenset(told)


def _names(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
    elif type(value) in (str, int):
        for word in _WORD.findall(_DATE.sub(" ", str(value))):
            if any(letter.isdigit() for letter in word):
                name = word.lstrip("0").upper()
                yield from (name for _ in range(len(name) >= _NAMING))
                for part in re.findall(r"\d+", word):
                    if part != word and len(part.lstrip("0")) >= _NAMING:
                        yield part.lstrip("0")


def _text(value: Value) -> str | None:
    if type(value) is int:
        return str(value)
    return value.strip() if type(value) is str else None


def _common(one: str, other: str) -> int:
    """How many characters at the beginning are the same."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
