"""Detectors: in what manner the candidate gives the same thing another way, stated with how many pairs show it.

Each takes the differing pairs of one place, each once, and says what all of them have in common; ``""`` where the
values do not show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from pytest_characterize.codec import values_equal
from pytest_characterize.explain.pairs import Pairs, digits, every, numbers, places, texts
from pytest_characterize.values import ABSENT, Value

_TRUE: Final = frozenset({"y", "yes", "j", "ja", "t", "true", "1", "on", "x"})
_FALSE: Final = frozenset({"n", "no", "nein", "f", "false", "0", "off", ""})
_A_DATE: Final = 10
"""No date of these formats is longer."""
_FORMATS: Final[Mapping[str, str]] = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD.MM.YY": "%d.%m.%y",
    "YYYYMMDD": "%Y%m%d",
    "YYYY/MM/DD": "%Y/%m/%d",
}
_CASES: Final[Mapping[str, Callable[[str], str]]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "capitals at the beginning of words": str.title,
}


def scale(pairs: Pairs) -> str:
    """Equal numbers with a number of decimal places that is always the same on either side."""
    known = numbers(pairs)
    scales = {(places(old), places(new)) for old, new in known}
    if not known or len(scales) != 1 or any(old != new for old, new in known):
        return ""
    ((old, new),) = scales
    return f"legacy has {digits(old)}, the candidate {digits(new)}: {every(pairs)}" if old != new else ""


def padding(pairs: Pairs) -> str:
    """One side pads all texts to one width."""
    known = texts(pairs)
    if any(old.strip(" ") != new.strip(" ") for old, new in known):
        return ""
    for place, side, other in ((0, "legacy", "the candidate"), (1, "the candidate", "legacy")):
        widths = {len(pair[place]) for pair in known}
        if len(widths) == 1 and all(pair[1 - place] == pair[1 - place].strip(" ") for pair in known):
            return f"{side} pads to {widths.pop()} characters, {other} does not: {every(pairs)}"
    return ""


def letters(pairs: Pairs) -> str:
    """One side has all texts in one case."""
    known = texts(pairs)
    if any(old.casefold() != new.casefold() for old, new in known):
        return ""
    for place, side in ((1, "the candidate"), (0, "legacy")):
        for name, made in _CASES.items():
            if known and all(made(pair[place]) == pair[place] != pair[1 - place] for pair in known):
                return f"{side} has {name}: {every(pairs)}"
    return ""


def booleans(pairs: Pairs) -> str:
    """``'Y'`` for true, ``0`` for false and the like, on one side."""
    for place, other in ((1, "legacy"), (0, "the candidate")):
        if not pairs or not all(type(pair[place]) is bool for pair in pairs):
            continue
        words = {(str(pair[1 - place]).strip().lower(), pair[place]) for pair in pairs}
        if all(word in (_TRUE if value else _FALSE) for word, value in words):
            told = " and ".join(
                f"{dressed!r} for {str(value).lower()}"
                for value, dressed in sorted({(pair[place], pair[1 - place]) for pair in pairs}, key=repr)
            )
            return f"{other} has {told}: {every(pairs)}"
    return ""


def nothing(pairs: Pairs) -> str:
    """What stands for nothing: null, an empty text, the text 'null', nothing at all."""
    names = {(_nothing(old), _nothing(new)) for old, new in pairs}
    if len(names) != 1:
        return ""
    ((old, new),) = names
    if not old or not new or old == new:
        return ""
    return f"legacy has {old}, the candidate {new}: {every(pairs)}"


def dates(pairs: Pairs) -> str:
    """The same days, written in another format."""
    known = texts(pairs)
    if not all(text[:1].isdigit() and len(text) <= _A_DATE for pair in known for text in pair):
        return ""
    for old_name, old in _FORMATS.items():
        for new_name, new in _FORMATS.items():
            if old_name != new_name and known and all(_same_day(pair, old, new) for pair in known):
                return f"legacy writes dates {old_name}, the candidate {new_name}: {every(pairs)}"
    return ""


def order(pairs: Pairs) -> str:
    """The same items, turned round, or sorted on one side."""
    if not pairs or not all(type(side) is list for pair in pairs for side in pair):
        return ""
    if all(values_equal(old, new[::-1]) for old, new in pairs):
        return f"the candidate has the reverse order: {every(pairs)}"
    if all(len(old) > len(new) and values_equal(_once(old), new) for old, new in pairs):
        return f"the candidate has each item once: {every(pairs)}"
    return ""


def became(pairs: Pairs) -> str:
    """One value that always became one other: a status, a word of a closed list."""
    if len(pairs) != 1:
        return ""
    old, new = pairs[0]
    return f"{old} became {new}" if type(old) is type(new) is int else ""


def _nothing(value: Value) -> str:
    """What sort of nothing a value is; ``""`` for something."""
    if value is None:
        return "null"
    if value is ABSENT:
        return "nothing at all"
    if type(value) is str:
        return {"": "an empty text", "null": "the text 'null'", "None": "the text 'None'"}.get(value, "")
    return ""


def _same_day(pair: tuple[str, str], old: str, new: str) -> bool:
    return _day(pair[0], old) == _day(pair[1], new) is not None


def _day(text: str, form: str) -> date | None:
    try:
        day = datetime.strptime(text, form).date()
    except ValueError:
        return None
    return day if day.strftime(form) == text else None


def _once(items: Sequence[Value]) -> list[Value]:
    found: list[Value] = []
    for item in items:
        if not any(values_equal(item, known) for known in found):
            found.append(item)
    return found
